"""Events of applications and cartridges: HA, scaling, start, stop, aliases."""

from __future__ import annotations

import re

from . import errors, ruby, scaling
from .calls import Call, Reply, ok_reply
from .gear_control import Control
from .operations import Operation
from .state import Application, now
from .views_applications import application_data
from .views_cartridges import present_cartridge
from .views_deployments import activate_deployment, find_deployment
from .views_parts import add_alias, remove_alias

_EVENT = re.compile(r"\A[a-z]+(-[a-z]+)*\Z")
_UNSUPPORTED = ("show-port", "expose-port", "conceal-port")
_STATE_TEXTS = {
    "start": "Application {} has started",
    "stop": "Application {} has stopped",
    "force-stop": "Application {} has forcefully stopped",
    "restart": "Application {} has restarted",
    "tidy": "Application {} called tidy",
    "reload": "Application {} called reload",
}
_CARTRIDGE_TEXTS = {
    "start": "Started {} on {}",
    "stop": "Stopped {} on {}",
    "restart": "Restarted {} on {}",
    "reload": "Reloaded {} on {}",
}


def create(call: Call) -> Reply:
    """Apply an event to an application. The checks are in the broker's order (transcript ``errors``)."""
    application = call.application()
    event = _event_name(call)
    _check_event(call, application, event)
    if event in ("make-ha", "disable-ha") and call.state.settings.shows_ha:
        text = _make_ha(call, application) if event == "make-ha" else _disable_ha(call, application)
    elif event in ("scale-up", "scale-down"):
        text = _scale(call, application, event)
    elif event in ("add-alias", "remove-alias"):
        text = _alias(call, application, event)
    elif event in _STATE_TEXTS:
        text = _change_state(call, application, event)
    elif event in _UNSUPPORTED:
        raise errors.refusal(410, f"This event ({event}) is no longer supported.", 112)
    elif event == "thread-dump":
        call.authorize("view_code_details", application)
        raise errors.unprocessable("The threaddump command is not available for this application", 180)
    elif event == "activate":
        text = _activate(call, application)
    else:
        raise errors.unprocessable(f"Invalid application event '{event}' specified", 126, "event")
    return ok_reply("application", application_data(call, application, may_include=False), text)


def _event_name(call: Call) -> str:
    event = ruby.present(call.params.get("event"))
    if not isinstance(event, str) or not _EVENT.match(event):
        text = "Event can only contain lowercase a-z and '-' characters"
        raise errors.unprocessable(text, 126, "event")
    return event


def _check_event(call: Call, application: Application, event: str) -> None:
    if event in ("add-alias", "remove-alias") and call.text("alias") is None:
        text = "Alias must be specified for adding or removing application alias."
        raise errors.unprocessable(text, 126, "alias")
    user = call.identity.user
    if event == "scale-up" and user.consumed_gears >= user.max_gears:
        raise errors.unprocessable(f"Reached gear limit of {user.max_gears}", 104)
    if event == "activate" and call.text("deployment_id") is None:
        raise errors.unprocessable("Deployment ID must be provided for activate.", 126, "deployment_id")
    if event in ("scale-up", "scale-down") and application.upgrading:
        raise errors.upgrading()


def _make_ha(call: Call, application: Application) -> str:
    call.authorize("make_ha", application)
    shape, settings = application.shape, call.state.settings
    if not settings.allow_ha:
        raise errors.ha_disabled()
    if not application.owner.ha:
        raise errors.ha_not_allowed(application.owner.login)
    if not shape.scalable:
        raise errors.unprocessable("Only scalable applications can be made 'HA'")
    if shape.ha:
        raise errors.unprocessable("Application is already HA")
    proxy = shape.proxy_cartridge
    if proxy is None:
        raise errors.unprocessable("Cannot make the application HA because there is no web cartridge.")
    if scaling.limits_of(shape, proxy, settings.default_ha_multiplier).maximum == 1:
        text = "Cannot make the application HA because the web cartridge's max gear limit is '1'"
        raise errors.unprocessable(text)
    multiplier, new_id = settings.default_ha_multiplier, call.state.new_id
    call.run(application, Operation("make-ha", lambda before: scaling.make_ha(before, multiplier, new_id)))
    return f"Application {application.name} is now ha"


def _disable_ha(call: Call, application: Application) -> str:
    call.authorize("disable_ha", application)
    if not application.shape.ha:
        raise errors.unprocessable("HA is not active for this application.")
    multiplier, new_id = call.state.settings.default_ha_multiplier, call.state.new_id
    call.run(application, Operation("disable-ha", lambda before: scaling.disable_ha(before, multiplier, new_id)))
    return f"Application {application.name} is now not ha"


