"""The caller's account, its keys and its tokens, and the resources that need no account."""

from __future__ import annotations

import zlib

from . import account_documents as accounts
from . import errors, links, ruby
from .auth import DAY, Scope, parse_scopes
from .calls import Call, Reply, deletion_reply, make_reply, ok_reply
from .state import Token

_TOKEN_MONTH = 30 * DAY


def api(call: Call) -> Reply:
    """Return the entry point. It needs no credentials and works in maintenance, too (transcript ``maintenance``)."""
    return ok_reply("links", links.api_links(call.base, call.version))


def regions(call: Call) -> Reply:
    """Return the regions with their zones. They are defined by the nodes."""
    zones: dict[str, list[str]] = {}
    for node in call.state.nodes:
        if node.region is not None and node.zone is not None and node.zone not in zones.setdefault(node.region, []):
            zones[node.region].append(node.zone)
    data = [
        {
            "id": f"{zlib.crc32(name.encode()):08x}" * 3,
            "name": name,
            "default": False,
            "description": None,
            "allow_selection": True,
            "zones": sorted(zones[name]),
        }
        for name in sorted(zones)
    ]
    return ok_reply("regions", data, f"Listing {len(data)} region(s)")


def show(call: Call) -> Reply:
    return ok_reply("user", accounts.user_document(call.identity.user, call.view))


# --- keys


def keys(call: Call) -> Reply:
    data = [accounts.key_document(name, key, call.view) for name, key in call.identity.user.keys.items()]
    return ok_reply("keys", data, f"Found {len(data)} ssh keys")


def _existing_key(call: Call) -> str:
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
    return make_reply(201, "key", accounts.key_document(name, user.keys[name], call.view), f"Created SSH key {name}")


def destroy_key(call: Call) -> Reply:
    call.authorize("destroy_key", call.identity.user)
    name = _existing_key(call)
    with call.state.lock:
        call.identity.user.keys.pop(name, None)
    return deletion_reply(call.version, f"Removed SSH key {name}")


# --- tokens


def tokens(call: Call) -> Reply:
    data = [accounts.token_document(token, call.view) for token in _own_tokens(call) if token.seconds_left > 0]
    return ok_reply("authorizations", data, "List authorizations")


def _own_tokens(call: Call) -> list[Token]:
    found = [token for token in call.state.tokens.values() if token.user is call.identity.user]
    return sorted(found, key=lambda token: token.created, reverse=True)


def create_token(call: Call) -> Reply:
    """Create a token. With ``reuse``, return an existing token with the same note and scopes."""
    user = call.identity.user
    call.authorize("create_authorization", user)
    scopes = _scopes(call)
    maximum = min(_expirations(scope)[1] for scope in scopes)
    requested = ruby.integer(ruby.present(call.params.get("expires_in")))
    default = min(_expirations(scope)[0] for scope in scopes)
    expires_in = default if requested is None or not 0 <= requested <= maximum else requested
    names = tuple(map(str, scopes))
    if ruby.present(call.params.get("reuse")):
        reused = _reusable_token(call, names, expires_in)
        if reused is not None:
            return ok_reply("authorization", accounts.token_document(reused, call.view), "Reused existing")
    with call.state.lock:
        token = call.state.add_token(user, names, call.text("note"), expires_in)
    return make_reply(201, "authorization", accounts.token_document(token, call.view), "Create authorization")


def _scopes(call: Call) -> tuple[Scope, ...]:
    scopes = parse_scopes(ruby.text(call.params.get("scope") or call.params.get("scopes")))
    if scopes is None:
        valid = ruby.join_words(links.SCOPE_NAMES)
        text = f"One or more of the scopes you provided are not allowed. Valid scopes are {valid}."
        raise errors.unprocessable(text, 1, "scopes")
    return scopes or (Scope("userinfo"),)


def _expirations(scope: Scope) -> tuple[int, int]:
    """Return the lifetime of a token with this scope in seconds: the default and the maximum."""
    return (DAY, 2 * DAY) if scope.kind == "session" else (_TOKEN_MONTH, 6 * _TOKEN_MONTH)


def _reusable_token(call: Call, names: tuple[str, ...], expires_in: int) -> Token | None:
    note = call.text("note")
    for token in _own_tokens(call):
        fits = token.scopes == names and (note is None or token.note == note)
        if fits and token.seconds_left > min(600, expires_in / 4):
            return token
    return None


def token(call: Call) -> Reply:
    return ok_reply("authorization", accounts.token_document(_existing_token(call), call.view), "Display authorization")


def _existing_token(call: Call) -> Token:
    name = ruby.text(call.params.get("id"))
    for each in _own_tokens(call):
        if name in (each.id, each.token):
            return each
    raise errors.refusal(404, "The requested authorization was not found.", 129)


def update_token(call: Call) -> Reply:
    call.authorize("update_authorization", call.identity.user)
    found = _existing_token(call)
    if "note" in call.params:
        found.note = ruby.text(call.params["note"])
    return ok_reply("authorization", accounts.token_document(found, call.view), "Change authorization")


def destroy_token(call: Call) -> Reply:
    call.authorize("destroy_authorization", call.identity.user)
    name = ruby.text(call.params.get("id"))
    with call.state.lock:
        for each in _own_tokens(call):
            if name in (each.id, each.token):
                del call.state.tokens[each.token]
    return deletion_reply(call.version, f"Authorization {name} is revoked.")


def destroy_tokens(call: Call) -> Reply:
    user = call.identity.user
    call.authorize("destroy_authorization", user)
    with call.state.lock:
        for each in _own_tokens(call):
            del call.state.tokens[each.token]
    text = f"All authorizations for {user.id} are revoked."
    return deletion_reply(call.version, text)
