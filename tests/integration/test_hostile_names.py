"""Names and texts of a broker on every way out: results, progress lines, the terminal and the log."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import clean_data, escape_unprintable
from tests import direct
from tests.harness import LOGIN, WAYS
from tests.inventory_source import Source, application, credentials
from tests.unit.strategies import HOSTILE, any_texts, hostile_texts

FLEET, ONE, INFO = (f"openshift_v2.apps.openshift_{name}" for name in ("apps_ha", "app_ha", "app_info"))
QUICK = {"scale_strategy": "scale_up", "poll_interval": 0.01, "wait_timeout": 0.1, "concurrency": 1}
HAPROXY = {"name": "haproxy-1.4", "tags": ["web_proxy"], "current_scale": 1, "scales_from": 1, "scales_to": 1}
#: These cannot name anything in a path: the application is reported as unreadable.
NO_NAMES = "/\\?#%;"


def degraded(**changes: Any) -> dict[str, Any]:
    app = application(**changes)
    web = {**app["cartridges"][0], "current_scale": 2}
    return {**app, "ha": True, "gear_count": 2, "cartridges": [web, {**HAPROXY}]}


def gear(number: int) -> dict[str, Any]:
    """A gear with an HAProxy instance on a node of its own. The first is the head gear: it has the application's id."""
    endpoint = {"types": ["load_balancer"], "external_address": f"10.0.0.{number}", "external_port": 35000}
    identifier = application()["id"] if number == 1 else f"g{number}"
    return {"id": identifier, "state": "started", "endpoints": [{**endpoint, "cartridge_name": "haproxy-1.4"}]}


