# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The properties of AWX's objects that can change what an audit covers or what a job does, and their values. Pure.

``desired.py`` and ``brokers.py`` add those that depend on variables. ``OPERATORS`` lists all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_ASKED = (
    "credential",
    "diff_mode",
    "execution_environment",
    "forks",
    "instance_groups",
    "inventory",
    "job_slice_count",
    "job_type",
    "labels",
    "limit",
    "scm_branch",
    "skip_tags",
    "tags",
    "timeout",
    "variables",
    "verbosity",
)


def _never_ask(names: tuple[str, ...]) -> dict[str, bool]:
    return {f"ask_{name}_on_launch": False for name in names}


Defaults = Mapping[str, Any]

#: Without prompts, because the answers of a launch, a schedule or a node would choose other applications.
JOB_TEMPLATE: Defaults = MappingProxyType(
    {
        **dict.fromkeys(("limit", "job_tags", "skip_tags", "start_at_task", "scm_branch"), ""),
        **dict.fromkeys(("become_enabled", "force_handlers", "use_fact_cache", "allow_simultaneous"), False),
        **_never_ask(_ASKED),
    }
)
WORKFLOW: Defaults = MappingProxyType(
    {
        **dict.fromkeys(("limit", "job_tags", "skip_tags", "scm_branch"), ""),
        **dict.fromkeys(("allow_simultaneous", "survey_enabled"), False),
        **_never_ask(("inventory", "labels", "limit", "scm_branch", "skip_tags", "tags", "variables")),
        "extra_vars": {},
        "inventory": None,
    }
)
#: AWX stores these four together: a request with one of them removes the others.
WORKFLOW_TOGETHER = ("limit", "scm_branch", "job_tags", "skip_tags")
#: What a schedule, or a node of a workflow, may set for its jobs.
LAUNCH: Defaults = MappingProxyType(
    dict.fromkeys(
        (
            "inventory",
            "scm_branch",
            "job_type",
            "job_tags",
            "skip_tags",
            "limit",
            "diff_mode",
            "verbosity",
            "execution_environment",
            "forks",
            "job_slice_count",
            "timeout",
        )
    )
)
PROJECT: Defaults = MappingProxyType(
    {
        **dict.fromkeys(("scm_clean", "scm_track_submodules", "scm_delete_on_update", "allow_override"), False),
        "scm_refspec": "",
        "scm_update_cache_timeout": 0,
        "timeout": 0,
    }
)
INVENTORY: Defaults = MappingProxyType({"host_filter": None})
SOURCE: Defaults = MappingProxyType(
    {
        **dict.fromkeys(("enabled_var", "enabled_value", "host_filter", "limit", "scm_branch"), ""),
        **dict.fromkeys(("overwrite", "overwrite_vars", "update_on_launch"), True),
        "timeout": 0,
        "verbosity": 1,
    }
)
#: Texts of AWX that hold a dictionary, as JSON or YAML.
VARIABLES = frozenset({"extra_vars", "variables", "source_vars", "extra_data"})

_WEBHOOK = ("webhook_service", "webhook_credential")
_STARTED = "notification_templates_started"
_SUCCESS = "notification_templates_success"
#: Associations of schedules and nodes. AWX ignores them for templates that do not ask for them at launch.
_IGNORED = frozenset({"credentials", "labels", "instance_groups"})
#: Properties and associations that the operator may set in AWX: no run changes them.
OPERATORS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "organizations": frozenset(
            {"description", "max_hosts", "default_environment", "instance_groups", _STARTED, _SUCCESS}
            | {"notification_templates_error", "notification_templates_approvals"}
        ),
        "execution_environments": frozenset({"organization", "credential", "pull"}),
        "projects": frozenset(
            {"local_path", "default_environment", "signature_validation_credential", _STARTED, _SUCCESS}
        ),
        "inventories": frozenset({"prevent_instance_group_fallback", "labels"}),
        "inventory_sources": frozenset({"credentials", _STARTED, _SUCCESS}),
        "job_templates": frozenset({"host_config_key", "prevent_instance_group_fallback", _STARTED, *_WEBHOOK}),
        "schedules": _IGNORED,
        "workflow_job_templates": frozenset({_STARTED, *_WEBHOOK}),
        "workflow_job_template_nodes": _IGNORED,
    }
)
