# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role app_router, on the controller. The decisions are in plugin_utils/_router."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import UNREAD, describe_unread
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.failures import (
    FailedReload,
    describe_rejection,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.files import (
    PresentFiles,
    build_files,
    build_reload_note_path,
    build_takeover_diff,
    can_confirm,
    is_reload_due,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import FOREIGN, OURS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.router_host import (
    check_folders,
    check_path,
    check_version,
    choose_rights,
    choose_target,
    collect_packaged,
    parse_version,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.variables import (
    build_map_prefix,
    choose_selection,
    describe_missing_routers,
    describe_other_selection,
    is_empty_list,
    parse_lists,
)

REQUIRED_STR = {"type": "str", "required": True}
REQUIRED_DICT = {"type": "dict", "required": True}
DICTS = {"type": "list", "elements": "dict", "default": []}
QUESTIONS: dict[str, dict[str, Any]] = {
    "variables": {
        "applications": {"type": "raw"},
        "select": {"type": "dict", "default": {}},
        "lists": REQUIRED_DICT,
        "log": {"type": "raw"},
        "tls": REQUIRED_STR,
        "config_path": REQUIRED_STR,
    },
    "inventory": {"pattern": REQUIRED_STR, "hosts": {"type": "list", "elements": "str", "required": True}},
    "target": {"config_path": REQUIRED_STR, "file": REQUIRED_DICT},
    "selection": {"router": REQUIRED_STR, "own": REQUIRED_DICT, "read": REQUIRED_DICT},
    "host": {
        "program": REQUIRED_STR,
        "minimum_version": REQUIRED_STR,
        "version": REQUIRED_DICT,
        "config_path": REQUIRED_STR,
        "target": REQUIRED_STR,
        "file": REQUIRED_DICT,
        "folders": DICTS,
        "rights": REQUIRED_DICT,
        "packages": DICTS,
    },
    "files": {
        "template": REQUIRED_STR,
        "placeholder": REQUIRED_STR,
        "first_line": REQUIRED_STR,
        "map": REQUIRED_STR,
        "map_start": REQUIRED_STR,
        "file": REQUIRED_DICT,
        "maps": DICTS,
        "origin": REQUIRED_STR,
        "backup": {"type": "bool", "required": True},
    },
    "validation": {"result": REQUIRED_DICT, "candidate": REQUIRED_STR, "config": REQUIRED_STR},
    "takeover": {"path": REQUIRED_STR, "backup": {"type": "str", "default": ""}, "config": REQUIRED_STR},
    "reload": {
        "changed": {"type": "list", "elements": "bool", "required": True},
        "stale_maps": {"type": "list", "elements": "str", "required": True},
        "socket": {"type": "str", "default": ""},
        "wait": {"type": "int", "required": True},
    },
    "failure": {
        "task": REQUIRED_STR,
        "message": {"type": "str", "default": "failed"},
        "output": {"type": "str", "default": ""},
        "running": REQUIRED_DICT,
        "wait": {"type": "int", "required": True},
        "installed": REQUIRED_DICT,
        "restored": REQUIRED_DICT,
        "file": REQUIRED_DICT,
        "target": REQUIRED_STR,
    },
}
SPEC: dict[str, Any] = {name: {"type": "dict", "options": options} for name, options in QUESTIONS.items()}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_router_plan``; it has no module behind it."""

    def answer(self, _variables: Mapping[str, Any]) -> dict[str, Any]:
        question, given = self.validate_question(SPEC)
        return ANSWERS[question](given)


def _answer_variables(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "selection": choose_selection(given["applications"], given["select"]),
        "read": not is_empty_list(given["applications"]),
        "lists": parse_lists(given["lists"], given["applications"], given["log"], given["tls"]),
        "map_prefix": build_map_prefix(given["config_path"]),
    }


def _answer_inventory(given: Mapping[str, Any]) -> dict[str, Any]:
    if not given["hosts"]:
        raise AnsibleActionFail(describe_missing_routers(given["pattern"], describe_unread(UNREAD)))
    return {}


def _answer_target(given: Mapping[str, Any]) -> dict[str, Any]:
    path, folder = choose_target(given["config_path"], given["file"])
    return {"path": path, "folder": folder}


def _answer_selection(given: Mapping[str, Any]) -> dict[str, Any]:
    if given["own"] != given["read"]:
        raise AnsibleActionFail(describe_other_selection(given["router"]))
    return {}


def _answer_host(given: Mapping[str, Any]) -> dict[str, Any]:
    refusals = [
        *check_version(given["program"], given["version"], given["minimum_version"]),
        *check_path(given["config_path"], given["file"]),
        *check_folders(given["folders"]),
    ]
    return {
        "problems": [{"reason": refusal.reason, "advice": refusal.advice} for refusal in refusals],
        "version": parse_version(given["version"]),
        "paths": list(dict.fromkeys([given["config_path"], given["target"]])),
        "packaged": collect_packaged(given["packages"]),
        **choose_rights(given["rights"], given["file"]),
    }


def _answer_files(given: Mapping[str, Any]) -> dict[str, Any]:
    present = PresentFiles.from_results(given["file"], given["maps"])
    map_text = f"{given['first_line']}\n{given['map']}"
    files = build_files(given["template"], given["placeholder"], map_text, given["map_start"])
    differs, stale, note = (
        files.differ_from(present),
        files.find_stale_maps(present),
        build_reload_note_path(given["map_start"]),
    )
    return {
        "config": files.config,
        "map_path": files.map_path,
        "map": map_text,
        "differs": differs,
        "stale_maps": stale,
        "note": note,
        "needs_note": differs and not stale,
        "obsolete": list(dict.fromkeys([*stale, note])),
        "takeover": given["origin"] == FOREIGN,
        "keep_backup": given["backup"] or given["origin"] != OURS,
    }


def _answer_validation(given: Mapping[str, Any]) -> dict[str, Any]:
    if rejection := describe_rejection(given["result"], given["candidate"], given["config"]):
        raise AnsibleActionFail(rejection)
    return {}


def _answer_takeover(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"changed": True, "diff": [build_takeover_diff(given["path"], given["backup"], given["config"])]}


def _answer_reload(given: Mapping[str, Any]) -> dict[str, Any]:
    due = is_reload_due(given["changed"], given["stale_maps"])
    return {"reload": due, "confirm": due and can_confirm(given["socket"], given["wait"])}


def _answer_failure(given: Mapping[str, Any]) -> dict[str, Any]:
    installed, restored = given["installed"], given["restored"]
    failed = FailedReload(
        task=given["task"],
        message=given["message"],
        output=given["output"],
        seconds=given["wait"],
        unconfirmed=bool(given["running"].get("failed")),
        replaced=bool(installed.get("changed") and given["file"].get("exists")),
        restore_error=str(restored.get("msg") or "unknown error") if restored.get("failed") else "",
        backup=str(installed.get("backup_file") or ""),
        target=given["target"],
    )
    raise AnsibleActionFail(str(failed))


ANSWERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "variables": _answer_variables,
    "inventory": _answer_inventory,
    "target": _answer_target,
    "selection": _answer_selection,
    "host": _answer_host,
    "files": _answer_files,
    "validation": _answer_validation,
    "takeover": _answer_takeover,
    "reload": _answer_reload,
    "failure": _answer_failure,
}
