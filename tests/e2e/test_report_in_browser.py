"""The report of an audit in a real browser: Debian's chromium, headless, at desk and phone size, dark, and printed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.support.wait import WebDriverWait

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history import Entry, follow
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput, unobserved
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.several import build_reports
from tests.programs import missing, required

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


def instance(address: str, **more: Any) -> dict[str, Any]:
    return {
        "address": address,
        "port": 38001,
        "gear": "a1b2",
        "zone": "east/z1",
        "state": "started",
        "counts": True,
        **more,
    }


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
SAME_NODE = "acme/crm: the HAProxy instances on gears a1b2, c3d4 are on the same node (10.0.0.11)."
#: What the fleet does not have: a repaired application, a problem with its nodes, and one of the longest names.
PROVEN = (
    drifted("crm", "degraded", "dave", blockers=[{"code": "relocation", "message": SAME_NODE}], failed=True),
    drifted("mail", "degraded", "first.lastname@example.com", steps=[{"action": "scale_up", "status": "done"}]),
    result("customerportalproductionfrontend", "highly_available", "first.lastname@example.com"),
)
PROVEN[0]["before"] |= {
    "verified": "placement",
    "haproxy_count": 2,
    "problems": [{"code": "haproxy_same_node", "message": SAME_NODE, "repairable": True}],
}
PROVEN[0]["instances"] = [instance("10.0.0.11"), instance("10.0.0.11", gear="c3d4", counts=False)]
PROVEN[1]["application"] = PROVEN[2]["before"]


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
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert browser.get_log("browser") == []
    assert requested_urls(browser) == {(tmp_path / "report.html").as_uri()}


def open_report(
    browser: Any, directory: Path, *results: dict[str, Any], view: str = "", has_script: bool = True
) -> None:
    made = datetime(2026, 11, 22, 3, 15, tzinfo=timezone.utc)
    report = build_report([ReportInput(results)], "The audit", "https://broker.example.com", made)
    file = directory / "report.html"
    file.write_text(render_html(report), encoding="utf-8")
    browser.get("about:blank")  # Another address of the same page would not load it again.
    browser.get(f"{file.as_uri()}{view}")
    if has_script:
        ready = "return document.documentElement.classList.contains('ready')"
        WebDriverWait(browser, 30).until(lambda _browser: browser.execute_script(ready))


def requested_urls(browser: Any) -> set[str]:
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    return {url for url in urls if not url.startswith(("chrome:", "about:"))}


#: The rows of applications that are in the page.
ROWS = "#apps tbody:not(.pad) tr"


def find_all(page: Any, selector: str) -> list[Any]:
    found: list[Any] = page.find_elements("css selector", selector)
    return found


def names(page: Any) -> list[str]:
    return [cell.text.removeprefix("acme/") for cell in find_all(page, f"{ROWS} td:first-child")]


def count_line(page: Any) -> str:
    return str(page.find_element("id", "shown").text)


def filter_by(page: Any, text: str) -> None:
    field = page.find_element("id", "text")
    field.clear()
    field.send_keys(text)


def chip(page: Any, value: str) -> Any:
    return page.find_element("css selector", f".chip:has([value={value}])")


def resize(page: Any, width: int, height: int = 800) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 800}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def color_scheme(page: Any, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def wait_for_frames(page: Any) -> None:
    """Until the page has reacted to scrolling, resizing or a new address."""
    frames = "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(arguments[0], 50)))"
    page.execute_async_script(frames)


def view_of(page: Any) -> dict[str, list[str]]:
    """The filter in the address of the page."""
    return parse_qs(urlsplit(page.current_url).fragment)


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
    assert EVIL in [cell.text for cell in find_all(page, f"{ROWS} td:nth-child(2)")]
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
    color_scheme(page, scheme)
    paper = luminance(page.find_element("tag name", "body").value_of_css_property("background-color"))
    assert (paper > 0.5) == (scheme == "light")
    table = luminance(page.find_element("id", "apps").value_of_css_property("background-color"))
    for element in find_all(page, "#apps .f, #apps .s, #apps small, .note, .lacks, .cmd code"):
        ink = luminance(element.value_of_css_property("color"))
        contrast = (max(ink, table) + 0.05) / (min(ink, table) + 0.05)
        assert contrast >= 4.5, (element.text, contrast)


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it, of ``rgb(...)`` or ``rgba(...)``."""
    parts = [float(part) / 255 for part in color.partition("(")[2].rstrip(")").split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_width_scrolls_sideways(page: Any, tmp_path: Path, width: int) -> None:
    resize(page, width)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert names(page) == URGENCY
    open_report(page, tmp_path, *FLEET, *PROVEN)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    boxes = find_all(page, ".overview section, .reasons li, .all, #apps td")
    assert len(boxes) > 40
    for box in boxes:
        assert page.execute_script("return arguments[0].scrollWidth - arguments[0].clientWidth", box) <= 0, box.text


@pytest.mark.parametrize("width", [390, 1280, 1600])
def test_no_word_is_broken(page: Any, tmp_path: Path, width: int) -> None:
    """Each word of the table is in one line; a name may continue after a sign."""
    resize(page, width)
    open_report(page, tmp_path, *PROVEN)
    broken = page.execute_script(
        """
        const found = [];
        const texts = document.createTreeWalker(document.querySelector("#apps tbody:not(.pad)"), NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
          for (const word of texts.currentNode.data.matchAll(/[\\w]+/g)) {
            const range = document.createRange();
            range.setStart(texts.currentNode, word.index);
            range.setEnd(texts.currentNode, word.index + word[0].length);
            const lines = new Set(Array.from(range.getClientRects(), (rect) => Math.round(rect.top)));
            if (lines.size > 1 && !texts.currentNode.parentElement.closest("code")) found.push(word[0]);
          }
        }
        return found;
        """
    )
    assert broken == []


@pytest.mark.parametrize("width", [320, 1280])
def test_warnings_stand_below_the_reason(browser: Any, tmp_path: Path, width: int) -> None:
    warning_text = "The API does not expose whether carol, the owner of acme/api, has the HA capability."
    open_report(browser, tmp_path, drifted("intranet", "standalone", warnings=[warning_text], **BLOCKED))
    resize(browser, width)
    reason, warning = find_all(browser, f"{ROWS} td:last-child > p:not(.step, .cmd)")
    assert (reason.text, warning.text) == ("the maximum is 2", warning_text)
    assert warning.rect["x"] == pytest.approx(reason.rect["x"], abs=1)
    assert warning.rect["y"] > reason.rect["y"]
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    filter_by(browser, "does not expose")
    assert names(browser) == ["intranet"]


# --- Proof, reasons and commands -------------------------------------------------------------------------------------


def test_nodes_level_and_former_status(page: Any, tmp_path: Path) -> None:
    open_report(page, tmp_path, *PROVEN)
    status = {name: row.text for name, row in zip(names(page), find_all(page, f"{ROWS} td:nth-child(4)"), strict=True)}
    assert status["crm"].splitlines() == [
        "degraded",
        "HAProxy instances on the same node",
        "node 10.0.0.11 (east/z1)",
        "node 10.0.0.11 (east/z1), does not count",
        "verified: placement",
    ]
    assert status["mail"].splitlines() == ["degraded", "1 of 2 HAProxy instances", "now highly available"]


def test_links_of_the_summary_filter(page: Any, tmp_path: Path) -> None:
    open_report(page, tmp_path, *FLEET, *PROVEN)
    page.find_element("link text", "HAProxy instances on the same node").click()
    wait_for_frames(page)
    assert names(page) == ["crm"]
    page.find_element("css selector", ".owners a").click()
    wait_for_frames(page)
    assert names(page) == ["shop", "wiki9"]
    page.find_element("xpath", "//section[@class='reasons']//a[contains(., '1 application')]").click()
    wait_for_frames(page)
    assert names(page) == ["gone"]
    page.back()
    wait_for_frames(page)
    assert names(page) == ["shop", "wiki9"]
    page.find_element("css selector", "#picked button").click()
    assert len(names(page)) == len(FLEET) + len(PROVEN)
    assert view_of(page) == {}


def test_filter_and_order_are_in_the_address(page: Any, tmp_path: Path) -> None:
    filter_by(page, "acme")
    chip(page, "standalone").click()
    chip(page, "degraded").click()
    sort_by(page, "Owner")
    sort_by(page, "Owner")
    assert view_of(page) == {"q": ["acme"], "status": ["degraded,standalone"], "sort": ["-owner"]}
    shown = names(page)
    assert shown == ["intranet", "shop", "api"]
    view = f"#{urlsplit(page.current_url).fragment}"
    open_report(page, tmp_path, *FLEET, view=view)
    assert names(page) == shown
    assert heading(page, "Owner").get_attribute("aria-sort") == "descending"
    assert page.find_element("id", "text").get_attribute("value") == "acme"
    open_report(page, tmp_path, *FLEET, view="#status=nonsense&sort=nothing&q=%ff&reason=%3Cb%3E")
    assert names(page) == []
    page.find_element("css selector", "form [type=reset]").click()
    wait_for_frames(page)
    assert names(page) == URGENCY


def test_commands_are_copied(page: Any, tmp_path: Path) -> None:
    open_report(page, tmp_path, *PROVEN)
    page.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    repair, move = find_all(page, f"{ROWS}:first-child .cmd button")
    assert repair.get_attribute("aria-label") == "Copy the command: Repair, acme/crm"
    for button, command in ((repair, "ansible-playbook openshift_v2.apps.enable_ha"), (move, "oo-admin-move")):
        button.click()
        wait_for_frames(page)
        assert button.text == "Copied"
        copied = page.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        assert copied.startswith(command)
        assert copied == button.find_element("xpath", "preceding-sibling::code").text
    page.execute_script("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    repair.click()
    wait_for_frames(page)
    assert repair.text == "Press Ctrl+C"
    assert page.execute_script("return String(getSelection())").startswith("ansible-playbook")


# --- Accessibility ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core. The package is in tests/requirements/dev-files.txt."""
    spec = find_spec("axe_playwright_python")
    if spec is None or not spec.submodule_search_locations:
        missing("needs axe-core from the package axe-playwright-python: make venv")
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("results", [(*FLEET, *PROVEN), (), (result("wiki", "highly_available"),)])
def test_it_is_accessible(
    page: Any, tmp_path: Path, axe: str, results: tuple[dict[str, Any], ...], width: int, scheme: str
) -> None:
    resize(page, width)
    color_scheme(page, scheme)
    open_report(page, tmp_path, *results)
    page.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    page.execute_script(axe)
    found = page.execute_async_script("axe.run().then(arguments[0])")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert len(found["passes"]) > 10


@pytest.mark.parametrize("width", [390, 1280])
def test_several_brokers_with_history_are_accessible(page: Any, tmp_path: Path, axe: str, width: int) -> None:
    addresses = [f"https://broker.{name}.example.com" for name in ("east", "west")]
    entries: Sequence[Entry] = ()
    for day in range(1, 4):
        made = datetime(2026, 11, day, tzinfo=timezone.utc)
        parts = [ReportInput((*PROVEN, *FLEET)[: 4 * day], broker_url=address) for address in addresses]
        report, new = follow(build_reports(parts, "The audit", "", made), entries)
        entries = (*entries, *new)
    resize(page, width)
    file = tmp_path / "report.html"
    file.write_text(render_html(report), encoding="utf-8")
    page.get(file.as_uri())
    assert len(find_all(page, ".names a")) == 4
    assert find_all(page, "table:not([aria-labelledby]):not(:has(caption))") == []
    page.execute_script(axe)
    found = page.execute_async_script("axe.run().then(arguments[0])")
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    for box in find_all(page, "main section, .reasons li"):
        assert page.execute_script("return arguments[0].scrollWidth - arguments[0].clientWidth", box) <= 0, box.text


# --- Ten thousand rows, and paper ------------------------------------------------------------------------------------


def test_of_ten_thousand_rows_only_the_near_ones_are_in_the_page(browser: Any, tmp_path: Path) -> None:
    fleet = [result(f"app{number}", "highly_available") for number in range(9_999)]
    open_report(browser, tmp_path, *fleet, drifted("shop", "degraded"))
    assert count_line(browser) == "10,000 applications"
    assert names(browser)[:2] == ["shop", "app0"]
    assert len(find_all(browser, ROWS)) < 300
    browser.execute_script("scrollTo(0, document.documentElement.scrollHeight)")
    wait_for_frames(browser)
    assert len(find_all(browser, ROWS)) < 300
    last = find_all(browser, ROWS)[-1]
    assert last.text.startswith("acme/app9999"[:-1])
    assert last.get_attribute("aria-rowindex") == browser.find_element("id", "apps").get_attribute("aria-rowcount")
    sort_by(browser, "Application")
    assert sort_by(browser, "Application") == "descending"
    filter_by(browser, "app99")
    assert count_line(browser) == "110 of 10,000 applications"
    filter_by(browser, "app9998")
    assert names(browser) == ["app9998"]


@pytest.mark.parametrize("position", [3_000, 100_000, 300_000])
def test_rows_stay_in_place_while_others_come(browser: Any, tmp_path: Path, position: int) -> None:
    """Rows of different heights: wherever the reader scrolls, there are rows, and they do not jump."""
    warnings = [f"This is warning {number}." for number in range(5)]
    fleet = [drifted(f"app{n}", "degraded", warnings=warnings[: n % 6]) for n in range(3_000)]
    open_report(browser, tmp_path, *fleet)
    browser.execute_script("scrollTo(0, arguments[0])", position)
    first = row_in_the_middle(browser)
    browser.execute_script("scrollBy(0, 40)")
    wait_for_frames(browser)
    assert 0 <= row_in_the_middle(browser) - first <= 2


def row_in_the_middle(page: Any) -> int:
    """The number of the row there, as soon as there is one."""
    at = "return document.elementFromPoint(200, 400).closest('tr')?.getAttribute('aria-rowindex')"
    return int(WebDriverWait(page, 10).until(lambda _page: page.execute_script(at)))


def printed_names(page: Any) -> list[str]:
    """What would be printed."""
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    shown = page.execute_script(
        f"return Array.from(document.querySelectorAll('{ROWS} td:first-child'), (c) => c.innerText)"
    )
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    return [name.removeprefix("acme/") for name in shown]


def test_drift_is_printed_and_the_rest_on_demand(page: Any) -> None:
    assert printed_names(page) == ["gone", "intranet", "api", "shop"]
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    note = page.find_element("id", "unprinted").text
    assert note.startswith("Not printed: 4 applications without drift.")
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    assert not page.find_element("id", "unprinted").is_displayed()
    assert names(page) == URGENCY
    chip(page, "in_order").click()
    assert printed_names(page) == ["evil", "wiki10", "wiki9"]
    chip(page, "in_order").click()
    page.find_element("id", "print-all").click()
    assert printed_names(page) == URGENCY


def test_many_drifted_rows_are_printed_on_demand(browser: Any, tmp_path: Path) -> None:
    open_report(browser, tmp_path, *(drifted(f"app{number}", "degraded") for number in range(1_000)))
    assert len(printed_names(browser)) == 300
    browser.find_element("id", "print-all").click()
    assert len(printed_names(browser)) == 1_000


def test_it_prints_on_few_pages(browser: Any, tmp_path: Path) -> None:
    """Each of 120 applications has a paragraph of text, two nodes and two commands. They were 21 pages."""
    fleet = [PROVEN[0] | {"before": PROVEN[0]["before"] | {"name": f"app{number}"}} for number in range(120)]
    open_report(browser, tmp_path, *fleet)
    printed = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 17


def test_without_a_script_all_rows_are_visible(browser: Any, tmp_path: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_report(browser, tmp_path, *FLEET, has_script=False)
        assert names(browser) == URGENCY
        assert not browser.find_element("id", "filter").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
