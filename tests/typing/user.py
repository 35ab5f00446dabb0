"""How somebody uses the package, for `./test types`, which checks it from outside, as it would an installed package.

Each `type: ignore` is a mistake that must be found: mypy complains of one that is not needed.
"""

from typing import assert_type

from procwidget import Dashboard, Monitor, snapshot
from procwidget.sample import Sample

assert_type(Dashboard(interval=2, columns=["pid"], thresholds={"cpu": (60, 80)}), Dashboard)
assert_type(snapshot(top=3), Sample)
Dashboard(colour="red")  # type: ignore[call-arg]
Dashboard(top="many")  # type: ignore[arg-type]
Monitor(source=3)  # type: ignore[arg-type]
