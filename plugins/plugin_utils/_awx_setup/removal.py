# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan the removal of what the playbook created: nothing without its mark, and nothing that others use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.client import Client
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import Found, Key, Setup
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.plan import Change, Step

#: What is removed, in this order. Schedules, nodes, approvals and sources go with what they are parts of.
ORDER = (
    "workflow_job_templates",
    "job_templates",
    "inventories",
    "credentials",
    "projects",
    "notification_templates",
    "execution_environments",
    "credential_types",
)
_NOTIFIED = tuple(f"notification_templates_{event}" for event in ("started", "success", "error"))
_APPROVALS = "notification_templates_approvals"
#: Who may use an object: paths, and the fields that they may use it in.
USERS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "job_templates": (("workflow_job_template_nodes", ("unified_job_template",)),),
    "workflow_job_templates": (("workflow_job_template_nodes", ("unified_job_template",)),),
    "inventories": (
        ("job_templates", ("inventory",)),
        ("workflow_job_templates", ("inventory",)),
        ("workflow_job_template_nodes", ("inventory",)),
    ),
    "credentials": (
        ("job_templates", ("credentials",)),
        ("inventory_sources", ("credentials",)),
        ("workflow_job_template_nodes", ("credentials",)),
    ),
    "projects": (
        ("job_templates", ("project",)),
        ("inventory_sources", ("source_project",)),
        ("workflow_job_template_nodes", ("unified_job_template",)),
    ),
    "execution_environments": (
        ("job_templates", ("execution_environment",)),
        ("inventory_sources", ("execution_environment",)),
        ("organizations", ("default_environment",)),
        ("projects", ("default_environment",)),
        ("workflow_job_template_nodes", ("execution_environment",)),
    ),
    "credential_types": (("credentials", ("credential_type",)),),
    "notification_templates": (
        *((path, _NOTIFIED) for path in ("job_templates", "inventory_sources", "projects")),
        *((path, (*_NOTIFIED, _APPROVALS)) for path in ("workflow_job_templates", "organizations")),
    ),
}
_ACTIVE = "new,pending,waiting,running"
_TEMPLATES = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")


@dataclass
class Removal:
    """What will be removed. ``kept``: sentences about what will not."""

    client: Client
    setup: Setup
    found: Found
    kept: list[str] = field(default_factory=list)

    def plan(self) -> list[Step]:
        created = [each.key for each in self.setup.objects if each.key in self.found.objects and each.key.path in ORDER]
        removed: list[Key] = []
        #: AWX removes inventories later.
        pending: list[Key] = []
        for key in sorted(created, key=lambda key: ORDER.index(key.path)):
            if self.found.objects[key].get("pending_deletion"):
                pending.append(key)
            elif not self.found.has_mark(key):
                self.kept.append(f"The {key} has no mark of this playbook in its description: it was kept.")
            elif users := self._users(key, [*removed, *pending]):
                self.kept.append(f"The {key} is used by {', '.join(users)}: it was kept.")
            else:
                removed.append(key)
        return [Step("remove", key, changes=(Change(str(key), "", "exists", "removed"),)) for key in removed]

    def _users(self, key: Key, removed: Iterable[Key]) -> list[str]:
        """The objects of others that use it."""
        gone = {(each.path, self.found.id_of(each)) for each in removed}
        return sorted({name for path, number, name in self._all_users(key) if (path, number) not in gone})

    def _all_users(self, key: Key) -> Iterator[tuple[str, int, str]]:
        for path, fields in USERS[key.path]:
            query = [(f"or__{name}", self.found.id_of(key)) for name in fields]
            for one in self.client.every(f"{path}/", query):
                if path == "workflow_job_template_nodes":
                    workflow = (one.get("summary_fields") or {}).get("workflow_job_template") or {}
                    yield (
                        "workflow_job_templates",
                        one["workflow_job_template"],
                        f"the workflow '{workflow.get('name')}'",
                    )
                elif path == "inventory_sources":
                    inventory = (one.get("summary_fields") or {}).get("inventory") or {}
                    yield "inventories", one["inventory"], f"the inventory '{inventory.get('name')}'"
                else:
                    yield path, one["id"], f"the {Key(path, one['name'])}"

    def active_jobs(self) -> list[str]:
        """The jobs of the templates that are not finished."""
        numbers = [self.found.id_of(key) for key in self.found.objects if key.path in _TEMPLATES]
        jobs = self.client.named("unified_jobs/", "unified_job_template", numbers, [("status__in", _ACTIVE)])
        return [f"{job['id']} '{job['name']}' ({job['status']})" for job in jobs]
