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
    #: The fields that name what the object is a part of: it is removed with that.
    parts_of: tuple[str, ...] = ()
    #: The roles that teams may get for it.
    roles: tuple[str, ...] = ()

    @property
    def writable(self) -> frozenset[str]:
        """The properties that AWX lets an administrator set, as its OPTIONS list them, and the associations."""
        return frozenset(field.name for field in self.fields if not field.read_only) | set(self.associations)


_ORGANIZATION = Field("organization", "organizations", None)
_ENVIRONMENT = Field("execution_environment", "execution_environments", None)
_WEBHOOK = (Field("webhook_service"), Field("webhook_credential", "credentials", None))
#: AWX stores these texts of a workflow together: a request with one of them removes the others.
TOGETHER = ("limit", "scm_branch", "job_tags", "skip_tags")
#: What a schedule or a node sets for its jobs.
_LAUNCH = (
    Field("extra_data", "dict", {}),
    Field("inventory", "inventories", None),
    _ENVIRONMENT,
    Field("job_type", default=None, choices=("", "run", "check")),
    *(Field(name, default=None) for name in TOGETHER),
    *(Field(name, "int", None) for name in ("verbosity", "forks", "job_slice_count", "timeout")),
    Field("diff_mode", "bool", None),
)
_OF_LAUNCH = {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"}

ORGANIZATIONS = Resource(
    "organizations",
    "organization",
    (_NAME, _DESCRIPTION, Field("max_hosts", "int", 0), Field("default_environment", "execution_environments", None)),
    associations={
        **_NOTIFIED,
        "notification_templates_approvals": "notification_templates",
        "galaxy_credentials": "credentials",
        "instance_groups": "instance_groups",
    },
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
    roles=("admin_role", "use_role", "read_role"),
)
INPUT_SOURCES = Resource(
    "credential_input_sources",
    "credential_input_source",
    (
        _DESCRIPTION,
        Field("input_field_name", required=True),
        Field("metadata", "dict", {}),
        Field("target_credential", "credentials", None, required=True),
        Field("source_credential", "credentials", None, required=True),
    ),
    unique=(("target_credential", "input_field_name"),),
    parts_of=("target_credential",),
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
        Field("signature_validation_credential", "credentials", None),
        Field("scm_revision", read_only=True),
        Field("status", default="never updated", read_only=True),
    ),
    unique=(("name", "organization"),),
    associations=_NOTIFIED,
    template=True,
    roles=("admin_role", "use_role", "update_role", "read_role"),
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
        Field("pending_deletion", "bool", False, read_only=True),
    ),
    unique=(("name", "organization"),),
    associations={"instance_groups": "instance_groups", "labels": "labels"},
    roles=("admin_role", "update_role", "adhoc_role", "use_role", "read_role"),
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
    associations={**_NOTIFIED, "credentials": "credentials"},
    template=True,
    parts_of=("inventory",),
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
        *_asks("labels", "instance_groups"),
        *_WEBHOOK,
        Field("host_config_key"),
        Field("prevent_instance_group_fallback", "bool", False),
    ),
    unique=(("name", "organization"),),
    associations={
        **_NOTIFIED,
        "credentials": "credentials",
        "labels": "labels",
        "instance_groups": "instance_groups",
    },
    template=True,
    has_survey=True,
    roles=("admin_role", "execute_role", "read_role"),
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
        *_LAUNCH,
    ),
    unique=(("unified_job_template", "name"),),
    associations=_OF_LAUNCH,
    parts_of=("unified_job_template",),
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
        *(Field(name, default=None) for name in TOGETHER),
        *_asks("variables", "limit", "inventory", "scm_branch", "labels", "tags", "skip_tags"),
        *_WEBHOOK,
    ),
    unique=(("name", "organization"),),
    associations={
        **_NOTIFIED,
        "notification_templates_approvals": "notification_templates",
        "labels": "labels",
    },
    template=True,
    has_survey=True,
    roles=("admin_role", "execute_role", "approval_role", "read_role"),
)
NODES = Resource(
    "workflow_job_template_nodes",
    "workflow_job_template_node",
    (
        Field("identifier"),
        Field("workflow_job_template", "workflow_job_templates", None, required=True, fixed=True),
        Field("unified_job_template", "unified_job_templates", None),
        *_LAUNCH,
        Field("all_parents_must_converge", "bool", False),
    ),
    unique=(("identifier", "workflow_job_template"),),
    associations={
        **{f"{when}_nodes": "workflow_job_template_nodes" for when in ("success", "failure", "always")},
        **_OF_LAUNCH,
    },
    parts_of=("workflow_job_template",),
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
        Field("messages", "dict", {"started": None, "success": None, "error": None, "workflow_approval": None}),
    ),
    unique=(("organization", "name"),),
)
LABELS = Resource("labels", "label", (_NAME, _ORGANIZATION), unique=(("name", "organization"),))
GROUPS = Resource("instance_groups", "instance_group", (_NAME,))
TEAMS = Resource("teams", "team", (_NAME, _DESCRIPTION, _ORGANIZATION), unique=(("name", "organization"),))
HOSTS = Resource(
    "hosts",
    "host",
    (_NAME, Field("inventory", "inventories", None, required=True), Field("enabled", "bool", True)),
    unique=(("name", "inventory"),),
    parts_of=("inventory",),
)
JOBS = Resource(
    "jobs",
    "job",
    (_NAME, Field("unified_job_template", "unified_job_templates", None), Field("status", default="pending")),
    unique=(),
)

RESOURCES = {
    resource.path: resource
    for resource in (
        ORGANIZATIONS,
        ENVIRONMENTS,
        CREDENTIAL_TYPES,
        CREDENTIALS,
        INPUT_SOURCES,
        PROJECTS,
        INVENTORIES,
        INVENTORY_SOURCES,
        JOB_TEMPLATES,
        SCHEDULES,
        WORKFLOWS,
        NODES,
        APPROVALS,
        NOTIFICATIONS,
        LABELS,
        GROUPS,
        TEAMS,
        HOSTS,
        JOBS,
    )
}
#: Paths that list the objects of several others.
UNIONS = {
    "unified_job_templates": tuple(path for path, resource in RESOURCES.items() if resource.template),
    "unified_jobs": ("jobs",),
}
