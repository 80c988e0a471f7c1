"""Applications: list, show, create and delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import catalog, documents, errors, ruby, scaling
from .calls import APPLICATION_NAME, DOMAIN_NAME, Call, Raw, Reply, deletion_reply, make_reply, ok_reply
from .catalog import Cartridge
from .combinations import check_combination
from .errors import Message
from .operations import Operation
from .requested_limits import read_limits
from .scaling import Shape, ShapeChange
from .state import GEAR_SIZE, Application, Domain
from .views_domains import create_domain

_NAME_MAX = 32


def index(call: Call) -> Reply:
    """List all accessible applications, or those of one domain, by name. The answer has no pages."""
    owner = call.params.get("owner")
    domain_name = call.text("domain_id")
    if domain_name is not None and not DOMAIN_NAME.match(domain_name):
        raise errors.domain_not_found(domain_name)
    if owner not in (None, "@self"):
        raise errors.refusal(400, "Only @self is supported for the 'owner' argument.")
    applications = _accessible_applications(call, domain_name)
    if owner == "@self":
        applications = [each for each in applications if each.owner is call.identity.user]
    applications.sort(key=lambda application: application.name)
    if not applications and domain_name is not None and domain_name.lower() not in call.state.domains:
        raise errors.domain_not_found(domain_name.lower())
    view, settings, cartridges = call.view, call.state.settings, call.includes("cartridges")
    parts = [documents.application_json(application, view, settings, cartridges) for application in applications]
    return ok_reply("applications", Raw(b"[" + b",".join(parts) + b"]"), f"Found {len(parts)} applications.")


def _accessible_applications(call: Call, domain_name: str | None) -> list[Application]:
    identity = call.identity
    with call.state.lock:
        domains: Iterable[Domain] = list(call.state.domains_of(identity.user))
        return [
            application
            for domain in domains
            if domain_name is None or domain.name == domain_name.lower()
            for application in domain.applications.values()
            if identity.in_scope(application)
        ]


def show(call: Call) -> Reply:
    application = call.application()
    return ok_reply("application", application_data(call, application), f"Application '{application.name}' found")


def application_data(call: Call, application: Application, may_include: bool = True) -> Raw:
    include = may_include and call.includes("cartridges")
    return Raw(documents.application_json(application, call.view, call.state.settings, include))


def create(call: Call) -> Reply:
    """Create an application. The checks are in the broker's order (see docs/broker.md)."""
    name = ruby.text(call.params.get("name")).lower()
    scalable, ha = call.boolean("scale"), call.state.settings.shows_ha and call.boolean("ha")
    specs = _cartridge_specs(call)
    _check_git_url(call)
    domain = _domain_for_new(call)
    call.authorize("create_application", domain)
    _check_gear_sizes(call, specs)
    if ha:
        _check_ha_allowed(call, domain)
    _check_name(name)
    owner = domain.owner
    if owner.consumed_gears >= owner.max_gears:
        login = call.identity.user.login
        raise errors.unprocessable(f"{login} has already reached the gear limit of {owner.max_gears}", 104)
    chosen = [_find_cartridge(spec) for spec in specs]
    _check_storage(call, specs)
    _check_web(chosen)
    limits = read_limits(chosen, specs)
    scalable = scalable or ha
    if scalable and not any(cartridge.web_proxy for cartridge in chosen):
        chosen.append(catalog.WEB_PROXY)
    check_combination(chosen, [], name, scalable)
    application_id = call.state.new_id()
    multiplier = call.state.settings.default_ha_multiplier
    change = scaling.create(
        [each.name for each in chosen],
        scalable=scalable,
        ha=ha,
        multiplier=multiplier,
        head_id=application_id,
        new_id=call.state.new_id,
        requested=limits,
    )
    git_url = call.text("initial_git_url")
    application = Application(application_id, name, domain, change.shape, initial_git_url=git_url)
    call.operations.run_creation(application, change, call.fault)
    return make_reply(201, "application", application_data(call, application), f"Application {name} was created.")


def _check_storage(call: Call, specs: list[dict[str, Any]]) -> None:
    if any((ruby.integer(spec.get("additional_gear_storage")) or 0) > 0 for spec in specs):
        login = call.identity.user.login
        text = f"{login} has requested more additional gear storage than allowed (max: 0 GB)"
        raise errors.unprocessable(text, 166)


