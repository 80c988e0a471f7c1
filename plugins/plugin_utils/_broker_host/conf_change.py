# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change a configuration file on the task's host: read, plan, write once, read again; then restart the program.

Whatever the outcome of the command that writes, the file is read again, and its content decides what is reported.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import squeeze
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host import conf_scripts
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf import (
    Conf,
    ConfPlan,
    join_lines,
    plan_conf,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf_scripts import (
    PresentConf,
    UnknownContent,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    MAX_QUOTED,
    Remote,
    ScriptResult,
    run_script,
)

#: Seconds between two checks whether the broker is available again.
CHECK_INTERVAL = 3.0


@dataclass(frozen=True)
class DesiredSettings:
    """The desired ``settings`` of the file at ``path``; ``backup``: whether to keep the old file beside it.

    ``restart``: the command that restarts the broker, empty for none. ``check``: the command that succeeds when the
    broker is available again, empty for none; ``check_timeout``: its limit in seconds.
    """

    path: str
    settings: Mapping[str, str | bool]
    backup: bool = True
    restart: str = ""
    check: str = ""
    check_timeout: float = 120.0


class ConfError(Exception):
    """Why the change failed. ``lost``: the connection was lost. ``result``: known values for the module's result."""

    def __init__(self, msg: str, lost: bool = False, **result: Any) -> None:
        super().__init__(msg)
        self.lost = lost
        self.result = result


class ConfFile:
    """The file on a host. ``sleep`` waits some seconds; ``now`` is a monotonic clock in seconds."""

    def __init__(
        self,
        remote: Remote,
        desired: DesiredSettings,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remote = remote
        self._desired = desired
        self._sleep = sleep
        self._now = now

    def read(self) -> PresentConf:
        """The file as it is now. Raises ``ConfError``."""
        path = self._desired.path
        result = run_script(self._remote.read, conf_scripts.build_read_script(path, self._desired.settings))
        if result.status != 0:
            reason = _explain(result, conf_scripts.READ_FAILURES)
            raise ConfError(f"{path}: cannot read the file: {reason} Nothing was changed.", bool(result.lost))
        try:
            return conf_scripts.parse_conf(result.output)
        except UnknownContent as error:
            raise ConfError(
                f"{path}: cannot read the file: the output is not as expected, {error}. Nothing was changed."
            ) from error

    def write(self, present: PresentConf, plan: ConfPlan, backup: str) -> str:
        """Write the file as planned. Returns the path of the backup, empty if there is none. Raises ``ConfError``."""
        desired = self._desired
        mark = f"new-{secrets.token_hex(4)}"
        kept = backup if desired.backup else ""
        script = conf_scripts.build_write_script(
            present, plan.edits, desired.settings, kept, bool(desired.restart), mark
        )
        result = run_script(self._remote.act, script)
        if not result.may_have_run or result.status in conf_scripts.NOT_WRITTEN:
            raise _not_written(desired.path, result)
        self._verify(present, plan, result, mark)
        return kept if result.status != conf_scripts.CHANGED_MEANWHILE else ""

    def _verify(self, present: PresentConf, plan: ConfPlan, result: ScriptResult, mark: str) -> None:
        """Read the file after the command that writes has ended or was interrupted. Raises ``ConfError``."""
        path = self._desired.path
        reason = "" if result.status == 0 else f" The command that writes it {_explain(result, {})}"
        try:
            now = self.read()
        except ConfError as error:
            msg = f"{error}{reason} Whether the file was changed is unknown. Run again: the file is read first."
            raise ConfError(msg.replace(" Nothing was changed.", ""), error.lost, changed=True, settings={}) from error
        if now.conf.lines == plan.lines and now.others == present.others:
            return
        same = now.checksum == present.checksum and now.conf == present.conf
        if result.status == conf_scripts.CHANGED_MEANWHILE or (same and result.status in conf_scripts.WRITE_FAILURES):
            raise _not_written(path, result)
        if same:
            rest = f"The file {present.path}.{mark} may remain and can be deleted."
            raise ConfError(f"{path}: the file was not changed.{reason} {rest} Run again: the file is read first.")
        raise ConfError(
            f"{path}: the file is not as it was written: somebody else changes it as well.{reason} Compare it with the "
            "backup before the broker is restarted.",
            changed=True,
            settings={},
        )

    def restart(self, path: str, backup: str) -> None:
        """Restart the broker and wait until it is available. The last of these steps removes the note.

        Raises ``ConfError``.
        """
        desired = self._desired
        if desired.check:
            script = conf_scripts.build_command_script(desired.restart)
        else:
            script = conf_scripts.build_settle_script(path, desired.restart)
        result = run_script(self._remote.act, script)
        if result.status != 0:
            raise ConfError(_describe_failed_restart(desired.restart, result, path, backup), bool(result.lost))
        if desired.check:
            self._wait(path, backup)

    def _wait(self, path: str, backup: str) -> None:
        """Wait until the broker is available again. Raises ``ConfError``."""
        deadline = self._now() + self._desired.check_timeout
        while True:
            result = run_script(self._remote.read, conf_scripts.build_settle_script(path, self._desired.check))
            if result.status == 0:
                return
            if self._now() >= deadline:
                break
            self._sleep(CHECK_INTERVAL)
        raise ConfError(
            f"The broker was restarted, but is not available after {self._desired.check_timeout:g} s: "
            f"`{self._desired.check}` {_explain(result, {})} {_describe_way_back(path, backup)} The next run "
            "restarts it again.",
            bool(result.lost),
        )


def apply_settings(file: ConfFile, desired: DesiredSettings, check_mode: bool, stamp: str) -> dict[str, Any]:
    """Make the settings effective, and return the result of the module. ``stamp`` is part of the backup's name."""
    try:
        present = file.read()
    except ConfError as error:
        return _build_failure(error, {"changed": False})
    plan = plan_conf(present.conf, desired.settings)
    restart = bool(desired.restart) and (plan.changed or present.restart_due)
    result = _build_result(desired, present, plan, restart)
    if check_mode:
        return result
    backup = f"{present.path}.{stamp}.bak"
    try:
        if plan.changed:
            result["backup_file"] = file.write(present, plan, backup) or None
    except ConfError as error:
        return _build_failure(error, {**result, "changed": False, "restarted": False, "settings": result["before"]})
    try:
        if restart:
            # If there are two backups, the broker still runs with the settings of the older one.
            file.restart(present.path, present.due_backup or result["backup_file"] or "")
    except ConfError as error:
        return _build_failure(error, {**result, "changed": plan.changed, "restarted": False})
    return result


def _build_result(desired: DesiredSettings, present: PresentConf, plan: ConfPlan, restart: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "changed": plan.changed or restart,
        "path": present.path,
        "before": dict(plan.before),
        "settings": dict(plan.after),
        "backup_file": None,
        "restarted": restart,
        "msg": _summarize(desired.path, plan, restart),
    }
    if plan.warnings:
        result["warnings"] = list(plan.warnings)
    if plan.changed:
        result["diff"] = [_diff(desired.path, present.conf, plan)]
    return result


def _diff(path: str, before: Conf, plan: ConfPlan) -> dict[str, str]:
    after = replace(before, lines=plan.lines)
    return {
        "before_header": path,
        "after_header": path,
        "before": join_lines(before.lines, before.final_newline),
        "after": join_lines(after.lines, before.final_newline or len(after.lines) > len(before.lines)),
    }


def _summarize(path: str, plan: ConfPlan, restart: bool) -> str:
    changes = [
        f"{name} {'(not set)' if plan.before[name] is None else repr(plan.before[name])} -> {plan.after[name]!r}"
        for name in plan.after
        if plan.before[name] != plan.after[name]
    ]
    if changes:
        return f"{path}: {', '.join(changes)}"
    return f"{path}: nothing to change" + (", but a restart is due since an earlier change" if restart else "")


def _build_failure(error: ConfError, known: Mapping[str, Any]) -> dict[str, Any]:
    key = "unreachable" if error.lost else "failed"
    return {**known, **error.result, key: True, "msg": str(error)}


def _explain(result: ScriptResult, meanings: Mapping[int, str], output: str = "") -> str:
    """Why a script failed: a sentence, or the end of a sentence that begins with the command.

    ``meanings``: of the script's own exit statuses; ``output`` gives details about these.
    """
    excerpt = result.excerpt.rstrip(".")
    if result.lost:
        return f"was interrupted, the connection to the host was lost: {excerpt}."
    if not result.began:
        return f"could not run on the host: {excerpt}. Check become, its password and the rules of sudo there."
    if result.status is None:
        return f"was interrupted, its end was not received: {excerpt}."
    if result.status in meanings:
        return meanings[result.status] + (f" Output: {squeeze(output, MAX_QUOTED)}" if output.strip() else "")
    return f"ended with exit status {result.status}: {excerpt}."


def _not_written(path: str, result: ScriptResult) -> ConfError:
    """The error for a file that is unchanged, with the reason that the script returned."""
    reason = _explain(result, conf_scripts.WRITE_FAILURES, result.message)
    return ConfError(f"{path}: the file was not changed: {reason}")


def _describe_failed_restart(restart: str, result: ScriptResult, path: str, backup: str) -> str:
    details = f"`{restart}` {_explain(result, {})} {_describe_way_back(path, backup)}"
    again = "the next run restarts the broker."
    if result.may_have_run and result.status is None:
        return f"Whether the broker was restarted is unknown: {details} Or run again: {again}"
    effect = (
        "The restart failed, and the broker may be down or still use the old settings:"
        if result.began
        else "The broker was not restarted and still uses the old settings:"
    )
    return f"{effect} {details} Or remove the cause and run again: {again}"


def _describe_way_back(path: str, backup: str) -> str:
    logs = "See /var/log/openshift/broker on that host."
    return f"{logs} To go back, run cp -p {backup} {path}, and restart the broker." if backup else logs
