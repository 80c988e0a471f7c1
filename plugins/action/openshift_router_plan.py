# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role app_router, on the controller. The decisions are in plugin_utils/_router."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import UNREAD, describe_unread
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.certificates import build_links
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill import (
    describe_failure,
    describe_headline,
    parse_outcome,
    plan_drill,
    refuse_empty,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill_file import record_drill
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill_record import (
    FAILED,
    NOT_DRILLED,
    build_record,
    select_drilled,
    summarize,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.failures import (
    FailedReload,
    describe_rejection,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.files import (
    PresentFiles,
    build_files,
    build_question,
    build_reload_note_path,
    build_takeover_diff,
    can_confirm,
    is_reload_due,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import (
    FOREIGN,
    NOTHING_CHANGED,
    OURS,
    format_refusals,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.haproxy import (
    FIRST_LINE,
    MAP_MARK,
    START_MARK,
    render_haproxy,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.neighbours import check_neighbours
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.nginx import render_map, render_nginx
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.router_host import (
    check_folders,
    check_order,
    check_path,
    check_version,
    choose_rights,
    choose_target,
    collect_packaged,
    parse_numbers,
    parse_version,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import (
    NAMES,
    PASSTHROUGH,
    PREFIX,
    SettingError,
    Settings,
    build_settings,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.state import select_states
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.variables import (
    build_map_prefix,
    choose_selection,
    describe_missing_routers,
    describe_other_selection,
    is_empty_list,
    parse_words,
)

REQUIRED_STR = {"type": "str", "required": True}
REQUIRED_DICT = {"type": "dict", "required": True}
DICTS = {"type": "list", "elements": "dict", "default": []}
QUESTIONS: dict[str, dict[str, Any]] = {
    "variables": {"applications": {"type": "raw"}, "select": {"type": "dict", "default": {}}},
    "inventory": {"pattern": REQUIRED_STR, "hosts": {"type": "list", "elements": "str", "required": True}},
    "target": {"config_path": REQUIRED_STR, "file": REQUIRED_DICT},
    "selection": {"router": REQUIRED_STR, "own": REQUIRED_DICT, "read": REQUIRED_DICT},
    "host": {
        "settings": REQUIRED_DICT,
        "version": REQUIRED_DICT,
        "target": REQUIRED_STR,
        "file": REQUIRED_DICT,
        "folders": DICTS,
        "others": DICTS,
        "packages": DICTS,
    },
    "files": {
        "settings": REQUIRED_DICT,
        "routes": {"type": "list", "elements": "dict", "required": True},
        "version": REQUIRED_STR,
        "map": REQUIRED_STR,
        "file": REQUIRED_DICT,
        "maps": DICTS,
        "origin": REQUIRED_STR,
    },
    "validation": {
        "settings": REQUIRED_DICT,
        "result": REQUIRED_DICT,
        "folder": REQUIRED_STR,
        "config": REQUIRED_STR,
    },
    "takeover": {"path": REQUIRED_STR, "backup": {"type": "str", "default": ""}, "config": REQUIRED_STR},
    "state": {"result": REQUIRED_DICT, "routes": {"type": "list", "elements": "dict", "required": True}},
    "reload": {
        "settings": REQUIRED_DICT,
        "changed": {"type": "list", "elements": "bool", "required": True},
        "stale_maps": {"type": "list", "elements": "str", "required": True},
    },
    "failure": {
        "settings": REQUIRED_DICT,
        "task": REQUIRED_STR,
        "message": {"type": "str", "default": "failed"},
        "output": {"type": "str", "default": ""},
        "running": REQUIRED_DICT,
        "installed": REQUIRED_DICT,
        "restored": REQUIRED_DICT,
        "removed": REQUIRED_DICT,
        "file": REQUIRED_DICT,
        "target": REQUIRED_STR,
    },
    "drill": {
        "settings": REQUIRED_DICT,
        "applications": DICTS,
        "present_base64": {"type": "str", "default": ""},
        "seconds": {"type": "int", "required": True},
    },
    "outcome": {
        "router": REQUIRED_STR,
        "step": REQUIRED_DICT,
        "result": REQUIRED_DICT,
        "earlier": DICTS,
        "path": {"type": "path", "default": ""},
    },
    "drilled": {"router": REQUIRED_STR, "outcomes": DICTS, "skipped": DICTS},
}
SPEC: dict[str, Any] = {name: {"type": "dict", "options": options} for name, options in QUESTIONS.items()}
#: Former names of variables, and what they are now.
RENAMED = {"haproxy": "program"}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_router_plan``; it has no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        question, given = self.validate_question(SPEC)
        try:
            if question == "variables":
                return _answer_variables(given, build_settings(self._read_settings(variables)))
            return ANSWERS[question](given)
        except SettingError as error:
            raise AnsibleActionFail(f"{error} {NOTHING_CHANGED}") from None

    def _read_settings(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables of the role that are set, also those with a former name."""
        names = {former: name for former, name in RENAMED.items() if f"{PREFIX}{former}" in variables}
        names |= {name: name for name in NAMES if f"{PREFIX}{name}" in variables}
        return {name: self.evaluate(f"{PREFIX}{written}", variables) for written, name in names.items()}


def _answer_variables(given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    folder = settings.map_directory or posixpath.dirname(settings.config_path)
    prefix = build_map_prefix(settings.config_path)
    return {
        "settings": settings.to_dict(),
        "title": settings.title,
        "selection": choose_selection(given["applications"], given["select"]),
        "read": not is_empty_list(given["applications"]),
        "applications": parse_words(given["applications"]),
        "passthrough": list(settings.passthrough) if settings.tls == PASSTHROUGH else [],
        "folder": folder,
        "map_prefix": prefix,
        "start": f"{folder}/{prefix}",
    }


def _settings(given: Mapping[str, Any]) -> Settings:
    """As the answer to ``variables`` has returned them. Ansible makes lists of tuples."""
    given_values = given["settings"]
    values: dict[str, Any] = {name: given_values[name] for name in NAMES}
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return Settings(**values)


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
    settings = _settings(given)
    refusals = [
        *check_version(settings.software, settings.program, given["version"]),
        *check_path(settings.config_path, given["file"]),
        *check_folders(given["folders"]),
        *check_order(settings, (str(each.get("path")) for each in given["others"])),
    ]
    rights = {"owner": settings.file_owner, "group": settings.file_group, "mode": settings.file_mode}
    return {
        "problems": [{"reason": refusal.reason, "advice": refusal.advice} for refusal in refusals],
        "version": parse_version(given["version"]),
        "paths": list(dict.fromkeys([settings.config_path, given["target"]])),
        "packaged": collect_packaged(given["packages"]),
        **choose_rights(rights, given["file"]),
    }


def _answer_files(given: Mapping[str, Any]) -> dict[str, Any]:
    settings = _settings(given)
    start = _answer_variables({"applications": None, "select": {}}, settings)["start"]
    render = render_nginx if settings.is_nginx else render_haproxy
    template = render(settings, given["routes"], parse_numbers(given["version"])).replace(START_MARK, start)
    map_text = f"{FIRST_LINE}\n{render_map(given['map']) if settings.is_nginx else given['map']}"
    files = build_files(template, MAP_MARK, map_text, start)
    present = PresentFiles.from_results(given["file"], given["maps"])
    differs, stale, note = files.differ_from(present), files.find_stale_maps(present), build_reload_note_path(start)
    return {
        "config": files.config,
        "map_path": files.map_path,
        "map": map_text,
        "links": [] if settings.is_nginx else build_links(start, settings.certificates),
        "state_path": f"{start}servers.state",
        "differs": differs,
        "stale_maps": stale,
        "note": note,
        "needs_note": differs and not stale,
        "obsolete": list(dict.fromkeys([*stale, note])),
        "takeover": given["origin"] == FOREIGN,
        "keep_backup": settings.backup or given["origin"] != OURS,
    }


def _answer_validation(given: Mapping[str, Any]) -> dict[str, Any]:
    settings = _settings(given)
    name = posixpath.basename(settings.config_path)
    rejection = describe_rejection(settings.title, given["result"], given["folder"], name, given["config"])
    if rejection:
        raise AnsibleActionFail(rejection)
    if refusals := check_neighbours(settings, given["result"], given["folder"], given["config"]):
        raise AnsibleActionFail(format_refusals(refusals))
    return {}


def _answer_takeover(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"changed": True, "diff": [build_takeover_diff(given["path"], given["backup"], given["config"])]}


def _answer_state(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"state": select_states(str(given["result"].get("stdout") or ""), given["routes"])}


def _answer_reload(given: Mapping[str, Any]) -> dict[str, Any]:
    settings = _settings(given)
    due = is_reload_due(given["changed"], given["stale_maps"])
    confirm = due and can_confirm(settings.running_socket, settings.reload_wait)
    return {
        "reload": due,
        "confirm": confirm,
        "keep_state": due and bool(settings.admin_socket) and not settings.is_nginx,
        **build_question(settings.running_socket),
    }


def _answer_failure(given: Mapping[str, Any]) -> dict[str, Any]:
    installed, restored, settings = given["installed"], given["restored"], _settings(given)
    failed = FailedReload(
        title=settings.title,
        task=given["task"],
        message=given["message"],
        output=given["output"],
        seconds=settings.reload_wait,
        unconfirmed=bool(given["running"].get("failed")),
        replaced=bool(installed.get("changed") and given["file"].get("exists")),
        restore_error=str(restored.get("msg") or "unknown error") if restored.get("failed") else "",
        backup=str(installed.get("backup_file") or ""),
        target=given["target"],
        removed=bool(given["removed"].get("changed")),
        folder="" if settings.is_nginx or not settings.is_fragment else posixpath.dirname(settings.config_path),
    )
    raise AnsibleActionFail(str(failed))


def _answer_drill(given: Mapping[str, Any]) -> dict[str, Any]:
    configuration = base64.b64decode(given["present_base64"]).decode("utf-8", "replace")
    if refusal := refuse_empty(configuration):
        raise AnsibleActionFail(refusal)
    drill = plan_drill(given["applications"], configuration, _settings(given), given["seconds"])
    return {"steps": list(drill.steps), "skipped_applications": list(drill.skipped), "headline": drill.headline}


def _answer_outcome(given: Mapping[str, Any]) -> dict[str, Any]:
    outcome = parse_outcome(given["step"], given["result"])
    record = build_record(given["router"], outcome, datetime.now(timezone.utc))
    drilled = outcome["status"] != NOT_DRILLED
    # After each application, so that an interrupted drill leaves what it has proved.
    warnings = record_drill(Path(given["path"]), record) if drilled and given["path"] else ()
    outcomes = [*given["earlier"], record]
    return {
        "outcomes": outcomes,
        "stopped": any(each["status"] == FAILED for each in outcomes),
        **({"warnings": list(warnings)} if warnings else {}),
    }


def _answer_drilled(given: Mapping[str, Any]) -> dict[str, Any]:
    summary = summarize(given["router"], given["outcomes"], given["skipped"])
    return {
        "summary": summary,
        "results": select_drilled(given["outcomes"]),
        "headline": describe_headline(summary),
        "failure": describe_failure(given["router"], given["outcomes"]),
    }


ANSWERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "inventory": _answer_inventory,
    "target": _answer_target,
    "selection": _answer_selection,
    "host": _answer_host,
    "files": _answer_files,
    "validation": _answer_validation,
    "takeover": _answer_takeover,
    "state": _answer_state,
    "reload": _answer_reload,
    "failure": _answer_failure,
    "drill": _answer_drill,
    "outcome": _answer_outcome,
    "drilled": _answer_drilled,
}
