"""If memory runs out, Linux should kill the kernel, not the server: the server can start a new kernel.

Without the server nobody could tell the visitors what happened. Only kernels that the server started do this, because a
notebook's own kernel holds a user's work.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

STEP = 100
"""How much likelier the kernel is chosen, in thousandths of the memory there is.

Enough for a container in which the two are all there is; where another process takes more than a tenth of the
memory, it is still that one which is chosen.
"""

_OWN = Path("/proc/self/oom_score_adj")


def go_first(file: Path = _OWN) -> None:
    """Have Linux choose this process before the one that started it; anybody may raise the figure."""
    with suppress(OSError, ValueError):
        file.write_text(str(min(1000, int(file.read_text()) + STEP)), encoding="ascii")