class HostileBroker:
    """Has the applications in ``apps``. It repairs those in ``repairable`` and refuses others with ``refusal``."""

    def __init__(self) -> None:
        self.apps: list[dict[str, Any]] = []
        self.repairable: set[str] = set()
        self.refusal = ""
        broker = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.answer(200, broker.data(unquote(self.path.partition("?")[0].removeprefix("/broker/rest"))))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                app = broker.find(unquote(self.path.split("/application/")[1].split("/events")[0]))
                if app is None or app["name"] not in broker.repairable:
                    self.answer(422, None, broker.refusal)
                    return
                if body["event"] == "scale-up":
                    app["gear_count"] = app["cartridges"][0]["current_scale"] = 3
                    app["cartridges"][1]["current_scale"] = 2
                self.answer(200, app)

            def answer(self, status: int, data: Any, text: str = "") -> None:
                messages = [{"severity": "error", "text": text, "exit_code": 126}] if text else []
                envelope = {"status": "ok", "type": "x", "messages": messages, "version": "1.7", "api_version": 1.7}
                body = json.dumps({**envelope, "data": data}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def find(self, name: str) -> dict[str, Any] | None:
        return next((app for app in self.apps if app["name"] == name), None)

    def data(self, path: str) -> Any:
        if path == "/applications":
            return deepcopy(self.apps)
        if path.endswith("/gear_groups"):
            return [{"gears": [gear(number) for number in (1, 2)], "cartridges": [{"name": "php-5.4"}]}]
        if "/application/" in path:
            return deepcopy(self.find(path.split("/application/")[1]))
        account = {"login": LOGIN, "consumed_gears": 1, "max_gears": 99, "capabilities": {"ha": True}}
        domain = {"name": "acme", "available_gears": 99, "members": application()["members"]}
        return {"/user": account, "/domains": [domain]}.get(path, domain)

    def __enter__(self) -> HostileBroker:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def broker() -> Iterator[HostileBroker]:
    with HostileBroker() as broker:
        yield broker


def texts_for_people(value: Any, key: str = "") -> Iterator[str]:
    """All texts below the keys that people read."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts_for_people(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from texts_for_people(item, key)
    elif isinstance(value, str) and key in ("msg", "warnings", "message", "detail"):
        yield value


@given(hostile_texts(), hostile_texts(), any_texts())
@settings(max_examples=25, deadline=None)
def test_any_name_leaves_results_and_lines_clean(broker: HostileBroker, name: str, owner: str, refusal: str) -> None:
    # JSON turns two surrogates that belong together into their character.
    name, owner = json.loads(json.dumps([name, owner]))
    broker.apps = [degraded(name=name, owner=owner), degraded(name="victim"), degraded(name=f"x{name}")]
    broker.repairable, broker.refusal = {"victim", name}, refusal
    env = {"OPENSHIFT_BROKER_URL": broker.url, **credentials()}
    with direct.environment(env):
        runs = [direct.run_task({INFO: {}})]
        runs += [
            direct.run_task({FLEET: {"select": {}, **QUICK}, "check_mode": mode, "diff": True})
            for mode in (True, False)
        ]
    for run in runs:
        assert json.dumps(run.result, ensure_ascii=False).encode()
        assert [text for text in texts_for_people(run.result) if escape_unprintable(text, keep="\n") != text] == []
        assert "\n" not in "".join(run.result.get("warnings", []))
        assert [line for line in run.progress if escape_unprintable(line) != line] == []
    fleet = runs[-1].result
    assert "summary" in fleet, fleet
    by_name = {result["application"]["name"]: result for result in fleet["results"]}
    # One application with a hostile name does not end the repair of the others.
    assert by_name["victim"]["application"]["ha_status"] == "highly_available"
    assert set(by_name) >= {clean_data(name), "victim"}
    if not any(character in name for character in NO_NAMES):
        assert by_name[clean_data(name)]["before"].get("owner") == clean_data(owner)


@pytest.mark.parametrize("field", ["name", "domain_id", "cartridge"])
@pytest.mark.parametrize("character", ["\x7f", "\x85", "\u2028", "\u2029", "\ud800"])
def test_names_that_cannot_be_sent_are_refused_in_advance(broker: HostileBroker, field: str, character: str) -> None:
    text = f"bad{character}"
    app = degraded(name="bad") if field == "cartridge" else degraded(**{"name": "bad", field: text})
    app["cartridges"][0]["name"] = text if field == "cartridge" else "php-5.4"
    broker.apps, broker.repairable = [app, degraded(name="victim")], {"bad", text, "victim"}
    with direct.environment({"OPENSHIFT_BROKER_URL": broker.url, **credentials()}):
        check, real = (
            direct.run_task({FLEET: {"select": {}, **QUICK}, "check_mode": mode}).result for mode in (True, False)
        )
    for fleet in (check, real):
        bad = next(each for each in fleet["results"] if each["application"]["name"] != "victim")
        assert (bad["failed"], bad["changed"]) == (True, False)
        assert [blocker["code"] for blocker in bad["blockers"]] == ["refused"]
        assert bad["msg"].endswith(
            f"{escape_unprintable(repr(text))} is not a valid name, so no request can be sent. Nothing was changed. "
            "Report this name to the platform's administrators."
        )
        assert [each["changed"] for each in fleet["results"] if each is not bad] == [True]


@pytest.mark.thorough
@pytest.mark.parametrize("way", WAYS)
def test_terminal_and_log_stay_clean(broker: HostileBroker, tmp_path: Path, way: str) -> None:
    names = [f"{kind}{text}" for text in HOSTILE for kind in ("good", "bad")]
    broker.apps = [degraded(name=name, owner=f"owner{name}") for name in names]
    broker.repairable, broker.refusal = {name for name in names if name.startswith("good")}, "".join(HOSTILE)
    task = {FLEET: {"select": {}, **QUICK}, "ignore_errors": True, "register": "fleet"}
    shown = {"ansible.builtin.debug": {"msg": "{{ fleet.results | map(attribute='msg') | list }}"}}
    play: dict[str, Any] = {"hosts": "localhost", "gather_facts": False, "tasks": [task, shown]}
    if way == WAYS[1]:
        play["environment"] = {"AS_MODULE": "1"}
    path, log = tmp_path / "playbook.yml", tmp_path / "ansible.log"
    path.write_text(yaml.safe_dump([play]), encoding="utf-8")
    source = Source(tmp_path, broker.url, {**credentials(), "ANSIBLE_INVENTORY_UNPARSED_FAILED": "false"})
    run = source.run("ansible-playbook", path, env={"ANSIBLE_LOG_PATH": str(log)}, as_program=True)
    assert "failed=0" in run.stdout, run.stdout[-2000:] + run.stderr[-2000:]
    assert "ignored=1" in run.stdout
    for text in (run.stdout, run.stderr, log.read_text(encoding="utf-8")):
        assert not re.search("[\0-\t\x0b-\x1f\x7f-\x9f]", text)
        assert not [line for line in text.splitlines() if line.startswith(("forged", "2026-01-01 forged"))]
    shown_text = run.stdout + run.stderr
    assert r"good\x1b[31mred" in shown_text.replace("\\\\", "\\")
    if way == WAYS[0]:
        lines = [line for line in run.stderr.splitlines() if line.startswith("[")]
        assert [line for line in lines if escape_unprintable(line) != line] == []
        good = [line for line in lines if "acme/good" in line]
        assert any(r"acme/good\n2026-01-01 forged: degraded -> highly_available" in line for line in good), good


@given(st.lists(hostile_texts(), min_size=1, max_size=3))
@settings(max_examples=10, deadline=None)
def test_one_application_with_any_cartridges(broker: HostileBroker, names: list[str]) -> None:
    web, proxy = degraded()["cartridges"]
    broker.apps = [{**degraded(), "cartridges": [web, proxy, *({**web, "name": name, "tags": []} for name in names)]}]
    broker.repairable, broker.refusal = set(), names[0]
    with direct.environment({"OPENSHIFT_BROKER_URL": broker.url, **credentials()}):
        task = {"domain": "acme", "name": "shop", "cartridge": "mysql", "min_gears": 2}
        run = direct.run_task({"openshift_v2.apps.openshift_cartridge_scale": task})
    assert run.result["failed"]
    assert [text for text in texts_for_people(run.result) if escape_unprintable(text) != text] == []
