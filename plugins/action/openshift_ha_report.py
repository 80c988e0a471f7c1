# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the report of an audit, on the controller; what is in it is decided in plugin_utils/report.py."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import mask_refusal
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.html import as_html
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    Report,
    ReportInput,
    as_csv,
    as_json,
    as_text,
    headline,
    not_looked_at,
    report_input_from,
    report_of,
)

FORMATS = {"html": as_html, "json": as_json, "csv": as_csv}
SPEC: dict[str, Any] = {
    "results": {"type": "list", "elements": "dict"},
    "registered": {"type": "list", "elements": "str"},
    "hosts": {"type": "list", "elements": "str"},
    "gears_available": {"type": "dict"},
    "title": {"type": "str", "default": "High availability of applications"},
    "broker_url": {"type": "str"},
    "made_at": {"type": "str"},
    "directory": {"type": "path"},
    "name": {"type": "str", "default": "report"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(FORMATS)},
}
TURNLESS = "did not get its turn, for it failed or could not be reached before. Nothing was changed."


class ActionModule(NamedAction):
    """The action plugin of ``openshift_ha_report``; there is no module behind it."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        params = self.validate_options(
            {
                "argument_spec": SPEC,
                "mutually_exclusive": [("results", "registered"), ("results", "hosts")],
                "required_one_of": [("results", "registered")],
                "required_by": {"hosts": ("registered",)},
            }
        )
        found = _found(params, task_vars or {})
        _check_masks(found)
        report = report_of(
            found,
            params["title"],
            _without_credentials(params["broker_url"] or os.environ.get("OPENSHIFT_BROKER_URL", "")),
            _time(params["made_at"]),
        )
        return {**result, **_told(report), **self._files(report, params)}

    def _files(self, report: Report, params: Mapping[str, Any]) -> dict[str, Any]:
        """Write what was asked for; in check mode tell what would be written."""
        if not params["directory"]:
            return {"changed": False, "paths": {}}
        directory = Path(params["directory"]).absolute()
        paths = {form: directory / f"{params['name']}.{form}" for form in FORMATS if form in params["formats"]}
        try:
            changed = [_put(path, FORMATS[form](report), self._task.check_mode) for form, path in paths.items()]
        except OSError as error:
            raise AnsibleActionFail(f"The report cannot be written: {error}") from error
        return {"changed": any(changed), "paths": {form: str(path) for form, path in paths.items()}}


def _check_masks(found: list[ReportInput]) -> None:
    """A report must not present a masked name as an application's, nor decide by a masked word."""
    results = [_facts(result) for part in found for result in part.results if isinstance(result, Mapping)]
    named = {
        "results": results,
        "unmatched": [part.unmatched for part in found],
        "gears_available": [part.gears_available for part in found],
    }
    if problem := mask_refusal("results", named, "No report was written."):
        raise AnsibleActionFail(problem)


def _facts(result: Mapping[str, Any]) -> dict[str, Any]:
    """What a report shows as facts or decides by. Not the messages, from which secrets are withheld on purpose."""
    return {
        "application": result.get("application"),
        "before": result.get("before"),
        "steps": _only(result.get("steps"), "action", "status"),
        "blockers": _only(result.get("blockers"), "code"),
    }


def _only(entries: Any, *fields: str) -> list[dict[str, Any]]:
    """These fields of each entry."""
    each = entries if isinstance(entries, (list, tuple)) else ()
    return [{field: entry.get(field) for field in fields} for entry in each if isinstance(entry, Mapping)]


def _without_credentials(broker_url: str) -> str:
    scheme, separator, rest = broker_url.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _time(text: str | None) -> datetime:
    """The time that the report bears, which is in the zone of the controller where it names none."""
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else datetime.now()
    except ValueError as error:
        raise AnsibleActionFail(f"made_at: {text!r} is no date and time like 2026-11-22T03:15:00+00:00") from error
    return time if time.tzinfo else time.astimezone()


def _found(params: Mapping[str, Any], task_vars: Mapping[str, Any]) -> list[ReportInput]:
    available = params["gears_available"] or {}
    if params["results"] is not None:
        return [ReportInput(tuple(params["results"]), available)]
    if params["hosts"] is None:
        found = [_of_this_host(name, task_vars) for name in params["registered"]]
    else:
        found = [part for host in params["hosts"] for part in _of_host(host, params["registered"], task_vars)]
    return [*found, ReportInput((), available)]


def _of_this_host(name: str, task_vars: Mapping[str, Any]) -> ReportInput:
    if not isinstance(task_vars.get(name), Mapping):
        raise AnsibleActionFail(f"registered: there is no variable {name!r} that a task has registered")
    return report_input_from(task_vars[name])


def _of_host(host: str, names: list[str], task_vars: Mapping[str, Any]) -> list[ReportInput]:
    """What a host has registered. None vanishes: one that is an application has an entry, whatever befell it.

    The variables are taken as they are (raw), for what a broker has said is never a template.
    """
    variables = task_vars["hostvars"].raw_get(host)
    registered = [variables[name] for name in names if isinstance(variables.get(name), Mapping)]
    found = [report_input_from(each) for each in registered if not each.get("skipped")]
    if "openshift_app" not in variables:
        return found or [ReportInput((), error=f"{host}: {TURNLESS}")]
    if any(part.results for part in found):
        return [replace(part, lenient=True) for part in found]
    return [ReportInput((_without_result(host, found, task_vars),))]


def _without_result(host: str, found: list[ReportInput], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of an application without a result of its own; names of inventories may well be templates."""
    variables = task_vars["hostvars"][host]
    why = next((part.error for part in found if part.error), TURNLESS)
    return not_looked_at(variables.get("openshift_domain"), variables.get("openshift_app"), f"{host}: {why}")


def _told(report: Report) -> dict[str, Any]:
    names = {"drifted": report.drifted, "blocked": report.blocked, "failed": report.failed}
    numbers = {f"app_ha_audit_{name}": number for name, number in report.counts.items()}
    lists = {f"app_ha_audit_{name}_names": list(refs) for name, refs in names.items()}
    return {
        "headline": headline(report),
        "summary": as_text(report),
        "counts": report.counts,
        "names": {name: list(refs) for name, refs in names.items()},
        "stats": {**numbers, **lists},
        "error": report.error,
        "unmatched": list(report.unmatched),
    }


def _put(path: Path, content: str, check_mode: bool) -> bool:
    """Put ``content`` there, all of it or nothing; whether it was (in check mode: is) other than before."""
    data = content.encode("utf-8")
    # A symbolic link stays one.
    path = path.resolve()
    if path.is_file() and path.read_bytes() == data:
        return False
    if not check_mode:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("xb") as file:
                file.write(data)
            if path.exists():
                shutil.copymode(path, beside)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    return True
