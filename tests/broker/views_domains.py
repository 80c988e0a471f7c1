"""Domains and their members."""

from __future__ import annotations

from typing import Any

from . import account_documents as accounts
from . import errors, ruby
from .calls import DOMAIN_NAME, Call, Reply, deletion_reply, make_reply, ok_reply
from .errors import Message
from .state import GEAR_SIZE, GEAR_SIZES, ROLES, Domain, Member, User

_NAME_MAX = 16


def index(call: Call) -> Reply:
    """List the accessible domains, the caller's own domains first. Each shows its owner's remaining gears."""
    owner = call.params.get("owner")
    if owner not in (None, "@self"):
        raise errors.refusal(400, "Only @self is supported for the 'owner' argument.")
    identity = call.identity
    with call.state.lock:
        domains = [domain for domain in call.state.domains_of(identity.user) if identity.in_scope(domain)]
    if owner == "@self":
        domains = [domain for domain in domains if domain.owner is identity.user]
    domains.sort(key=lambda domain: (domain.owner is not identity.user, domain.created))
    counted = "application_info" in _included_names(call)
    return ok_reply("domains", [accounts.domain_document(domain, call.view, counted) for domain in domains])


def _included_names(call: Call) -> list[str]:
    include = call.params.get("include")
    if isinstance(include, str):
        return include.split(",")
    return [ruby.text(each) for each in include] if isinstance(include, list) else []


def show(call: Call) -> Reply:
    domain = _domain_in_path(call)
    document = accounts.domain_document(domain, call.view, "application_info" in _included_names(call))
    return ok_reply("domain", document, f"Found domain {domain.name}")


def _domain_in_path(call: Call) -> Domain:
    return call.domain(ruby.text(call.params.get("id")))


def create(call: Call) -> Reply:
    user = call.identity.user
    call.authorize("create_domain", user)
    name = _first_text(call, "name", "id", "namespace").lower()
    sizes = call.params.get("allowed_gear_sizes")
    _check_sizes(sizes if isinstance(sizes, list) else [] if sizes is None else [sizes])
    domain = create_domain(call, name)
    document = accounts.domain_document(domain, call.view)
    return make_reply(201, "domain", document, f"Created domain with name {domain.name}")


def _first_text(call: Call, *names: str) -> str:
    return next((ruby.text(call.params[name]) for name in names if call.params.get(name) is not None), "")


def _check_sizes(sizes: list[Any]) -> None:
    unknown = [ruby.text(size) for size in sizes if size not in GEAR_SIZES]
    foreign = [ruby.text(size) for size in sizes if size != GEAR_SIZE]
    if unknown:
        text = f"The following gear sizes are invalid: {ruby.join_words(unknown)}"
    elif foreign:
        text = f"The following gear sizes are not available to this account: {ruby.join_words(foreign)}"
    else:
        return
    raise errors.unprocessable(text, 110, "allowed_gear_sizes")


def create_domain(call: Call, name: str, field: str = "id") -> Domain:
    """Create a domain of the caller.

    Raises:
        Refusal: The name is invalid (422/106) or in use (422/103), or the caller has too many domains (409/103).
    """
    state, user = call.state, call.identity.user
    name = name.lower()
    maximum = 1 if call.version < 1.2 else user.max_domains
    with state.lock:
        if sum(domain.owner is user for domain in state.domains.values()) >= maximum:
            raise errors.refusal(409, f"You may not have more than {ruby.count_noun(maximum, 'domain')}.", 103)
        _check_name(call, name)
        if name in state.domains:
            raise errors.unprocessable(f"Namespace '{name}' is already in use. Please choose another.", 103, field)
        return state.add_domain(name, user)


def _check_name(call: Call, name: str) -> None:
    texts = []
    if not DOMAIN_NAME.match(name):
        texts.append("Invalid namespace. Namespace must only contain alphanumeric characters.")
    if not 1 <= len(name) <= _NAME_MAX:
        texts.append(f"Must be a minimum of 1 and maximum of {_NAME_MAX} characters.")
    if texts:
        field = "name" if call.version >= 1.6 else "id"
        raise errors.Refusal(422, [Message("error", text, 106, field) for text in texts])


