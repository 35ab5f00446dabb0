"""Which tests run one after another in the same process, where several processes share them (pytest-xdist)."""

from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the code: speed is measured in tests/benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


# First, for pytest-xdist reads the groups in this same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares servers, kernels or a browser, so that these start once; of the units, each module."""
    for item in items:
        folder, *_, module = item.path.relative_to(item.config.rootpath / "tests").parts
        group = module if folder == "unit" else folder
        item.add_marker(pytest.mark.xdist_group(group))
