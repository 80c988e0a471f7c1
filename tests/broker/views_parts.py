"""Parts of an application: gear groups, members, aliases, environment variables, and what else clients ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import account_documents as accounts
from . import documents, errors, ruby
from .calls import Call, Reply, deleted, ok, reply
from .errors import Message
from .operations import Operation
from .scaling import Plan
from .state import Application

_ALIAS = re.compile(r"\A[a-z0-9]+([.]?[-a-z0-9]+)+\Z")
_NOT_AN_ALIAS = re.compile(r"\A(\d+\.\d+\.\d+\.\d+|\S+\.(json|xml|yml|yaml|html|xhtml))\Z")
_VARIABLE = re.compile(r"\A[a-zA-Z_]\w*\Z")


def gear_groups(call: Call) -> Reply:
    application = call.application()
    text = f"Showing gear groups for application '{application.name}' with domain '{application.domain.name}'"
    return ok("gear_groups", _gear_groups(call, application), text, *_gear_states(application))


def gear_group(call: Call) -> Reply:
    application = call.application()
    group_id = ruby.text(call.params.get("id"))
    found = next((each for each in _gear_groups(call, application) if each["name"] == group_id), None)
    if found is None:
        raise errors.refusal(404, f"Gear group '{group_id}' not found.", 101)
    text = f"Showing gear group {group_id} for application '{application.name}' with domain '{application.domain.name}'"
    return ok("gear_group", found, text, *_gear_states(application))


def _gear_groups(call: Call, application: Application) -> list[dict[str, Any]]:
    settings = call.state.settings
    return documents.gear_group_documents(application, call.view, settings, call.includes("endpoints"))


def _gear_states(application: Application) -> list[Message]:
    text = documents.gear_states_text(application.shape)
    return [Message("result", text)] if text else []


def gears(call: Call) -> Reply:
    """A listing of API 1.0 that has moved."""
    raise errors.refusal(301, f"Please use this URL instead {call.base}/gear_groups", 112)


def descriptor(call: Call) -> Reply:
    application = call.application()
    requires = "\n".join(f"- {name}" for name in application.shape.cartridges)
    text = f"Show descriptor for application '{application.name}' for domain '{application.domain.name}'"
    return ok("descriptor", f"---\nName: {application.name}\nRequires:\n{requires}\n", text)


def dns_resolvable(call: Call) -> Reply:
    application = call.application()
    return ok("boolean", True, f"Resolved DNS {application.name}-{application.domain.name}.example.com")


def deployments(call: Call) -> Reply:
    application = call.application()
    text = f"Listing deployments for application {application.name} under domain {application.domain.name}"
    return ok("deployments", [], text)


def members(call: Call) -> Reply:
    application = call.application()
    home = f"{call.base}/application/{application.id}"
    found = accounts.members_of_application(application, call.view, home)
    return ok("members", found, f"Found {ruby.count(len(found), 'member')}.")


# --- aliases


def aliases(call: Call) -> Reply:
    application = call.application()
    shown_aliases = [documents.alias_document(application, name, call.view) for name in application.aliases]
    text = f"Listing aliases for application {application.name} under domain {application.domain.name}"
    return ok("aliases", shown_aliases, text)


def alias(call: Call) -> Reply:
    application = call.application()
    name = _present_alias(application, ruby.text(call.params.get("id")))
    text = f"Showing alias {name} for application {application.name} under domain {application.domain.name}"
    return ok("alias", documents.alias_document(application, name, call.view), text)


def create_alias(call: Call) -> Reply:
    application = call.application()
    call.authorize("create_alias", application)
    name = (call.text("id") or call.text("alias") or "").lower()
    add_alias(call, application, name)
    document = documents.alias_document(application, name, call.view)
    return reply(201, "alias", document, f"Added {name} to application {application.name}")


def destroy_alias(call: Call) -> Reply:
    application = call.application()
    call.authorize("destroy_alias", application)
    name = ruby.text(call.params.get("id")).lower()
    remove_alias(call, application, name)
    return deleted(call.version, f"Removed {name} from application {application.name}")


def add_alias(call: Call, application: Application, name: str) -> None:
    name = name.lower()
    valid = 0 < len(name) <= 255 and _ALIAS.match(name) and not _NOT_AN_ALIAS.match(name)
    if not valid or name.endswith("example.com"):
        raise errors.unprocessable(f"The specified alias is not allowed: '{name}'", 105, "id")
    if any(name in other.aliases for other in call.state.applications.values()):
        raise errors.unprocessable(f"Alias {name} is already registered", 140, "id")
    call.run(application, _nothing("add-alias"))
    _change(call, lambda: application.aliases.append(name), application)


def remove_alias(call: Call, application: Application, name: str) -> None:
    name = _present_alias(application, name)
    call.run(application, _nothing("remove-alias"))
    _change(call, lambda: application.aliases.remove(name), application)


def _present_alias(application: Application, name: str) -> str:
    if name.lower() not in application.aliases:
        raise errors.refusal(404, f"Alias '{name.lower()}' not found.", 173)
    return name.lower()


def _nothing(name: str) -> Operation:
    return Operation(name, Plan)


def _change(call: Call, change: Callable[[], Any], application: Application) -> None:
    with call.state.lock:
        change()
        application.changed()


# --- environment variables


def variables(call: Call) -> Reply:
    application = call.application()
    call.authorize("view_environment_variables", application)
    shown_variables = [documents.variable_document(application, name, call.view) for name in application.variables]
    text = f"Listing environment variables for application {application.name}"
    return ok("environment-variables", shown_variables, text)


def set_variables(call: Call) -> Reply:
    """One variable added by name and value, or several set and unset at once."""
    application = call.application()
    call.authorize("change_environment_variables", application)
    name, several = call.text("name"), ruby.present(call.params.get("environment_variables"))
    if (name is None) == (several is None):
        raise errors.unprocessable("Specify parameters 'name'/'value' or 'environment_variables'", 186)
    if name is not None:
        return _add_variable(call, application, name)
    changed = [each for each in several if isinstance(each, dict) and each.get("name")]
    _change(call, lambda: _patch(application, changed), application)
    kept = [ruby.text(each["name"]) for each in changed if "value" in each]
    shown_variables = [documents.variable_document(application, each, call.view) for each in kept]
    text = f"Patched environment variables for application {application.name}"
    return reply(201, "environment-variables", shown_variables, text)


def _patch(application: Application, changed: list[dict[str, Any]]) -> None:
    for each in changed:
        name = ruby.text(each["name"])
        if "value" in each:
            application.variables[name] = ruby.text(each["value"])
        else:
            application.variables.pop(name, None)


def _add_variable(call: Call, application: Application, name: str) -> Reply:
    if not _VARIABLE.match(name):
        text = "Name can only contain letters, digits and underscore and can't begin with a digit."
        raise errors.unprocessable(text, 188, "name")
    if "value" not in call.params:
        raise errors.unprocessable(f"Value not specified for environment variable '{name}'", 190, "value")
    if name in application.variables:
        text = f"Environment variable named '{name}' already exists in application"
        raise errors.unprocessable(text, 188)
    _change(call, lambda: _patch(application, [{"name": name, "value": call.params["value"]}]), application)
    document = documents.variable_document(application, name, call.view)
    text = f"Added environment variable '{name}' to application {application.name}"
    return reply(201, "environment-variable", document, text)


def variable(call: Call) -> Reply:
    application, name = call.application(), ruby.text(call.params.get("id"))
    call.authorize("view_environment_variables", application)
    _check_variable(application, name)
    text = f"Showing environment variable '{name}' for application {application.name}"
    return ok("environment-variable", documents.variable_document(application, name, call.view), text)


def update_variable(call: Call) -> Reply:
    application, name = call.application(), ruby.text(call.params.get("id"))
    call.authorize("change_environment_variables", application)
    if "value" not in call.params:
        raise errors.unprocessable(f"Value not specified for environment variable '{name}'", 190, "value")
    _check_variable(application, name)
    _change(call, lambda: _patch(application, [{"name": name, "value": call.params["value"]}]), application)
    text = f"Updated environment variable '{name}' in application {application.name}"
    return ok("environment-variable", documents.variable_document(application, name, call.view), text)


def destroy_variable(call: Call) -> Reply:
    application, name = call.application(), ruby.text(call.params.get("id"))
    call.authorize("change_environment_variables", application)
    _change(call, lambda: application.variables.pop(name, None), application)
    return deleted(call.version, f"Removed environment variable '{name}' from application {application.name}")


def _check_variable(application: Application, name: str) -> None:
    if name not in application.variables:
        text = f"User environment variable named '{name}' not found in application"
        raise errors.refusal(404, text, 188)
