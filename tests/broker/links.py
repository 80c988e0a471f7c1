"""The links of the broker's documents: where a client goes next. Keys, paths and parameters are the protocol's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import state
from .catalog import other_names, web_framework_names

Link = dict[str, Any]
FIRST, LAST = 1.0, 99.0

ROLE_OPTIONS = list(state.ROLES)
KEY_TYPES = [
    "ssh-rsa",
    "ssh-dss",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-dss-cert-v01@openssh.com",
    "ssh-rsa-cert-v00@openssh.com",
    "ssh-dss-cert-v00@openssh.com",
    "krb5-principal",
]
SCOPE_NAMES = [
    "session",
    "read",
    "userinfo",
    "domain/:id/view",
    "domain/:id/edit",
    "domain/:id/admin",
    "application/:id/view",
    "application/:id/edit",
    "application/:id/admin",
]


def link(rel: str, method: str, href: str, required: Iterable[Any] = (), optional: Iterable[Any] = ()) -> Link:
    return {
        "href": href,
        "method": method,
        "optional_params": list(optional),
        "rel": rel,
        "required_params": list(required),
    }


def needs(name: str, kind: str = "string", options: Iterable[Any] = ()) -> dict[str, Any]:
    """A parameter that a link requires."""
    return {
        "description": _description(name),
        "invalid_options": [],
        "name": name,
        "type": kind,
        "valid_options": list(options),
    }


def takes(name: str, kind: str = "string", options: Iterable[Any] = (), default: Any = None) -> dict[str, Any]:
    """A parameter that a link may have."""
    return {
        "default_value": default,
        "description": _description(name),
        "name": name,
        "type": kind,
        "valid_options": list(options),
    }


def _description(name: str) -> str:
    return name.strip(":").replace("_", " ")


def _event(name: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [needs("event", options=[name]), *more]


@dataclass(frozen=True)
class _Entry:
    """A link of an application document, and the API versions that have it."""

    key: str
    rel: str
    method: str
    path: str
    required: tuple[Any, ...] = ()
    optional: tuple[Any, ...] = ()
    since: float = FIRST
    until: float = LAST
    ha: bool = False


def _application_event(key: str, rel: str, event: str, since: float = FIRST, ha: bool = False) -> _Entry:
    return _Entry(key, rel, "POST", "/events", tuple(_event(event)), since=since, ha=ha)


_BOOLEAN = (True, False)
_APPLICATION_ENTRIES = (
    _Entry("GET", "Get application", "GET", ""),
    _Entry("GET_DESCRIPTOR", "Get application descriptor", "GET", "/descriptor"),
    _Entry("GET_GEARS", "Get application gears", "GET", "/gears", until=1.0),
    _Entry("GET_GEAR_GROUPS", "Get application gear groups", "GET", "/gear_groups"),
    _application_event("START", "Start application", "start"),
    _application_event("STOP", "Stop application", "stop"),
    _application_event("FORCE_STOP", "Force stop application", "force-stop"),
    _application_event("RESTART", "Restart application", "restart"),
    _application_event("SCALE_UP", "Scale up application", "scale-up"),
    _application_event("SCALE_DOWN", "Scale down application", "scale-down"),
    _application_event("TIDY", "Tidy the application framework", "tidy"),
    _application_event("RELOAD", "Reload the application", "reload"),
    _application_event("THREAD_DUMP", "Trigger thread dump", "thread-dump"),
    _Entry("ADD_CARTRIDGE", "Add embedded cartridge", "POST", "/cartridges", (needs("name"),)),
    _Entry("LIST_CARTRIDGES", "List embedded cartridges", "GET", "/cartridges"),
    _Entry("DNS_RESOLVABLE", "Resolve DNS", "GET", "/dns_resolvable"),
    _Entry(
        "ADD_ALIAS",
        "Add application alias",
        "POST",
        "/events",
        tuple(_event("add-alias", needs("alias"))),
        until=1.3,
    ),
    _Entry(
        "REMOVE_ALIAS",
        "Remove application alias",
        "POST",
        "/events",
        tuple(_event("remove-alias", needs("alias"))),
        until=1.3,
    ),
    _Entry(
        "ADD_ALIAS",
        "Create new alias",
        "POST",
        "/aliases",
        (needs("id"),),
        (takes("ssl_certificate"), takes("private_key"), takes("pass_phrase")),
        since=1.4,
    ),
    _Entry("LIST_ALIASES", "List application aliases", "GET", "/aliases", since=1.4),
    _Entry("LIST_MEMBERS", "List members of this application", "GET", "/members", since=1.4),
    _Entry(
        "ADD_ENVIRONMENT_VARIABLE",
        "Add an environment variable",
        "POST",
        "/environment-variables",
        (needs("name"), needs("value")),
        since=1.6,
    ),
    _Entry(
        "SET_UNSET_ENVIRONMENT_VARIABLES",
        "Add/Update/Delete one or more environment variables",
        "POST",
        "/environment-variables",
        (),
        (takes("name"), takes("value"), takes("environment_variables", "array")),
        since=1.1,
        until=1.5,
    ),
    _Entry(
        "SET_UNSET_ENVIRONMENT_VARIABLES",
        "Add/Update/Delete one or more environment variables",
        "PATCH",
        "/environment-variables",
        (),
        (takes("name"), takes("value"), takes("environment_variables", "array")),
        since=1.6,
    ),
    _Entry("LIST_ENVIRONMENT_VARIABLES", "List all environment variables", "GET", "/environment-variables"),
    _Entry(
        "DEPLOY",
        "Deploy the application",
        "POST",
        "/deployments",
        (),
        (
            takes("ref", default="master"),
            takes("artifact_url"),
            takes("hot_deploy", "boolean", ["true or false"], False),
            takes("force_clean_build", "string", ["true or false"], False),
        ),
    ),
    _Entry(
        "UPDATE_DEPLOYMENTS",
        "Update deployments (Special permissions is required to update deployments)",
        "POST",
        "/deployments",
        (needs("deployments", "array"),),
        since=1.1,
    ),
    _Entry(
        "ACTIVATE",
        "Activate a specific deployment of the application",
        "POST",
        "/events",
        tuple(_event("activate", needs("deployment_id"))),
    ),
    _Entry("LIST_DEPLOYMENTS", "List all deployments", "GET", "/deployments"),
    _Entry(
        "UPDATE",
        "Update application",
        "PUT",
        "",
        (),
        (
            takes("auto_deploy", "boolean", _BOOLEAN),
            takes("deployment_type", "string", ["git", "binary"]),
            takes("deployment_branch"),
            takes("keep_deployments", "integer"),
        ),
    ),
    _application_event("MAKE_HA", "Make the application Highly Available (HA)", "make-ha", since=1.6, ha=True),
    _application_event(
        "DISABLE_HA", "Disable Highly Available (HA) on the application", "disable-ha", since=1.6, ha=True
    ),
    _Entry("DELETE", "Delete application", "DELETE", ""),
)


def application_base(base: str, application: state.Application, version: float) -> str:
    """Where an application lives; from 1.6 on by its identifier, before by its names."""
    if version >= 1.6:
        return f"{base}/application/{application.id}"
    if version > 1.0:
        return f"{base}/domain/{application.domain.name}/application/{application.name}"
    return f"{base}/domains/{application.domain.name}/applications/{application.name}"


def application_links(base: str, application: state.Application, version: float, allow_ha: bool) -> dict[str, Link]:
    """The HA links are there for every application, unless HA is switched off (transcript ``ha-disabled``)."""
    home = application_base(base, application, version)
    found = {
        entry.key: link(entry.rel, entry.method, home + entry.path, entry.required, entry.optional)
        for entry in _APPLICATION_ENTRIES
        if entry.since <= version <= entry.until and (allow_ha or not entry.ha)
    }
    if version > 1.0:
        found["ADD_CARTRIDGE"]["optional_params"] = _add_cartridge_options(application, version)
    else:
        found["ADD_CARTRIDGE"]["required_params"] = [needs("cartridge", "string", other_names())]
    return found


def _add_cartridge_options(application: state.Application, version: float) -> list[dict[str, Any]]:
    options = [
        takes("colocate_with", options=application.shape.cartridges),
        takes("scales_from", "integer"),
        takes("scales_to", "integer"),
        takes("additional_gear_storage", "integer"),
        takes("environment_variables", "array"),
    ]
    if version >= 1.4:
        options.insert(4, takes("gear_size", "string", [state.GEAR_SIZE], state.GEAR_SIZE))
    return options


def cartridge_links(home: str, name: str, version: float) -> dict[str, Link]:
    """Links of an application's cartridge; API 1.0 knows no update."""
    embedded = "embedded " if version <= 1.0 else ""
    path = f"{home}/cartridges/{name}" if version <= 1.0 else f"{home}/cartridge/{name}"
    found = {"GET": link(f"Get {embedded}cartridge", "GET", path)}
    if version > 1.0:
        options = [
            takes("additional_gear_storage", "integer"),
            takes("scales_from", "integer"),
            takes("scales_to", "integer"),
        ]
        found["UPDATE"] = link("Update cartridge configuration", "PUT", path, (), options)
    for event in ("stop", "start", "restart", "reload"):
        rel = f"{event.capitalize()} {embedded}cartridge"
        found[event.upper()] = link(rel, "POST", f"{path}/events", _event(event))
    found["DELETE"] = link(f"Delete {embedded}cartridge", "DELETE", path)
    return found


