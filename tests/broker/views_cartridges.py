"""The cartridges of an application (list, show, limits, add, remove), and the cartridges that the platform offers."""

from __future__ import annotations

import re
from typing import Any

from . import catalog, documents, errors, ruby, scaling
from .calls import Call, Reply, deletion_reply, make_reply, ok_reply
from .cartridge_status import status_messages
from .catalog import CARTRIDGES, Cartridge
from .combinations import check_combination
from .operations import Operation
from .requested_limits import read_limits
from .state import Application

_NAME = re.compile(r"\A[\w\-]+-\d+(\.\d+)*\Z")


def index(call: Call) -> Reply:
    application = call.application()
    data = documents.cartridge_documents(application, call.view, call.state.settings)
    text = f"Listing cartridges for application {application.name} under domain {application.domain.name}"
    return ok_reply("cartridges", data, text)


def show(call: Call) -> Reply:
    application = call.application()
    name = present_cartridge(application, ruby.text(call.params.get("id"))).name
    text = f"Showing cartridge {name} for application {application.name} under domain {application.domain.name}"
    status = status_messages(application.shape, name, call.state.down_nodes())
    data = documents.cartridge_document(application, name, call.view, call.state.settings, status)
    return ok_reply("cartridge", data, text)


def present_cartridge(application: Application, name: str) -> Cartridge:
    """Return a cartridge of the application.

    Raises:
        Refusal (404): The application has no cartridge with this name.
    """
    _check_name(name)
    if name not in application.shape.cartridges:
        raise errors.cartridge_not_found(name)
    return CARTRIDGES[name]


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise errors.cartridge_not_found(None)


def update(call: Call) -> Reply:
    """Set the limits of a cartridge, and add or remove gears to fit them."""
    application = call.application()
    name = ruby.text(call.params.get("id"))
    _check_name(name)
    minimum = ruby.integer(ruby.present(call.params.get("scales_from")))
    maximum = ruby.integer(ruby.present(call.params.get("scales_to")))
    storage = ruby.present(call.params.get("additional_gear_storage"))
    _check_permitted(call, application, minimum, maximum, storage)
    _check_values(application, minimum, maximum)
    if application.upgrading and (minimum is not None or maximum is not None):
        raise errors.upgrading()
    cartridge = present_cartridge(application, name)
    _check_fits(call, application, cartridge, minimum, maximum)
    _check_kind(application, cartridge, minimum, maximum, ruby.integer(storage))
    multiplier, new_id = call.state.settings.default_ha_multiplier, call.state.new_id
    operation = Operation("limits", lambda shape: scaling.set_limits(shape, name, minimum, maximum, multiplier, new_id))
    call.run(application, operation)
    text = f"Updated cartridge {name} for application {application.name} under domain {application.domain.name}"
    return ok_reply("cartridge", documents.cartridge_document(application, name, call.view, call.state.settings), text)


def _check_permitted(
    call: Call, application: Application, minimum: int | None, maximum: int | None, storage: Any
) -> None:
    if minimum is None and maximum is None and storage is None:
        text = (
            "No update parameters specified.  Valid update parameters are: scales_from, scales_to, "
            "additional_gear_storage"
        )
        raise errors.unprocessable(text, 168)
    if minimum is not None or maximum is not None:
        call.authorize("scale_cartridge", application)
    if storage is not None:
        call.authorize("change_gear_quota", application)
        if ruby.integer(storage) is None:
            raise errors.unprocessable("Invalid storage value provided.", 165, "additional_storage")


def _check_values(application: Application, minimum: int | None, maximum: int | None) -> None:
    if not application.shape.scalable and (minimum not in (None, 1) or maximum not in (None, 1, -1)):
        raise errors.unprocessable(f"Application '{application.name}' is not scalable", 100, "name")
    if minimum is not None and minimum < 1:
        raise errors.unprocessable(f"Invalid scales_from factor {minimum} provided", 168, "scales_from")
    if maximum is not None and (maximum == 0 or maximum < -1):
        raise errors.unprocessable(f"Invalid scales_to factor {maximum} provided", 168, "scales_to")
    if maximum is not None and minimum is not None and 1 <= maximum < minimum:
        raise errors.unprocessable("Invalid scales_(from|to) factor provided", 168, "scales_to")


def _check_fits(
    call: Call, application: Application, cartridge: Cartridge, minimum: int | None, maximum: int | None
) -> None:
    """Check new limits against the current limits. For a sparse cartridge, the broker swaps severity and field."""
    if cartridge.sparse:
        for name, value in (("scales_to", maximum), ("scales_from", minimum)):
            if value not in (None, 1):
                text = f"The cartridge {cartridge.name} cannot be scaled."
                raise errors.refusal(422, text, 168, "PATCH_APP_CARTRIDGE", severity=name)
    rule = scaling.limits_of(application.shape, cartridge.name, call.state.settings.default_ha_multiplier)
    assert rule.minimum is not None
    assert rule.maximum is not None
    both = "Please specify both scales_(from|to) factors together to override."
    if maximum is not None and minimum is None and 1 <= maximum < rule.minimum:
        text = (
            "The scales_to factor currently provided cannot be lower than the scales_from factor previously provided."
        )
        raise errors.unprocessable(f"{text} {both}", 168, "scales_to")
    if minimum is not None and maximum is None and 1 <= rule.maximum < minimum:
        text = (
            "The scales_from factor currently provided cannot be higher than the scales_to factor previously provided."
        )
        raise errors.unprocessable(f"{text} {both}", 168, "scales_from")


