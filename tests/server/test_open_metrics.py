"""Figures as OpenMetrics: what they have, what they never have, and that a real Prometheus makes sense of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.browser.servers import free_port
from tests.patience import until
from tests.server.conftest import TOKEN

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(params=["served", "jupyter"])
def server(request):
    """Each of the two servers: the route must not differ."""
    return request.getfixturevalue(request.param)


def families(text):
    """Return the families of metrics by name; the parser is strict."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def test_open_metrics_are_answered_when_asked_for(server):
    """By the header as Prometheus sends it, or by the address; else it is JSON as before."""
    by_header = server.ask("/procwidget/metrics", token=TOKEN, headers={"Accept": "application/openmetrics-text"})
    by_address = server.ask("/procwidget/metrics", query="?format=openmetrics", token=TOKEN)
    for answer in (by_header, by_address):
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
        found = families(answer.body)
        assert {"procwidget_cpu_usage_ratio", "procwidget_pressure_ratio", "procwidget_level"} <= found.keys()
        assert found["procwidget_program_cpu_seconds"].type == "counter"
    assert server.ask("/procwidget/metrics", token=TOKEN).headers["Content-Type"] == "application/json"
    assert len(by_address.body) < 40_000


def test_no_label_is_of_one_process(server):
    """Labels are few: neither pids nor command lines; who visits without the token sees nothing."""
    text = server.ask("/procwidget/metrics", query="?format=openmetrics", token=TOKEN).body
    labels = {label for family in families(text).values() for sample in family.samples for label in sample.labels}
    assert labels <= {
        *("version", "host", "boot_id", "resource", "tasks", "mount", "kind", "level", "program", "unit", "user"),
    }
    assert server.ask("/procwidget/metrics", query="?format=openmetrics").status == 403


def test_jupyter_servers_own_metrics_have_the_host_and_no_names(jupyter):
    """That address may be open to all; figures are of the reading that the scrape before asked for."""

    def has_figures():
        text = jupyter.ask("/metrics", token=TOKEN).body
        return text if "procwidget_cpu_usage_ratio " in text else None

    text = until(has_figures)
    assert "procwidget_memory_used_bytes" in text and "http_request_duration_seconds" in text
    assert "procwidget_program" not in text and "procwidget_user" not in text


PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{folder}/rules.yml]
scrape_configs:
  - job_name: procwidget
    metrics_path: /procwidget/metrics
    authorization: {{credentials: {token}}}
    static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""
RULES = """
groups:
  - name: procwidget
    rules:
      - alert: HostIsThere
        expr: procwidget_processes > 0
"""


def test_real_prometheus_scrapes_it(served, tmp_path):
    """The target is up, rate() of a program's counter is what it uses, though it ends, and a rule fires."""
    program = shutil.which("prometheus")
    assert program, "Prometheus is missing: apt install prometheus"
    (tmp_path / "rules.yml").write_text(RULES)
    file, port = tmp_path / "prometheus.yml", free_port()
    file.write_text(PROMETHEUS.format(folder=tmp_path, token=TOKEN, port=served.port))
    command = [program, f"--config.file={file}", f"--storage.tsdb.path={tmp_path / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
    name = f"spins{port}"
    busy = tmp_path / name
    shutil.copy("/bin/sh", busy)
    log = (tmp_path / "log").open("wb")
    prometheus = subprocess.Popen(command, stdout=log, stderr=log)
    spinning = None

    def asked(path, **query):
        assert prometheus.poll() is None, (tmp_path / "log").read_text()
        address = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return json.load(answer)["data"]
        except OSError:  # it is not there yet
            return {"result": [], "alerts": []}

    def value(query):
        result = asked("query", query=query)["result"]
        return float(result[0]["value"][1]) if result else None

    try:
        until(lambda: value('up{job="procwidget"}') == 1.0)
        spinning = subprocess.Popen([busy, "-c", "while :; do :; done"])
        series = f'procwidget_program_cpu_seconds_total{{program="{name[:15]}"}}'
        until(lambda: (value(series) or 0) > 1.0)
        used = until(lambda: value(f"rate({series}[10s])"))
        assert 0.05 < used < 1.3
        spinning.kill()
        spinning.wait()
        had = value(series)
        # Read anew after it ended.
        time.sleep(2.5)
        assert value(series) >= had
        assert until(lambda: [one["labels"]["alertname"] for one in asked("alerts")["alerts"]]) == ["HostIsThere"]
    finally:
        if spinning is not None:
            spinning.kill()
            spinning.wait()
        prometheus.terminate()
        prometheus.wait()
        log.close()


def test_dashboard_for_grafana_asks_for_what_there_is(server):
    """Every name in its queries, and in the rules of docs/prometheus.md, is a metric."""
    text = server.ask("/procwidget/metrics", query="?format=openmetrics", token=TOKEN).body
    names = {sample.name for family in families(text).values() for sample in family.samples}
    dashboard = json.loads((DOCS / "grafana-dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    queries += re.findall(r"expr: (.*)", (DOCS / "prometheus.md").read_text())
    asked = {name for query in queries for name in re.findall(r"\bprocwidget_\w+", query)}
    assert len(asked) > 10 and asked <= names
