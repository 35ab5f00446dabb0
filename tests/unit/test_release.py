"""What stands between a tag and a package that others install: the release's check, and the links of its page."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

INIT = '__version__ = "1.2.0"\n'
CHANGELOG = "# Changelog\n\n## 1.2.0 — 2027-01-31\n\n## 1.1.0 — 2026-12-01\n"
PYPROJECT = '[project]\nname = "procwidget"\n[project.urls]\nSource = "https://forge.example/us/it"\n'


def problems(folder: Path, tag="v1.2.0", init=INIT, changelog=CHANGELOG, pyproject=PYPROJECT):
    """What the release's check says of a checkout with these files."""
    (folder / "procwidget").mkdir()
    (folder / "procwidget" / "__init__.py").write_text(init, "utf-8")
    (folder / "CHANGELOG.md").write_text(changelog, "utf-8")
    (folder / "pyproject.toml").write_text(pyproject, "utf-8")
    return runpy.run_path(str(ROOT / ".ci" / "release.py"))["problems"](tag, folder)


def test_release_needs_nothing_more(tmp_path):
    """Tag, version and changelog agree and there is an address: it may be published."""
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"tag": "v1.3.0"}, "The tag is v1.3.0, but procwidget/__init__.py has version 1.2.0"),
        ({"tag": "1.2.0"}, "the tag must be v1.2.0."),
        ({"changelog": CHANGELOG.replace("2027-01-31", "unreleased")}, "CHANGELOG.md begins with '1.2.0 — unreleased'"),
        ({"changelog": CHANGELOG.replace("1.2.0", "1.2.1")}, "CHANGELOG.md begins with '1.2.1 — 2027-01-31'"),
        ({"pyproject": PYPROJECT.split("[project.urls]")[0]}, "pyproject.toml has no Source in [project.urls]"),
    ],
)
def test_release_that_is_not_ready_is_refused_in_a_sentence(tmp_path, wrong, sentence):
    """Each thing that would be published wrong is named alone."""
    [found] = problems(tmp_path, **wrong)
    assert sentence in found


def test_page_of_the_package_links_to_its_files():
    """On PyPI a link that is relative here leads nowhere: it becomes absolute, with this version's files behind it."""
    absolute = runpy.run_path(str(ROOT / ".ci" / "readme.py"))["with_absolute_links"]
    text = "![The\nboard](docs/a.png), [more](docs/b.md#end), [there](https://x.example/c), [here](#here)"
    assert absolute(text, "https://forge.example/us/it", "1.2.0") == (
        "![The\nboard](https://forge.example/us/it/raw/v1.2.0/docs/a.png), "
        "[more](https://forge.example/us/it/blob/v1.2.0/docs/b.md#end), [there](https://x.example/c), [here](#here)"
    )
    assert absolute(text, None, "1.2.0") == text
