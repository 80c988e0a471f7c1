# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run reports at its end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.plan import CREATED
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.run import Outcome


def summarize(values: Mapping[str, Any], outcome: Outcome) -> str:
    """The result and the next step."""
    if outcome.absent:
        return _summarize_removal(outcome)
    counts = _count(outcome)
    names = ", ".join(str(broker["name"]) for broker in values["awx_setup_brokers"])
    if outcome.check:
        return (
            f"AWX would change for {names}: {counts}."
            if counts
            else f"AWX is set up for {names}. Nothing would change."
        )
    changed = f"Changed: {counts}." if counts else "Nothing was changed."
    first = str(values["awx_setup_brokers"][0]["name"]).strip()
    launch = f"To check that AWX reaches the broker, launch '{values['awx_setup_prefix']} {first} - audit'."
    return f"AWX is set up for {names}. {changed} {launch} {_describe_schedule(values)}"


def _count(outcome: Outcome) -> str:
    created = {change.of for change in outcome.changes if change.after == CREATED}
    changed = {change.of for change in outcome.changes} - created
    parts = [f"{len(created)} objects created"] if created else []
    return ", ".join([*parts, *([f"{len(changed)} objects changed"] if changed else [])])


def _summarize_removal(outcome: Outcome) -> str:
    removed = [change.of for change in outcome.changes]
    kept = f" {' '.join(outcome.warnings)}" if outcome.warnings else ""
    if not removed:
        return f"AWX has nothing to remove. Nothing was changed.{kept}"
    verb = "Would remove" if outcome.check else "Removed"
    return f"{verb} from AWX: the {', the '.join(removed)}.{kept}"


def _describe_schedule(values: Mapping[str, Any]) -> str:
    rule = values.get("awx_setup_audit_rrule")
    when = (
        f"by the rule {rule}"
        if rule
        else f"every day at {values['awx_setup_audit_time']} {values['awx_setup_audit_timezone']}"
    )
    what = [
        name
        for name, variable in (("The audit", "audit_scheduled"), ("The workflow", "workflow_scheduled"))
        if values[f"awx_setup_{variable}"]
    ]
    return " ".join(f"{name} runs {when}." for name in what) or "No schedule is enabled."
