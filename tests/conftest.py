"""What all tests share: how examples are drawn, a folder of state of their own, and who runs which where two do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the code: speed is measured in tests/benchmarks.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SERVERS_OF_THEIR_OWN = ("test_leaving.py", "test_proxy.py", "test_visit.py")
"""The files of browser tests that start what they need themselves."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile` have one worker run the browser tests that share a JupyterLab, a page and a browser.

    These are the dearest things to start: ten seconds of a CPU each, and again for each file that does not follow
    upon another one of its folder. The files come in the folders' order, so that the short ones are last.
    """
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class TogetherInOneBrowser(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            folder, _, file = super()._split_scope(nodeid).rpartition("/")
            return folder if folder == "tests/browser" and file not in SERVERS_OF_THEIR_OWN else f"{folder}/{file}"

    config.option.loadscopereorder = False
    return TogetherInOneBrowser(config, log)


@pytest.fixture(scope="session", autouse=True)
def state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what kernels leave behind, such as why they died, out of the user's files and from dashboards of others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield
