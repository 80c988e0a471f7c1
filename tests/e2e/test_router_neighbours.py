"""A fragment of the role app_router takes no requests from the files beside it. Real programs validate it."""

from __future__ import annotations

import getpass
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.haproxy import (
    FIRST_LINE,
    MAP_MARK,
    START_MARK,
    render_haproxy,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.nginx import render_map, render_nginx
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import Settings, build_settings
from tests.actions import run_action
from tests.e2e.router_parts import HAPROXY_DEFAULTS, ROOT
from tests.programs import required

SCRIPT = ROOT / "roles" / "app_router" / "files" / "validate.sh"
SERVERS = [{"name": "gear-1", "address": "127.0.0.1", "port": 9}]
ROUTE = {
    "backend": "openshift_acme_shop",
    "host": "shop.example.com",
    "hosts": ["shop.example.com"],
    "passthrough": False,
    "servers": SERVERS,
}
HAPROXY = f"""{HAPROXY_DEFAULTS}frontend own
    {{bind}}
    http-request return status 200
"""
NGINX = """{user}
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    {body}
}}
"""
SAME = "Another frontend of HAProxy listens on the same address"
FIRST = "nginx would answer requests for unknown host names with the fragment instead of with your server"


@dataclass(frozen=True)
class Host:
    """A router with configurations of somebody else, in a folder."""

    folder: Path
    software: str

    @property
    def place(self) -> Path:
        return self.folder / "conf.d"

    def settings(self, **variables: Any) -> Settings:
        nginx = self.software == "nginx"
        given = {
            "software": self.software,
            "mode": "fragment",
            "program": required(self.software, package=self.software),
            "config_path": str(self.place / ("m.conf" if nginx else "zz.cfg")),
            "main_config": str(self.folder / "main.conf"),
            "http_bind": ["127.0.0.1:18080"],
            "running_socket": "127.0.0.1:18406" if nginx else str(self.folder / "running.sock"),
            "admin_socket": "",
        }
        return build_settings({**given, **variables})

    def main(self, body: str) -> None:
        self.place.mkdir(exist_ok=True)
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        text = NGINX.format(folder=self.folder, body=body, user=user) if self.software == "nginx" else body
        (self.folder / "main.conf").write_text(text, encoding="utf-8")

    def validate(self, routes: list[dict[str, Any]] | None = None, **variables: Any) -> str:
        """The message of the refusal, empty if the fragment is accepted."""
        settings = self.settings(**variables)
        nginx = settings.is_nginx
        routes = [ROUTE] if routes is None else routes
        text = render_nginx(settings, routes, (1, 22)) if nginx else render_haproxy(settings, routes, (2, 6))
        candidate = self.folder / "candidate"
        candidate.mkdir()
        map_text = "".join(f"{host} {route['backend']}\n" for route in routes for host in route["hosts"])
        (candidate / "hosts.map").write_text(f"{FIRST_LINE}\n{render_map(map_text) if nginx else map_text}", "utf-8")
        config = text.replace(MAP_MARK, f"{candidate}/hosts.map").replace(START_MARK, f"{candidate}/")
        (candidate / "candidate").write_text(config, "utf-8")
        paths = (str(candidate), settings.program, settings.main_config, settings.config_path)
        run = subprocess.run(
            ["sh", str(SCRIPT), settings.software, settings.mode, *paths, ""],
            capture_output=True,
            text=True,
            check=False,
        )
        result = {"rc": run.returncode, "stdout": run.stdout, "stderr": run.stderr}
        question = {"settings": settings.to_dict(), "result": result, "folder": str(candidate), "config": config}
        answer = run_action("openshift_router_plan", {"validation": question})
        return str(answer["msg"]) if answer.get("failed") else ""


@pytest.mark.parametrize(
    ("bind", "own", "refused"),
    [
        ("bind 127.0.0.1:18080", "127.0.0.1:18080", True),
        ("bind 127.0.0.1:18081,127.0.0.1:18080 # both", "127.0.0.1:18080", True),
        ("bind ipv4@127.0.0.1:18079-18081", "127.0.0.1:18080", True),
        ("bind :18080", "*:18080", True),
        ("bind :::18080 v4v6", "*:18080", True),
        ("bind 0.0.0.0:18080", "*:18080 tfo", True),
        # Connections to this address go to its own frontend only.
        ("bind *:18080", "127.0.0.1:18080", False),
        ("bind 127.0.0.1:18081", "127.0.0.1:18080", False),
        ("bind unix@/tmp/openshift-none.sock", "127.0.0.1:18080", False),
    ],
)
def test_two_frontends_of_haproxy_on_one_address(tmp_path: Path, bind: str, own: str, refused: bool) -> None:
    host = Host(tmp_path, "haproxy")
    host.main(HAPROXY.format(bind=bind))
    message = host.validate(http_bind=[own])
    assert message.startswith(SAME) is refused, message
    if refused:
        assert f"{own.split()[0]} ({tmp_path}/main.conf:7)" in message
        assert "Nothing was changed." in message
    else:
        assert message == ""


def test_a_frontend_of_another_fragment(tmp_path: Path) -> None:
    host = Host(tmp_path, "haproxy")
    host.main(HAPROXY.format(bind="bind 127.0.0.1:18082"))
    (host.place / "a.cfg").write_text("frontend a\n    bind 127.0.0.1:18080\n    mode http\n    timeout client 1s\n")
    assert f"({host.place}/a.cfg:2)" in host.validate()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("include conf.d/*.conf; server { listen 127.0.0.1:18080; return 200 own; }", FIRST),
        ("include {place}/*.conf; server {{ listen 127.0.0.1:18080; return 200 own; }}", FIRST),
        ("server { listen 127.0.0.1:18080; return 200 own; } include conf.d/*.conf;", ""),
        ("include conf.d/*.conf; server { listen 127.0.0.1:18080 default_server; return 200 own; }", ""),
        ("include conf.d/*.conf; server { listen 127.0.0.1:18081; return 200 own; }", ""),
        (
            "server { listen 127.0.0.1:18080; server_name shop.example.com; return 200 own; } include conf.d/*.conf;",
            "Another file of nginx already has a server with the same name and address: shop.example.com on 127.0.0.1:",
        ),
        # A conflict among the files of others is their business.
        (
            "server { listen 127.0.0.1:18081; server_name a; } server { listen 127.0.0.1:18081; server_name a; } "
            "include conf.d/*.conf;",
            "",
        ),
        ("include conf.d/*;", "nginx rejects the new configuration: {main} includes every file in {place}"),
        ("", "nginx rejects the new configuration: {main} does not include {place}/m.conf."),
    ],
)
def test_what_a_fragment_of_nginx_must_not_take(tmp_path: Path, body: str, refusal: str) -> None:
    host = Host(tmp_path, "nginx")
    names = {"place": host.place, "main": host.folder / "main.conf"}
    host.main(body.format(**names) if "{place}" in body else body)
    (host.place).mkdir(exist_ok=True)
    message = host.validate()
    assert message.startswith(refusal.format(**names)), message
    assert bool(message) is bool(refusal), message


