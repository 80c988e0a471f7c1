"""JSON-ready documents of domains, members, accounts, tokens and keys, by API version."""

from __future__ import annotations

from . import links
from .rendering import Document, View, format_time
from .state import DOMAIN_SUFFIX, GEAR_SIZE, Application, Domain, Token, User


def domain_document(domain: Domain, view: View, counted: bool = False) -> Document:
    owner = domain.owner
    document: Document = {"id": domain.id if view.by_id else domain.name, "suffix": DOMAIN_SUFFIX}
    if view.version > 1.2:
        document["creation_time"] = format_time(domain.created)
        document["allowed_gear_sizes"] = [GEAR_SIZE]
        document["members"] = members_of_domain(domain, view)
    if view.version >= 1.6:
        document.update(
            name=domain.name,
            available_gears=owner.max_gears - owner.consumed_gears,
            max_storage_per_gear=0,
            private_ssl_certificates=False,
            usage_rates={},
        )
    elif 1.0 < view.version <= 1.2:
        document["creation_time"] = None
    if counted and view.version > 1.0:
        document["application_count"] = len(domain.applications)
        gears = sum(len(application.shape.gears) for application in domain.applications.values())
        document["gear_counts"] = {GEAR_SIZE: gears} if gears else {}
    if not view.nolinks:
        document["links"] = links.domain_links(view.base, domain.name, view.version)
    return document


def members_of_domain(domain: Domain, view: View) -> list[Document]:
    home = f"{view.base}/domain/{domain.name}"
    owner = domain.owner
    members = [_member(owner.id, owner.login, "admin", None, "owner", home, view, owner=True)]
    for member in domain.members.values():
        members.append(_member(member.user.id, member.user.login, member.role, member.role, None, home, view))
    return members


def members_of_application(application: Application, view: View, home: str) -> list[Document]:
    """Return the members of an application: those of its domain."""
    owner = application.owner
    members = [_member(owner.id, owner.login, "admin", None, "domain", home, view, owner=True)]
    for member in application.domain.members.values():
        members.append(_member(member.user.id, member.user.login, member.role, None, "domain", home, view))
    return members


def _member(
    user_id: str,
    login: str,
    role: str,
    explicit_role: str | None,
    source: str | None,
    home: str,
    view: View,
    owner: bool = False,
) -> Document:
    document: Document = {
        "explicit_role": explicit_role,
        "id": user_id,
        "login": login,
        "owner": owner,
        "role": role,
        "type": "user",
    }
    if source is not None:
        document["from"] = [{"type": source, "role": role}]
    if not view.nolinks:
        document["links"] = links.member_links(home, user_id)
    return document


def user_document(user: User, view: View) -> Document:
    capabilities: Document = {
        "ha": user.ha,
        "subaccounts": user.subaccounts,
        "gear_sizes": [GEAR_SIZE],
        "view_global_teams": False,
        "private_ssl_certificates": False,
    }
    document: Document = {
        "login": user.login,
        "consumed_gears": user.consumed_gears,
        "max_gears": user.max_gears,
        "plan_id": None,
        "usage_account_id": None,
        "capabilities": capabilities,
    }
    if view.version <= 1.0:
        capabilities.update(
            max_domains=user.max_domains,
            max_teams=0,
            max_untracked_addtl_storage_per_gear=0,
            max_tracked_addtl_storage_per_gear=0,
        )
    else:
        capabilities["max_storage_per_gear"] = 0
        document.update(
            id=user.id,
            email=None,
            created_at=format_time(user.created),
            currency_cd=None,
            max_domains=user.max_domains,
            max_teams=0,
            plan_expiration_date=None,
            plan_quantity=1,
            plan_state=None,
            usage_rates={},
        )
    if not view.nolinks:
        document["links"] = links.user_links(view.base, user.parent_id is not None)
    return document


def token_document(token: Token, view: View) -> Document:
    document: Document = {
        "created_at": format_time(token.created),
        "expires_in": token.expires_in,
        "expires_in_seconds": token.seconds_left,
        "id": token.id,
        "identity": token.user.login,
        "note": token.note,
        "scopes": " ".join(token.scopes),
        "token": token.token,
    }
    if not view.nolinks:
        document["links"] = links.authorization_links(view.base, token.id)
    return document


def key_document(name: str, key: dict[str, str], view: View) -> Document:
    document: Document = {"name": name, **key}
    if not view.nolinks:
        document["links"] = links.key_links(view.base, name)
    return document
