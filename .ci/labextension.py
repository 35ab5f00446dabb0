"""Prints a digest of the sources that the extension of JupyterLab is built of; the build keeps it beside what it made.

So a test can tell without Node whether what is committed was built of these sources.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_PARTS = ("package.json", "package-lock.json", "tsconfig.json", "builder.config.cjs", "schema", "src", "style")


def digest(folder: Path) -> str:
    """Return the digest of all sources below `folder`, names and contents."""
    found = hashlib.sha256()
    for part in _PARTS:
        path = folder / part
        for file in sorted(path.rglob("*.*")) if path.is_dir() else [path]:
            found.update(f"{file.relative_to(folder).as_posix()}\n".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


if __name__ == "__main__":
    print(digest(Path(__file__).parents[1] / "labextension"))
