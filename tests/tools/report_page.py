"""Pictures of the report for the documentation, and how long its page takes with 10,000 rows. Needs Debian's chromium.

.venv/bin/python tests/tools/report_page.py pictures    writes docs/images/report*.png
.venv/bin/python tests/tools/report_page.py measure     prints milliseconds
"""

from __future__ import annotations

import base64
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from selenium import webdriver

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput, unobserved

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
NAMES = [
    "shop",
    "wiki",
    "api",
    "intranet",
    "billing",
    "crm",
    "payments",
    "mail",
    "search",
    "blog",
    "news",
    "orders",
    "catalogue",
]
DOMAINS = ["acme", "pay", "globex", "umbrella"]
#: Whether the platform reports HA, and how many HAProxy instances it counts.
STATUSES = {
    "highly_available": (True, 2),
    "degraded": (True, 1),
    "standalone": (False, 1),
    "not_scalable": (False, 0),
}
STEP = {"action": "scale_up", "detail": "scale up from 3 gears to 4", "status": "planned"}
MAXIMUM = "the second HAProxy instance needs a new gear, but the maximum is 2. Set max_gears to 3 or more."
MISSING = "the application has 1 HAProxy instance instead of 2. Use openshift_app_ha to add the missing one."


#: The share of applications of each kind, one after the other.
KINDS = {
    "fine": 0.86,
    "missing": 0.04,
    "same node": 0.02,
    "maximum": 0.02,
    "capability": 0.02,
    "repaired": 0.02,
    "unknown": 0.01,
    "not scalable": 0.01,
}


def make_result(kind: str, number: int, owner: str, chance: random.Random) -> Any:
    """A result of this kind."""
    domain, name = chance.choice(DOMAINS), f"{chance.choice(NAMES)}{number}"
    ref = f"{domain}/{name}"
    gears = [f"{chance.getrandbits(96):024x}" for _number in range(2)]
    first, other = (f"10.0.{chance.randrange(4)}.{chance.randrange(10, 250)}" for _number in range(2))
    apart = make_instances(gears, [first, other])
    names = {"name": name, "domain": domain, "id": gears[0], "owner": owner}
    url = f"http://{name}-{domain}.example.com/"
    fine = {**names, **make_state("highly_available"), "url": url}
    degraded = {**names, **make_state("degraded"), "url": url}
    if kind == "fine":
        return {"before": fine, "instances": apart}
    if kind == "missing":
        problem = {"code": "haproxy_missing", "message": f"{ref}: {MISSING}", "repairable": True}
        before = {**degraded, "problems": [problem]}
        return {"before": before, "application": fine, "steps": [STEP], "gears_needed": 1, "instances": apart[:1]}
    if kind == "same node":
        text = f"{ref}: the HAProxy instances on gears {', '.join(gears)} are on the same node ({first})."
        problem = {"code": "haproxy_same_node", "message": text, "repairable": True}
        before = {**degraded, "haproxy_count": 2, "problems": [problem]}
        return {"before": before, "instances": make_instances(gears, [first, first]), **blocked("relocation", text)}
    if kind == "repaired":
        steps = [{**STEP, "status": "done"}]
        return {"before": degraded, "application": fine, "steps": steps, "gears_needed": 1, "instances": apart}
    return {
        "maximum": {"before": degraded, "instances": apart[:1], **blocked("maximum", f"{ref}: {MAXIMUM}")},
        "capability": {
            "before": {**names, **make_state("standalone"), "url": url},
            **blocked("capability", f"{ref}: the owner {owner} does not have the HA capability."),
        },
        "unknown": unobserved(domain, name, f"{ref}: could not be checked: the broker did not answer within 30 s."),
        "not scalable": {"before": {**names, **make_state("not_scalable"), "url": url}},
    }[kind]


def make_state(status: str) -> dict[str, Any]:
    ha, count = STATUSES[status]
    numbers = {"haproxy_count": count, "gear_count": 3, "web_gears": 3, "min_gears": 2, "max_gears": -1}
    return {"ha": ha, "ha_status": status, "verified": "placement", **numbers}


def make_instances(gears: list[str], places: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "address": place,
            "gear": gear,
            "zone": f"east/z{n}",
            "state": "started",
            "counts": place not in places[: n - 1],
        }
        for n, (gear, place) in enumerate(zip(gears, places, strict=True), 1)
    ]


def blocked(code: str, message: str) -> dict[str, Any]:
    return {"blockers": [{"code": code, "message": message}], "failed": True, "gears_needed": 1, "gears_available": 2}


def write_page(directory: Path, size: int, owners: int) -> str:
    """The address of a page about so many applications."""
    chance = random.Random(7)
    kinds = [kind for kind, share in KINDS.items() for _number in range(round(size * share))]
    results = tuple(
        make_result(kind, number, f"user{number % owners + 1}@example.com", chance) for number, kind in enumerate(kinds)
    )
    made = datetime(2026, 11, 22, 3, 15, tzinfo=timezone.utc)
    report = build_report(
        [ReportInput(results)], "High availability of applications", "https://broker.example.com", made
    )
    files = {form: f"report.{form}" for form in ("html", "json", "csv")}
    file = directory / "report.html"
    file.write_text(render_html(replace(report, files=files)), encoding="utf-8")
    return file.as_uri()


@contextmanager
def browser() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


PICTURES = {
    "report.png": {"width": 1280, "height": 1800, "scheme": "light"},
    "report-dark.png": {"width": 1280, "height": 1000, "scheme": "dark"},
    "report-phone.png": {"width": 390, "height": 1500, "scheme": "light"},
}


def take_pictures(directory: Path) -> None:
    address = write_page(directory, 340, 12)
    with browser() as page:
        for name, picture in PICTURES.items():
            size = {"width": picture["width"], "height": picture["height"], "deviceScaleFactor": 1}
            page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**size, "mobile": picture["width"] == 390})
            features = [{"name": "prefers-color-scheme", "value": picture["scheme"]}]
            page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
            page.get("about:blank")
            page.get(address)
            taken = page.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
            (IMAGES / name).write_bytes(base64.b64decode(taken["data"]))


#: Each action, and the frame after it, until the page is drawn again.
MEASURE = """
const done = arguments[0];
const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
const text = document.getElementById("text");
const taken = [];
const time = async (name, action) => {
  const start = performance.now();
  action();
  document.body.getBoundingClientRect();
  await frame();
  taken.push([name, performance.now() - start]);
};
(async () => {
  for (const words of ["shop", "degraded", "user7@", "shop user7@", "nothing", ""]) {
    await time("filter", () => {
      text.value = words;
      text.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  for (let turn = 0; turn < 2; turn++) {
    for (const button of document.querySelectorAll("#apps thead button")) await time("sort", () => button.click());
  }
  for (let part = 1; part <= 10; part++) {
    await time("scroll", () => scrollTo(0, (document.documentElement.scrollHeight * part) / 10));
  }
  done(taken);
})();
"""


def measure(directory: Path, turns: int = 5) -> None:
    address = write_page(directory, 10_000, 40)
    times: dict[str, list[float]] = {}
    with browser() as page:
        for _turn in range(turns):
            page.get("about:blank")
            page.get(address)
            end = "return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
            times.setdefault("open", []).append(page.execute_script(end))
            for name, milliseconds in page.execute_async_script(MEASURE):
                times.setdefault(name, []).append(milliseconds)
    for name, values in times.items():
        print(f"{name}: median {statistics.median(values):.0f} ms, most {max(values):.0f} ms, {len(values)} times")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        {"pictures": take_pictures, "measure": measure}[sys.argv[1]](Path(temporary))
