"""JSON-ready documents of applications, their cartridges and their gears, by API version.

Clients request the document of an application again and again, so its JSON is cached until the application changes.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping

from . import application_links as links
from . import scaling
from .account_documents import members_of_application
from .catalog import CARTRIDGES, WEB_PROXY, Cartridge, Endpoint
from .nodes import Node
from .rendering import Document, View, format_time, to_json
from .rules import Rule
from .state import DOMAIN_SUFFIX, GEAR_SIZE, Application, Settings, State

_MANIFEST_TIME = "2015-06-01T00:00:00Z"
_DEPLOYMENT_SETTINGS = {
    "auto_deploy": True,
    "deployment_branch": "master",
    "keep_deployments": 1,
    "deployment_type": "git",
}


def application_json(application: Application, view: View, settings: Settings, include_cartridges: bool) -> bytes:
    """Return the JSON of an application, from the cache if it has not changed."""
    key = (view, include_cartridges, settings.allow_ha, settings.shows_ha)
    cache = application.rendered
    json = cache.get(key)
    if json is None:
        json = cache[key] = to_json(application_document(application, view, settings, include_cartridges))
    return json


def application_document(
    application: Application, view: View, settings: Settings, include_cartridges: bool = False
) -> Document:
    shape = application.shape
    document: Document = {
        "aliases": [alias_document(application, name, view) for name in application.aliases],
        "app_url": f"http://{_fqdn(application)}/",
        "building_app": None,
        "building_with": next((name for name in shape.cartridges if CARTRIDGES[name].ci_builder), None),
        "build_job_url": None,
        "creation_time": format_time(application.created),
        "domain_id": application.domain.name,
        "embedded": {name: {} for name in shape.cartridges if not CARTRIDGES[name].web_framework},
        "framework": shape.web_cartridge,
        "gear_count": len(shape.gears),
        "gear_profile": GEAR_SIZE,
        "git_url": f"ssh://{_head_address(application)}/~/git/{application.name}.git/",
        "health_check_path": "health",
        "id" if view.by_id else "uuid": application.id,
        "name": application.name,
        "scalable": shape.scalable,
        "ssh_url": f"ssh://{_head_address(application)}",
        **_DEPLOYMENT_SETTINGS,
    }
    _add_by_version(document, application, view, settings.shows_ha)
    if view.version <= 1.3:
        document["aliases"] = list(application.aliases)
    if not view.nolinks:
        document["links"] = links.application_links(
            view.base, application, view.version, settings.allow_ha and settings.shows_ha
        )
    if include_cartridges:
        document["cartridges"] = cartridge_documents(application, view, settings)
    return document


def _add_by_version(document: Document, application: Application, view: View, shows_ha: bool) -> None:
    shape = application.shape
    if view.version >= 1.1:
        document["initial_git_url"] = application.initial_git_url
    if view.version >= 1.4:
        home = links.application_base(view.base, application, 1.7)
        document["members"] = members_of_application(application, view, home)
    if view.version >= 1.6 and shows_ha:
        document["ha"] = shape.ha
    if view.version <= 1.0:
        minimum, maximum = _web_limits(shape)
        document.update(scale_min=minimum, scale_max=maximum)


def _web_limits(shape: scaling.Shape) -> tuple[int | None, int | None]:
    if not shape.scalable or shape.web_cartridge is None:
        return 1, 1
    rule = scaling.limits_of(shape, shape.web_cartridge, 0)
    return rule.minimum, rule.maximum


def _fqdn(application: Application, gear_name: str | None = None) -> str:
    return f"{gear_name or application.name}-{application.domain.name}.{DOMAIN_SUFFIX}"


def _head_address(application: Application) -> str:
    return f"{application.id}@{_fqdn(application)}"


def alias_document(application: Application, name: str, view: View) -> Document:
    document: Document = {"certificate_added_at": None, "has_private_ssl_certificate": False, "id": name}
    if not view.nolinks:
        document["links"] = links.alias_links(links.application_base(view.base, application, view.version), name)
    return document


# --- cartridges of an application


def cartridge_documents(application: Application, view: View, settings: Settings) -> list[Document]:
    """Return all cartridges of an application, group by group; API 1.0 shows only the embedded ones."""
    documents = []
    shape = application.shape
    for group, rule in zip(shape.groups, scaling.limits(shape, settings.default_ha_multiplier), strict=True):
        for name in group.cartridges:
            if view.version > 1.0 or CARTRIDGES[name].embeddable:
                documents.append(_cartridge_document(application, CARTRIDGES[name], group, rule, view))
    return documents


def cartridge_document(
    application: Application, name: str, view: View, settings: Settings, status: list[Document] | None = None
) -> Document:
    """Return a cartridge of an application. ``status``: what its gears report."""
    shape = application.shape
    rule = scaling.limits_of(shape, name, settings.default_ha_multiplier)
    document = _cartridge_document(application, CARTRIDGES[name], shape.group_of(name), rule, view)
    return {**document, "status_messages": status}


def _cartridge_document(
    application: Application, cartridge: Cartridge, group: scaling.Group, rule: Rule, view: View
) -> Document:
    home = links.application_base(view.base, application, view.version)
    links_part = {} if view.nolinks else {"links": links.cartridge_links(home, cartridge.name, view.version)}
    if view.version <= 1.0:
        return {**_plain_cartridge(cartridge), "properties": {}, "status_messages": None, **links_part}
    proxy = application.shape.proxy_cartridge
    return {
        **_public_cartridge(cartridge),
        "added_time": format_time(application.created),
        "additional_gear_storage": 0,
        "base_gear_storage": 1,
        "collocated_with": [name for name in group.cartridges if name != cartridge.name],
        "gear_profile": GEAR_SIZE,
        "properties": [
            {"name": name, "type": "cart_data", "description": description}
            for name, description in cartridge.properties
        ],
        "scales_with": proxy,
        "status_messages": None,
        **_scales(application.shape, cartridge, group, rule),
        **links_part,
    }


def _scales(shape: scaling.Shape, cartridge: Cartridge, group: scaling.Group, rule: Rule) -> Document:
    """Return the scale fields. A sparse cartridge always shows the limits of its manifest, and its instances."""
    return {
        "current_scale": len(group.gears_of(cartridge.name)),
        "scales_from": cartridge.minimum if cartridge.sparse else rule.minimum,
        "scales_to": cartridge.maximum if cartridge.sparse else rule.maximum,
        "supported_scales_from": cartridge.minimum,
        "supported_scales_to": 1 if not shape.scalable and cartridge.maximum == -1 else cartridge.maximum,
    }


# --- cartridges that the platform offers


def _plain_cartridge(cartridge: Cartridge) -> Document:
    return {"name": cartridge.name, "type": "standalone" if cartridge.web_framework else "embedded"}


def _public_cartridge(cartridge: Cartridge) -> Document:
    document: Document = {
        **_plain_cartridge(cartridge),
        "activation_time": _MANIFEST_TIME,
        "automatic_updates": True,
        "creation_time": _MANIFEST_TIME,
        "description": cartridge.description,
        "display_name": cartridge.display_name,
        "help_topics": {},
        "license": "",
        "license_url": "",
        "maintained_by": "redhat",
        "tags": list(cartridge.categories),
        "usage_rates": [],
        "version": cartridge.version,
        "website": "",
    }
    if cartridge.requires:
        document["requires"] = [list(each) for each in cartridge.requires]
    return document


def offered_cartridge(cartridge: Cartridge, view: View) -> Document:
    if view.version <= 1.0:
        return {**_plain_cartridge(cartridge), "properties": {}, "status_messages": None}
    document = {
        **_public_cartridge(cartridge),
        "id": _cartridge_id(cartridge),
        "properties": [],
        "scales_from": None,
        "scales_to": None,
        "scales_with": None,
        "supported_scales_from": cartridge.minimum,
        "supported_scales_to": cartridge.maximum,
    }
    if view.version <= 1.6:
        document["current_scale"] = None
    return document


def _cartridge_id(cartridge: Cartridge) -> str:
    """Return the identifier of a cartridge, which is the same in every run."""
    return f"{zlib.crc32(cartridge.name.encode()):08x}" * 3


# --- gear groups


def gear_group_documents(application: Application, view: View, state: State, include_endpoints: bool) -> list[Document]:
    shape, settings = application.shape, state.settings
    nodes = {node.address: node for node in state.nodes}
    ports = _endpoints(application)
    documents = []
    for group, rule in zip(shape.groups, scaling.limits(shape, settings.default_ha_multiplier), strict=True):
        documents.append(
            {
                "additional_gear_storage": 0,
                "base_gear_storage": 1,
                "cartridges": [_grouped_cartridge(CARTRIDGES[name]) for name in group.cartridges],
                "gear_profile": GEAR_SIZE,
                "gears": [
                    _gear_document(application, gear, ports, nodes.get(gear.node or ""), view, include_endpoints)
                    for gear in group.gears
                ],
                "id" if view.by_id else "uuid": group.id,
                "name": group.id,
                "scales_from": rule.minimum,
                "scales_to": rule.maximum,
            }
        )
    return documents


def _grouped_cartridge(cartridge: Cartridge) -> Document:
    return {"name": cartridge.name, "display_name": cartridge.display_name, "tags": list(cartridge.categories)}


def _gear_document(
    application: Application,
    gear: scaling.Gear,
    ports: dict[str, list[Document]],
    node: Node | None,
    view: View,
    include_endpoints: bool,
) -> Document:
    address = _head_address(application) if gear.head else f"{gear.id}@{_fqdn(application, gear.id)}"
    document: Document = {"id": gear.id, "ssh_url": f"ssh://{address}", "state": _visible_state(gear, node)}
    if not view.by_id:
        return {**document, "port_interfaces": ports.get(gear.id, [])}
    if include_endpoints:
        document["endpoints"] = ports.get(gear.id, [])
    return {**document, "region": node and node.region, "zone": node and node.zone}


def _visible_state(gear: scaling.Gear, node: Node | None) -> str:
    """Return the state of a gear. It is unknown while the gear is made, and if its node does not answer."""
    return "unknown" if not gear.ready or (node is not None and node.down) else gear.state


def gear_states_text(shape: scaling.Shape, down: Collection[str]) -> str:
    """Return what the nodes report: one line for each gear whose state they know."""
    return "".join(
        f"{gear.state}\n" for gear in shape.gears if gear.ready and gear.state != "unknown" and gear.node not in down
    )


def _endpoints(application: Application) -> dict[str, list[Document]]:
    """Return the exposed ports of each gear, by the gear's identifier.

    Gears of an application that is not scalable expose no ports (transcript ``walk-201``). Gears that are not ready
    expose none either. The HAProxy endpoints get the addresses in ``application.addresses``, others those of the nodes.
    """
    if not application.shape.scalable:
        return {}
    ports: dict[str, list[Document]] = {}
    for group in application.shape.groups:
        order = sorted(group.cartridges, key=lambda name: CARTRIDGES[name].web_proxy)
        for gear in group.gears:
            ports[gear.id] = [
                _endpoint(gear, name, number, endpoint, application.addresses if name == WEB_PROXY.name else {})
                for name in order
                if gear.ready and gear.endpoints and gear.carries(CARTRIDGES[name])
                for number, endpoint in enumerate(CARTRIDGES[name].endpoints)
            ]
    return ports


def _endpoint(gear: scaling.Gear, name: str, number: int, endpoint: Endpoint, addresses: Mapping[str, str]) -> Document:
    checksum = zlib.crc32(f"{gear.id}/{name}/{number}".encode())
    host, _colon, port = addresses.get(gear.id, f"{gear.node}:{35531 + checksum % 30000}").rpartition(":")
    mappings = endpoint.mappings
    return {
        "cartridge_name": name,
        "external_address": host,
        "external_port": port,
        "internal_address": f"127.0.250.{checksum % 250 + 1}",
        "internal_port": endpoint.port,
        "mappings": None
        if mappings is None
        else [{"frontend": frontend, "backend": backend} for frontend, backend in mappings],
        "protocols": list(endpoint.protocols),
        "types": [endpoint.kind],
    }