@pytest.mark.parametrize(("name", "refused"), [("a.conf", True), ("z.conf", False)])
def test_the_order_in_which_nginx_reads_fragments(tmp_path: Path, name: str, refused: bool) -> None:
    host = Host(tmp_path, "nginx")
    host.main("include conf.d/*.conf;")
    (host.place / "n.conf").write_text("server { listen 127.0.0.1:18080; return 200 own; }\n", "utf-8")
    message = host.validate(config_path=str(host.place / name))
    assert message.startswith(FIRST) is refused, message
    assert f"127.0.0.1:18080 ({host.place}/n.conf)" in message or not refused


def test_a_second_fragment_of_the_role(tmp_path: Path) -> None:
    host = Host(tmp_path, "nginx")
    host.main("include conf.d/*.conf;")
    (host.place / "other.conf").write_text(f"{FIRST_LINE}\nmap $host $openshift_host {{ default a; }}\n", "utf-8")
    assert "already includes another configuration of the role app_router: " in host.validate()


def test_a_fragment_of_nginx_without_routes_listens_nowhere(tmp_path: Path) -> None:
    host = Host(tmp_path, "nginx")
    host.main("include conf.d/*.conf; server { listen 127.0.0.1:18080; return 200 own; }")
    assert host.validate(routes=[]) == ""
