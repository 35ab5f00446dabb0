"""docs/openapi.json says what the JSON routes take and answer: held against a server by schemathesis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from procwidget.server.ask_routes import json_routes
from tests.server.conftest import TOKEN

FILE = Path(__file__).parents[2] / "docs" / "openapi.json"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_path(FILE)


def test_every_route_is_described():
    """Of those of the JSON routes; state is in both servers, but not the same in JupyterLab's."""
    described = {path.partition("{")[0].rstrip("/") for path in json.loads(FILE.read_text())["paths"]}
    routes = {path.partition("/(")[0] for path, _ in json_routes("/")}
    assert described == {*routes, "/procwidget/state"}


@schema.include(path_regex="^/procwidget/").parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
def test_routes_answer_as_the_file_says(case, served):
    """Whatever is asked, right or wrong: known codes, JSON of the shape that is described, no error of the server's."""
    case.call_and_validate(
        base_url=f"http://127.0.0.1:{served.port}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        checks=CHECKS,
    )


@pytest.mark.parametrize("path", json.loads(FILE.read_text())["paths"])
def test_routes_need_the_token(path, served):
    """A stranger is told nothing, whatever the address."""
    assert served.ask(path.replace("{identity}", "1-1")).status == 403