def update(call: Call) -> Reply:
    """Rename a domain without applications."""
    domain = call.domain(ruby.text(call.params.get("existing_id")))
    name = call.params.get("name")
    name = domain.name if name is None else ruby.text(name).lower()
    if name == domain.name:
        raise errors.unprocessable("No changes specified to the domain.", 133)
    call.authorize("change_namespace", domain)
    _check_name(call, name)
    with call.state.lock:
        if domain.applications:
            text = "Domain contains applications. Delete applications first before changing the domain namespace."
            raise errors.unprocessable(text, 128)
        if name in call.state.domains:
            raise errors.unprocessable(f"Namespace '{name}' is already in use. Please choose another.", 103, "id")
        del call.state.domains[domain.name]
        domain.name = name
        call.state.domains[name] = domain
    document = accounts.domain_document(domain, call.view)
    return ok_reply("domain", document, f"Changed namespace to '{name}'.")


def destroy(call: Call) -> Reply:
    domain = _domain_in_path(call)
    force = call.boolean("force")
    call.authorize("destroy", domain)
    with call.state.lock:
        if domain.applications and not force:
            text = "Domain contains applications. Delete applications first or set force to true."
            raise errors.refusal(400 if call.version <= 1.3 else 422, text, 128)
        for application in list(domain.applications.values()):
            domain.owner.consumed_gears -= len(application.shape.gears)
            call.state.remove_application(application)
        call.state.domains.pop(domain.name, None)
    return deletion_reply(call.version, f"Domain {domain.name} deleted.")


# --- members


def members(call: Call) -> Reply:
    found = accounts.members_of_domain(call.domain(), call.view)
    return ok_reply("members", found, f"Found {ruby.count_noun(len(found), 'member')}.")


def member(call: Call) -> Reply:
    user_id = ruby.text(call.params.get("id"))
    found = _member_data(call, call.domain(), user_id)
    if found is None:
        raise errors.refusal(404, f"Could not find member {user_id}", 1)
    return ok_reply("member", found, f"Showing member {user_id}")


def _member_data(call: Call, domain: Domain, user_id: str) -> dict[str, Any] | None:
    found = accounts.members_of_domain(domain, call.view)
    return next((each for each in found if each["id"] == user_id), None)


def change_members(call: Call) -> Reply:
    """Add members, change their roles, or remove them (role ``none``): one or several at the same time."""
    domain = call.domain()
    call.authorize("change_members", domain)
    several = ruby.present(call.params.get("members"))
    single = ruby.present(call.params.get("member"))
    requested = several if isinstance(several, list) else [single if isinstance(single, dict) else call.params]
    changes = _member_changes(call, requested)
    count = {"added": 0, "updated": 0, "removed": 0}
    with call.state.lock:
        for user, role in changes:
            count[_set_role(domain, user, role, alone=several is None)] += 1
        for application in domain.applications.values():
            application.clear_cache()
    text = ", ".join(f"{what} {ruby.count_noun(number, 'member')}" for what, number in count.items() if number)
    text = f"{text[:1].upper()}{text[1:]}."
    if len(changes) == 1 and not count["removed"]:
        return ok_reply("member", _member_data(call, domain, changes[0][0].id), text)
    return ok_reply("members", accounts.members_of_domain(domain, call.view), text)


def _member_changes(call: Call, requested: list[Any]) -> list[tuple[User, str]]:
    problems: list[Message] = []
    missing: list[Message] = []
    changes = []
    for number, each in enumerate(requested):
        role = ruby.text(each.get("role")) if isinstance(each, dict) else ""
        problem = _problem(each, role, number)
        if problem is not None:
            problems.append(problem)
            continue
        user, message = _find_user(call, each, number)
        if user is None:
            missing.append(message)
        else:
            changes.append((user, role))
    if problems:
        raise errors.Refusal(422, problems)
    if missing:
        raise errors.Refusal(404, missing)
    return changes


