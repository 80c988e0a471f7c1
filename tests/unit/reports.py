"""Results of the modules, and reports on them: what the tests of the report share."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput, unobserved
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report

MADE_AT = datetime(2026, 11, 22, 3, 15, tzinfo=timezone.utc)
PLANNED = {"action": "scale_up", "detail": "scale up from 3 gears to 4", "status": "planned", "seconds": None}
DONE = {**PLANNED, "status": "done"}
MAXIMUM = {"code": "maximum", "message": "acme/shop has 2 gears and its maximum is 2"}
WARNING = "The API does not expose whether carol, the owner of acme/api, has the HA capability."


def app(name: str = "shop", status: str = "highly_available", **more: Any) -> dict[str, Any]:
    """An application as the modules return it."""
    shapes = {
        "highly_available": {"ha": True, "haproxy_count": 2},
        "degraded": {"ha": True, "haproxy_count": 1},
        "standalone": {"ha": False, "haproxy_count": 1},
        "not_scalable": {"ha": False, "haproxy_count": 0},
    }
    common = {"name": name, "domain": "acme", "id": "1", "owner": "alice", "gear_count": 3, "web_gears": 3}
    limits = {"min_gears": 2, "max_gears": -1, "url": f"http://{name}-acme.example.com/"}
    return {**common, **limits, "ha_status": status, **shapes[status], **more}


def result(before: dict[str, Any], **more: Any) -> Any:
    """A result of openshift_apps_ha for one application."""
    rest = {"steps": [], "blockers": [], "gears_needed": 0, "gears_available": None, "failed": False, "changed": False}
    return {**rest, "before": before, "application": before, **more}


def drifted(name: str, status: str = "degraded", **more: Any) -> Any:
    planned = {"steps": [PLANNED], "gears_needed": 1, "changed": True, "application": app(name)}
    return {**result(app(name, status)), **planned, **more}


def report(*results: Any, **more: Any) -> Report:
    return build_report([ReportInput(results, **more)], "The audit", "https://broker.example.com", MADE_AT)


GONE = unobserved("acme", "gone", "acme/gone: could not be checked: it does not exist")
BLOCKED = drifted("shop", blockers=[MAXIMUM], failed=True, changed=False, application=app("shop", "degraded"))
SKIPPED = result(app("plain", "not_scalable"))


# --- Proof -----------------------------------------------------------------------------------------------------------

SAME_NODE_PROBLEM = {
    "code": "haproxy_same_node",
    "message": "acme/shop: the HAProxy instances on gears a1, b2 are on the same node (10.0.0.11). Ask somebody.",
    "repairable": True,
}


def instance(number: int, address: str, zone: str = "east/z1", counts: bool = True) -> dict[str, Any]:
    """An HAProxy instance as the modules return it."""
    gear = ("a1", "b2", "c3")[number - 1]
    place = {"address": address, "port": 38000 + number, "zone": zone}
    return {**place, "gear": gear, "state": "started", "answered": None, "counts": counts}


def placed(*instances: dict[str, Any], problems: tuple[Any, ...] = (), **more: Any) -> Any:
    """A result of an application that was verified at ``placement``."""
    status = "degraded" if problems else "highly_available"
    before = app("shop", status, haproxy_count=2, verified="placement", problems=list(problems))
    return result(before, instances=list(instances), **more)


ON_ONE_NODE = placed(
    instance(1, "10.0.0.11"),
    instance(2, "10.0.0.11", counts=False),
    problems=(SAME_NODE_PROBLEM,),
    blockers=[{"code": "relocation", "message": SAME_NODE_PROBLEM["message"]}],
    failed=True,
)