def domain_links(base: str, name: str, version: float) -> dict[str, Link]:
    home = f"{base}/domain/{name}" if version > 1.0 else f"{base}/domains/{name}"
    found = {
        "GET": link("Get domain", "GET", home),
        "ADD_APPLICATION": link(
            "Create new application", "POST", f"{home}/applications", [needs("name")], _add_application(version)
        ),
        "LIST_APPLICATIONS": link(
            "List applications for a domain" if version >= 1.6 else "List applications", "GET", f"{home}/applications"
        ),
        "UPDATE": link(
            "Update domain",
            "PUT",
            home,
            [needs("name" if version >= 1.6 else "id")],
            [takes("allowed_gear_sizes", "array", state.GEAR_SIZES)] if version > 1.0 else [],
        ),
        "DELETE": link("Delete domain", "DELETE", home, (), [takes("force", "boolean", _BOOLEAN, False)]),
    }
    if version > 1.0:
        found.update(_domain_member_links(home, version))
    return found


def _domain_member_links(home: str, version: float) -> dict[str, Link]:
    leave = "Remove yourself as a member of the domain" if version >= 1.6 else "Leave this domain"
    options = [
        takes("type", "string", ["user", "team"], "user"),
        takes("id"),
        takes("login"),
        takes("members", "Array"),
    ]
    return {
        "LIST_MEMBERS": link("List members of this domain", "GET", f"{home}/members"),
        "UPDATE_MEMBERS": link(
            "Add or remove one or more members to this domain.",
            "PATCH" if version >= 1.6 else "POST",
            f"{home}/members",
            [needs("role", "string", ROLE_OPTIONS)],
            options,
        ),
        "LEAVE": link(leave, "DELETE", f"{home}/members/self"),
    }


