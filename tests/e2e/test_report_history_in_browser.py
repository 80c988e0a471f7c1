"""The trend, the changes, several brokers and an outdated report in a real browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.publish import Target, publish
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.several import build_reports
from tests.e2e.test_report_in_browser import ROWS, axe, browser
from tests.unit.reports import MADE_AT, app, drifted, result

__all__ = ["axe", "browser"]
EAST, WEST = "https://east.example.com", "https://west.example.com"
NIGHTS = 365


def publish_night(directory: Path, day: int, *inputs: ReportInput, form: str = "html") -> None:
    made = build_reports(inputs, "The audit", EAST, MADE_AT + timedelta(days=day))
    publish(made, Target(directory, "report", (form,), 400, "", None), check_mode=False)


def night(day: int) -> tuple[ReportInput, ReportInput]:
    """Drift that comes and goes on one broker; the other one fails now and then."""
    east = [drifted(f"app{n}") if (day + n) % 9 < 4 else result(app(f"app{n}")) for n in range(9)]
    failed = ReportInput((), error="The broker did not answer.", broker_url=WEST)
    return ReportInput(tuple(east), broker_url=EAST), (
        failed if day % 50 == 7 else ReportInput((result(app("shop")),), broker_url=WEST)
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of two brokers after a year of audits."""
    path = tmp_path_factory.mktemp("reports")
    for day in range(NIGHTS):
        publish_night(path, day, *night(day), form="html" if day == NIGHTS - 1 else "txt")
    return path


@pytest.mark.thorough
@pytest.mark.parametrize("width", [1280, 390])
def test_report_after_a_year(browser: Any, axe: str, directory: Path, width: int) -> None:
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.get((directory / "report.html").as_uri())
    run = browser.execute_script
    assert run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    sizes = run("return Array.from(document.querySelectorAll('.trend svg'), e => e.getBoundingClientRect().width)")
    assert len(sizes) == 2
    assert min(sizes) > 200
    assert run("return document.querySelectorAll('.change.new').length") == 1
    assert run("return document.querySelectorAll('.change.repaired').length") == 1
    assert run("return document.querySelectorAll('small.since').length") == 3
    run(axe)
    found = browser.execute_async_script("axe.run().then(arguments[0])")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_link_of_a_broker_filters_the_table(browser: Any, directory: Path) -> None:
    browser.get("about:blank")
    browser.get((directory / "report.html").as_uri())
    browser.execute_script("document.querySelectorAll('.broker .note a')[1].click()")
    rows = f"document.querySelectorAll('{ROWS}')"
    names = browser.execute_script(f"return Array.from({rows}, each => each.cells[0].textContent)")
    assert names == ["acme/shop"]


def test_outdated_report_has_a_banner(browser: Any, directory: Path) -> None:
    publish_night(directory, NIGHTS, *(ReportInput((), error="down", broker_url=url) for url in (EAST, WEST)))
    browser.get("about:blank")
    browser.get((directory / "report.html").as_uri())
    banner = browser.execute_script("return document.querySelector('.outdated').getBoundingClientRect()")
    assert banner["height"] > 20
    assert banner["top"] < 100
    assert browser.execute_script(f"return document.querySelectorAll('{ROWS}').length") == 10
