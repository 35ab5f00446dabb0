"""Which tests run one after another in the same process, where several share them; and their folder of state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the code: speed is measured in tests/benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what kernels leave behind, such as why they died, out of the user's files and from dashboards of others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


# First, for pytest-xdist reads the groups in this same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares servers, kernels or a browser, so that these start once; of the units, each module."""
    for item in items:
        folder, *_, module = item.path.relative_to(item.config.rootpath / "tests").parts
        group = module if folder == "unit" else folder
        item.add_marker(pytest.mark.xdist_group(group))
