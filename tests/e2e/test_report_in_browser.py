"""The report of an audit in a real browser: Debian's chromium, headless."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput, unobserved
from tests.programs import required

#: Chromium without network requests of its own.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1280,1000",
)
STATUSES = {
    "highly_available": {"ha": True, "haproxy_count": 2},
    "degraded": {"ha": True, "haproxy_count": 1},
    "standalone": {"ha": False, "haproxy_count": 1},
    "not_scalable": {"ha": False, "haproxy_count": 0},
}
EVIL = "</script><script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">{{ 7 * 7 }}"


def result(name: str, status: str, owner: str = "alice", **more: Any) -> dict[str, Any]:
    sizes = {"gear_count": 2, "web_gears": 2, "min_gears": 2, "max_gears": -1}
    app = {"domain": "acme", "name": name, "owner": owner, "ha_status": status, **STATUSES[status], **sizes}
    return {"before": app, "application": app, "steps": [], "blockers": [], "gears_needed": 0, **more}


def drifted(name: str, status: str, owner: str = "alice", **more: Any) -> dict[str, Any]:
    step = {"action": "scale_up", "detail": "scale up from 2 gears to 3", "status": "planned"}
    return result(name, status, owner, **{"steps": [step], "gears_needed": 1, "gears_available": 0, **more})


BLOCKED = {"blockers": [{"code": "maximum", "message": "the maximum is 2"}], "failed": True}
FLEET = (
    result("wiki10", "highly_available"),
    result("wiki9", "highly_available", "bob"),
    result("plain", "not_scalable"),
    drifted("shop", "degraded", "bob", gears_needed=3),
    drifted("api", "standalone"),
    drifted("intranet", "standalone", "carol", **BLOCKED),
    unobserved("acme", "gone", "acme/gone: could not be checked: it does not exist"),
    result("evil", "highly_available", EVIL),
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = required("chromium", package="chromium")
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(
        options=options, service=webdriver.ChromeService(required("chromedriver", package="chromium-driver"))
    )
    driver.get("about:blank")  # The start page of the browser loads parts of its own.
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """The page of the fleet. No test may cause an error in its console or a request to a network."""
    browser.get_log("browser")
    browser.get_log("performance")
    open_report(browser, tmp_path, *FLEET)
    yield browser
    assert browser.get_log("browser") == []
    assert requested_urls(browser) == {(tmp_path / "report.html").as_uri()}


def open_report(browser: Any, directory: Path, *results: dict[str, Any]) -> None:
    made = datetime(2026, 11, 22, 3, 15, tzinfo=timezone.utc)
    report = build_report([ReportInput(results)], "The audit", "https://broker.example.com", made)
    file = directory / "report.html"
    file.write_text(render_html(report), encoding="utf-8")
    browser.get(file.as_uri())


def requested_urls(browser: Any) -> set[str]:
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    return {url for url in urls if not url.startswith("chrome:")}


def find_all(page: Any, selector: str) -> list[Any]:
    found: list[Any] = page.find_elements("css selector", selector)
    return found


def names(page: Any) -> list[str]:
    return [cell.text.removeprefix("acme/") for cell in find_all(page, "#apps tbody td:first-child")]


def count_line(page: Any) -> str:
    return str(page.find_element("id", "shown").text)


def filter_by(page: Any, text: str) -> None:
    field = page.find_element("id", "text")
    field.clear()
    field.send_keys(text)


def chip(page: Any, value: str) -> Any:
    return page.find_element("css selector", f".chip:has([value={value}])")


def heading(page: Any, title: str) -> Any:
    return next(each for each in find_all(page, "#apps th") if each.text.startswith(title))


def sort_by(page: Any, title: str) -> str:
    """Click on the heading; the order as assistive technology reads it."""
    heading(page, title).find_element("tag name", "button").click()
    return str(heading(page, title).get_attribute("aria-sort"))


URGENCY = ["gone", "intranet", "api", "shop", "plain", "evil", "wiki10", "wiki9"]


def test_most_urgent_rows_come_first(page: Any) -> None:
    assert names(page) == URGENCY
    assert count_line(page) == "8 applications"
    assert heading(page, "Finding").get_attribute("aria-sort") == "ascending"
    headline = page.find_element("class name", "headline").text
    assert headline == (
        "3 of 8 applications drifted: 2 can be repaired (4 gears needed), 1 blocked. 1 could not be checked."
    )


def test_text_filters_by_all_its_words(page: Any) -> None:
    filter_by(page, "WIKI")
    assert (names(page), count_line(page)) == (["wiki10", "wiki9"], "2 of 8 applications")
    filter_by(page, "bob degraded")
    assert names(page) == ["shop"]
    filter_by(page, "no such application")
    assert (names(page), count_line(page)) == ([], "0 of 8 applications")


def test_status_and_finding_filter_together(page: Any) -> None:
    chip(page, "standalone").click()
    assert names(page) == ["intranet", "api"]
    chip(page, "degraded").click()
    assert names(page) == ["intranet", "api", "shop"]
    chip(page, "drifted").click()
    assert names(page) == ["api", "shop"]
    filter_by(page, "bob")
    assert names(page) == ["shop"]
    page.find_element("css selector", "form [type=reset]").click()
    page.execute_async_script("setTimeout(arguments[0], 50)")
    assert names(page) == URGENCY


def test_headings_sort_both_ways(page: Any) -> None:
    assert sort_by(page, "Application") == "ascending"
    assert names(page) == ["api", "evil", "gone", "intranet", "plain", "shop", "wiki9", "wiki10"]
    assert sort_by(page, "Application") == "descending"
    assert names(page) == ["wiki10", "wiki9", "shop", "plain", "intranet", "gone", "evil", "api"]
    assert heading(page, "Finding").get_attribute("aria-sort") is None
    assert sort_by(page, "Gears") == "ascending"
    assert names(page)[:3] == ["intranet", "api", "shop"]
    assert sort_by(page, "Gears") == "descending"
    assert names(page)[:3] == ["shop", "intranet", "api"]


def test_keyboard_is_enough(page: Any) -> None:
    button = heading(page, "Owner").find_element("tag name", "button")
    button.send_keys("\n")
    assert heading(page, "Owner").get_attribute("aria-sort") == "ascending"
    box = page.find_element("css selector", "[value=degraded]")
    box.send_keys(" ")
    assert names(page) == ["shop"]


def test_text_from_the_broker_stays_text(page: Any) -> None:
    assert page.title.startswith("The audit")
    assert EVIL in [cell.text for cell in find_all(page, "#apps td:nth-child(2)")]
    assert find_all(page, "#apps img") == []


def test_owners_that_lack_gears_are_listed(page: Any) -> None:
    rows = [row.text.split() for row in find_all(page, ".owners tbody tr")]
    assert [(row[0], row[-2:]) for row in rows] == [
        ("bob", ["3", "short"]),
        ("alice", ["1", "short"]),
        ("carol", ["1", "short"]),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_reader_and_can_be_read(page: Any, scheme: str) -> None:
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    paper = luminance(page.find_element("tag name", "body").value_of_css_property("background-color"))
    assert (paper > 0.5) == (scheme == "light")
    table = luminance(page.find_element("id", "apps").value_of_css_property("background-color"))
    for element in find_all(page, "#apps .f, #apps .s, #apps small, .note, .lacks"):
        ink = luminance(element.value_of_css_property("color"))
        contrast = (max(ink, table) + 0.05) / (min(ink, table) + 0.05)
        assert contrast >= 4.5, (element.text, contrast)


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it, of ``rgb(...)`` or ``rgba(...)``."""
    parts = [float(part) / 255 for part in color.partition("(")[2].rstrip(")").split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_width_scrolls_sideways(page: Any, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 800}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert names(page) == URGENCY
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("width", [320, 1280])
def test_warnings_stand_below_the_reason(browser: Any, tmp_path: Path, width: int) -> None:
    warning_text = "The API does not expose whether carol, the owner of acme/api, has the HA capability."
    open_report(browser, tmp_path, drifted("intranet", "standalone", warnings=[warning_text], **BLOCKED))
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 800}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    (cell,) = find_all(browser, "#apps td:nth-child(7)")
    assert cell.text.splitlines() == ["the maximum is 2", warning_text]
    beside = "const range = document.createRange(); range.selectNodeContents(arguments[0].firstChild); "
    left = browser.execute_script(beside + "return range.getBoundingClientRect().left", cell)
    (warning,) = cell.find_elements("tag name", "p")
    assert warning.rect["x"] == pytest.approx(left, abs=1)
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    filter_by(browser, "does not expose")
    assert names(browser) == ["intranet"]


def test_ten_thousand_rows_are_shown_in_parts_and_printed_as_a_whole(browser: Any, tmp_path: Path) -> None:
    open_report(browser, tmp_path, *(result(f"app{number}", "highly_available") for number in range(10_000)))
    assert count_line(browser) == "10,000 applications"
    first = len(find_all(browser, "#apps tbody tr"))
    assert 100 <= first <= 1000
    browser.find_element("css selector", "#more button").click()
    assert len(find_all(browser, "#apps tbody tr")) > first
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(find_all(browser, "#apps tbody tr")) == 10_000
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert len(find_all(browser, "#apps tbody tr")) < 10_000
    filter_by(browser, "app9999")
    assert names(browser) == ["app9999"]


def test_it_prints(page: Any) -> None:
    printed = page.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")


def test_without_a_script_all_rows_are_visible(browser: Any, tmp_path: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_report(browser, tmp_path, *FLEET)
        assert names(browser) == URGENCY
        assert not browser.find_element("id", "filter").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
