"""The caller's account, its keys and its tokens; and the few answers that need no account."""

from __future__ import annotations

from . import account_documents as accounts
from . import errors, links, ruby
from .auth import DAY, Scope, parse_scopes
from .calls import Call, Reply, deleted, ok, reply
from .state import DOMAIN_SUFFIX, Token

_TOKEN_MONTH = 30 * DAY


def api(call: Call) -> Reply:
    """The way in: answers without credentials, and in maintenance too (transcript ``maintenance``)."""
    return ok("links", links.api_links(call.base, call.version))


def environment(_call: Call) -> Reply:
    values = {"domain_suffix": DOMAIN_SUFFIX, "download_cartridges_enabled": False}
    return ok("environment", values, "Showing broker environment")


def regions(_call: Call) -> Reply:
    return ok("regions", [], "Listing 0 region(s)")


def quickstarts(_call: Call) -> Reply:
    return ok("quickstarts", [], "Showing all quickstarts")


def teams(call: Call) -> Reply:
    return ok("teams", [], f"Listing teams for user {call.identity.user.login}")


def create_team(_call: Call) -> Reply:
    raise errors.refusal(403, "Reached team limit of 0", 193)


def show(call: Call) -> Reply:
    return ok("user", accounts.user_document(call.identity.user, call.view))


def destroy(call: Call) -> Reply:
    """Only a sub-account may be deleted."""
    user = call.identity.user
    force = call.boolean("force")
    if user.parent_id is None:
        text = "User deletion not permitted. Only applicable for subaccount users."
        raise errors.refusal(403, text, 138)
    owned = [domain for domain in call.state.domains.values() if domain.owner is user]
    if owned and not force:
        text = (
            f"User '{user.login}' has valid domains. Either delete domains and retry the operation or use 'force' "
            "option."
        )
        raise errors.unprocessable(text, 139)
    with call.state.lock:
        for domain in owned:
            for application in list(domain.applications.values()):
                call.state.remove_application(application)
            del call.state.domains[domain.name]
        call.state.users.pop(user.login, None)
    return deleted(call.version, f"User {user.login} deleted.")


# --- keys


def keys(call: Call) -> Reply:
    found = call.identity.user.keys
    shown = [accounts.key_document(name, key, call.view) for name, key in found.items()]
    return ok("keys", shown, f"Found {len(shown)} ssh keys")


def key(call: Call) -> Reply:
    name = _present_key(call)
    return ok("key", accounts.key_document(name, call.identity.user.keys[name], call.view), f"Found SSH key '{name}'")


def _present_key(call: Call) -> str:
    name = ruby.text(call.params.get("id"))
    if name not in call.identity.user.keys:
        raise errors.refusal(404, f"User ssh key '{name}' not found.", 118)
    return name


def create_key(call: Call) -> Reply:
    user = call.identity.user
    call.authorize("create_key", user)
    name, kind, content = call.text("name"), call.text("type"), call.text("content")
    if name is None or kind not in links.KEY_TYPES or content is None:
        raise errors.unprocessable("Key name, type and content are required.", 117, "name")
    if name in user.keys:
        text = f"SSH key with name {name} already exists. Use a different name or delete conflicting key and retry."
        raise errors.refusal(409, text, 120, "name")
    with call.state.lock:
        user.keys[name] = {"type": kind, "content": content}
    return reply(201, "key", accounts.key_document(name, user.keys[name], call.view), f"Created SSH key {name}")


def destroy_key(call: Call) -> Reply:
    call.authorize("destroy_key", call.identity.user)
    name = _present_key(call)
    with call.state.lock:
        call.identity.user.keys.pop(name, None)
    return deleted(call.version, f"Removed SSH key {name}")


# --- tokens


def tokens(call: Call) -> Reply:
    shown = [accounts.token_document(token, call.view) for token in _own(call) if token.seconds_left > 0]
    return ok("authorizations", shown, "List authorizations")


def _own(call: Call) -> list[Token]:
    found = [token for token in call.state.tokens.values() if token.user is call.identity.user]
    return sorted(found, key=lambda token: token.created, reverse=True)


def create_token(call: Call) -> Reply:
    """A new token, or a present one with the same note and scopes when it may be used again."""
    user = call.identity.user
    call.authorize("create_authorization", user)
    scopes = _scopes(call)
    longest = min(_expirations(scope)[1] for scope in scopes)
    asked = ruby.integer(ruby.present(call.params.get("expires_in")))
    shortest = min(_expirations(scope)[0] for scope in scopes)
    expires_in = shortest if asked is None or not 0 <= asked <= longest else asked
    names = tuple(map(str, scopes))
    if ruby.present(call.params.get("reuse")):
        reused = _reusable(call, names, expires_in)
        if reused is not None:
            return ok("authorization", accounts.token_document(reused, call.view), "Reused existing")
    with call.state.lock:
        token = call.state.add_token(user, names, call.text("note"), expires_in)
    return reply(201, "authorization", accounts.token_document(token, call.view), "Create authorization")


def _scopes(call: Call) -> tuple[Scope, ...]:
    asked = call.params.get("scope") or call.params.get("scopes")
    scopes = parse_scopes(ruby.text(asked))
    if scopes is None:
        valid = ruby.sentence(links.SCOPE_NAMES)
        text = f"One or more of the scopes you provided are not allowed. Valid scopes are {valid}."
        raise errors.unprocessable(text, 1, "scopes")
    return scopes or (Scope("userinfo"),)


def _expirations(scope: Scope) -> tuple[int, int]:
    """Seconds that a token with this scope lives: when nothing is asked for, and at most."""
    return (DAY, 2 * DAY) if scope.kind == "session" else (_TOKEN_MONTH, 6 * _TOKEN_MONTH)


def _reusable(call: Call, names: tuple[str, ...], expires_in: int) -> Token | None:
    note = call.text("note")
    for token in _own(call):
        fits = token.scopes == names and (note is None or token.note == note)
        if fits and token.seconds_left > min(600, expires_in / 4):
            return token
    return None


def token(call: Call) -> Reply:
    return ok("authorization", accounts.token_document(_present_token(call), call.view), "Display authorization")


def _present_token(call: Call) -> Token:
    name = ruby.text(call.params.get("id"))
    for each in _own(call):
        if name in (each.id, each.token):
            return each
    raise errors.refusal(404, "The requested authorization was not found.", 129)


def update_token(call: Call) -> Reply:
    call.authorize("update_authorization", call.identity.user)
    found = _present_token(call)
    if "note" in call.params:
        found.note = ruby.text(call.params["note"])
    return ok("authorization", accounts.token_document(found, call.view), "Change authorization")


def destroy_token(call: Call) -> Reply:
    call.authorize("destroy_authorization", call.identity.user)
    name = ruby.text(call.params.get("id"))
    with call.state.lock:
        for each in _own(call):
            if name in (each.id, each.token):
                del call.state.tokens[each.token]
    return deleted(call.version, f"Authorization {name} is revoked.")


def destroy_tokens(call: Call) -> Reply:
    user = call.identity.user
    call.authorize("destroy_authorization", user)
    with call.state.lock:
        for each in _own(call):
            del call.state.tokens[each.token]
    text = f"All authorizations for {user.id} are revoked."
    return deleted(call.version, text)
