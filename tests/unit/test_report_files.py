"""The report as files: JSON, CSV and the page, also with hostile data, and how files are written."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import unicodedata
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.files import (
    CSV_COLUMNS,
    render_csv,
    render_json,
    write_report,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import render_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput, parse_registered
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import FINDINGS, Report, Row
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.summary import render_summary
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.writing import write_file
from tests.unit.reports import (
    BLOCKED,
    DONE,
    GONE,
    MADE_AT,
    MAXIMUM,
    ON_ONE_NODE,
    PLANNED,
    SAME_NODE_PROBLEM,
    WARNING,
    app,
    drifted,
    report,
    result,
)

# --- For programs ----------------------------------------------------------------------------------------------------


class OtherText(str):
    """As Ansible's texts with tags."""

    __slots__ = ()


@pytest.mark.parametrize("results", [(), (BLOCKED, ON_ONE_NODE, GONE), (drifted(OtherText("shop")),)])
def test_json_is_indented(results: tuple[Any, ...]) -> None:
    """Rows are not rendered by the library, which takes longer."""
    text = render_json(report(*results))
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"


def test_json() -> None:
    document = json.loads(render_json(report(BLOCKED, gears_available={"alice": 0})))
    assert document["version"] == 1
    assert document["made_at"] == "2026-11-22T03:15:00+00:00"
    assert document["broker_url"] == "https://broker.example.com"
    assert document["counts"]["blocked"] == document["findings"]["blocked"] == 1
    assert document["owners"] == [
        {"login": "alice", "applications": 1, "gears_needed": 1, "gears_available": 0, "shortage": 1}
    ]
    (entry,) = document["applications"]
    assert entry["blockers"] == [MAXIMUM]
    assert entry["steps"] == ["scale up from 3 gears to 4"]
    assert (entry["domain"], entry["name"], entry["status"], entry["max_gears"]) == ("acme", "shop", "degraded", -1)


def test_csv() -> None:
    (row,) = csv.DictReader(io.StringIO(render_csv(report(BLOCKED)), newline=""))
    assert row["name"] == "shop"
    assert row["blockers"] == "maximum: acme/shop has 2 gears and its maximum is 2"
    assert (row["gears_needed"], row["gears_available"], row["max_gears"]) == ("1", "", "-1")


def test_columns_and_keys_are_the_fields_of_a_row() -> None:
    """A new field of ``Row`` is a new column of the table and a new key of the document, in the same order."""
    names = [field.name for field in fields(Row)]
    made = report(BLOCKED)
    assert next(csv.reader(io.StringIO(render_csv(made)))) == list(CSV_COLUMNS) == names
    assert list(json.loads(render_json(made))["applications"][0]) == names


def test_columns_that_programs_rely_on() -> None:
    assert ",".join(CSV_COLUMNS) == (
        "domain,name,owner,status,finding,missing,steps,gears_needed,gears_available,blockers,message,"
        "haproxy_count,gear_count,web_gears,min_gears,max_gears,url,warnings,"
        "status_after,verified,spread,problems,instances,host,repair_command,admin_commands,rule,broker,change,drifted_since,"
        "last_drill,last_drill_status,last_drill_router,last_drill_requests,last_drill_failed_requests,last_drill_reason"
    )


def test_every_file_has_the_warnings() -> None:
    made = report(drifted("api", "standalone", warnings=[WARNING]))
    assert WARNING in "".join(text for _tag, text in Page(render_html(made)).texts)
    assert json.loads(render_json(made))["applications"][0]["warnings"] == [WARNING]
    (entry,) = csv.DictReader(io.StringIO(render_csv(made)))
    assert entry["warnings"] == WARNING


def test_proof_in_the_files() -> None:
    made = report(ON_ONE_NODE, result(app("wiki")))
    document = json.loads(render_json(made))
    assert document["problems"]["haproxy_same_node"] == 1
    entry = document["applications"][0]
    assert (entry["verified"], entry["spread"]) == ("placement", "none")
    assert entry["problems"] == [{**SAME_NODE_PROBLEM}]
    assert entry["instances"][1] == {
        "address": "10.0.0.11",
        "port": 38002,
        "zone": "east/z1",
        "gear": "b2",
        "state": "started",
        "counts": False,
    }
    first, second = csv.DictReader(io.StringIO(render_csv(made), newline=""))
    assert first["instances"] == "10.0.0.11:38001 east/z1 started; 10.0.0.11:38002 east/z1 started (not counted)"
    assert first["problems"] == f"haproxy_same_node: {SAME_NODE_PROBLEM['message']}"
    assert first["admin_commands"] == "oo-admin-move --gear_uuid b2 -i NODE"
    # A result without proof, as of a former release.
    assert [second[key] for key in ("verified", "spread", "problems", "instances")] == ["", "", "", ""]


def test_page_shows_nodes_and_level() -> None:
    text = " ".join(text for _tag, text in Page(render_html(report(ON_ONE_NODE))).texts)
    assert "node 10.0.0.11 (east/z1)" in text
    assert "does not count" in text
    assert "verified: placement" in text


