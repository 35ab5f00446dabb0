"""What the notebook of `procwidget --dask` shows: the fleet of the scheduler that the server was told. Main thread."""

from __future__ import annotations

from procwidget import units
from procwidget.errors import InvalidArgument
from procwidget.views import ipython_state
from procwidget.views.fleet import Fleet


def served_fleet() -> Fleet:
    """Return the fleet of this page.

    Raises:
        InvalidArgument: this kernel serves no such page.
        SourceUnavailable: the scheduler cannot be reached.
    """
    served = ipython_state.served_options() or {}
    if not served.get("dask"):
        raise InvalidArgument("This is for the page of `procwidget --dask ADDRESS`: in a notebook use Fleet(client).")
    # Before the first of them is said.
    units.use(units.Style(**served["view"]["units"]))
    return Fleet(served["dask"], served["interval"], allow_kill=served["allow_kill"])