def _problem(each: Any, role: str, number: int) -> Message | None:
    if not isinstance(each, dict):
        return Message("error", "You must provide a member with an id and role.", 1, None, number)
    if role not in (*ROLES, "none"):
        names = ", ".join(f"'{name}'" for name in ROLES)
        text = (
            f"You must provide a role for each member - you can add or update (with {names}) or remove (with 'none')."
        )
        return Message("error", text, 1, "role", number)
    kind = each.get("type") or "user"
    if kind not in ("user", "team"):
        text = f"Members of type {kind} not supported for domain. Supported types are 'user', 'team'."
        return Message("error", text, 1, "type", number)
    if not ruby.present(each.get("id")) and not ruby.present(each.get("login")):
        return Message("error", "Each user being changed must have an id or a login.", 1, None, number)
    return None


def _find_user(call: Call, each: dict[str, Any], number: int) -> tuple[User | None, Message]:
    user_id = ruby.present(each.get("id"))
    if user_id:
        text = f"There is no account with identifier {user_id}."
        found = next((user for user in call.state.users.values() if user.id == user_id), None)
        return found, Message("error", text, 132, "id", number)
    login = ruby.text(each.get("login"))
    return call.state.users.get(login), Message(
        "error", f"There is no account with login {login}.", 132, "login", number
    )


def _set_role(domain: Domain, user: User, role: str, alone: bool) -> str:
    present = domain.members.get(user.id)
    if role == "none":
        if user is domain.owner:
            raise errors.unprocessable(f"{user.login} is not a direct member and cannot be removed.", 1)
        if present is None:
            if alone:
                raise errors.unprocessable(f"{user.login} is not a member and cannot be removed.", 1)
            return "removed"
        del domain.members[user.id]
        return "removed"
    if user is domain.owner:
        return "updated"
    domain.members[user.id] = Member(user, role)
    return "added" if present is None else "updated"


def update_member(call: Call) -> Reply:
    domain = call.domain()
    call.authorize("change_members", domain)
    role = call.text("role")
    names = ", ".join(f"'{name}'" for name in ROLES)
    if role is None:
        text = f"You must provide a role. Supported_roles are ({names}) or remove (with 'none')."
        raise errors.unprocessable(text, 1, "role")
    if role not in (*ROLES, "none"):
        text = f"Role {role} not supported. Supported roles are ({names}) or remove (with 'none')."
        raise errors.unprocessable(text, 1, "role")
    user = _direct_member(domain, ruby.text(call.params.get("id")))
    _change_role(call, domain, user, role)
    return ok_reply("member", None if role == "none" else _member_data(call, domain, user.id), "Updated member")


def _direct_member(domain: Domain, user_id: str) -> User:
    if user_id == domain.owner.id:
        text = f"The member {domain.owner.login} is not a direct member of this domain and cannot be removed."
        raise errors.unprocessable(text, 1)
    found = domain.members.get(user_id)
    if found is None:
        raise errors.refusal(404, f"Member '{user_id}' not found.", 1)
    return found.user


def _change_role(call: Call, domain: Domain, user: User, role: str) -> None:
    with call.state.lock:
        _set_role(domain, user, role, alone=True)
        for application in domain.applications.values():
            application.clear_cache()


def remove_member(call: Call) -> Reply:
    domain = call.domain()
    call.authorize("change_members", domain)
    _change_role(call, domain, _direct_member(domain, ruby.text(call.params.get("id"))), "none")
    return deletion_reply(call.version, "Removed member.")


def remove_all_members(call: Call) -> Reply:
    domain = call.domain()
    call.authorize("change_members", domain)
    with call.state.lock:
        domain.members.clear()
        for application in domain.applications.values():
            application.clear_cache()
    return ok_reply("members", accounts.members_of_domain(domain, call.view), "Reverted members to the defaults.")


def leave(call: Call) -> Reply:
    domain = call.domain()
    call.authorize("leave", domain)
    user = call.identity.user
    if user is domain.owner:
        raise errors.unprocessable("You are the owner of this domain and cannot leave.", 1)
    _change_role(call, domain, user, "none")
    return deletion_reply(call.version, "You are no longer a member.")
