"""openshift_router_plan: its questions, by calls of the action plugin. The role's tests launch it.

tests/unit/test_router_plan.py tests the decisions.
"""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import build_settings
from tests.actions import run_action


def ask(**question: dict[str, Any]) -> dict[str, Any]:
    return run_action("openshift_router_plan", question)


SETTINGS = build_settings({"config_path": "/link"}).to_dict()
HOST: dict[str, Any] = {
    "settings": SETTINGS,
    "version": {"stdout": "HAProxy version 2.6.12"},
    "target": "/target",
    "file": {"exists": True, "isreg": True, "uid": 0, "gid": 0, "mode": "0640"},
    "folders": [{"item": "/", "stat": {"isdir": True}}],
    "packages": [{"stdout": "/target 123"}],
}
FILES: dict[str, Any] = {
    "settings": build_settings({"map_directory": "/maps"}).to_dict(),
    "routes": [],
    "version": "2.6.12",
    "map": "host backend\n",
    "file": {"exists": False},
    "maps": [],
    "origin": "foreign",
}


def test_variables() -> None:
    answer = ask(variables={"applications": "acme/shop,acme/api"})
    assert answer["selection"] == {"names": ["acme/shop", "acme/api"]}
    assert (answer["read"], answer["changed"]) == (True, False)
    assert answer["settings"]["http_bind"] == ["*:80"]
    assert answer["start"].startswith("/etc/haproxy/openshift-apps-")
    assert ask(variables={"select": {"owned_only": True}})["selection"] == {"owned_only": True}
    assert ask(variables={"applications": []})["read"] is False


def test_a_host_that_is_ready() -> None:
    answer = ask(host=HOST)
    assert answer["problems"] == []
    assert answer["version"] == "2.6.12"
    assert answer["paths"] == ["/link", "/target"]
    assert answer["packaged"] == ["/target 123"]
    assert (answer["owner"], answer["group"], answer["mode"]) == ("0", "0", "0640")
    assert ask(host={**HOST, "target": "/link"})["paths"] == ["/link"]


def test_all_problems_of_a_host_are_returned() -> None:
    folders = [{"item": "/missing", "stat": {"exists": False}}]
    file = {"exists": True, "isreg": False}
    answer = ask(host={**HOST, "version": {}, "file": file, "folders": folders})
    assert len(answer["problems"]) == 3
    assert all(problem["reason"] and problem["advice"] for problem in answer["problems"])


def test_files() -> None:
    answer = ask(files=FILES)
    assert f"map({answer['map_path']},openshift_unknown)" in answer["config"]
    assert answer["map"].endswith("\nhost backend\n")
    assert (answer["differs"], answer["needs_note"], answer["stale_maps"]) == (True, True, [])
    assert answer["obsolete"] == [answer["note"]]
    assert answer["note"].endswith("-none.map")
    assert (answer["takeover"], answer["keep_backup"]) == (True, True)
    own = ask(files={**FILES, "origin": "ours", "maps": [{"path": answer["note"], "checksum": "x"}]})
    assert (own["needs_note"], own["takeover"], own["keep_backup"]) == (False, False, False)
    assert own["obsolete"] == own["stale_maps"] == [answer["note"]]
    kept = {**FILES["settings"], "backup": True}
    assert ask(files={**FILES, "settings": kept, "origin": "ours"})["keep_backup"] is True


def test_files_of_nginx() -> None:
    answer = ask(files={**FILES, "settings": build_settings({"software": "nginx"}).to_dict(), "version": "1.22.1"})
    assert f"include {answer['map_path']};" in answer["config"]
    assert answer["map"].endswith("\nhost backend;\n")


def test_a_takeover_reports_its_diff() -> None:
    answer = ask(takeover={"path": "/etc/h.cfg", "config": "new\n"})
    assert answer["changed"] is True
    assert answer["diff"][0]["after"] == "new\n"


def test_reload() -> None:
    given = {"settings": SETTINGS, "changed": [True, False], "stale_maps": []}
    assert (ask(reload=given)["reload"], ask(reload=given)["confirm"]) == (True, True)
    unchanged = ask(reload={**given, "changed": [False, False]})
    assert (unchanged["reload"], unchanged["confirm"]) == (False, False)


def test_the_state_of_servers_that_a_reload_keeps() -> None:
    route = {"backend": "b", "servers": [{"name": "gear-1", "address": "10.0.0.1", "port": 1}]}
    table = "1\n# be_name srv_name srv_addr srv_fqdn srv_port\nb gear-1 10.0.0.1 - 1\nb gear-1 10.0.0.1 - 2\n"
    assert ask(state={"result": {"stdout": table}, "routes": [route]})["state"].splitlines()[2:] == [
        "b gear-1 10.0.0.1 - 1"
    ]
    assert ask(state={"result": {"rc": 1}, "routes": [route]})["state"] == "1\n"


FAILURE: dict[str, Any] = {
    "settings": SETTINGS,
    "task": "Reload HAProxy",
    "message": "it failed",
    "running": {},
    "installed": {"changed": True, "backup_file": "/b"},
    "restored": {"changed": True},
    "removed": {},
    "file": {"exists": True},
    "target": "/t",
}


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"inventory": {"pattern": "routers", "hosts": []}}, "The inventory has no router: no host matches routers."),
        (
            {"selection": {"router": "router2", "own": {"names": ["a/b"]}, "read": {}}},
            "router2: cannot configure this router: it selects other applications than those that were read.",
        ),
        (
            {"validation": {"settings": SETTINGS, "result": {"rc": 1, "stderr": "bad"}, "folder": "/c", "config": ""}},
            "HAProxy rejects the new configuration: bad. Nothing was changed.",
        ),
        ({"failure": FAILURE}, "Reload HAProxy: it failed. The former configuration is in place again."),
        (
            {"failure": {**FAILURE, "restored": {"failed": True, "msg": "full"}}},
            "Reload HAProxy: it failed. The former configuration could not be put back: full. Copy /b to /t, and",
        ),
        ({"failure": {**FAILURE, "file": {"exists": False}}}, "Reload HAProxy: it failed. The next run tries again."),
        ({"failure": {**FAILURE, "running": {"failed": True}}}, "HAProxy does not run with the new configuration 30"),
        ({}, "one of the following is required: "),
        (
            {"selection": {"router": "r", "own": {}, "read": {}}, "inventory": {"pattern": "r", "hosts": ["r"]}},
            "parameters are mutually exclusive: ",
        ),
    ],
)
def test_refusals(question: dict[str, Any], message: str) -> None:
    answer = ask(**question)
    assert answer["failed"]
    assert answer["msg"].startswith(message)


@pytest.mark.parametrize(
    "question",
    [
        {"inventory": {"pattern": "routers", "hosts": ["router1"]}},
        {"selection": {"router": "router2", "own": {"names": ["a/b"]}, "read": {"names": ["a/b"]}}},
        {"validation": {"settings": SETTINGS, "result": {"rc": 0}, "folder": "/c", "config": ""}},
    ],
)
def test_accepted(question: dict[str, Any]) -> None:
    assert ask(**question) == {"changed": False}


def test_a_folder_that_haproxy_may_not_read_is_named() -> None:
    fragment = build_settings({"mode": "fragment", "config_path": "/etc/haproxy/conf.d/zz.cfg"}).to_dict()
    failure = {**FAILURE, "running": {"failed": True}}
    assert (
        "Check that it runs with -f /etc/haproxy/conf.d. See" in ask(failure={**failure, "settings": fragment})["msg"]
    )
    assert "runs with -f" not in ask(failure=failure)["msg"]
