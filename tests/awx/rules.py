"""The rules of AWX for single resources, beyond those of their fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from .fields import Refused, Values, invalid
from .injectors import ENCRYPTED, check_injectors, check_inputs, check_type_inputs, secret_inputs
from .store import Store

_PLAYBOOK = re.compile(r"\s*-?\s*(hosts|(ansible\.builtin\.)?(include|import_playbook)):")
_START = re.compile(r"DTSTART(;TZID=(?P<zone>[^:]+))?:\d{8}T\d{6}(?P<utc>Z)?")
_FREQUENCIES = ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True)
class Change:
    """An object after and before a request; ``existing`` is None for a new object."""

    store: Store
    values: Values
    existing: Values | None


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
        there = change.values["scm_url"] in change.store.contents
        change.values.update(status="successful" if there else "failed", scm_revision="1" * 40 if there else "")


def _inventory(change: Change) -> None:
    if change.values["kind"] == "smart" and not change.values["host_filter"]:
        raise invalid("host_filter", "A smart inventory must have one.")


def _inventory_source(change: Change) -> None:
    if change.values["source"] == "scm":
        if change.values["source_project"] is None:
            raise invalid("source_project", "It is required for this source.")
        if change.store.get("projects", change.values["source_project"])["scm_type"] == "":
            raise invalid("source_project", "A manual project cannot be the source of an inventory.")
    elif change.values["source_path"] or change.values["source_project"]:
        raise Refused(400, {"detail": "source_project and source_path are for source control only."})
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
    there = change.store.contents.get(project["scm_url"]) if project["status"] == "successful" else None
    if not change.values["playbook"] or there is None or change.values["playbook"] not in find_playbooks(there):
        raise invalid("playbook", f"The project has no playbook {change.values['playbook']!r}.")


def _schedule(change: Change) -> None:
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


def _node(change: Change) -> None:
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
    "workflow_job_template_nodes": _node,
}


def apply_rules(store: Store, path: str, values: Values, existing: Values | None) -> None:
    """Validate an object, and add the values that AWX adds. Raises Refused."""
    if path in _RULES:
        _RULES[path](Change(store, values, existing))


# --- Associations


def check_association(store: Store, path: str, parent: int, association: str, child: int) -> None:
    """Validate an association. Raises Refused."""
    if association == "credentials":
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
