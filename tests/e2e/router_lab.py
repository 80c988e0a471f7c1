"""A router with two gears, without Ansible: its files are written as the role writes them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.drill import plan_drill
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.haproxy import (
    MAP_MARK,
    START_MARK,
    render_haproxy,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.nginx import render_map, render_nginx
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.router_host import parse_numbers, parse_version
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import RoutingOptions, build_routes
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import Settings, build_settings
from tests.e2e.router_parts import ROOT, Gear, Nginx, Router
from tests.programs import required

FILES = ROOT / "roles" / "app_router" / "files"


@dataclass(frozen=True)
class Lab:
    """``acme/shop`` with two gears, behind a router."""

    router: Router
    gears: tuple[Gear, Gear]

    @property
    def applications(self) -> list[dict[str, Any]]:
        endpoints = [
            {"gear": gear.name, "address": gear.address, "port": gear.port, "state": "started"} for gear in self.gears
        ]
        shop = {"domain": "acme", "name": "shop", "id": "1", "url": "http://shop-acme.example.com/"}
        return [{**shop, "ha_status": "highly_available", "endpoints": endpoints}]

    def settings(self, **variables: Any) -> Settings:
        own = {**self.router.variables, "app_router_check": "tcp", **variables}
        return build_settings({name.removeprefix("app_router_"): value for name, value in own.items()})

    def write(self, **variables: Any) -> Settings:
        """Write the files of the router, as the role does."""
        settings = self.settings(**variables)
        routes = build_routes(self.applications, RoutingOptions())
        views = [
            {
                "backend": route.backend,
                "host": route.host,
                "hosts": route.hosts,
                "passthrough": False,
                "servers": [vars(server) for server in route.servers],
            }
            for route in routes.routes
        ]
        is_nginx = isinstance(self.router, Nginx)
        answer = subprocess.run([self.router.program, "-v"], capture_output=True, text=True, check=True)
        version = parse_numbers(parse_version(vars(answer)))
        start = f"{self.router.config.parent}/openshift-apps-"
        text = (render_nginx if is_nginx else render_haproxy)(settings, views, version)
        text = text.replace(START_MARK, start).replace(MAP_MARK, f"{start}1.map")
        map_text = render_map(routes.map_text) if is_nginx else routes.map_text
        Path(f"{start}1.map").write_text(map_text, encoding="utf-8")
        Path(f"{start}servers.state").write_text("1\n", encoding="utf-8")
        self.router.config.write_text(text, encoding="utf-8")
        return settings

    def plan(self, settings: Settings, seconds: float) -> dict[str, Any]:
        (step,) = plan_drill(self.applications, self.router.config.read_text("utf-8"), settings, 1).steps
        return {**step, "seconds": seconds}

    def drill(self, plan: dict[str, Any]) -> subprocess.Popen[str]:
        command = [sys.executable, str(FILES / "drill.py"), json.dumps(plan)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def reload(self) -> None:
        subprocess.run(shlex.split(str(self.router.variables["app_router_reload_command"])), check=True)

    @property
    def is_whole(self) -> bool:
        """Whether each instance gets requests."""
        if isinstance(self.router, Nginx):
            return " down;" not in self.router.config.read_text(encoding="utf-8")
        return self.router.up("shop") == len(self.gears)


@contextmanager
def open_lab(kind: type[Router]) -> Iterator[Lab]:
    """The gears run, the router does not yet."""
    name = "nginx" if issubclass(kind, Nginx) else "haproxy"
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="router")))
        lab = Lab(kind(required(name, package=name), directory), (Gear("shop1"), Gear("shop2")))
        for gear in lab.gears:
            stack.callback(gear.kill)
            gear.start()
        stack.callback(lab.router.stop)
        yield lab