def _add_application(version: float) -> list[dict[str, Any]]:
    size = "gear_size" if version >= 1.6 else "gear_profile"
    first = takes("cartridge", options=web_framework_names()) if version <= 1.0 else takes("cartridges", "array")
    options = [
        first,
        takes("scale", "boolean", _BOOLEAN, False),
        takes(size, "string", [state.GEAR_SIZE], state.GEAR_SIZE),
        takes("initial_git_url", "string", ["", "empty"]),
    ]
    if version > 1.2:
        options.append(takes("cartridges[][name]"))
        options.append(takes("cartridges[][gear_size]", "string", [state.GEAR_SIZE], state.GEAR_SIZE))
    if version > 1.0:
        options.append(takes("environment_variables", "array"))
    if version >= 1.6:
        options.append(takes("region"))
    return options


def member_links(home: str, user_id: str) -> dict[str, Link]:
    path = f"{home}/member/{user_id}"
    return {
        "GET": link("Get member", "GET", path),
        "UPDATE": link("Update member", "PUT", path, [needs("role")]),
        "DELETE": link("Delete member", "DELETE", path),
    }


def user_links(base: str, subaccount: bool) -> dict[str, Link]:
    parameters = [needs("name"), needs("type", "string", KEY_TYPES), needs("content")]
    found = {
        "ADD_KEY": link("Add new SSH key", "POST", f"{base}/user/keys", parameters),
        "LIST_KEYS": link("List SSH keys", "GET", f"{base}/user/keys"),
    }
    if subaccount:
        rel = "Delete user. Only applicable for subaccount users."
        found["DELETE_USER"] = link(rel, "DELETE", f"{base}/user", (), [takes("force", "boolean", _BOOLEAN, False)])
    return found


def key_links(base: str, name: str) -> dict[str, Link]:
    path = f"{base}/user/key/{name}"
    return {
        "GET": link("Get SSH key", "GET", path),
        "UPDATE": link("Update SSH key", "PUT", path, [needs("type", "string", KEY_TYPES), needs("content")]),
        "DELETE": link("Delete SSH key", "DELETE", path),
    }


def alias_links(home: str, name: str) -> dict[str, Link]:
    path = f"{home}/alias/{name}"
    return {
        "GET": link("Get alias", "GET", path),
        "UPDATE": link(
            "Update alias", "PUT", path, [needs("ssl_certificate"), needs("private_key")], [takes("pass_phrase")]
        ),
        "DELETE": link("Delete alias", "DELETE", path),
    }


def variable_links(home: str, name: str) -> dict[str, Link]:
    path = f"{home}/environment-variable/{name}"
    return {
        "GET": link("Get environment variable", "GET", path),
        "UPDATE": link("Update environment variable", "PUT", path, [needs("value")]),
        "DELETE": link("Delete environment variable", "DELETE", path),
    }