def _scale(call: Call, application: Application, event: str) -> str:
    call.authorize("scale_cartridge", application)
    web = application.shape.web_cartridge
    if web is None:
        text = f"Application {application.name} does not have a web cartridge to scale."
        raise errors.unprocessable(text)
    return f"Application {application.name} has scaled to {scale(call, application, web, event)}"


def scale(call: Call, application: Application, cartridge: str, event: str) -> int:
    """Scale the gears of a cartridge, and return the number of gears in the answer.

    The broker converts ``to`` into a difference from the count *before* it has the lock. Therefore two simultaneous
    requests for 3 gears, starting from 2, result in 4 gears (docs/broker.md, faults and concurrency).
    """
    shape, multiplier = application.shape, call.state.settings.default_ha_multiplier
    present = len(shape.group_of(cartridge).gears_of(cartridge))
    by, to = ruby.integer(call.params.get("by")), ruby.integer(call.params.get("to"))
    if not call.state.settings.shows_ha:
        by = to = None
    difference = to - present if to is not None else (1 if by is None else by) * (-1 if event == "scale-down" else 1)
    _check_scale(application, cartridge, difference, multiplier)
    new_id = call.state.new_id
    call.run(application, Operation(event, _scaling(cartridge, difference, multiplier, new_id)))
    return present + difference


def _scaling(cartridge: str, difference: int, multiplier: int, new_id: scaling.NewId) -> scaling.Reshape:
    return lambda before: scaling.scale(before, cartridge, difference, multiplier, new_id)


def _check_scale(application: Application, cartridge: str, difference: int, multiplier: int) -> None:
    shape = application.shape
    if not shape.scalable:
        raise errors.unprocessable(f"Application {application.name} is not scalable")
    rule = scaling.limits_of(shape, cartridge, multiplier)
    target = len(shape.group_of(cartridge).gears) + difference
    assert rule.minimum is not None
    assert rule.maximum is not None
    if target < rule.minimum:
        raise errors.unprocessable(f"Cannot scale down below gear limit of {rule.minimum}.", 168)
    if difference > 0 and rule.maximum != -1 and target > rule.maximum:
        raise errors.unprocessable(f"Cannot scale up above maximum gear limit of {rule.maximum}.", 168)


def _alias(call: Call, application: Application, event: str) -> str:
    name = call.text("alias") or ""
    if event == "add-alias":
        call.authorize("create_alias", application)
        add_alias(call, application, name)
        return f"Application {application.name} has added alias"
    call.authorize("destroy_alias", application)
    remove_alias(call, application, name)
    return f"Application {application.name} has removed alias"


def _activate(call: Call, application: Application) -> str:
    call.authorize("change_state", application)
    deployment = find_deployment(application, call.text("deployment_id") or "")
    call.run(application, Operation("activate"))
    with call.state.lock:
        activate_deployment(application, deployment, now())
    return f"Deployment ID {deployment.id} on application {application.name} has been activated"


def _change_state(call: Call, application: Application, event: str) -> str:
    call.authorize("change_cartridge_state" if event in ("tidy", "reload") else "change_state", application)
    call.run(application, Operation(event, control=Control(event)))
    return _STATE_TEXTS[event].format(application.name)


def create_for_cartridge(call: Call) -> Reply:
    """Apply an event to a cartridge of an application."""
    application = call.application()
    cartridge = present_cartridge(application, (call.text("cartridge_id") or "").lower())
    event = (call.text("event") or "").lower()
    if not _EVENT.match(event):
        raise errors.unprocessable("Event can only contain characters and '-'", 126, "event")
    if event in _CARTRIDGE_TEXTS:
        call.authorize("change_cartridge_state", application)
        call.run(application, Operation(event, control=Control(event, cartridge.name)))
        text = _CARTRIDGE_TEXTS[event].format(cartridge.name, application.name)
    elif event in ("scale-up", "scale-down"):
        call.authorize("scale_cartridge", application)
        text = f"Cartridge {cartridge.name} has scaled to {scale(call, application, cartridge.name, event)}"
    else:
        text = (
            f"Invalid event '{event}' for embedded cartridge {cartridge.name} within application '{application.name}'"
        )
        raise errors.unprocessable(text, 126)
    return ok_reply("application", application_data(call, application, may_include=False), text)
