"""The rules of AWX for single resources, beyond those of their fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import jinja2
import jinja2.sandbox
import yaml

from .fields import Refused, Values, invalid
from .injectors import ENCRYPTED, check_injectors, check_inputs, check_type_inputs, secret_inputs
from .resources import TOGETHER
from .store import Store

_PLAYBOOK = re.compile(r"\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):")
_START = re.compile(r"DTSTART(;TZID=(?P<zone>[^:]+))?:\d{8}T\d{6}(?P<utc>Z)?")
#: Values of notification templates that AWX does not show.
_PASSWORDS = {"token", "password"}
_REQUIRED = {
    "webhook": {"url", "headers"},
    "slack": {"token", "channels"},
    "pagerduty": {"token", "subdomain", "service_key", "client_name"},
    "email": {"host", "port", "username", "password", "use_tls", "use_ssl", "sender", "recipients"},
}
#: A part of the job with which AWX validates messages.
SAMPLE = {
    "job": {"name": "Stub JobTemplate", "status": "running", "artifacts": {}, "id": 42},
    "job_friendly_name": "Job",
    "url": "https://towerhost/#/jobs/playbook/1010",
}
#: Environment variables that the source of an inventory must not set.
_BLOCKED = frozenset({"HOME", "USER", "_", "TERM", "PATH"})
EVENTS = ("started", "success", "error", "workflow_approval")
_FREQUENCIES = ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True)
class Change:
    """An object after and before a request; ``existing`` is None for a new object. ``sent``: the request."""

    store: Store
    values: Values
    existing: Values | None
    sent: Values


def find_playbooks(directory: Path) -> list[str]:
    """The files of a project that AWX offers as playbooks: they have a line like that of a play or an import."""
    found = []
    for path in sorted(directory.rglob("*.y*ml")):
        parts = path.relative_to(directory).parts
        hidden = any(part.startswith(".") for part in parts)
        if not hidden and not {"roles", "tasks", "group_vars", "host_vars"} & set(parts[:-1]):
            lines = path.read_text(encoding="utf-8").splitlines()
            found += ["/".join(parts)] if any(_PLAYBOOK.match(line) for line in lines) else []
    return found


def _credential_type(change: Change) -> None:
    if change.existing is not None and change.existing["managed"]:
        raise Refused(403, {"detail": "Managed types cannot be changed."})
    if change.values["kind"] not in ("cloud", "net"):
        raise invalid("kind", "A custom type must be of the kind cloud or net.")
    check_type_inputs(change.values["inputs"])
    check_injectors(change.values["inputs"], change.values["injectors"])
    used = any(c["credential_type"] == change.values.get("id") for c in change.store.objects["credentials"].values())
    if change.existing is not None and used and change.existing["inputs"] != change.values["inputs"]:
        raise Refused(403, {"detail": "The type is in use, its inputs cannot be changed."})


def _credential(change: Change) -> None:
    kind = change.store.get("credential_types", change.values["credential_type"])
    if change.existing is None and change.values["organization"] is None:
        raise Refused(400, {"detail": "A credential must have an organization, a team or a user."})
    check_inputs(kind["inputs"], change.values["inputs"], change.existing is None)
    secrets = secret_inputs(kind["inputs"])
    for name, value in list(change.values["inputs"].items()):
        if value == ENCRYPTED and change.existing is not None:
            change.values["inputs"][name] = change.existing["inputs"][name]
        elif name in secrets and not value:
            del change.values["inputs"][name]


def _project(change: Change) -> None:
    if change.values["organization"] is None:
        raise invalid("organization", "It is required.")
    _check_override(change)
    if change.values["scm_type"] == "" and change.values["scm_update_on_launch"]:
        raise invalid("scm_update_on_launch", "A manual project cannot be updated.")
    if change.values["scm_type"] == "git" and not change.values["scm_url"]:
        raise invalid("scm_url", "It is required.")
    if change.values["credential"] is not None:
        credential = change.store.get("credentials", change.values["credential"])
        if change.store.get("credential_types", credential["credential_type"])["kind"] != "scm":
            raise invalid("credential", "The credential of a project must be for source control.")
    changed = change.existing is None or any(
        change.existing[name] != change.values[name] for name in ("scm_type", "scm_url", "scm_branch")
    )
    if changed and change.values["scm_type"]:
        change.values["status"] = change.store.fetch(change.values)


def _check_override(change: Change) -> None:
    """A project cannot refuse other branches while a job template uses one."""
    if change.existing is None or not change.existing["allow_override"] or change.values["allow_override"]:
        return
    templates = change.store.objects["job_templates"].values()
    own = [each for each in templates if each["project"] == change.existing["id"]]
    if users := [each["id"] for each in own if each["scm_branch"] or each["ask_scm_branch_on_launch"]]:
        raise invalid("allow_override", f"Job templates depend on it: {users}.")


def _inventory(change: Change) -> None:
    if change.values["kind"] == "smart" and not change.values["host_filter"]:
        raise invalid("host_filter", "A smart inventory must have one.")


def _inventory_source(change: Change) -> None:
    if change.values["source"] == "scm":
        if change.values["source_project"] is None:
            raise invalid("source_project", "It is required for this source.")
        project = change.store.get("projects", change.values["source_project"])
        if project["scm_type"] == "":
            raise invalid("source_project", "A manual project cannot be the source of an inventory.")
        if change.values["scm_branch"] and not project["allow_override"]:
            raise invalid("scm_branch", "Project does not allow overriding branch.")
    elif change.values["source_path"] or change.values["source_project"]:
        raise Refused(400, {"detail": "source_project and source_path are for source control only."})
    if blocked := _BLOCKED & set(yaml.safe_load(change.values["source_vars"]) or {}):
        raise invalid("source_vars", f"Prohibited environment variables: {sorted(blocked)}.")
    if change.values["credential"] is not None:
        credential = change.store.get("credentials", change.values["credential"])
        if change.store.get("credential_types", credential["credential_type"])["kind"] in ("insights", "vault"):
            raise invalid("credential", "A credential of this kind is not allowed.")


def _job_template(change: Change) -> None:
    if change.values["project"] is None:
        raise invalid("project", "It is required.")
    if change.values["inventory"] is None and not change.values["ask_inventory_on_launch"]:
        raise invalid("inventory", "It must be set, or be asked for at launch.")
    project = change.store.get("projects", change.values["project"])
    # A job template belongs to the organization of its project. Requests cannot set another one.
    change.values["organization"] = project["organization"]
    for name in ("scm_branch", "ask_scm_branch_on_launch"):
        if change.values[name] and not project["allow_override"]:
            raise invalid(name, "Project does not allow overriding branch.")
    there = change.store.contents.get(project["scm_url"]) if project["status"] == "successful" else None
    if not change.values["playbook"] or there is None or change.values["playbook"] not in find_playbooks(there):
        raise invalid("playbook", "Playbook not found for project.")


def _schedule(change: Change) -> None:
    _launched(change)
    rule, start = change.values["rrule"], _START.match(change.values["rrule"])
    if start is None or not (start["zone"] or start["utc"]):
        raise invalid("rrule", "It must begin with one DTSTART, in UTC or with a TZID.")
    if start["zone"]:
        try:
            ZoneInfo(start["zone"])
        except (KeyError, ValueError, OSError):
            raise invalid("rrule", f"Unknown time zone {start['zone']}.") from None
    parts = dict(part.split("=", 1) for part in rule.partition("RRULE:")[2].split(";") if "=" in part)
    if "INTERVAL" not in parts or parts.get("FREQ") not in _FREQUENCIES or "DTSTART" in rule[5:]:
        raise invalid("rrule", "It must have one RRULE with FREQ and INTERVAL.")


def _workflow(change: Change) -> None:
    """The prompts are stored together: a change of one of them removes those that are not in the request."""
    if change.existing is None or not {name for name in TOGETHER if change.sent.get(name) is not None}:
        # AWX keeps the stored texts if the request has only empty ones.
        if change.existing is not None:
            change.values.update({name: change.existing[name] for name in TOGETHER})
        return
    change.values.update({name: change.sent.get(name) for name in TOGETHER})


def _launched(change: Change) -> None:
    """AWX refuses a prompt that the template does not ask for."""
    template = change.values["unified_job_template"]
    found = next((values for _resource, values in change.store.templates() if values["id"] == template), None)
    if found is None:
        return
    asks = {"job_tags": "tags", "extra_data": "variables"}
    for name in (*TOGETHER, "inventory", "job_type", "verbosity", "forks", "job_slice_count", "timeout", "diff_mode"):
        asked = found.get(f"ask_{asks.get(name, name)}_on_launch", False)
        if change.values.get(name) is not None and name in change.sent and not asked:
            raise invalid(name, "Field is not configured to prompt on launch.")


def _notification_template(change: Change) -> None:
    configuration = change.values["notification_configuration"]
    for name in _PASSWORDS & set(configuration):
        if configuration[name] == ENCRYPTED and change.existing is not None:
            configuration[name] = change.existing["notification_configuration"][name]
    defaults = {"http_method": "POST", "username": "", "password": "", "disable_ssl_verification": False}
    given = {**(defaults if change.values["notification_type"] == "webhook" else {}), **configuration}
    if missing := _REQUIRED[change.values["notification_type"]] - set(given):
        raise Refused(400, {"__all__": [f"Missing required fields for Notification Configuration: {sorted(missing)}."]})
    change.values["notification_configuration"] = given
    for event, messages in (change.values["messages"] or {}).items():
        if event not in EVENTS:
            raise invalid("messages", f"Event '{event}' invalid.")
        parts = (messages or {}).values() if event == "workflow_approval" else [messages]
        for part in parts:
            _check_messages(part or {})
    if change.existing is not None and change.values["messages"] is not None:
        keep_messages(change.existing["messages"] or {}, change.values["messages"])


def _check_messages(messages: Values) -> None:
    for kind, text in messages.items():
        if kind not in ("message", "body"):
            raise invalid("messages", f"Message type '{kind}' invalid.")
        if kind == "message" and "\n" in (text or ""):
            raise invalid("messages", "Messages cannot contain newlines.")
        check_message(text or "")


def keep_messages(before: Values, after: Values) -> None:
    """AWX keeps the texts of which the request has nothing: only an explicit null removes one."""
    for event in EVENTS:
        if before.get(event) and not after.get(event):
            after[event] = before[event]
        elif event == "workflow_approval":
            for name, old in (before.get(event) or {}).items():
                after[event][name] = {**(old or {}), **(after[event].get(name) or {})} or None
        elif before.get(event):
            after[event] = {**before[event], **after[event]}
        after.setdefault(event, None)


class _Strict(jinja2.StrictUndefined):
    """Fails also where it is rendered."""


def check_message(text: str) -> None:
    """AWX renders each message with a sample of a job, which has no artifacts. Raises Refused."""
    try:
        environment = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=_Strict)
        environment.from_string(text).render(SAMPLE)
    except jinja2.TemplateError as error:
        raise invalid("messages", f"Field {error} unavailable.") from None


def _node(change: Change) -> None:
    _launched(change)
    if change.values["extra_data"] and change.values["unified_job_template"] is not None:
        questions = change.store.surveys.get(change.values["unified_job_template"], {}).get("spec", [])
        if unknown := set(change.values["extra_data"]) - {question["variable"] for question in questions}:
            raise invalid("extra_data", f"The job template does not ask for {sorted(unknown)}.")


_RULES: dict[str, Callable[[Change], None]] = {
    "credential_types": _credential_type,
    "credentials": _credential,
    "projects": _project,
    "inventories": _inventory,
    "inventory_sources": _inventory_source,
    "job_templates": _job_template,
    "schedules": _schedule,
    "workflow_job_templates": _workflow,
    "workflow_job_template_nodes": _node,
    "notification_templates": _notification_template,
}


def apply_rules(store: Store, path: str, values: Values, existing: Values | None, sent: Values) -> None:
    """Validate an object, and add the values that AWX adds. Raises Refused."""
    if path in _RULES:
        _RULES[path](Change(store, values, existing, sent))


# --- Associations


def check_association(store: Store, path: str, parent: int, association: str, child: int) -> None:
    """Validate an association. Raises Refused."""
    if association == "credentials" and path == "job_templates":
        _check_credentials(store, parent, child)
    elif association == "galaxy_credentials":
        kind = store.get("credential_types", store.get("credentials", child)["credential_type"])
        if kind["kind"] != "galaxy":
            raise Refused(400, {"msg": "It must be a credential for Galaxy."})
    elif path == "workflow_job_template_nodes":
        _check_nodes(store, parent, association, child)


def _check_credentials(store: Store, parent: int, child: int) -> None:
    kinds = [store.get("credentials", one)["credential_type"] for one in store.linked(parent, "credentials")]
    kind = store.get("credentials", child)["credential_type"]
    if kind in kinds:
        raise Refused(400, {"error": "It already has a credential of this type."})
    if store.get("credential_types", kind)["kind"] not in ("ssh", "vault", "cloud", "net", "kubernetes"):
        raise Refused(400, {"error": "A credential of this kind is not allowed."})


def _check_nodes(store: Store, parent: int, association: str, child: int) -> None:
    nodes = store.objects["workflow_job_template_nodes"]
    if nodes[parent]["workflow_job_template"] != nodes[child]["workflow_job_template"]:
        raise Refused(400, {"detail": "The nodes belong to different workflows."})
    kinds = {"success_nodes", "failure_nodes", "always_nodes"}
    if any(child in store.linked(parent, other) for other in kinds - {association}):
        raise Refused(400, {"Error": "The nodes already have another connection."})
    reached, waiting = set(), [child]
    while waiting:
        reached.add(node := waiting.pop())
        waiting += [n for kind in kinds for n in store.linked(node, kind) if n not in reached]
    if parent in reached:
        raise Refused(400, {"Error": "The connections must not form a cycle."})