def _check_kind(
    application: Application, cartridge: Cartridge, minimum: int | None, maximum: int | None, storage: int | None
) -> None:
    if storage:
        raise errors.unprocessable("This application is not allowed to have additional gear storage", 164)
    if application.shape.ha and maximum == 1:
        raise errors.unprocessable("Cannot set the max gear limit to '1' if the application is HA (highly available)")
    if (minimum is not None or maximum is not None) and not (cartridge.scalable or cartridge.sparse):
        text = (
            f"You can not set scaling policies for {cartridge.name}. Generally, you can set it only for web_framework "
            "or service cartridges."
        )
        raise errors.unprocessable(text)


def create(call: Call) -> Reply:
    """Add cartridges to an application."""
    application = call.application()
    if application.upgrading:
        raise errors.upgrading()
    call.authorize("create_cartridge", application)
    specs = _requested_specs(call)
    chosen = [_find_cartridge(ruby.text(spec["name"])) for spec in specs]
    limits = read_limits(chosen, specs)
    shape = application.shape
    present = [CARTRIDGES[name] for name in shape.cartridges]
    try:
        check_combination(chosen, present, application.name, shape.scalable)
        names = [cartridge.name for cartridge in chosen]
        multiplier, new_id = call.state.settings.default_ha_multiplier, call.state.new_id
        call.run(
            application,
            Operation("add", lambda before: scaling.add_cartridges(before, names, multiplier, new_id, limits)),
        )
    except errors.Refusal as refused:
        raise _as_refusal_to_add(refused) from None
    view, settings = call.view, call.state.settings
    data = [documents.cartridge_document(application, name, view, settings) for name in names]
    text = f"Added {ruby.join_words(names)} to application {application.name}"
    return make_reply(201, "cartridges", data, text) if len(data) > 1 else make_reply(201, "cartridge", data[0], text)


def _as_refusal_to_add(refused: errors.Refusal) -> errors.Refusal:
    first = refused.messages[0]
    if first.text and "additional gears." in first.text:
        return errors.unprocessable(f"Unable to add cartridge: {first.text}", 104)
    if first.field == "cartridge":
        return errors.refusal(refused.status, first.text, first.exit_code)
    return refused


def _requested_specs(call: Call) -> list[dict[str, Any]]:
    several, single = call.params.get("cartridges"), call.params.get("cartridge")
    if isinstance(several, list):
        given: list[Any] = several
    elif isinstance(single, dict):
        given = [single]
    elif isinstance(single, str):
        given = [{**call.params, "name": single}]
    else:
        given = [call.params]
    specs = [spec if isinstance(spec, dict) else {"name": spec} for spec in given]
    if not all(ruby.text(spec.get("name")) for spec in specs):
        text = "Error in parameters. Cannot determine cartridge. Use 'cartridge'/'name'/'url'"
        raise errors.unprocessable(text, 109)
    return specs


def _find_cartridge(name: str) -> Cartridge:
    cartridge = catalog.find(name)
    if cartridge is None:
        raise errors.unprocessable(f"Invalid cartridge '{name}' specified.", 109)
    return cartridge


def destroy(call: Call) -> Reply:
    """Remove a cartridge. The web cartridge and the load balancer must stay (transcript ``errors``)."""
    application = call.application()
    if application.upgrading:
        raise errors.upgrading()
    call.authorize("destroy_cartridge", application)
    cartridge = present_cartridge(application, ruby.text(call.params.get("id")))
    if cartridge.web_framework or (cartridge.web_proxy and application.shape.scalable):
        raise errors.unprocessable(f"'{cartridge.name}' cannot be removed", 137)
    multiplier, new_id = call.state.settings.default_ha_multiplier, call.state.new_id
    operation = Operation("remove", lambda shape: scaling.remove_cartridge(shape, cartridge.name, multiplier, new_id))
    call.run(application, operation)
    return deletion_reply(call.version, f"Removed {cartridge.name} from application {application.name}")


# --- cartridges that the platform offers


def offered(call: Call) -> Reply:
    """List the cartridges that the platform offers. Needs no credentials."""
    newest_first = sorted(
        CARTRIDGES.values(), key=lambda each: (each.base_name, [-int(part) for part in each.version.split(".")])
    )
    data = [documents.offered_cartridge(each, call.view) for each in newest_first]
    return ok_reply("cartridges", data, "Listing cartridges")
