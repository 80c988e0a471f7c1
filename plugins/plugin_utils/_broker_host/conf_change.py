# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change a configuration file on the task's host: look, plan_conf, write once, look again; then restart what reads it.

Whatever becomes of the command that writes, the file itself is looked at, and decides what is reported.
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
    as_text,
    plan_conf,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf_scripts import NotRead, Seen
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    QUOTED,
    Ran,
    Remote,
    run_script,
)

#: Seconds between two questions whether the broker is there again.
CHECK_INTERVAL = 3.0


@dataclass(frozen=True)
class DesiredSettings:
    """What is wished: ``settings`` in the file at ``path``; ``backup``: whether to keep the old one beside it.

    ``restart``: the command for it, or nothing; ``check``: the command that succeeds once the broker is there again, or
    nothing, and ``check_timeout`` the seconds that it may take.
    """

    path: str
    settings: Mapping[str, str | bool]
    backup: bool = True
    restart: str = ""
    check: str = ""
    check_timeout: float = 120.0


class Failed(Exception):
    """What went wrong; ``lost``: for a lost connection. ``result``: what is known and was done."""

    def __init__(self, msg: str, lost: bool = False, **result: Any) -> None:
        super().__init__(msg)
        self.lost = lost
        self.result = result


class ConfFile:
    """The file on a host. ``sleep`` waits some seconds, ``now`` is a clock that never goes back, in seconds."""

    def __init__(
        self,
        remote: Remote,
        wish: DesiredSettings,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remote = remote
        self._wish = wish
        self._sleep = sleep
        self._now = now

    def look(self) -> Seen:
        """The file as it is. Raises ``Failed``."""
        ran = run_script(self._remote.look, conf_scripts.reading(self._wish.path, self._wish.settings))
        if ran.status != 0:
            why = _why(ran, conf_scripts.READ_FAILURES)
            raise Failed(f"{self._wish.path} could not be read: {why} Nothing was changed.", bool(ran.lost))
        try:
            return conf_scripts.seen_in(ran.output)
        except NotRead as error:
            raise Failed(
                f"{self._wish.path} could not be read: what came back is not understood, {error}. Nothing was changed."
            ) from error

    def write(self, seen: Seen, wanted: ConfPlan, backup: str) -> str:
        """Write it as planned; where the old file is then, if it was kept. Raises ``Failed``."""
        wish = self._wish
        mark = f"new-{secrets.token_hex(4)}"
        kept = backup if wish.backup else ""
        script = conf_scripts.writing(seen, wanted.edits, wish.settings, kept, bool(wish.restart), mark)
        ran = run_script(self._remote.act, script)
        if not ran.may_have_run or ran.status in conf_scripts.NOT_WRITTEN:
            raise _not_written(wish.path, ran)
        self._check(seen, wanted, ran, mark)
        return kept if ran.status != conf_scripts.CHANGED_MEANWHILE else ""

    def _check(self, seen: Seen, wanted: ConfPlan, ran: Ran, mark: str) -> None:
        """Look at the file after the command that writes has ended, or was interrupted. Raises ``Failed``."""
        path = self._wish.path
        why = "" if ran.status == 0 else f" The command that writes it {_why(ran, {})}"
        try:
            now = self.look()
        except Failed as error:
            msg = f"It is not known whether {path} was changed: it could not be looked at afterwards. {error}{why}"
            raise Failed(msg.replace(" Nothing was changed.", ""), error.lost, changed=True, settings={}) from error
        if now.conf.lines == wanted.lines and now.others == seen.others:
            return
        same = now.checksum == seen.checksum and now.conf == seen.conf
        if ran.status == conf_scripts.CHANGED_MEANWHILE or (same and ran.status in conf_scripts.WRITE_FAILURES):
            raise _not_written(path, ran)
        if same:
            left = f"{seen.path}.{mark} may be left beside it, and can be deleted."
            raise Failed(f"{path} was not changed.{why} {left} Run again: it looks first.")
        raise Failed(
            f"{path} is not as it was written: somebody else changes it as well.{why} Look at it, and compare it with "
            "the backup, before the broker is restarted.",
            changed=True,
            settings={},
        )

    def restart(self, path: str, backup: str) -> None:
        """Restart, and wait until the broker is there again: the last of the two takes the note away.

        Raises ``Failed``.
        """
        wish = self._wish
        script = conf_scripts.following(wish.restart) if wish.check else conf_scripts.settling(path, wish.restart)
        ran = run_script(self._remote.act, script)
        if ran.status != 0:
            raise Failed(_not_restarted(wish.restart, ran, path, backup), bool(ran.lost))
        if wish.check:
            self._wait(path, backup)

    def _wait(self, path: str, backup: str) -> None:
        """Until the broker is there again. Raises ``Failed``."""
        until = self._now() + self._wish.check_timeout
        while True:
            ran = run_script(self._remote.look, conf_scripts.settling(path, self._wish.check))
            if ran.status == 0:
                return
            if self._now() >= until:
                break
            self._sleep(CHECK_INTERVAL)
        raise Failed(
            f"The broker was restarted, but was not there again after {self._wish.check_timeout:g} s: "
            f"`{self._wish.check}` {_why(ran, {})} {_way_back(path, backup)} The next run_script restarts it again.",
            bool(ran.lost),
        )


def change(file: ConfFile, wish: DesiredSettings, check_mode: bool, stamp: str) -> dict[str, Any]:
    """Hold the settings as wished: what the module returns. ``stamp`` makes the backup's name."""
    try:
        seen = file.look()
    except Failed as error:
        return _failure(error, {"changed": False})
    wanted = plan_conf(seen.conf, wish.settings)
    due = bool(wish.restart) and (wanted.changed or seen.restart_due)
    result = _result(wish, seen, wanted, due)
    if check_mode:
        return result
    backup = f"{seen.path}.{stamp}.bak"
    try:
        if wanted.changed:
            result["backup_file"] = file.write(seen, wanted, backup) or None
    except Failed as error:
        return _failure(error, {**result, "changed": False, "restarted": False, "settings": result["before"]})
    try:
        if due:
            # With the older of the two the broker has run_script.
            file.restart(seen.path, seen.due_backup or result["backup_file"] or "")
    except Failed as error:
        return _failure(error, {**result, "changed": wanted.changed, "restarted": False})
    return result


def _result(wish: DesiredSettings, seen: Seen, wanted: ConfPlan, due: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "changed": wanted.changed or due,
        "path": seen.path,
        "before": dict(wanted.before),
        "settings": dict(wanted.after),
        "backup_file": None,
        "restarted": due,
        "msg": _summary(wish.path, wanted, due),
    }
    if wanted.warnings:
        result["warnings"] = list(wanted.warnings)
    if wanted.changed:
        result["diff"] = [_diff(wish.path, seen.conf, wanted)]
    return result


def _diff(path: str, before: Conf, wanted: ConfPlan) -> dict[str, str]:
    after = replace(before, lines=wanted.lines)
    return {
        "before_header": path,
        "after_header": path,
        "before": as_text(before.lines, before.final_newline),
        "after": as_text(after.lines, before.final_newline or len(after.lines) > len(before.lines)),
    }


def _summary(path: str, wanted: ConfPlan, due: bool) -> str:
    changes = [
        f"{name} {'(not set)' if wanted.before[name] is None else repr(wanted.before[name])} -> {wanted.after[name]!r}"
        for name in wanted.after
        if wanted.before[name] != wanted.after[name]
    ]
    if changes:
        return f"{path}: {', '.join(changes)}"
    return f"{path}: nothing to change" + (", but a restart is due since an earlier change" if due else "")


def _failure(error: Failed, known: Mapping[str, Any]) -> dict[str, Any]:
    outcome = "unreachable" if error.lost else "failed"
    return {**known, **error.result, outcome: True, "msg": str(error)}


def _why(ran: Ran, meanings: Mapping[int, str], said: str = "") -> str:
    """Why a script failed: a sentence, or the end of one that begins with the command.

    ``meanings``: those of our own exit statuses, which ``said`` explains further.
    """
    words = ran.said.rstrip(".")
    if ran.lost:
        return f"was interrupted, the connection to the host was lost: {words}."
    if not ran.began:
        return f"could not be run_script on the host: {words}. Check become, its password and what sudo allows there."
    if ran.status is None:
        return f"was interrupted, its end was not seen: {words}."
    if ran.status in meanings:
        return meanings[ran.status] + (f" It was said: {squeeze(said, QUOTED)}" if said.strip() else "")
    return f"ended with exit status {ran.status}: {words}."


def _not_written(path: str, ran: Ran) -> Failed:
    """The file is as it was, for the reason that the script gave."""
    return Failed(f"{path} was not changed: {_why(ran, conf_scripts.WRITE_FAILURES, ran.words)}")


def _not_restarted(restart: str, ran: Ran, path: str, backup: str) -> str:
    what = f"`{restart}` {_why(ran, {})} {_way_back(path, backup)}"
    again = "it remembers that a restart is due."
    if ran.may_have_run and ran.status is None:
        return f"It is not known whether the broker was restarted: {what} Otherwise run_script again: {again}"
    state = (
        "The restart failed. The broker may be down, or run_script on with the old settings:"
        if ran.began
        else "The broker was not restarted, and does not know the new settings yet:"
    )
    return f"{state} {what} Otherwise run_script again when the reason is gone: {again}"


def _way_back(path: str, backup: str) -> str:
    logs = "See /var/log/openshift/broker on that host."
    return f"{logs} To go back: cp -p {backup} {path}, and restart." if backup else logs
