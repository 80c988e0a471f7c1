"""Other resources of an application: gear groups, members, aliases, and resources that are always empty."""

from __future__ import annotations

import re
import time

from . import account_documents as accounts
from . import documents, errors, ruby
from .calls import Call, Reply, deletion_reply, make_reply, ok_reply
from .errors import Message
from .operations import Operation
from .state import Application

_STATE_TIMEOUT, _STATE_TIMEOUT_MAX, _FACT_TIMEOUT = 10, 120, 10
"""Seconds to wait for a node: for the state of a gear (default and maximum), and for its address."""
_ALIAS = re.compile(r"\A[a-z0-9]+([.]?[-a-z0-9]+)+\Z")
_NOT_AN_ALIAS = re.compile(r"\A(\d+\.\d+\.\d+\.\d+|\S+\.(json|xml|yml|yaml|html|xhtml))\Z")


def gear_groups(call: Call) -> Reply:
    """Return the gears with the states that their nodes report.

    A node that does not answer is waited for: 10 s for the states, unless ``timeout`` is given, and 10 s for the
    addresses of the endpoints.
    """
    application = call.application()
    with_endpoints = call.includes("endpoints") or not call.view.by_id
    _wait_for_nodes(call, application, with_endpoints)
    with call.state.lock:
        data = documents.gear_group_documents(application, call.view, call.state, with_endpoints)
        states = documents.gear_states_text(application.shape, call.state.down_nodes())
    text = f"Showing gear groups for application '{application.name}' with domain '{application.domain.name}'"
    return ok_reply("gear_groups", data, text, *([Message("result", states)] if states else []))


def _wait_for_nodes(call: Call, application: Application, with_endpoints: bool) -> None:
    silent = [gear for gear in application.shape.gears if gear.node in call.state.down_nodes()]
    if not silent:
        return
    second = call.state.settings.node_timeout / _STATE_TIMEOUT
    time.sleep(second * _state_timeout(call))
    if with_endpoints and application.shape.scalable and any(gear.ready and gear.endpoints for gear in silent):
        time.sleep(second * _FACT_TIMEOUT)
        raise errors.no_facts()


def _state_timeout(call: Call) -> int:
    """Return the seconds to wait for the states of gears."""
    digits = re.match(r"\s*\d+", ruby.text(call.params.get("timeout")))
    requested = int(digits[0]) if digits else 0
    return min(requested, _STATE_TIMEOUT_MAX) if requested else _STATE_TIMEOUT


def gears(call: Call) -> Reply:
    """Answer the URL of the new list; API 1.0 had this one."""
    raise errors.refusal(301, f"Please use this URL instead {call.base}/gear_groups", 112)


def descriptor(call: Call) -> Reply:
    application = call.application()
    requires = "\n".join(f"- {name}" for name in application.shape.cartridges)
    text = f"Show descriptor for application '{application.name}' for domain '{application.domain.name}'"
    return ok_reply("descriptor", f"---\nName: {application.name}\nRequires:\n{requires}\n", text)


def dns_resolvable(call: Call) -> Reply:
    application = call.application()
    return ok_reply("boolean", True, f"Resolved DNS {application.name}-{application.domain.name}.example.com")


def environment_variables(call: Call) -> Reply:
    application = call.application()
    return ok_reply("environment-variables", [], f"Listing environment variables for application {application.name}")


def members(call: Call) -> Reply:
    application = call.application()
    home = f"{call.base}/application/{application.id}"
    data = accounts.members_of_application(application, call.view, home)
    return ok_reply("members", data, f"Found {ruby.count_noun(len(data), 'member')}.")


# --- aliases


def aliases(call: Call) -> Reply:
    application = call.application()
    data = [documents.alias_document(application, name, call.view) for name in application.aliases]
    text = f"Listing aliases for application {application.name} under domain {application.domain.name}"
    return ok_reply("aliases", data, text)


def alias(call: Call) -> Reply:
    application = call.application()
    name = _existing_alias(application, ruby.text(call.params.get("id")))
    text = f"Showing alias {name} for application {application.name} under domain {application.domain.name}"
    return ok_reply("alias", documents.alias_document(application, name, call.view), text)


def create_alias(call: Call) -> Reply:
    application = call.application()
    call.authorize("create_alias", application)
    name = (call.text("id") or call.text("alias") or "").lower()
    add_alias(call, application, name)
    document = documents.alias_document(application, name, call.view)
    return make_reply(201, "alias", document, f"Added {name} to application {application.name}")


def destroy_alias(call: Call) -> Reply:
    application = call.application()
    call.authorize("destroy_alias", application)
    name = ruby.text(call.params.get("id")).lower()
    remove_alias(call, application, name)
    return deletion_reply(call.version, f"Removed {name} from application {application.name}")


def add_alias(call: Call, application: Application, name: str) -> None:
    name = name.lower()
    valid = 0 < len(name) <= 255 and _ALIAS.match(name) and not _NOT_AN_ALIAS.match(name)
    if not valid or name.endswith("example.com"):
        raise errors.unprocessable(f"The specified alias is not allowed: '{name}'", 105, "id")
    if any(name in other.aliases for other in call.state.applications.values()):
        raise errors.unprocessable(f"Alias {name} is already registered", 140, "id")
    call.run(application, _no_change("add-alias"))
    with call.state.lock:
        application.aliases.append(name)
        application.clear_cache()


def remove_alias(call: Call, application: Application, name: str) -> None:
    name = _existing_alias(application, name)
    call.run(application, _no_change("remove-alias"))
    with call.state.lock:
        application.aliases.remove(name)
        application.clear_cache()


def _existing_alias(application: Application, name: str) -> str:
    if name.lower() not in application.aliases:
        raise errors.refusal(404, f"Alias '{name.lower()}' not found.", 173)
    return name.lower()


def _no_change(name: str) -> Operation:
    return Operation(name)
