"""Applications: listing, showing, creating, updating, deleting, and everything around them that clients ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import catalog, documents, errors, ruby, scaling
from .calls import APPLICATION_NAME, DOMAIN_NAME, Call, Raw, Reply, boolean, deleted, ok, reply
from .catalog import Cartridge
from .combinations import check_combination
from .errors import Message
from .operations import Operation
from .scaling import Plan, Shape
from .state import GEAR_SIZE, Application, Domain
from .views_domains import create_domain

_NAME_MAX = 32


def index(call: Call) -> Reply:
    """All applications in reach, or those of a domain, by name; in one answer, there are no pages."""
    owner = call.params.get("owner")
    domain_name = call.text("domain_id")
    if domain_name is not None and not DOMAIN_NAME.match(domain_name):
        raise errors.domain_not_found(domain_name)
    if owner not in (None, "@self"):
        raise errors.refusal(400, "Only @self is supported for the 'owner' argument.")
    found = _in_reach(call, domain_name)
    if owner == "@self":
        found = [application for application in found if application.owner is call.identity.user]
    found.sort(key=lambda application: application.name)
    if not found and domain_name is not None and domain_name.lower() not in call.state.domains:
        raise errors.domain_not_found(domain_name.lower())
    view, settings, cartridges = call.view, call.state.settings, call.includes("cartridges")
    parts = [documents.application_json(application, view, settings, cartridges) for application in found]
    return ok("applications", Raw(b"[" + b",".join(parts) + b"]"), f"Found {len(parts)} applications.")


def _in_reach(call: Call, domain_name: str | None) -> list[Application]:
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
    return ok("application", shown(call, application), f"Application '{application.name}' found")


def shown(call: Call, application: Application, may_include: bool = True) -> Raw:
    include = may_include and call.includes("cartridges")
    return Raw(documents.application_json(application, call.view, call.state.settings, include))


def create(call: Call) -> Reply:
    """A new application; the refusals come in the broker's order (see docs/broker.md)."""
    name = ruby.text(call.params.get("name")).lower()
    scalable, ha = call.boolean("scale"), call.boolean("ha")
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
    _check_web(chosen)
    scalable = scalable or ha
    if scalable and not any(cartridge.web_proxy for cartridge in chosen):
        chosen.append(catalog.WEB_PROXY)
    check_combination(chosen, [], name, scalable)
    application = _new_application(call, domain, name, [each.name for each in chosen], scalable, ha)
    return reply(201, "application", shown(call, application), f"Application {name} was created.")


def _new_application(
    call: Call, domain: Domain, name: str, cartridges: list[str], scalable: bool, ha: bool
) -> Application:
    state = call.state
    application_id = state.new_id()
    plan = scaling.created(
        cartridges,
        scalable=scalable,
        ha=ha,
        multiplier=state.settings.default_ha_multiplier,
        head_id=application_id,
        new_id=state.new_id,
    )
    git_url = call.text("initial_git_url")
    application = Application(application_id, name, domain, plan.shape, initial_git_url=git_url)
    call.operations.run_new(application, plan, call.fault)
    return application


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
    """The domain of a new application. One that is not in reach is made for the caller, if its name is free."""
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
    wrong = list(dict.fromkeys(f"'{size}'" for size in sizes if size != GEAR_SIZE))
    if wrong:
        are = "size {} is" if len(wrong) == 1 else "sizes {} are"
        text = f"The gear {are.format(ruby.sentence(wrong))} not valid for this domain. Allowed sizes: {GEAR_SIZE}."
        raise errors.unprocessable(text, 134, field)


def _check_ha_allowed(call: Call, domain: Domain) -> None:
    if not call.state.settings.allow_ha:
        raise errors.ha_switched_off()
    if not domain.owner.ha:
        raise errors.ha_not_allowed(domain.owner.login)


def _check_name(name: str) -> None:
    said = []
    if not name:
        said.append("Application name is required and cannot be blank.")
    if not APPLICATION_NAME.match(name):
        said.append("Application name must contain only alphanumeric characters (a-z, A-Z, or 0-9).")
    if len(name) > _NAME_MAX:
        said.append(f"Application name must be a minimum of 1 and maximum of {_NAME_MAX} characters.")
    if said:
        raise errors.Refusal(422, [Message("error", text, 105, "name") for text in said])


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
            f"Please include one of the following cartridges: {ruby.sentence(catalog.web_framework_names())} or "
            "supply a valid url to a custom web_framework cartridge."
        )
        raise errors.unprocessable(text, 109, "cartridge")


def update(call: Call) -> Reply:
    """The deployment settings of an application."""
    application = call.application()
    given = call.params.get("auto_deploy")
    changes: dict[str, Any] = {} if given is None else {"auto_deploy": boolean(given)}
    for name in ("deployment_branch", "deployment_type", "keep_deployments"):
        if (value := call.text(name)) is not None:
            changes[name] = value
    call.authorize("update_application", application)
    if not changes:
        text = (
            "You must specify at least one of the following for an update: auto_deploy, deployment_branch, "
            "keep_deployments and/or deployment_type"
        )
        raise errors.unprocessable(text, 1)
    _check_config(changes)
    with call.state.lock:
        application.config.update(changes)
        application.changed()
    return ok("application", shown(call, application), f"Application {application.name} was updated.")


def _check_config(changes: dict[str, Any]) -> None:
    kind = changes.get("deployment_type")
    if kind is not None and kind.lower() not in ("git", "binary"):
        text = f"Invalid deployment type: {kind.lower()}. Acceptable values are: git, binary"
        raise errors.unprocessable(text, 1, "deployment_type")
    if "keep_deployments" in changes:
        text = changes["keep_deployments"]
        changes["keep_deployments"] = int(ruby.leading_float(text))
        if not 1 <= changes["keep_deployments"] <= 1000:
            text = (
                f"Invalid number of deployments to keep: {text}. Keep deployments must be greater than 0 and no "
                "greater than 1000."
            )
            raise errors.unprocessable(text, 1, "keep_deployments")


def destroy(call: Call) -> Reply:
    application = call.application()
    if application.upgrading:
        raise errors.upgrading()
    call.authorize("destroy", application)
    call.run(application, Operation("delete", _gone, on_nodes=True))
    with call.state.lock:
        call.state.remove_application(application)
    return deleted(call.version, f"Application {ruby.text(call.params.get('id')).lower()} is deleted.")


def _gone(shape: Shape) -> Plan:
    return Plan(Shape(shape.scalable, shape.ha, ()), 0, len(shape.gears))