def test_page_shows_the_state_before_a_repair() -> None:
    page = render_html(report(drifted("shop", steps=[DONE])))
    row = page.partition('<tr data-f="repaired"')[2].partition("</tr>")[0]
    assert row.index("degraded") < row.index("highly available")


def test_files_on_a_broker_that_is_down() -> None:
    made = build_report([parse_registered({"results": [], "msg": "The broker is down."})], "", "", MADE_AT)
    assert render_summary(made) == "Nothing could be checked. The broker is down."
    assert "Nothing could be checked. The broker is down." in render_html(made)
    assert json.loads(render_json(made))["error"] == "The broker is down."


SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b", "\u2212")
PREFIXES = (
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\xa0",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u2060",
    "\xad",
    "\u202e",
    "\0",
    "'",
    '"',
    "\u3164",
    "\ufe0f",
    "\u180b",
    "\u0301",
    "\U000e0100",
)


@pytest.mark.parametrize(
    "evil", ["=cmd|' /C calc'!A0", "@SUM(A1)", *(f"{p}{sign}1+1" for p in PREFIXES for sign in SIGNS)]
)
def test_csv_has_no_formula(evil: str) -> None:
    shown = unicodedata.normalize("NFKC", csv_of(evil))
    assert not shown.lstrip(' "\t\r\n\ufeff\u200b').startswith(SIGNS)
    # Not even if the report had kept all characters.
    (row,) = report(result(app("x"))).rows
    raw = Report("", "", MADE_AT, (replace(row, name=evil, warnings=(evil,)),), ())
    (line,) = csv.DictReader(io.StringIO(render_csv(raw), newline=""))
    for field in (line["name"], line["warnings"]):
        assert field == f"'{evil}"


def csv_of(name: str) -> str:
    (row,) = csv.DictReader(io.StringIO(render_csv(report(result(app(name, owner=name)))), newline=""))
    assert row["owner"] == row["name"]
    return row["name"]


@pytest.mark.parametrize("name", ["shop", "a=1", "a-b", "'quoted'", "\uff1ashop"])
def test_other_texts_stay_in_the_csv(name: str) -> None:
    assert csv_of(name) == name


# --- Page ------------------------------------------------------------------------------------------------------------

VOID = {"meta", "input", "link", "br", "img", "hr", "wbr"}