def _check_git_url(call: Call) -> None:
    if call.text("initial_git_url") is None and call.text("initial_git_branch") is not None:
        text = "Initial git branch cannot be specified without specifying initial git URL"
        raise errors.unprocessable(text, None, "initial_git_branch")


def _cartridge_specs(call: Call) -> list[dict[str, Any]]:
    given = ruby.present(call.params.get("cartridges")) or ruby.present(call.params.get("cartridge"))
    specs: list[dict[str, Any]] = []
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, str) and each.strip():
            specs.append({"name": each})
        elif isinstance(each, dict):
            specs.append(each)
    for spec in specs:
        if bool(ruby.present(spec.get("name"))) == bool(ruby.present(spec.get("url"))):
            text = "Each cartridge must be specified by a name, or a JSON hash with a 'name' or 'url' key."
            raise errors.unprocessable(text, 109, "cartridge")
    return specs


def _domain_for_new(call: Call) -> Domain:
    """Return the domain of a new application.

    A domain that is not accessible is created for the caller, unless its name is in use.
    """
    name = call.text("domain_id") or ""
    try:
        return call.domain(name)
    except errors.Refusal:
        if not name:
            raise
        return create_domain(call, name, field="domain_id")


def _check_gear_sizes(call: Call, specs: list[dict[str, Any]]) -> None:
    size = (call.text("gear_size") or call.text("gear_profile") or GEAR_SIZE).lower()
    _check_sizes([size], "gear_size")
    _check_sizes([ruby.text(spec["gear_size"]) for spec in specs if ruby.present(spec.get("gear_size"))], "cartridges")


def _check_sizes(sizes: list[str], field: str) -> None:
    invalid = list(dict.fromkeys(f"'{size}'" for size in sizes if size != GEAR_SIZE))
    if invalid:
        subject = "size {} is" if len(invalid) == 1 else "sizes {} are"
        subject = subject.format(ruby.join_words(invalid))
        text = f"The gear {subject} not valid for this domain. Allowed sizes: {GEAR_SIZE}."
        raise errors.unprocessable(text, 134, field)


def _check_ha_allowed(call: Call, domain: Domain) -> None:
    if not call.state.settings.allow_ha:
        raise errors.ha_disabled()
    if not domain.owner.ha:
        raise errors.ha_not_allowed(domain.owner.login)


def _check_name(name: str) -> None:
    texts = []
    if not name:
        texts.append("Application name is required and cannot be blank.")
    if not APPLICATION_NAME.match(name):
        texts.append("Application name must contain only alphanumeric characters (a-z, A-Z, or 0-9).")
    if len(name) > _NAME_MAX:
        texts.append(f"Application name must be a minimum of 1 and maximum of {_NAME_MAX} characters.")
    if texts:
        raise errors.Refusal(422, [Message("error", text, 105, "name") for text in texts])


def _find_cartridge(spec: dict[str, Any]) -> Cartridge:
    name = ruby.text(spec.get("name"))
    cartridge = catalog.find(name)
    if cartridge is None:
        raise errors.unprocessable(f"Invalid cartridge '{name}' specified.", 109, "cartridge")
    return cartridge


def _check_web(chosen: list[Cartridge]) -> None:
    if not any(cartridge.web_framework for cartridge in chosen):
        text = (
            "An application must contain one web cartridge. None of the specified cartridges is a web cartridge. "
            f"Please include one of the following cartridges: {ruby.join_words(catalog.web_framework_names())} or "
            "supply a valid url to a custom web_framework cartridge."
        )
        raise errors.unprocessable(text, 109, "cartridge")


def destroy(call: Call) -> Reply:
    application = call.application()
    if application.upgrading:
        raise errors.upgrading()
    call.authorize("destroy", application)
    call.run(application, Operation("delete", _remove_all_gears, deletes=True))
    return deletion_reply(call.version, f"Application {ruby.text(call.params.get('id')).lower()} is deleted.")


def _remove_all_gears(shape: Shape) -> ShapeChange:
    return ShapeChange(Shape(shape.scalable, shape.ha, ()), 0, len(shape.gears))
