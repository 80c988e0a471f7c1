# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of the role app_ha: the results it keeps, and whether it failed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import NOT_SCALABLE
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import count_things, join_first
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.summary import Summary, parse_result

#: How many hosts are named.
MOST_NAMED = 3
#: The failure of a host, if the play has others: the summary has all reasons.
SEE_SUMMARY = "The application is not in the desired state. The summary above and app_ha_results state the reason."

#: A registered result.
Registered = Mapping[str, Any]


@dataclass(frozen=True)
class RoleOutcome:
    """What the role did on a host. ``note``: why a list or a selection was refused as a whole.

    ``failure``: why the role fails; empty if it succeeds.
    """

    results: tuple[dict[str, Any], ...] = ()
    note: str = ""
    failure: str = ""


def summarize_host(result: Registered) -> RoleOutcome:
    """The outcome for a host that is an application, from the result of ``openshift_app_ha``.

    A result with a message is a failed one. An application that is not scalable is skipped and does not fail.
    """
    codes = [blocker.get("code") for blocker in result.get("blockers") or ()]
    failed = "msg" in result and NOT_SCALABLE not in codes
    return RoleOutcome(({**result, "failed": failed},), failure=str(result["msg"]) if failed else "")


def summarize_list(result: Registered) -> RoleOutcome:
    """The outcome for a list or a selection, from the result of ``openshift_apps_ha``."""
    results = tuple(dict(each) for each in result.get("results") or ())
    if "msg" not in result:
        return RoleOutcome(results)
    message = str(result["msg"])
    failed = [str(each.get("msg")) for each in results if each.get("failed")]
    # The module's own message lists all failures, unless it only states why the run was refused or ended.
    note, listed, _failures = message.partition(f"{len(failed)} of {len(results)} applications failed")
    if not listed or note:
        return RoleOutcome(results, note.strip(), note.strip())
    failure = failed[0] if len(failed) == 1 else Summary(tuple(map(parse_result, results))).failure
    return RoleOutcome(results, failure=failure)


def summarize_run(outcomes: Mapping[str, Registered], unreached: Sequence[str], later: int) -> Summary:
    """The summary for all hosts of the play so far. ``outcomes``: the outcome of each host as a dictionary.

    ``unreached``: the hosts that failed without an outcome; ``later``: how many hosts are in later batches.
    """
    entries, notes = [], []
    for host, outcome in outcomes.items():
        results = outcome.get("results") or ()
        entries += [parse_result(result, host) for result in results]
        if outcome.get("note") and (results or len(outcomes) > 1):
            notes.append(str(outcome["note"]) if results else f"{host}: {outcome['note']}")
    if unreached:
        names = join_first(list(unreached), MOST_NAMED)
        notes.append(f"Without a result: {names}. See the messages above.")
    if later:
        notes.append(f"In later batches: {count_things(later, 'host')}.")
    failed = any(outcome.get("failure") for outcome in outcomes.values())
    return Summary(tuple(entries), tuple(dict.fromkeys(notes)), failed)
