"""The paths and their handlers. A path accepts the singular and the plural name in front of an identifier."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import views_applications as applications
from . import views_cartridges as cartridges
from . import views_deployments as deployments
from . import views_domains as domains
from . import views_events as events
from . import views_parts as parts
from . import views_user as user
from .calls import Call, Reply

Handler = Callable[[Call], Reply]
_SINGULAR = {
    "applications": "application",
    "domains": "domain",
    "cartridges": "cartridge",
    "aliases": "alias",
    "members": "member",
    "keys": "key",
    "authorizations": "authorization",
    "deployments": "deployment",
}


@dataclass(frozen=True)
class ApiRoute:
    """The method and the path of a handler.

    ``anyone``: no credentials needed. ``always``: available in maintenance, too.
    """

    method: str
    path: str
    handler: Handler
    anyone: bool = False
    always: bool = False

    @property
    def controller(self) -> str:
        """The kind of resource, which the scopes distinguish: the account, the tokens, and all others."""
        if "/authorizations" in self.path:
            return "authorizations"
        return "user" if self.path == "/user" else "other"

    @property
    def action(self) -> str:
        return "show" if self.method == "GET" else "change"

    def paths(self) -> Iterator[str]:
        """Return the path with each combination of singular and plural names in front of identifiers."""
        segments = self.path.strip("/").split("/")
        choices = [
            [name, _SINGULAR[name]] if name in _SINGULAR and following.startswith("<") else [name]
            for name, following in zip(segments, [*segments[1:], ""], strict=True)
        ]
        return ("/" + "/".join(chosen) for chosen in itertools.product(*choices))


def _within_application(home: str) -> list[ApiRoute]:
    return [
        ApiRoute("GET", f"{home}/descriptor", parts.descriptor),
        ApiRoute("GET", f"{home}/gears", parts.gears),
        ApiRoute("POST", f"{home}/events", events.create),
        ApiRoute("GET", f"{home}/dns_resolvable", parts.dns_resolvable),
        ApiRoute("GET", f"{home}/deployments", deployments.index),
        ApiRoute("POST", f"{home}/deployments", deployments.create),
        ApiRoute("GET", f"{home}/deployments/<id>", deployments.show),
        ApiRoute("GET", f"{home}/members", parts.members),
        ApiRoute("GET", f"{home}/gear_groups", parts.gear_groups),
        ApiRoute("GET", f"{home}/environment-variables", parts.environment_variables),
        ApiRoute("GET", f"{home}/cartridges", cartridges.index),
        ApiRoute("POST", f"{home}/cartridges", cartridges.create),
        ApiRoute("GET", f"{home}/cartridges/<id>", cartridges.show),
        ApiRoute("PUT", f"{home}/cartridges/<id>", cartridges.update),
        ApiRoute("DELETE", f"{home}/cartridges/<id>", cartridges.destroy),
        ApiRoute("POST", f"{home}/cartridges/<cartridge_id>/events", events.create_for_cartridge),
        ApiRoute("GET", f"{home}/aliases", parts.aliases),
        ApiRoute("POST", f"{home}/aliases", parts.create_alias),
        ApiRoute("GET", f"{home}/aliases/<id>", parts.alias),
        ApiRoute("DELETE", f"{home}/aliases/<id>", parts.destroy_alias),
    ]


def _applications(prefix: str) -> list[ApiRoute]:
    return [
        ApiRoute("GET", f"{prefix}/applications", applications.index),
        ApiRoute("POST", f"{prefix}/applications", applications.create),
        ApiRoute("GET", f"{prefix}/applications/<id>", applications.show),
        ApiRoute("DELETE", f"{prefix}/applications/<id>", applications.destroy),
        *_within_application(f"{prefix}/applications/<application_id>"),
    ]


_DOMAINS = [
    ApiRoute("GET", "/domains", domains.index),
    ApiRoute("POST", "/domains", domains.create),
    ApiRoute("GET", "/domains/<id>", domains.show),
    ApiRoute("PUT", "/domains/<existing_id>", domains.update),
    ApiRoute("DELETE", "/domains/<id>", domains.destroy),
    ApiRoute("GET", "/domains/<domain_id>/members", domains.members),
    ApiRoute("POST", "/domains/<domain_id>/members", domains.change_members),
    ApiRoute("PATCH", "/domains/<domain_id>/members", domains.change_members),
    ApiRoute("DELETE", "/domains/<domain_id>/members", domains.remove_all_members),
    ApiRoute("DELETE", "/domains/<domain_id>/members/self", domains.leave),
    ApiRoute("GET", "/domains/<domain_id>/members/<id>", domains.member),
    ApiRoute("PUT", "/domains/<domain_id>/members/<id>", domains.update_member),
    ApiRoute("DELETE", "/domains/<domain_id>/members/<id>", domains.remove_member),
]

_USER = [
    ApiRoute("GET", "/api", user.api, anyone=True, always=True),
    ApiRoute("GET", "/regions", user.regions, anyone=True),
    ApiRoute("GET", "/cartridges", cartridges.offered, anyone=True),
    ApiRoute("GET", "/user", user.show),
    ApiRoute("GET", "/user/keys", user.keys),
    ApiRoute("POST", "/user/keys", user.create_key),
    ApiRoute("DELETE", "/user/keys/<id>", user.destroy_key),
    ApiRoute("GET", "/user/authorizations", user.tokens),
    ApiRoute("POST", "/user/authorizations", user.create_token),
    ApiRoute("DELETE", "/user/authorizations", user.destroy_tokens),
    ApiRoute("GET", "/user/authorizations/<id>", user.token),
    ApiRoute("PUT", "/user/authorizations/<id>", user.update_token),
    ApiRoute("DELETE", "/user/authorizations/<id>", user.destroy_token),
]

ROUTES = [*_USER, *_DOMAINS, *_applications(""), *_applications("/domains/<domain_id>")]