def authorization_links(base: str, token_id: str) -> dict[str, Link]:
    path = f"{base}/user/authorization/{token_id}"
    return {
        "GET": link("Get authorization", "GET", path),
        "UPDATE": link("Update authorization", "PUT", path, [needs("note")]),
        "DELETE": link("Delete authorization", "DELETE", path),
    }


def api_links(base: str, version: float) -> dict[str, Link]:
    """The way in: what ``GET /api`` shows, by API version."""
    found = {**_entry_links(base, version), **_team_links(base)}
    if version >= 1.5:
        found.update(_application_list_links(base))
    if version >= 1.2:
        found.update(_authorization_entry_links(base))
    found["LIST_QUICKSTARTS"] = link("List quickstarts", "GET", f"{base}/quickstarts")
    found["SHOW_QUICKSTART"] = link("Retrieve quickstart with :id", "GET", f"{base}/quickstart/:id", [needs(":id")])
    return found


def _entry_links(base: str, version: float) -> dict[str, Link]:
    sizes = [takes("allowed_gear_sizes", "array", state.GEAR_SIZES)] if version >= 1.5 else []
    owner = [needs("owner", "string", ["@self"])]
    by_name = "Retrieve an application by its name and domain"
    application = f"{base}/domain/:domain_name/application/:name"
    return {
        "API": link("API entry point", "GET", f"{base}/api"),
        "GET_ENVIRONMENT": link("Get environment information", "GET", f"{base}/environment"),
        "GET_USER": link("Get user information", "GET", f"{base}/user"),
        "ADD_DOMAIN": link(
            "Create new domain", "POST", f"{base}/domains", [needs("id" if version <= 1.5 else "name")], sizes
        ),
        "LIST_DOMAINS": link("List all domains you have access to", "GET", f"{base}/domains"),
        "LIST_DOMAINS_BY_OWNER": link("List domains by owner", "GET", f"{base}/domains", owner),
        "SHOW_DOMAIN": link("Retrieve a domain by its name", "GET", f"{base}/domain/:name", [needs(":name")]),
        "SHOW_APPLICATION_BY_DOMAIN": link(by_name, "GET", application, [needs(":domain_name"), needs(":name")]),
        "LIST_CARTRIDGES": link("List public cartridges", "GET", f"{base}/cartridges", (), [takes("category")]),
        "SHOW_CARTRIDGE": link(
            "Retrieve a public cartridge by name", "GET", f"{base}/cartridge/:name", [needs(":name")]
        ),
        "SHOW_CARTRIDGE_BY_ID": link("Retrieve a cartridge by id", "GET", f"{base}/cartridge/:id", [needs(":id")]),
        "LIST_REGIONS": link("List all regions", "GET", f"{base}/regions"),
    }


def _team_links(base: str) -> dict[str, Link]:
    search = [needs("search"), needs("global", "boolean", _BOOLEAN)]
    return {
        "ADD_TEAM": link("Create new team", "POST", f"{base}/teams", [needs("name")]),
        "LIST_TEAMS": link("List all teams you are a member of", "GET", f"{base}/teams"),
        "LIST_TEAMS_BY_OWNER": link(
            "List teams by owner", "GET", f"{base}/teams", [needs("owner", "string", ["@self"])]
        ),
        "SHOW_TEAM": link("Retrieve a team by it's id", "GET", f"{base}/team/:id", [needs(":id")]),
        "SEARCH_TEAMS": link("Search teams by name", "GET", f"{base}/teams", search),
    }


def _application_list_links(base: str) -> dict[str, Link]:
    owner = [needs("owner", "string", ["@self"])]
    return {
        "LIST_APPLICATIONS": link("List application", "GET", f"{base}/applications"),
        "LIST_APPLICATIONS_BY_OWNER": link("List applications by owner", "GET", f"{base}/applications", owner),
        "SHOW_APPLICATION": link("Retrieve application by id", "GET", f"{base}/application/:id", [needs(":id")]),
    }


def _authorization_entry_links(base: str) -> dict[str, Link]:
    options = [
        takes("scope", "string", SCOPE_NAMES, "userinfo"),
        takes("note"),
        takes("expires_in", "integer", (), -1),
        takes("reuse", "boolean", _BOOLEAN, False),
    ]
    path = f"{base}/user/authorizations"
    return {
        "LIST_AUTHORIZATIONS": link("List authorizations", "GET", path),
        "SHOW_AUTHORIZATION": link(
            "Retrieve authorization :id", "GET", f"{base}/user/authorization/:id", [needs(":id")]
        ),
        "ADD_AUTHORIZATION": link("Add new authorization", "POST", path, (), options),
    }
