"""openshift_router_plan: its questions, by calls of the action plugin. The role's tests launch it.

tests/unit/test_router_plan.py tests the decisions.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions import run_action


def ask(**question: dict[str, Any]) -> dict[str, Any]:
    return run_action("openshift_router_plan", question)


VARIABLES: dict[str, Any] = {"lists": {"http_bind": "*:80"}, "tls": "none", "config_path": "/etc/haproxy/haproxy.cfg"}
HOST: dict[str, Any] = {
    "program": "haproxy",
    "minimum_version": "2.4",
    "version": {"stdout": "HAProxy version 2.6.12"},
    "config_path": "/link",
    "target": "/target",
    "file": {"exists": True, "isreg": True, "uid": 0, "gid": 0, "mode": "0640"},
    "folders": [{"item": "/", "stat": {"isdir": True}}],
    "rights": {"owner": "", "group": "", "mode": ""},
    "packages": [{"stdout": "/target 123"}],
}
FILES: dict[str, Any] = {
    "template": "map(@MAP@)\n",
    "placeholder": "@MAP@",
    "first_line": "# first",
    "map": "host backend\n",
    "map_start": "/maps/prefix-",
    "file": {"exists": False},
    "maps": [],
    "origin": "foreign",
    "backup": False,
}


def test_variables() -> None:
    answer = ask(variables={**VARIABLES, "applications": "acme/shop,acme/api", "log": ["a,b"]})
    assert answer["selection"] == {"names": ["acme/shop", "acme/api"]}
    assert (answer["read"], answer["changed"]) == (True, False)
    assert answer["lists"]["http_bind"] == ["*:80"]
    assert answer["lists"]["log"] == ["a,b"]
    assert ask(variables={**VARIABLES, "select": {"owned_only": True}})["selection"] == {"owned_only": True}
    assert ask(variables={**VARIABLES, "applications": []})["read"] is False


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
    assert answer["config"] == f"map({answer['map_path']})\n"
    assert answer["map"] == "# first\nhost backend\n"
    assert (answer["differs"], answer["needs_note"], answer["stale_maps"]) == (True, True, [])
    assert answer["obsolete"] == [answer["note"]] == ["/maps/prefix-none.map"]
    assert (answer["takeover"], answer["keep_backup"]) == (True, True)
    own = ask(files={**FILES, "origin": "ours", "maps": [{"path": "/maps/prefix-none.map", "checksum": "x"}]})
    assert (own["needs_note"], own["takeover"], own["keep_backup"]) == (False, False, False)
    assert own["obsolete"] == own["stale_maps"] == ["/maps/prefix-none.map"]
    assert ask(files={**FILES, "origin": "ours", "backup": True})["keep_backup"] is True


def test_a_takeover_reports_its_diff() -> None:
    answer = ask(takeover={"path": "/etc/h.cfg", "config": "new\n"})
    assert answer["changed"] is True
    assert answer["diff"][0]["after"] == "new\n"


def test_reload() -> None:
    given = {"changed": [True, False], "stale_maps": [], "socket": "/run/s", "wait": 30}
    assert (ask(reload=given)["reload"], ask(reload=given)["confirm"]) == (True, True)
    unchanged = ask(reload={**given, "changed": [False, False]})
    assert (unchanged["reload"], unchanged["confirm"]) == (False, False)


FAILURE: dict[str, Any] = {
    "task": "Reload HAProxy",
    "message": "it failed",
    "running": {},
    "wait": 30,
    "installed": {"changed": True, "backup_file": "/b"},
    "restored": {"changed": True},
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
            {"validation": {"result": {"rc": 1, "stderr": "bad"}, "candidate": "/c", "config": ""}},
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
        {"validation": {"result": {"rc": 0}, "candidate": "/c", "config": ""}},
    ],
)
def test_accepted(question: dict[str, Any]) -> None:
    assert ask(**question) == {"changed": False}
