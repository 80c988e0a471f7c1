"""The settings of the role app_router, and the configurations that are written from them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.certificates import build_links, link_path
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.haproxy import render_haproxy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.nginx import render_map, render_nginx
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.served import parse_served
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import (
    NAMES,
    PREFIX,
    SettingError,
    build_settings,
)
from tests.unit.test_runtime_yml import ROOT


def route(name: str, *servers: str, passthrough: bool = False) -> dict[str, Any]:
    listed = [{"name": f"gear-{n}", "address": "10.0.0.1", "port": port} for n, port in enumerate(servers, 1)]
    backend = f"openshift{'-tls' if passthrough else ''}_acme_{name}"
    host = f"{name}-acme.example.com"
    return {"backend": backend, "passthrough": passthrough, "host": host, "hosts": [host], "servers": listed}


ROUTES = [route("shop", "4001", "4002"), route("none"), route("secure", "4003", passthrough=True)]
TERMINATION: dict[str, Any] = {"tls": "termination", "certificates": ["/a.pem"]}


def haproxy(version: tuple[int, ...] = (2, 6), **given: Any) -> list[str]:
    return [line.strip() for line in render_haproxy(build_settings(given), ROUTES, version).splitlines()]


def nginx(version: tuple[int, ...] = (1, 22, 1), **given: Any) -> list[str]:
    settings = build_settings({"software": "nginx", **given})
    return [line.strip() for line in render_nginx(settings, ROUTES, version).splitlines()]


# --- Settings --------------------------------------------------------------------------------------------------------


def test_the_defaults_depend_on_software_and_mode() -> None:
    assert build_settings({}).config_path == "/etc/haproxy/haproxy.cfg"
    assert build_settings({"mode": "fragment"}).config_path == "/etc/haproxy/conf.d/zz-openshift-apps.cfg"
    assert build_settings({"software": "nginx"}).running_socket == "127.0.0.1:8406"
    fragment = build_settings({"software": "nginx", "mode": "fragment"})
    assert (fragment.config_path, fragment.main_config) == (
        "/etc/nginx/conf.d/openshift-apps.conf",
        "/etc/nginx/nginx.conf",
    )


def test_group_and_root_follow_the_user() -> None:
    default, none = build_settings({}), build_settings({"user": ""})
    assert (default.user, default.group, default.chroot) == ("haproxy", "haproxy", "/var/lib/haproxy")
    assert (none.user, none.group, none.chroot) == ("", "", "")


def test_one_time_limit_replaces_two() -> None:
    assert build_settings({"timeout": "5m"}).timeout_server == "5m"
    former = build_settings({"timeout": "5m", "timeout_client": "1m"})
    assert (former.timeout_client, former.timeout_server) == ("1m", "5m")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"software": "apache"}, "app_router_software must be one of haproxy, nginx, not 'apache'."),
        ({"tls": "termination"}, "app_router_certificates must name a certificate"),
        (
            {"software": "nginx", "mode": "fragment", "tls": "passthrough"},
            "app_router_tls: passthrough is not possible",
        ),
        ({"http_bind": []}, "app_router_http_bind must name an address."),
        ({"https_redirect": "perhaps"}, "app_router_https_redirect must be true or false, not 'perhaps'."),
        ({"reload_wait": "soon"}, "app_router_reload_wait must be a whole number, not 'soon'."),
        (
            {"mode": "fragment", "config_path": "/etc/haproxy/haproxy.cfg"},
            "app_router_config_path must be a file of its",
        ),
        ({"certificates": [{"key": "/a.key"}]}, "app_router_certificates: an entry must have certificate"),
    ],
)
def test_what_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        build_settings(given)
    assert str(caught.value).startswith(message)


def test_every_former_variable_still_has_an_effect() -> None:
    path = ROOT / "plugins" / "plugin_utils" / "_variables" / "names.yml"
    dropped = yaml.safe_load(path.read_text(encoding="utf-8"))["app_router"]["dropped"]
    assert {name.removeprefix(PREFIX) for name in dropped} - {"haproxy"} <= set(NAMES)
    assert "maxconn 7" in haproxy(maxconn=7)


# --- HAProxy ---------------------------------------------------------------------------------------------------------


def test_a_fragment_of_haproxy_only_adds_a_socket_to_the_section_global() -> None:
    lines = haproxy(mode="fragment")
    section = lines[lines.index("global") + 1 : lines.index("defaults openshift_http") - 1]
    assert [line.split()[:2] for line in section] == [["stats", "socket"]]
    assert "global" not in haproxy(mode="fragment", admin_socket="")


def test_the_state_of_servers_is_loaded() -> None:
    assert haproxy().count("load-server-state-from-file local") == 2
    assert not any("server-state" in line for line in haproxy(admin_socket=""))


def test_a_separate_key_gets_links() -> None:
    (pair,) = build_settings({"certificates": [{"certificate": "/a.crt", "key": "/a.key"}]}).certificates
    path = link_path("/maps/x-", pair)
    assert build_links("/maps/x-", [pair]) == [
        {"path": path, "src": "/a.crt"},
        {"path": f"{path}.key", "src": "/a.key"},
    ]
    given = {**TERMINATION, "certificates": ["/dir", {"certificate": "/a.crt", "key": "/a.key"}]}
    (bind,) = [line for line in haproxy(**given) if line.startswith("bind *:443")]
    assert bind.startswith("bind *:443 ssl crt /dir crt @OPENSHIFT_APP_ROUTER_START@")


# --- nginx -----------------------------------------------------------------------------------------------------------


def test_nginx_has_an_upstream_for_each_application_with_servers() -> None:
    lines = nginx(tls="passthrough")
    assert parse_served("\n".join(lines)) == ("acme/shop", "acme/secure")
    assert "server 10.0.0.1:4001 max_fails=2 fail_timeout=10s; # gear-1" in lines
    assert "openshift_acme_none openshift_empty;" in lines
    assert "secure-acme.example.com openshift-tls_acme_secure;" in lines


def test_workers_of_nginx_share_what_they_know_of_servers() -> None:
    lines = nginx(tls="passthrough")
    upstreams = [line for line in lines if line.startswith("upstream ")]
    zones = [line for line in lines if line.startswith("zone ")]
    assert len(zones) == len(upstreams)
    assert {line.split()[1].rstrip(";") for line in zones} == {"openshift_apps", "openshift_apps_tls"}
    # nginx takes the size of a zone once.
    assert len([line for line in zones if len(line.split()) == 3]) == 2


def test_a_fragment_of_nginx_is_for_the_section_http_and_is_no_default() -> None:
    lines = nginx(mode="fragment")
    assert not any(line.startswith(("http {", "events", "user", "worker")) for line in lines)
    assert "listen *:80;" in lines
    assert "server_name shop-acme.example.com;" in lines
    assert "listen *:80 default_server;" in nginx()


def test_nginx_chooses_certificates_by_names() -> None:
    shop = {"certificate": "/shop.crt", "key": "/shop.key", "names": ["shop-*"]}
    lines = nginx(tls="termination", certificates=["/both.pem", shop])
    first = lines.index("ssl_certificate /shop.crt;")
    assert lines[first - 1] == "server_name shop-acme.example.com;"
    assert lines[first + 1] == "ssl_certificate_key /shop.key;"
    assert "ssl_certificate_key /both.pem;" in lines


@pytest.mark.parametrize(
    ("version", "has", "not_has"),
    [
        ((1, 22, 1), "listen *:443 ssl http2 default_server;", "keepalive_min_timeout 10s;"),
        ((1, 28, 0), "keepalive_min_timeout 10s;", "listen *:443 ssl http2 default_server;"),
    ],
)
def test_what_depends_on_the_version_of_nginx(version: tuple[int, ...], has: str, not_has: str) -> None:
    lines = nginx(version, **TERMINATION)
    assert has in lines
    assert not_has not in lines


def test_lines_of_the_user_take_precedence_in_nginx() -> None:
    lines = nginx(
        extra_global="worker_processes 2;",
        extra_defaults="server_tokens on;",
        extra_frontend="keepalive_timeout 0;",
        extra_backend=["proxy_read_timeout 5m;", "proxy_set_header X-Own 1;"],
    )
    for directive in ("worker_processes", "server_tokens", "keepalive_timeout", "proxy_read_timeout"):
        assert len([line for line in lines if line.startswith(directive)]) == 1
    assert {"worker_processes 2;", "server_tokens on;", "keepalive_timeout 0;", "proxy_read_timeout 5m;"} <= set(lines)
    assert "proxy_set_header Host $http_host;" in lines


def test_words_of_nginx_are_no_host_names() -> None:
    assert render_map("default b\nshop.example.com b\n") == "\\default b;\nshop.example.com b;\n"


def test_the_answer_to_unknown_hosts_is_text() -> None:
    (line,) = [line for line in nginx(unknown_text='a "b" $c\nd\\') if "openshift_unknown)" in line]
    assert line.endswith('return 404 "a \\"b\\" ${openshift_dollar}c\\nd\\\\\\n"; }')
