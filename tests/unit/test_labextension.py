"""The part that JupyterLab loads: what is built belongs to its sources, and is what the package brings."""

from __future__ import annotations

import json
import re
import runpy
import tomllib
from pathlib import Path

import procwidget

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "labextension"
BUILT = FOLDER / "built" / "procwidget"


def test_what_is_built_belongs_to_its_sources():
    """Who changes a source builds it: `npm --prefix labextension run build`."""
    digest = runpy.run_path(str(ROOT / ".ci" / "labextension.py"))["digest"]
    assert (FOLDER / "built" / "sources.sha256").read_text("utf-8").strip() == digest(FOLDER)


def test_digest_sees_every_source(tmp_path):
    """A file that is changed, renamed or new makes another digest."""
    digest = runpy.run_path(str(ROOT / ".ci" / "labextension.py"))["digest"]
    for name in ("schema", "src", "style"):
        (tmp_path / name).mkdir()
    for name in ("package.json", "package-lock.json", "tsconfig.json", "builder.config.cjs", "src/one.ts"):
        (tmp_path / name).write_text("{}")
    seen = {digest(tmp_path)}
    (tmp_path / "src" / "one.ts").write_text("{ }")
    seen.add(digest(tmp_path))
    (tmp_path / "src" / "one.ts").rename(tmp_path / "src" / "two.ts")
    seen.add(digest(tmp_path))
    (tmp_path / "style" / "index.css").write_text("")
    seen.add(digest(tmp_path))
    assert len(seen) == 4


def test_package_brings_it_whole():
    """JupyterLab finds the script that its description names, with the package's version."""
    description = json.loads((BUILT / "package.json").read_text("utf-8"))
    assert (BUILT / description["jupyterlab"]["_build"]["load"]).is_file()
    assert description["version"] == procwidget.__version__
    shared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert shared["shared-data"]["labextension/built/procwidget"] == "share/jupyter/labextensions/procwidget"


def test_lockfile_has_no_registry():
    """Who builds it asks the registry that npm is configured for."""
    assert not re.search(r"https?://[^\"]*\.tgz", (FOLDER / "package-lock.json").read_text("utf-8"))
