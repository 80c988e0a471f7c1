"""The links in the broker's documents, which clients follow. Keys, paths and parameters are part of the protocol.

The links are complete, as clients expect them. Some lead to resources that the embedded broker does not model: those
requests get a 404.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import state
from .catalog import web_framework_names

Link = dict[str, Any]
BOOLEAN = (True, False)
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


def make_link(rel: str, method: str, href: str, required: Iterable[Any] = (), optional: Iterable[Any] = ()) -> Link:
    return {
        "href": href,
        "method": method,
        "optional_params": list(optional),
        "rel": rel,
        "required_params": list(required),
    }


def required_param(name: str, kind: str = "string", options: Iterable[Any] = ()) -> dict[str, Any]:
    """Return the description of a parameter that a link requires."""
    return {
        "description": _description(name),
        "invalid_options": [],
        "name": name,
        "type": kind,
        "valid_options": list(options),
    }


def optional_param(name: str, kind: str = "string", options: Iterable[Any] = (), default: Any = None) -> dict[str, Any]:
    """Return the description of a parameter that a link accepts."""
    return {
        "default_value": default,
        "description": _description(name),
        "name": name,
        "type": kind,
        "valid_options": list(options),
    }


def _description(name: str) -> str:
    return name.strip(":").replace("_", " ")


def domain_links(base: str, name: str, version: float) -> dict[str, Link]:
    home = f"{base}/domain/{name}" if version > 1.0 else f"{base}/domains/{name}"
    found = {
        "GET": make_link("Get domain", "GET", home),
        "ADD_APPLICATION": make_link(
            "Create new application",
            "POST",
            f"{home}/applications",
            [required_param("name")],
            _add_application_options(version),
        ),
        "LIST_APPLICATIONS": make_link(
            "List applications for a domain" if version >= 1.6 else "List applications", "GET", f"{home}/applications"
        ),
        "UPDATE": make_link(
            "Update domain",
            "PUT",
            home,
            [required_param("name" if version >= 1.6 else "id")],
            [optional_param("allowed_gear_sizes", "array", state.GEAR_SIZES)] if version > 1.0 else [],
        ),
        "DELETE": make_link("Delete domain", "DELETE", home, (), [optional_param("force", "boolean", BOOLEAN, False)]),
    }
    if version > 1.0:
        found.update(_domain_member_links(home, version))
    return found


def _domain_member_links(home: str, version: float) -> dict[str, Link]:
    leave = "Remove yourself as a member of the domain" if version >= 1.6 else "Leave this domain"
    options = [
        optional_param("type", "string", ["user", "team"], "user"),
        optional_param("id"),
        optional_param("login"),
        optional_param("members", "Array"),
    ]
    return {
        "LIST_MEMBERS": make_link("List members of this domain", "GET", f"{home}/members"),
        "UPDATE_MEMBERS": make_link(
            "Add or remove one or more members to this domain.",
            "PATCH" if version >= 1.6 else "POST",
            f"{home}/members",
            [required_param("role", "string", ROLE_OPTIONS)],
            options,
        ),
        "LEAVE": make_link(leave, "DELETE", f"{home}/members/self"),
    }


def _add_application_options(version: float) -> list[dict[str, Any]]:
    size = "gear_size" if version >= 1.6 else "gear_profile"
    first = (
        optional_param("cartridge", options=web_framework_names())
        if version <= 1.0
        else optional_param("cartridges", "array")
    )
    options = [
        first,
        optional_param("scale", "boolean", BOOLEAN, False),
        optional_param(size, "string", [state.GEAR_SIZE], state.GEAR_SIZE),
        optional_param("initial_git_url", "string", ["", "empty"]),
    ]
    if version > 1.2:
        options.append(optional_param("cartridges[][name]"))
        options.append(optional_param("cartridges[][gear_size]", "string", [state.GEAR_SIZE], state.GEAR_SIZE))
    if version > 1.0:
        options.append(optional_param("environment_variables", "array"))
    if version >= 1.6:
        options.append(optional_param("region"))
    return options


def member_links(home: str, user_id: str) -> dict[str, Link]:
    path = f"{home}/member/{user_id}"
    return {
        "GET": make_link("Get member", "GET", path),
        "UPDATE": make_link("Update member", "PUT", path, [required_param("role")]),
        "DELETE": make_link("Delete member", "DELETE", path),
    }


def user_links(base: str, subaccount: bool) -> dict[str, Link]:
    parameters = [required_param("name"), required_param("type", "string", KEY_TYPES), required_param("content")]
    found = {
        "ADD_KEY": make_link("Add new SSH key", "POST", f"{base}/user/keys", parameters),
        "LIST_KEYS": make_link("List SSH keys", "GET", f"{base}/user/keys"),
    }
    if subaccount:
        rel = "Delete user. Only applicable for subaccount users."
        found["DELETE_USER"] = make_link(
            rel, "DELETE", f"{base}/user", (), [optional_param("force", "boolean", BOOLEAN, False)]
        )
    return found


def key_links(base: str, name: str) -> dict[str, Link]:
    path = f"{base}/user/key/{name}"
    return {
        "GET": make_link("Get SSH key", "GET", path),
        "UPDATE": make_link(
            "Update SSH key", "PUT", path, [required_param("type", "string", KEY_TYPES), required_param("content")]
        ),
        "DELETE": make_link("Delete SSH key", "DELETE", path),
    }


def authorization_links(base: str, token_id: str) -> dict[str, Link]:
    path = f"{base}/user/authorization/{token_id}"
    return {
        "GET": make_link("Get authorization", "GET", path),
        "UPDATE": make_link("Update authorization", "PUT", path, [required_param("note")]),
        "DELETE": make_link("Delete authorization", "DELETE", path),
    }


def api_links(base: str, version: float) -> dict[str, Link]:
    """Return the links of ``GET /api``, the entry point of every client."""
    found = {**_entry_links(base, version), **_team_links(base)}
    if version >= 1.5:
        found.update(_application_list_links(base))
    if version >= 1.2:
        found.update(_authorization_links(base))
    found["LIST_QUICKSTARTS"] = make_link("List quickstarts", "GET", f"{base}/quickstarts")
    found["SHOW_QUICKSTART"] = make_link(
        "Retrieve quickstart with :id", "GET", f"{base}/quickstart/:id", [required_param(":id")]
    )
    return found


def _entry_links(base: str, version: float) -> dict[str, Link]:
    sizes = [optional_param("allowed_gear_sizes", "array", state.GEAR_SIZES)] if version >= 1.5 else []
    owner = [required_param("owner", "string", ["@self"])]
    by_name = "Retrieve an application by its name and domain"
    application = f"{base}/domain/:domain_name/application/:name"
    return {
        "API": make_link("API entry point", "GET", f"{base}/api"),
        "GET_ENVIRONMENT": make_link("Get environment information", "GET", f"{base}/environment"),
        "GET_USER": make_link("Get user information", "GET", f"{base}/user"),
        "ADD_DOMAIN": make_link(
            "Create new domain", "POST", f"{base}/domains", [required_param("id" if version <= 1.5 else "name")], sizes
        ),
        "LIST_DOMAINS": make_link("List all domains you have access to", "GET", f"{base}/domains"),
        "LIST_DOMAINS_BY_OWNER": make_link("List domains by owner", "GET", f"{base}/domains", owner),
        "SHOW_DOMAIN": make_link(
            "Retrieve a domain by its name", "GET", f"{base}/domain/:name", [required_param(":name")]
        ),
        "SHOW_APPLICATION_BY_DOMAIN": make_link(
            by_name, "GET", application, [required_param(":domain_name"), required_param(":name")]
        ),
        "LIST_CARTRIDGES": make_link(
            "List public cartridges", "GET", f"{base}/cartridges", (), [optional_param("category")]
        ),
        "SHOW_CARTRIDGE": make_link(
            "Retrieve a public cartridge by name", "GET", f"{base}/cartridge/:name", [required_param(":name")]
        ),
        "SHOW_CARTRIDGE_BY_ID": make_link(
            "Retrieve a cartridge by id", "GET", f"{base}/cartridge/:id", [required_param(":id")]
        ),
        "LIST_REGIONS": make_link("List all regions", "GET", f"{base}/regions"),
    }


def _team_links(base: str) -> dict[str, Link]:
    search = [required_param("search"), required_param("global", "boolean", BOOLEAN)]
    return {
        "ADD_TEAM": make_link("Create new team", "POST", f"{base}/teams", [required_param("name")]),
        "LIST_TEAMS": make_link("List all teams you are a member of", "GET", f"{base}/teams"),
        "LIST_TEAMS_BY_OWNER": make_link(
            "List teams by owner", "GET", f"{base}/teams", [required_param("owner", "string", ["@self"])]
        ),
        "SHOW_TEAM": make_link("Retrieve a team by it's id", "GET", f"{base}/team/:id", [required_param(":id")]),
        "SEARCH_TEAMS": make_link("Search teams by name", "GET", f"{base}/teams", search),
    }


def _application_list_links(base: str) -> dict[str, Link]:
    owner = [required_param("owner", "string", ["@self"])]
    return {
        "LIST_APPLICATIONS": make_link("List application", "GET", f"{base}/applications"),
        "LIST_APPLICATIONS_BY_OWNER": make_link("List applications by owner", "GET", f"{base}/applications", owner),
        "SHOW_APPLICATION": make_link(
            "Retrieve application by id", "GET", f"{base}/application/:id", [required_param(":id")]
        ),
    }


def _authorization_links(base: str) -> dict[str, Link]:
    options = [
        optional_param("scope", "string", SCOPE_NAMES, "userinfo"),
        optional_param("note"),
        optional_param("expires_in", "integer", (), -1),
        optional_param("reuse", "boolean", BOOLEAN, False),
    ]
    path = f"{base}/user/authorizations"
    return {
        "LIST_AUTHORIZATIONS": make_link("List authorizations", "GET", path),
        "SHOW_AUTHORIZATION": make_link(
            "Retrieve authorization :id", "GET", f"{base}/user/authorization/:id", [required_param(":id")]
        ),
        "ADD_AUTHORIZATION": make_link("Add new authorization", "POST", path, (), options),
    }
