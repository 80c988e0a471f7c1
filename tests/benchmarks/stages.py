"""Where the time of an audit goes: its stages one after the other, in a process of their own."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

import requests
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import FleetRun, fleet_result
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    connection_from,
    desired_ha_from,
    patience_from,
    selection_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS, fill_from_environment
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import select
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import (
    FoundTarget,
    Target,
    plan_fleet,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import DEFAULT_FORMATS, FORMATS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history import follow
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import parse_registered
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.returns import returned_values
from tests.harness import ROOT

from . import fleets
from .measuring import broker_with

SIZE = 10_000
#: How often the stages are measured. The least time of each counts: other load only adds to it.
TURNS = 3

Result = TypeVar("Result")


def measure_stages() -> dict[str, float]:
    """The CPU seconds of each stage of an audit of ``SIZE`` applications."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-") as name,
        broker_with(fleets.mixed(SIZE), Path(name)) as broker,
    ):
        environment = {
            **os.environ,
            "NO_PROXY": "127.0.0.1",
            "OPENSHIFT_BROKER_URL": broker.url,
            "OPENSHIFT_BROKER_USERNAME": fleets.LOGIN,
            "OPENSHIFT_BROKER_PASSWORD": fleets.PASSWORD,
        }
        command = [sys.executable, "-m", "tests.benchmarks.stages"]
        output = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True).stdout
        seconds: dict[str, float] = json.loads(output)
        return seconds


class _Stopwatch:
    """The least CPU seconds of each stage."""

    def __init__(self) -> None:
        self.least: dict[str, float] = {}

    def run(self, stage: str, work: Callable[[], Result]) -> Result:
        started = time.process_time()
        result = work()
        seconds = time.process_time() - started
        self.least[stage] = min(self.least.get(stage, seconds), seconds)
        return result


def _audit(stopwatch: _Stopwatch) -> None:
    """The stages of the task, in its order."""
    run = stopwatch.run
    run("fetch the document and parse its JSON, without more (for comparison)", _fetch)
    options = fill_from_environment({"select": {}, "verify": "count"}, os.environ)
    params = ArgumentSpecValidator(**SPECS["openshift_apps_ha"]()).validate(options).validated_parameters
    broker = Broker(connection_from(params, os.environ))
    apps = run("fetch the document, and make applications of its JSON", broker.applications)
    desired, patience = desired_ha_from(params), patience_from(params)
    selected = run("select the applications", lambda: select(apps, selection_from(params)))
    found = [FoundTarget(Target(each.app.ref, desired, patience, listed=False), each) for each in selected]
    fleet = run("plan the applications", lambda: plan_fleet(broker, found, Clock()))
    broker.close()
    result = run("describe the plans", lambda: fleet_result(fleet, FleetRun()))
    made_at = datetime.now(timezone.utc)
    report = run(
        "build the rows of the report",
        lambda: build_report([parse_registered(result)], "Audit", "http://127.0.0.1", made_at),
    )
    report, _lines = run("compare with the history", lambda: follow(report, []))
    for form in DEFAULT_FORMATS:
        run(f"render the {form.upper()}", lambda form=form: FORMATS[form](report))  # type: ignore[misc]
    run("counts, names, message", lambda: returned_values(report))


def _fetch() -> object:
    url = f"{os.environ['OPENSHIFT_BROKER_URL']}/broker/rest/applications?include=cartridges&nolinks=true"
    return requests.get(url, auth=(fleets.LOGIN, fleets.PASSWORD), timeout=60).json()


def main() -> None:
    """Print the seconds as JSON. As in the task, without searches for reference cycles."""
    gc.disable()
    stopwatch = _Stopwatch()
    for _turn in range(TURNS):
        _audit(stopwatch)
    print(json.dumps(stopwatch.least))


if __name__ == "__main__":
    main()
