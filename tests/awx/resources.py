"""The resources of AWX that awx_setup.yml uses: their fields, unique values and associations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .fields import Field

_NAME = Field("name", required=True)
_DESCRIPTION = Field("description")
_KINDS = ("ssh", "vault", "net", "scm", "cloud", "registry", "token", "insights", "external", "kubernetes", "galaxy")
_NOTIFIED = {f"notification_templates_{when}": "notification_templates" for when in ("started", "success", "error")}


def _asks(*what: str) -> tuple[Field, ...]:
    return tuple(Field(f"ask_{name}_on_launch", "bool", False) for name in what)


@dataclass(frozen=True)
class Resource:
    """A kind of object: its path in the API, and its rules.

    ``unique``: combinations of fields that must differ between objects. ``associations``: lists of objects of another
    path. ``template``: it is a unified job template too.
    """

    path: str
    type: str
    fields: tuple[Field, ...]
    unique: tuple[tuple[str, ...], ...] = (("name",),)
    associations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    template: bool = False
    has_survey: bool = False


_ORGANIZATION = Field("organization", "organizations", None)
_ENVIRONMENT = Field("execution_environment", "execution_environments", None)

ORGANIZATIONS = Resource(
    "organizations",
    "organization",
    (_NAME, _DESCRIPTION, Field("max_hosts", "int", 0), Field("default_environment", "execution_environments", None)),
    associations={**_NOTIFIED, "galaxy_credentials": "credentials", "instance_groups": "instance_groups"},
)
ENVIRONMENTS = Resource(
    "execution_environments",
    "execution_environment",
    (
        _NAME,
        _DESCRIPTION,
        Field("organization", "organizations", None, fixed=True),
        Field("image", required=True),
        Field("credential", "credentials", None),
        Field("pull", choices=("", "always", "missing", "never")),
        Field("managed", "bool", False, read_only=True),
    ),
)
CREDENTIAL_TYPES = Resource(
    "credential_types",
    "credential_type",
    (
        _NAME,
        _DESCRIPTION,
        Field("kind", required=True, choices=_KINDS),
        Field("namespace", default=None, read_only=True),
        Field("inputs", "dict", {}),
        Field("injectors", "dict", {}),
        Field("managed", "bool", False, read_only=True),
    ),
    unique=(("name", "kind"),),
)
CREDENTIALS = Resource(
    "credentials",
    "credential",
    (
        _NAME,
        _DESCRIPTION,
        _ORGANIZATION,
        Field("credential_type", "credential_types", None, required=True),
        Field("inputs", "dict", {}),
        Field("managed", "bool", False, read_only=True),
    ),
    unique=(("organization", "name", "credential_type"),),
)
PROJECTS = Resource(
    "projects",
    "project",
    (
        _NAME,
        _DESCRIPTION,
        _ORGANIZATION,
        Field("scm_type", choices=("", "git", "svn", "insights", "archive")),
        Field("scm_url"),
        Field("scm_branch"),
        Field("scm_refspec"),
        Field("local_path"),
        Field("credential", "credentials", None),
        *(Field(name, "bool", False) for name in ("scm_clean", "scm_delete_on_update", "scm_track_submodules")),
        Field("scm_update_on_launch", "bool", False),
        Field("scm_update_cache_timeout", "int", 0),
        Field("allow_override", "bool", False),
        Field("timeout", "int", 0),
        Field("default_environment", "execution_environments", None),
        Field("scm_revision", read_only=True),
        Field("status", default="never updated", read_only=True),
    ),
    unique=(("name", "organization"),),
    associations=_NOTIFIED,
    template=True,
)
INVENTORIES = Resource(
    "inventories",
    "inventory",
    (
        _NAME,
        _DESCRIPTION,
        Field("organization", "organizations", None, required=True),
        Field("kind", choices=("", "smart", "constructed")),
        Field("host_filter", default=None),
        Field("variables", "variables"),
        Field("prevent_instance_group_fallback", "bool", False),
    ),
    unique=(("name", "organization"),),
    associations={"instance_groups": "instance_groups"},
)
INVENTORY_SOURCES = Resource(
    "inventory_sources",
    "inventory_source",
    (
        _NAME,
        _DESCRIPTION,
        Field("inventory", "inventories", None, required=True, fixed=True),
        Field("source", choices=("", "file", "constructed", "scm", "ec2", "gce", "azure_rm", "vmware")),
        Field("source_path"),
        Field("source_vars", "variables"),
        Field("source_project", "projects", None),
        Field("scm_branch"),
        Field("credential", "credentials", None),
        _ENVIRONMENT,
        *(Field(name) for name in ("enabled_var", "enabled_value", "host_filter", "limit")),
        *(Field(name, "bool", False) for name in ("overwrite", "overwrite_vars", "update_on_launch")),
        *(Field(name, "int", default) for name, default in (("timeout", 0), ("verbosity", 1))),
        Field("update_cache_timeout", "int", 0),
    ),
    unique=(("name", "inventory"),),
    associations=_NOTIFIED,
    template=True,
)
JOB_TEMPLATES = Resource(
    "job_templates",
    "job_template",
    (
        _NAME,
        _DESCRIPTION,
        Field("organization", "organizations", None, read_only=True),
        Field("job_type", default="run", choices=("run", "check")),
        Field("inventory", "inventories", None),
        Field("project", "projects", None),
        Field("playbook"),
        _ENVIRONMENT,
        *(Field(name, "int", default) for name, default in (("forks", 0), ("verbosity", 0), ("timeout", 0))),
        Field("job_slice_count", "int", 1),
        Field("extra_vars", "variables"),
        *(Field(name) for name in ("scm_branch", "limit", "job_tags", "skip_tags", "start_at_task")),
        *(Field(name, "bool", False) for name in ("survey_enabled", "become_enabled", "diff_mode")),
        *(Field(name, "bool", False) for name in ("allow_simultaneous", "use_fact_cache", "force_handlers")),
        *_asks("variables", "limit", "inventory", "credential", "job_type", "diff_mode", "scm_branch"),
        *_asks("job_slice_count", "forks", "tags", "skip_tags", "verbosity", "execution_environment", "timeout"),
    ),
    unique=(("name", "organization"),),
    associations={**_NOTIFIED, "credentials": "credentials"},
    template=True,
    has_survey=True,
)
SCHEDULES = Resource(
    "schedules",
    "schedule",
    (
        _NAME,
        _DESCRIPTION,
        Field("unified_job_template", "unified_job_templates", None, required=True),
        Field("rrule", required=True),
        Field("enabled", "bool", True),
        Field("extra_data", "dict", {}),
    ),
    unique=(("unified_job_template", "name"),),
    associations={"credentials": "credentials"},
)
WORKFLOWS = Resource(
    "workflow_job_templates",
    "workflow_job_template",
    (
        _NAME,
        _DESCRIPTION,
        _ORGANIZATION,
        Field("inventory", "inventories", None),
        Field("extra_vars", "variables"),
        *(Field(name, "bool", False) for name in ("survey_enabled", "allow_simultaneous")),
        *_asks("variables", "limit", "inventory", "scm_branch"),
    ),
    unique=(("name", "organization"),),
    associations={**_NOTIFIED, "notification_templates_approvals": "notification_templates"},
    template=True,
    has_survey=True,
)
NODES = Resource(
    "workflow_job_template_nodes",
    "workflow_job_template_node",
    (
        Field("identifier"),
        Field("workflow_job_template", "workflow_job_templates", None, required=True, fixed=True),
        Field("unified_job_template", "unified_job_templates", None),
        Field("extra_data", "dict", {}),
        Field("inventory", "inventories", None),
        Field("limit", default=None),
        Field("job_type", default=None),
        Field("all_parents_must_converge", "bool", False),
    ),
    unique=(("identifier", "workflow_job_template"),),
    associations={
        **{f"{when}_nodes": "workflow_job_template_nodes" for when in ("success", "failure", "always")},
        "credentials": "credentials",
    },
)
APPROVALS = Resource(
    "workflow_approval_templates",
    "workflow_approval_template",
    (_NAME, _DESCRIPTION, Field("timeout", "int", 0)),
    unique=(),
)
NOTIFICATIONS = Resource(
    "notification_templates",
    "notification_template",
    (
        _NAME,
        _DESCRIPTION,
        Field("organization", "organizations", None, required=True),
        Field("notification_type", required=True, choices=("email", "slack", "webhook", "pagerduty")),
        Field("notification_configuration", "dict", {}),
    ),
    unique=(("organization", "name"),),
)

RESOURCES = {
    resource.path: resource
    for resource in (
        ORGANIZATIONS,
        ENVIRONMENTS,
        CREDENTIAL_TYPES,
        CREDENTIALS,
        PROJECTS,
        INVENTORIES,
        INVENTORY_SOURCES,
        JOB_TEMPLATES,
        SCHEDULES,
        WORKFLOWS,
        NODES,
        APPROVALS,
        NOTIFICATIONS,
    )
}