class Page(HTMLParser):
    """Parses a page, checks that its elements are closed, and keeps its attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def text_in(self, *tags: str) -> list[str]:
        return [text for tag, text in self.texts if tag in tags and text.strip()]


HOSTILE = [
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "{{ lookup('pipe', 'id') }}",
    "{% for x in y %}",
    '" onmouseover="alert(1)',
    "' & <b>",
    "-->",
]


@pytest.mark.parametrize("evil", HOSTILE)
def test_text_from_the_broker_stays_text(evil: str) -> None:
    assert marks(page_with("no name")) == marks(page_with(evil))
    page = page_with(evil)
    assert fixed_parts(page) == fixed_parts(page_with("no name"))
    text = "".join(text for tag, text in page.texts if tag not in ("script", "style"))
    # Name and owner, the status of a step, and the reason, also where equal reasons are grouped.
    assert text.count(f"{evil}/{evil}") == 1
    assert text.count(evil) >= 6


def page_with(text: str) -> Page:
    """A page with this text everywhere."""
    instance = {"address": text, "gear": text, "zone": text, "state": text}
    before = app(text, "degraded", owner=text, domain=text, problems=[{"code": text, "message": text}])
    steps = [{**PLANNED, "detail": text}]
    blockers = [{"code": "x", "message": text}]
    given_result = {**BLOCKED, "blockers": blockers, "steps": steps, "before": before, "instances": [instance] * 2}
    return Page(render_html(report(given_result, drifted("api", warnings=[text]))))


def fixed_parts(page: Page) -> list[str]:
    """Script and style, without the widths of columns: these depend on the length of names."""
    return [re.sub(r"[\d.]+rem", "", text) for text in page.text_in("script", "style")]


def marks(page: Page) -> list[tuple[str, str]]:
    return [(tag, name) for tag, name, _value in page.attributes]


def test_title_and_address_stay_text() -> None:
    evil = "</title><script>alert(1)</script>"
    page = Page(render_html(build_report([ReportInput(())], evil, f"https://{evil}", MADE_AT)))
    assert page.text_in("h1") == [evil]
    assert len(page.text_in("script")) == 1


def test_only_web_addresses_are_links() -> None:
    def links(url: str) -> list[str]:
        page = Page(render_html(report(result(app(url=url)))))
        return [value for tag, name, value in page.attributes if (tag, name) == ("a", "href") and value[0] != "#"]

    assert links("http://shop-acme.example.com/") == ["http://shop-acme.example.com/"]
    assert links("javascript:alert(1)") == links("") == links("http://[") == []


def test_no_file_has_credentials() -> None:
    url = "https://alice:geheim@broker.example.com/broker/rest?token=geheim"
    made = build_report([ReportInput((result(app()),))], "The audit", url, MADE_AT)
    assert "geheim" not in render_html(made) + render_json(made) + render_csv(made) + render_summary(made)


def test_page_links_to_the_files_beside_it(tmp_path: Path) -> None:
    """A colon in the name is no scheme of an address."""
    write_report(report(BLOCKED), tmp_path, "03:15 50%", ["csv", "html", "json"], check_mode=False)
    page = Page((tmp_path / "03:15 50%.html").read_text(encoding="utf-8"))
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert links[:2] == ["./03%3A15%2050%25.json", "./03%3A15%2050%25.csv"]
    write_report(report(BLOCKED), tmp_path, "alone", ["html"], check_mode=False)
    assert "The same data" not in (tmp_path / "alone.html").read_text(encoding="utf-8")


def test_page_loads_nothing() -> None:
    page = Page(render_html(report(BLOCKED, GONE, result(app("wiki")))))
    assert {name for _tag, name, _value in page.attributes}.isdisjoint({"src", "srcset", "style", "onclick", "action"})
    assert "link" not in {tag for tag, _name, _value in page.attributes}
    assert not any("url(" in text or "@import" in text for text in page.text_in("style"))
    policy = next(value for _tag, name, value in page.attributes if name == "content" and "default-src" in value)
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_most_urgent_rows_come_first() -> None:
    made = report(result(app("wiki")), drifted("blog"), drifted("api"), BLOCKED, GONE)
    page = Page(render_html(made))
    findings = [value for tag, name, value in page.attributes if (tag, name) == ("tr", "data-f")]
    assert findings == ["failed", "blocked", "drifted", "drifted", "in_order"]
    assert list(FINDINGS).index("failed") == 0
    names = page.text_in("a")
    assert names.index("acme/api") < names.index("acme/blog")


def mood(made: Report) -> str:
    """The class of the headline, which sets its colour."""
    return render_html(made).partition('<p class="headline ')[2].partition('"')[0]


def test_only_a_check_of_everything_selected_is_good() -> None:
    assert mood(report(result(app()))) == "good"
    assert mood(report()) == "drift"
    assert mood(report(result(app()), unmatched=("shpo",))) == "drift"
    assert mood(report(drifted("api"))) == "drift"
    assert mood(report(BLOCKED)) == "bad"


def test_unmatched_names_are_in_the_document() -> None:
    assert json.loads(render_json(report(unmatched=("nosuch", "shpo"))))["unmatched"] == ["nosuch", "shpo"]


def test_same_input_gives_same_files() -> None:
    for form in (render_html, render_json, render_csv):
        assert form(report(BLOCKED, GONE)) == form(report(BLOCKED, GONE))


TEXTS = st.text(alphabet=st.characters(), max_size=20)


@given(texts=st.lists(TEXTS, min_size=5, max_size=5), number=st.one_of(st.none(), st.integers(), TEXTS))
def test_no_text_breaks_a_file(texts: list[str], number: Any) -> None:
    """Also control characters, lone surrogates and marks for writing from right to left."""
    name, domain, owner, message, url = texts
    before = app(name, "degraded", domain=domain, owner=owner, url=url, gear_count=number)
    made = report(drifted(name, before=before, blockers=[{"code": "x", "message": message}], gears_needed=number))
    Page(render_html(made))
    (entry,) = json.loads(render_json(made))["applications"]
    (row,) = csv.DictReader(io.StringIO(render_csv(made), newline=""))
    assert row["name"].lstrip("'") == entry["name"].lstrip("'")
    for text in (render_html(made), render_json(made), render_csv(made), render_summary(made)):
        assert text.encode("utf-8")
        assert "\x1b" not in text
        assert "\u202e" not in text


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_files_are_written_once(tmp_path: Path) -> None:
    directory = tmp_path / "far" / "away"
    everything = (report(BLOCKED), directory, "night", ["csv", "html", "json"])
    paths = {form: str(directory / f"night.{form}") for form in ("html", "json", "csv")}
    assert write_report(*everything, check_mode=True) == (True, paths, False)
    assert not directory.exists()
    assert write_report(*everything, check_mode=False) == (True, paths, False)
    assert sorted(path.name for path in directory.iterdir()) == ["night.csv", "night.html", "night.json"]
    assert (
        write_report(*everything, check_mode=True)
        == write_report(*everything, check_mode=False)
        == (False, paths, False)
    )
    assert write_report(report(), directory, "night", ["csv"], check_mode=False) == (True, {"csv": paths["csv"]}, False)


def test_link_and_mode_are_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("yesterday", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    assert write_file(link, "today", check_mode=False)
    assert link.readlink() == target
    assert target.read_text(encoding="utf-8") == "today"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    write_file(tmp_path / "new", "x", check_mode=False)
    (tmp_path / "usual").touch()
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_interrupted_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report"
    path.write_text("old", encoding="utf-8")

    def fail(*_arguments: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", fail)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_file(path, "new", check_mode=False)
    assert path.read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report"]
