# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the data of a report: results of the modules, as values, in variables, or in variables of hosts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypedDict, cast

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import mask_refusal
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.shapes import find_malformed

NOT_REACHED = "the host failed or was unreachable in an earlier task. Nothing was changed."


class ProblemView(TypedDict, total=False):
    """Why an application is not highly available, in a module's result."""

    code: str
    message: str
    repairable: bool


class InstanceView(TypedDict, total=False):
    """An HAProxy instance in a module's result."""

    address: str
    port: int
    zone: str
    gear: str
    state: str
    counts: bool


class ApplicationView(TypedDict, total=False):
    """An application in a module's result; only ``domain`` and ``name`` if it could not be checked."""

    domain: str
    name: str
    id: str
    owner: str | None
    ha_status: str
    #: Results of former releases have neither of these two.
    verified: str
    problems: list[ProblemView]
    haproxy_count: int
    gear_count: int
    web_gears: int
    min_gears: int
    max_gears: int
    url: str


class StepView(TypedDict, total=False):
    """A step in a module's result."""

    action: str
    detail: str
    status: str


class BlockerView(TypedDict, total=False):
    """A blocker in a module's result."""

    code: str
    message: str


class PolicyRuleView(TypedDict, total=False):
    """The rule of a policy in a module's result."""

    number: int
    name: str


class ApplicationResult(TypedDict, total=False):
    """What the report reads of one application's result: of openshift_app_ha, or in a list of results."""

    application: ApplicationView
    before: ApplicationView
    steps: list[StepView]
    blockers: list[BlockerView]
    instances: list[InstanceView]
    gears_needed: int
    gears_available: int | None
    warnings: list[str]
    failed: bool
    failed_when_result: bool
    changed: bool
    msg: str
    #: Only with a policy.
    policy_rule: PolicyRuleView | None
    ignored: bool
    broker_url: str


@dataclass(frozen=True)
class ReportInput:
    """The results in one variable or option, one for each application, and facts about all of them.

    ``gears_available``: remaining gears by owner. ``error``: why there are no results. ``lenient``: an application
    that is not scalable counts as skipped, not as failed. ``unmatched``: names in the selection that match no
    accessible application. ``host``: the host in an inventory that is the application. ``broker_url``: the address of
    the broker; empty: not known.
    """

    results: tuple[ApplicationResult, ...]
    gears_available: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    lenient: bool = False
    unmatched: tuple[str, ...] = ()
    host: str = ""
    broker_url: str = ""


class InputError(Exception):
    """The data cannot be the source of a report. The text is the reason."""


class HostVariables(Protocol):
    """The variables of all hosts, with values of built-in types."""

    def __getitem__(self, host: str) -> Mapping[str, Any]: ...

    def raw_get(self, host: str) -> Mapping[str, Any]:
        """The variables of a host without evaluating any template."""


def parse_registered(registered: Mapping[str, Any]) -> ReportInput:
    """Read the variable that a task of openshift_app_ha (also in a loop) or openshift_apps_ha registered.

    Raises ``InputError`` for a summary that is no dictionary.
    """
    broker_url = str(registered.get("broker_url") or "")
    if "application" in registered:
        return ReportInput((cast("ApplicationResult", registered),), broker_url=broker_url)
    results = registered.get("results")
    if isinstance(results, list) and (results or "summary" in registered):
        summary = registered.get("summary") or {}
        if not isinstance(summary, Mapping):
            raise InputError(f"summary: must be a dictionary, not {type(summary).__name__}. No report was written.")
        unmatched = tuple(summary.get("unmatched") or ())
        available = summary.get("gears_available") or {}
        return ReportInput(tuple(results), available, unmatched=unmatched, broker_url=broker_url)
    if registered.get("skipped"):
        return ReportInput(())
    error = f"{registered.get('msg') or ''}".strip() or "The task returned no results."
    return ReportInput((), error=error, broker_url=broker_url)


def read_variables(names: Iterable[str], variables: Mapping[str, Any]) -> list[ReportInput]:
    """Read these variables, which tasks registered. Raises ``InputError`` for a name without such a variable."""
    inputs = []
    for name in names:
        registered = variables.get(name)
        if not isinstance(registered, Mapping):
            raise InputError(f"registered: no task registered a variable {name!r}")
        inputs.append(parse_registered(registered))
    return inputs


