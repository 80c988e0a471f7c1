# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the playbook: read AWX, plan, send the requests, and report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.applying import Applier, Stopped
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.brokers import describe_setup
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.client import Access, AwxError, Client
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import (
    WORDS,
    Found,
    Key,
    Setup,
    Values,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.plan import CREATED, Change, Planner, Step
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.reading import Reader
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.removal import Removal

NOTHING_CHANGED = "Nothing was changed."
AGAIN = "Run the playbook again: it continues there."
_SHOWN = 10
_HOW_TO_CREATE = {
    "projects": "To create the project, set awx_setup_project_url.",
    "execution_environments": "To create the execution environment, set awx_setup_execution_environment_image.",
    "credentials": "To create the credential of a broker, set its url and account instead of credential.",
    "notification_templates": "To create the notification template, list it in awx_setup_notification_templates.",
}


@dataclass(frozen=True)
class Outcome:
    """What a run did, or in check mode would do. ``failure`` is empty unless a request failed."""

    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: str = ""
    check: bool = False
    absent: bool = False

    def lines(self) -> list[str]:
        """Every difference that is not part of a new object."""
        created = {change.of for change in self.changes if change.after == CREATED}
        whole = (CREATED, "removed")
        return [
            f"{change.of}: {change.after}" if change.after in whole else str(change)
            for change in self.changes
            if change.after in whole or change.of not in created
        ]

    def diff(self) -> list[dict[str, str]]:
        """The differences of each object, as Ansible shows them."""
        objects = dict.fromkeys(change.of for change in self.changes)
        return [self._diff_of(of) for of in objects]

    def _diff_of(self, of: str) -> dict[str, str]:
        own = [change for change in self.changes if change.of == of]
        sides = {
            "before": [f"{c.property}: {c.before}" for c in own if c.property and c.before],
            "after": [f"{c.property}: {c.after}" for c in own if c.property],
        }
        whole = next((c for c in own if not c.property), None)
        if whole:
            sides["before"], sides["after"] = ([whole.before] if whole.before else []), [whole.after, *sides["after"]]
        texts = {name: "".join(f"{line}\n" for line in lines) for name, lines in sides.items()}
        return {"before_header": of, "after_header": of, **texts}


class Refused(Exception):
    """The variables and AWX do not fit together. Nothing was changed."""


@dataclass(frozen=True)
class Run:
    """``values``: the validated variables; ``definitions``: the file of variables of the playbook."""

    values: Values
    definitions: Values
    access: Access
    check: bool = False
    pause: float = 1.0
    wait: Callable[[float], None] = field(default=time.sleep)

    def outcome(self) -> Outcome:
        """Raises Refused."""
        client = Client(self.access, self.pause)
        try:
            return self._outcome(client)
        except AwxError as error:
            raise Refused(f"AWX: {str(error).rstrip('.')}. {NOTHING_CHANGED}") from None
        finally:
            client.close()

    def _outcome(self, client: Client) -> Outcome:
        client.connect(self.values.get("awx_setup_api_path") or "")
        setup = describe_setup(self.values, self.definitions)
        found = Reader(client, setup).read()
        if self.values["awx_setup_state"] == "absent":
            return self._remove(client, setup, found)
        if problems := [*find_conflicts(setup, found)]:
            raise Refused(" ".join([*problems, NOTHING_CHANGED]))
        steps = Planner(setup, found, bool(self.values["awx_setup_update_secrets"])).plan()
        warnings = [*find_unknown_properties(setup, found), *find_disabled_hosts(client, setup, found)]
        return self._carry_out(client, found, steps, warnings)

    def _remove(self, client: Client, setup: Setup, found: Found) -> Outcome:
        removal = Removal(client, setup, found)
        steps = removal.plan()
        if steps and (jobs := removal.active_jobs()):
            raise Refused(
                f"Jobs are active: {', '.join(jobs)}. Nothing was removed. Wait for them or cancel them, then run the"
                " playbook again."
            )
        return self._carry_out(client, found, steps, removal.kept, absent=True)

    def _carry_out(
        self, client: Client, found: Found, steps: Sequence[Step], warnings: Sequence[str], absent: bool = False
    ) -> Outcome:
        applier = Applier(client, found, float(self.values["awx_setup_sync_timeout"]), self.wait)
        failure = ""
        if not self.check:
            try:
                applier.apply(steps)
            except Stopped as stopped:
                failure = str(stopped)
        done = steps if self.check else applier.done
        outcome = Outcome(tuple(change for step in done for change in step.changes), (), "", self.check, absent)
        if failure:
            failure = f"{failure} {_describe_done(outcome.lines())}"
        return replace(outcome, warnings=tuple(warnings), failure=failure)


def _describe_done(lines: Sequence[str]) -> str:
    """What was changed before a failure. Ansible shows no difference of a task that failed."""
    if not lines:
        return NOTHING_CHANGED
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return f"Changed before: {'; '.join(lines[:_SHOWN])}{more}. {AGAIN}"


def find_conflicts(setup: Setup, found: Found) -> Iterator[str]:
    """Why the objects cannot be created or changed."""
    missing = [key for key in setup.required if key not in found.objects]
    if missing:
        names = ", no ".join(map(str, missing))
        yield f"AWX has no {names} in the {setup.organization}, or the account may not see it."
        yield from (text for path, text in _HOW_TO_CREATE.items() if any(key.path == path for key in missing))
    for key in sorted(found.ambiguous, key=str):
        yield f"AWX has several objects with the name of the {key}. Rename one of them."
    for desired in setup.objects:
        actual = found.objects.get(desired.key)
        if actual is None:
            continue
        if actual.get("pending_deletion"):
            yield f"AWX is still removing the {desired.key}. Run the playbook again in a minute."
        for name, value in desired.fixed.items():
            if not isinstance(value, Key) and name in actual and actual[name] != value:
                yield (
                    f"The {desired.key} exists with the {name} '{actual[name]}' instead of '{value}'. Rename it, or set"
                    " another name or awx_setup_prefix."
                )


def find_unknown_properties(setup: Setup, found: Found) -> Iterator[str]:
    """A warning for each type with properties that this AWX does not have."""
    unknown: dict[str, dict[str, None]] = {}
    for desired in setup.objects:
        actual = found.objects.get(desired.key)
        if actual is not None and desired.key.path != "organizations":
            unknown.setdefault(desired.key.path, {}).update(dict.fromkeys(set(desired.fields) - set(actual)))
    for path, names in unknown.items():
        if names:
            yield (
                f"AWX shows no {', '.join(sorted(names))} of a {WORDS[path]}, so it was not checked. The playbook is"
                " tested with AWX 24.6.1."
            )


def find_disabled_hosts(client: Client, setup: Setup, found: Found) -> Iterator[str]:
    """A warning for each inventory with hosts that somebody disabled. A sync does not enable them."""
    for key in (each.key for each in setup.objects if each.key.path == "inventories"):
        if number := found.id_of(key):
            query: list[tuple[str, Any]] = [("inventory", number), ("enabled", "false"), ("page_size", 5)]
            answer = client.get("hosts/", query)
            if count := int(answer.get("count") or 0):
                names = ", ".join(str(host["name"]) for host in answer["results"])
                yield f"The {key} has {count} disabled hosts, which jobs skip: {names}. Enable them in AWX."
