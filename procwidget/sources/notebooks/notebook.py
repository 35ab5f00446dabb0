"""What is known of a kernel's notebook, and how Jupyter's words for it are read. Pure."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from procwidget.clean_text import clean_text
from procwidget.units import duration_text

UNNAMED = "a Jupyter kernel"
"""What a kernel is called whose notebook is not known, or is another user's."""

_SHARED = "RTC:"  # jupyter-collaboration's mark before the path of a document that several edit


class Notebook(NamedTuple):
    """The notebook, or console, of a kernel.

    `name` is such as "train.ipynb", `path` such as "/home/ann/train.ipynb", relative where the server's folder is not
    known; `kernel` is the name of the kernel's specification, such as "python3", and `language` such as "python",
    `None` where they are not known. `as_of` is the Unix time when it was last known to be so called, `None` for now.
    """

    name: str
    path: str
    kernel: str | None = None
    language: str | None = None
    as_of: float | None = None

    def about(self, now: float) -> str:
        """Return all of it in words: "/home/ann/train.ipynb, kernel python3 (python)"; with its age at `now`."""
        language = f" ({self.language})" if self.language and self.language != self.kernel else ""
        kernel = f", kernel {self.kernel}{language}" if self.kernel else ""
        age = "" if self.as_of is None else f", so called {duration_text(now - self.as_of)} ago"
        return f"{self.path}{kernel}{age}"

    @classmethod
    def of_message(cls, message: Any) -> Notebook:
        """Return the notebook of a message, which is what `_asdict` made; another version's may say more or less.

        Raises:
            LookupError, TypeError: it has no name or path, or is no such message.
        """
        texts = [message.get(key) for key in ("kernel", "language")]
        kernel, language = [clean_text(text) if isinstance(text, str) else None for text in texts]
        as_of = message.get("as_of")
        time = float(as_of) if isinstance(as_of, (int, float)) else None
        return cls(clean_text(message["name"]), clean_text(message["path"]), kernel, language, time)


def notebook_of(path: str, name: str = "", type: str = "notebook", root: str | None = None) -> Notebook | None:
    """Return the notebook of a session of Jupyter Server; `None` where that has no path.

    Args:
        path: the session's path, below `root`.
        name: the session's name.
        type: "notebook", "file" or "console"; a console's path is an id, and only its name says anything.
        root: the folder that the server shows.
    """
    path = clean_text(path.removeprefix(_SHARED))
    if not path:
        return None
    if type == "console":
        return Notebook(clean_text(name) or "console", clean_text(name) or path)
    if root:
        path = posixpath.join(root, path.lstrip("/"))
    return Notebook(posixpath.basename(path) or path, path)


def distinct_names(notebooks: Mapping[str, Notebook]) -> dict[str, str]:
    """Return what each notebook is called, so that no two paths have one name: "a/train.ipynb" and "b/train.ipynb"."""
    paths = {notebook.path: notebook.name for notebook in notebooks.values()}
    for depth in range(2, 2 + max((path.count("/") for path in paths), default=0)):
        counts = Counter(paths.values())
        if len(counts) == len(paths):
            break
        for path, name in paths.items():
            if counts[name] > 1:
                paths[path] = "/".join(path.split("/")[-depth:])
    return {kernel: paths[notebook.path] for kernel, notebook in notebooks.items()}
