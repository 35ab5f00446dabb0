"""Says whether a tag may be released: `python .ci/release.py v0.1.0` fails, with a sentence for each thing left."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path


def problems(tag: str, root: Path) -> list[str]:
    """Return why the checkout in `root` is not what `tag` says, as sentences; none means that it may be published."""
    found = []
    version = re.search(r'^__version__ = "(.+)"$', (root / "procwidget" / "__init__.py").read_text("utf-8"), re.M)
    name = version[1] if version else "unknown"
    if tag != f"v{name}":
        found.append(f"The tag is {tag}, but procwidget/__init__.py has version {name}: the tag must be v{name}.")
    newest = re.search(r"^## (.+)$", (root / "CHANGELOG.md").read_text("utf-8"), re.M)
    heading = newest[1] if newest else "nothing"
    if not re.fullmatch(rf"{re.escape(name)} — \d{{4}}-\d\d-\d\d", heading):
        found.append(f"CHANGELOG.md begins with {heading!r}: it must be '{name} — ' and the day, such as 2027-01-31.")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    if "Source" not in project.get("urls", {}):
        found.append(
            "pyproject.toml has no Source in [project.urls]: the links of the package's page would lead nowhere."
        )
    return found


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python .ci/release.py TAG, for example v0.1.0")
    sentences = problems(sys.argv[1], Path(__file__).parents[1])
    print(*sentences, sep="\n", file=sys.stderr)
    sys.exit(bool(sentences))
