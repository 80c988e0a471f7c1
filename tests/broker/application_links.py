"""The links of applications, their cartridges and their aliases, by API version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import state
from .catalog import other_names
from .links import BOOLEAN, Link, make_link, optional_param, required_param

_FIRST_VERSION, _LAST_VERSION = 1.0, 99.0


def _event_params(name: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [required_param("event", options=[name]), *more]


@dataclass(frozen=True)
class _ApplicationLink:
    """A link of an application document, and the API versions that have it.

    ``ha``: the link is absent while the administrator has switched HA off.
    """

    key: str
    rel: str
    method: str
    path: str
    required: tuple[Any, ...] = ()
    optional: tuple[Any, ...] = ()
    since: float = _FIRST_VERSION
    until: float = _LAST_VERSION
    ha: bool = False


def _application_event(
    key: str, rel: str, event: str, since: float = _FIRST_VERSION, ha: bool = False
) -> _ApplicationLink:
    return _ApplicationLink(key, rel, "POST", "/events", tuple(_event_params(event)), since=since, ha=ha)


_APPLICATION_LINKS = (
    _ApplicationLink("GET", "Get application", "GET", ""),
    _ApplicationLink("GET_DESCRIPTOR", "Get application descriptor", "GET", "/descriptor"),
    _ApplicationLink("GET_GEARS", "Get application gears", "GET", "/gears", until=1.0),
    _ApplicationLink("GET_GEAR_GROUPS", "Get application gear groups", "GET", "/gear_groups"),
    _application_event("START", "Start application", "start"),
    _application_event("STOP", "Stop application", "stop"),
    _application_event("FORCE_STOP", "Force stop application", "force-stop"),
    _application_event("RESTART", "Restart application", "restart"),
    _application_event("SCALE_UP", "Scale up application", "scale-up"),
    _application_event("SCALE_DOWN", "Scale down application", "scale-down"),
    _application_event("TIDY", "Tidy the application framework", "tidy"),
    _application_event("RELOAD", "Reload the application", "reload"),
    _application_event("THREAD_DUMP", "Trigger thread dump", "thread-dump"),
    _ApplicationLink("ADD_CARTRIDGE", "Add embedded cartridge", "POST", "/cartridges", (required_param("name"),)),
    _ApplicationLink("LIST_CARTRIDGES", "List embedded cartridges", "GET", "/cartridges"),
    _ApplicationLink("DNS_RESOLVABLE", "Resolve DNS", "GET", "/dns_resolvable"),
    _ApplicationLink(
        "ADD_ALIAS",
        "Add application alias",
        "POST",
        "/events",
        tuple(_event_params("add-alias", required_param("alias"))),
        until=1.3,
    ),
    _ApplicationLink(
        "REMOVE_ALIAS",
        "Remove application alias",
        "POST",
        "/events",
        tuple(_event_params("remove-alias", required_param("alias"))),
        until=1.3,
    ),
    _ApplicationLink(
        "ADD_ALIAS",
        "Create new alias",
        "POST",
        "/aliases",
        (required_param("id"),),
        (optional_param("ssl_certificate"), optional_param("private_key"), optional_param("pass_phrase")),
        since=1.4,
    ),
    _ApplicationLink("LIST_ALIASES", "List application aliases", "GET", "/aliases", since=1.4),
    _ApplicationLink("LIST_MEMBERS", "List members of this application", "GET", "/members", since=1.4),
    _ApplicationLink(
        "ADD_ENVIRONMENT_VARIABLE",
        "Add an environment variable",
        "POST",
        "/environment-variables",
        (required_param("name"), required_param("value")),
        since=1.6,
    ),
    _ApplicationLink(
        "SET_UNSET_ENVIRONMENT_VARIABLES",
        "Add/Update/Delete one or more environment variables",
        "POST",
        "/environment-variables",
        (),
        (optional_param("name"), optional_param("value"), optional_param("environment_variables", "array")),
        since=1.1,
        until=1.5,
    ),
    _ApplicationLink(
        "SET_UNSET_ENVIRONMENT_VARIABLES",
        "Add/Update/Delete one or more environment variables",
        "PATCH",
        "/environment-variables",
        (),
        (optional_param("name"), optional_param("value"), optional_param("environment_variables", "array")),
        since=1.6,
    ),
    _ApplicationLink("LIST_ENVIRONMENT_VARIABLES", "List all environment variables", "GET", "/environment-variables"),
    _ApplicationLink(
        "DEPLOY",
        "Deploy the application",
        "POST",
        "/deployments",
        (),
        (
            optional_param("ref", default="master"),
            optional_param("artifact_url"),
            optional_param("hot_deploy", "boolean", ["true or false"], False),
            optional_param("force_clean_build", "string", ["true or false"], False),
        ),
    ),
    _ApplicationLink(
        "UPDATE_DEPLOYMENTS",
        "Update deployments (Special permissions is required to update deployments)",
        "POST",
        "/deployments",
        (required_param("deployments", "array"),),
        since=1.1,
    ),
    _ApplicationLink(
        "ACTIVATE",
        "Activate a specific deployment of the application",
        "POST",
        "/events",
        tuple(_event_params("activate", required_param("deployment_id"))),
    ),
    _ApplicationLink("LIST_DEPLOYMENTS", "List all deployments", "GET", "/deployments"),
    _ApplicationLink(
        "UPDATE",
        "Update application",
        "PUT",
        "",
        (),
        (
            optional_param("auto_deploy", "boolean", BOOLEAN),
            optional_param("deployment_type", "string", ["git", "binary"]),
            optional_param("deployment_branch"),
            optional_param("keep_deployments", "integer"),
        ),
    ),
    _application_event("MAKE_HA", "Make the application Highly Available (HA)", "make-ha", since=1.6, ha=True),
    _application_event(
        "DISABLE_HA", "Disable Highly Available (HA) on the application", "disable-ha", since=1.6, ha=True
    ),
    _ApplicationLink("DELETE", "Delete application", "DELETE", ""),
)


def application_base(base: str, application: state.Application, version: float) -> str:
    """Return the URL of an application: by its identifier from API 1.6 on, by its names before."""
    if version >= 1.6:
        return f"{base}/application/{application.id}"
    if version > 1.0:
        return f"{base}/domain/{application.domain.name}/application/{application.name}"
    return f"{base}/domains/{application.domain.name}/applications/{application.name}"


def application_links(base: str, application: state.Application, version: float, allow_ha: bool) -> dict[str, Link]:
    """Return the links of an application.

    Every application has the HA links while the platform allows HA (transcript ``ha-disabled``).
    """
    home = application_base(base, application, version)
    found = {
        each.key: make_link(each.rel, each.method, home + each.path, each.required, each.optional)
        for each in _APPLICATION_LINKS
        if each.since <= version <= each.until and (allow_ha or not each.ha)
    }
    if version > 1.0:
        found["ADD_CARTRIDGE"]["optional_params"] = _add_cartridge_options(application, version)
    else:
        found["ADD_CARTRIDGE"]["required_params"] = [required_param("cartridge", "string", other_names())]
    return found


def _add_cartridge_options(application: state.Application, version: float) -> list[dict[str, Any]]:
    options = [
        optional_param("colocate_with", options=application.shape.cartridges),
        optional_param("scales_from", "integer"),
        optional_param("scales_to", "integer"),
        optional_param("additional_gear_storage", "integer"),
        optional_param("environment_variables", "array"),
    ]
    if version >= 1.4:
        options.insert(4, optional_param("gear_size", "string", [state.GEAR_SIZE], state.GEAR_SIZE))
    return options


def cartridge_links(home: str, name: str, version: float) -> dict[str, Link]:
    """Return the links of an application's cartridge; API 1.0 has no UPDATE."""
    embedded = "embedded " if version <= 1.0 else ""
    path = f"{home}/cartridges/{name}" if version <= 1.0 else f"{home}/cartridge/{name}"
    found = {"GET": make_link(f"Get {embedded}cartridge", "GET", path)}
    if version > 1.0:
        options = [
            optional_param("additional_gear_storage", "integer"),
            optional_param("scales_from", "integer"),
            optional_param("scales_to", "integer"),
        ]
        found["UPDATE"] = make_link("Update cartridge configuration", "PUT", path, (), options)
    for event in ("stop", "start", "restart", "reload"):
        rel = f"{event.capitalize()} {embedded}cartridge"
        found[event.upper()] = make_link(rel, "POST", f"{path}/events", _event_params(event))
    found["DELETE"] = make_link(f"Delete {embedded}cartridge", "DELETE", path)
    return found


def alias_links(home: str, name: str) -> dict[str, Link]:
    path = f"{home}/alias/{name}"
    return {
        "GET": make_link("Get alias", "GET", path),
        "UPDATE": make_link(
            "Update alias",
            "PUT",
            path,
            [required_param("ssl_certificate"), required_param("private_key")],
            [optional_param("pass_phrase")],
        ),
        "DELETE": make_link("Delete alias", "DELETE", path),
    }