def read_brokers(brokers: Iterable[Mapping[str, Any]], variables: Mapping[str, Any]) -> list[ReportInput]:
    """Read the results of each broker, as values or in variables. Raises ``InputError`` as ``read_variables`` does."""
    inputs = []
    for broker in brokers:
        parts = read_variables(broker["registered"] or (), variables)
        parts += [ReportInput(tuple(broker["results"]))] if broker["results"] is not None else []
        facts = ReportInput((), broker["gears_available"] or {})
        # An address for all parts, because results of an unreachable broker have none.
        inputs += [replace(part, broker_url=broker["broker_url"]) for part in [*parts, facts]]
    return inputs


def read_hosts(hosts: Iterable[str], names: list[str], hostvars: HostVariables) -> list[ReportInput]:
    """Read these variables of each host. Each host that is an application has an entry, also without a result."""
    return [part for host in hosts for part in _read_host(host, names, hostvars)]


def _read_host(host: str, names: list[str], hostvars: HostVariables) -> list[ReportInput]:
    # Without evaluation: text from a broker is never a template.
    variables = hostvars.raw_get(host)
    registered = [variables[name] for name in names if isinstance(variables.get(name), Mapping)]
    inputs = [parse_registered(each) for each in registered if not each.get("skipped")]
    if "openshift_app" not in variables:
        return inputs or [ReportInput((), error=f"{host}: {NOT_REACHED}")]
    if any(part.results for part in inputs):
        return [replace(part, lenient=True, host=host) for part in inputs]
    reason = next((part.error for part in inputs if part.error), NOT_REACHED)
    # With evaluation: in an inventory, domain and name may be templates.
    own = hostvars[host]
    result = unobserved(own.get("openshift_domain"), own.get("openshift_app"), f"{host}: {reason}")
    return [ReportInput((result,), broker_url=str(own.get("openshift_broker_url") or ""))]


def assign_hosts(observed: ReportInput, host_of: Mapping[tuple[str, str], str]) -> list[ReportInput]:
    """The results of one observation, each with the host that is the application. What is about all comes first."""
    rest = replace(observed, results=())
    alone = replace(observed, gears_available={}, error="", unmatched=(), lenient=True)
    return [rest, *(replace(alone, results=(each,), host=host_of.get(_key(each), "")) for each in observed.results)]


def _key(result: ApplicationResult) -> tuple[str, str]:
    application = result.get("before") or result.get("application") or {}
    return f"{application.get('domain')}".lower(), f"{application.get('name')}".lower()


def unobserved(domain: Any, name: Any, reason: str) -> ApplicationResult:
    """The result of an application that no task checked."""
    ref: ApplicationView = {"domain": domain, "name": name}
    return {"failed": True, "changed": False, "msg": reason, "application": ref, "before": ref}


# --- Masks -----------------------------------------------------------------------------------------------------------


def refuse_damaged(inputs: Iterable[ReportInput], is_intact: bool) -> None:
    """Raise ``InputError`` for data that is malformed or masked. ``is_intact``: it comes from a module directly."""
    if not is_intact:
        parts = list(inputs)
        refuse_malformed(parts)
        refuse_masked(parts)


def refuse_masked(inputs: Iterable[ReportInput]) -> None:
    """Raise ``InputError`` if Ansible masked a name or a word that the report presents or decides by."""
    parts = list(inputs)
    facts = {
        "results": [_facts(result) for part in parts for result in part.results if isinstance(result, Mapping)],
        "unmatched": [part.unmatched for part in parts],
        "gears_available": [part.gears_available for part in parts],
    }
    if problem := mask_refusal("results", facts, "No report was written."):
        raise InputError(problem)


def refuse_malformed(inputs: Iterable[ReportInput]) -> None:
    """Raise ``InputError`` if a result is not what a module returns."""
    for part in inputs:
        if problem := next(find_malformed(part.results), ""):
            raise InputError(f"{problem} No report was written.")
        if not isinstance(part.gears_available, Mapping):
            raise InputError("gears_available: must be a dictionary. No report was written.")


def _facts(result: ApplicationResult) -> dict[str, Any]:
    """Without the messages: the modules mask secrets there on purpose."""
    return {
        "application": _without_problems(result.get("application")),
        "before": _without_problems(result.get("before")),
        "instances": _pick(result.get("instances"), "address", "gear", "state"),
        "steps": _pick(result.get("steps"), "action", "status"),
        "blockers": _pick(result.get("blockers"), "code"),
    }


def _without_problems(application: Any) -> Any:
    """The application with the codes of its problems only."""
    if not isinstance(application, Mapping) or "problems" not in application:
        return application
    return {**application, "problems": _pick(application["problems"], "code")}


def _pick(entries: Any, *fields: str) -> list[dict[str, Any]]:
    """These fields of each entry."""
    each = entries if isinstance(entries, (list, tuple)) else ()
    return [{field: entry.get(field) for field in fields} for entry in each if isinstance(entry, Mapping)]
