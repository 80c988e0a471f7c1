"""The actual state of the broker, which tests compare with the results of a client."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from . import scaling
from .state import Application, Domain, Settings, State, User


def state_document(state: State) -> dict[str, Any]:
    """Return the actual state, including the gears with HAProxy and the queued operations."""
    with state.lock:
        return {
            "settings": asdict(state.settings),
            "nodes": [{"address": node.address, "zone": node.place, "down": node.down} for node in state.nodes],
            "users": [_user(user) for user in state.users.values()],
            "domains": [_domain(domain) for domain in state.domains.values()],
            "applications": [_application(each, state.settings) for each in state.applications.values()],
        }


def _user(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "login": user.login,
        "ha": user.ha,
        "max_gears": user.max_gears,
        "max_domains": user.max_domains,
        "consumed_gears": user.consumed_gears,
        "subaccounts": user.subaccounts,
        "reserving": user.reserving,
    }


def _domain(domain: Domain) -> dict[str, Any]:
    return {
        "id": domain.id,
        "name": domain.name,
        "owner": domain.owner.login,
        "members": [{"login": member.user.login, "role": member.role} for member in domain.members.values()],
    }


def _application(application: Application, settings: Settings) -> dict[str, Any]:
    shape = application.shape
    rules = scaling.limits(shape, settings.default_ha_multiplier)
    proxy = shape.proxy_cartridge
    return {
        "id": application.id,
        "name": application.name,
        "domain": application.domain.name,
        "owner": application.owner.login,
        "scalable": shape.scalable,
        "ha": shape.ha,
        "upgrading": application.upgrading,
        "busy": application.lock is not None,
        "waiting": application.waiting,
        "pending": [operation.name for operation in application.queue],
        "gear_count": len(shape.gears),
        "haproxy_count": len(shape.group_of(proxy).gears_of(proxy)) if proxy else 0,
        "groups": [
            {
                "id": group.id,
                "cartridges": list(group.cartridges),
                "min_gears": rule.minimum,
                "max_gears": rule.maximum,
                "gears": [
                    {
                        "id": gear.id,
                        "state": gear.state if gear.ready else "unknown",
                        "node": gear.node,
                        "head": gear.head,
                        "haproxy": proxy in group.cartridges and gear in group.gears_of(proxy) if proxy else False,
                    }
                    for gear in group.gears
                ],
            }
            for group, rule in zip(shape.groups, rules, strict=True)
        ],
    }
