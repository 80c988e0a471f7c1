"""The role app_router against the embedded broker, with a stand-in for HAProxy; tests/e2e uses the real one.

tests/unit/test_router_plan.py and test_routes.py test the decisions, test_role_app_router_safety.py what is refused.
"""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Ansible, Platform
from tests.router_site import Router, Site, Step, added_lines, create_site, servers, step


@pytest.fixture
def site(ansible: Ansible, platform: Platform, tmp_path: Path) -> Site:
    return create_site(ansible, platform, tmp_path / "site")


@pytest.fixture
def router(site: Site) -> Router:
    return site.router()


# --- Check, apply, apply again ---------------------------------------------------------------------------------------


def test_a_router_is_configured(site: Site, router: Router) -> None:
    real = site.run(router)
    assert not real.failed, real.output
    assert router.reloads == 1
    assert router.hosts["shop-acme.example.com"] == "openshift_acme_shop"
    assert len(servers(router.text.splitlines())) == 3


@pytest.mark.thorough
def test_check_apply_and_apply_again(site: Site, router: Router, platform: Platform) -> None:
    before = router.files
    check = site.run(router, "--check", "--diff")
    assert not check.failed, check.output
    assert router.files == before
    real, again = site.runs(router, step(), step(), arguments=["--diff"])
    assert not real.failed, real.output
    assert real.router.reloads == 1
    assert check.changes
    assert added_lines(check.output) == added_lines(real.output) == router.text.splitlines()
    assert (again.failed, again.changes) == (False, [])
    assert again.router.files == real.router.files
    assert again.sent == ["GET"] * 4  # All applications, and the gears of each.
    warning = "Not highly available, so the loss of one gear causes an outage: acme/crm."
    assert f"[WARNING]: {warning}" in " ".join(real.output.split())  # ansible-core 2.16 wraps it.
    headline = (
        "2 applications with 4 host names routed to 3 HAProxy instances: 1 highly available, 1 not; not routed: 1"
    )
    assert real.routes["headline"] == f"{headline} not scalable."
    assert router.hosts == {
        "crm-acme.example.com": "openshift_acme_crm",
        "ha-crm-acme.example.com": "openshift_acme_crm",
        "ha-shop-acme.example.com": "openshift_acme_shop",
        "shop-acme.example.com": "openshift_acme_shop",
    }
    assert servers(router.text.splitlines())[0].split()[-1] == "10.0.0.3:4003"

    # A second HAProxy instance and an alias.
    platform.event("acme", "crm", {"event": "scale-up"})
    platform.event("acme", "crm", {"event": "add-alias", "alias": "WWW.example.org"})
    check = site.run(router, "--check", "--diff")
    real = site.run(router)
    assert not real.failed, real.output
    (server,) = servers(added_lines(check.output))
    assert server.endswith(" 10.0.0.4:4004")
    assert len(servers(router.text.splitlines())) == 4
    assert router.hosts["www.example.org"] == "openshift_acme_crm"
    assert (router.reloads, len(router.maps)) == (2, 1)
    assert router.live.endswith(router.text)


@pytest.mark.thorough
def test_which_applications_are_routed(site: Site, router: Router) -> None:
    before = router.files
    excluded, refused, listed = site.runs(
        router,
        step(router=site.router("other"), app_router_not_highly_available="exclude"),
        step(app_router_applications=["acme/shop", "acme/plain", "acme/gone"]),
        step(app_router_applications=["acme/shop"]),
    )
    assert not excluded.failed, excluded.output
    assert set(excluded.router.hosts.values()) == {"openshift_acme_shop"}
    assert "warnings" not in excluded.routes
    assert excluded.routes["headline"].endswith("not routed: 1 not highly available, 1 not scalable.")
    assert refused.message.startswith("Not available for routing: acme/plain, acme/gone. Nothing was changed.")
    assert refused.router.files == before
    assert not listed.failed, listed.output
    assert set(listed.router.hosts.values()) == {"openshift_acme_shop"}


@pytest.mark.thorough
def test_an_empty_list_selects_no_application(site: Site, router: Router) -> None:
    _first, empty, text, emptied = site.runs(
        router,
        step(),
        step(app_router_applications=[]),
        step(app_router_applications=""),
        step(app_router_applications=[], app_router_allow_empty=True, app_router_max_removed="100%"),
    )
    for refused in (empty, text):
        assert "2 applications would lose all servers: acme/crm, acme/shop. Nothing was changed." in refused.message
        assert refused.sent == []
    assert not emptied.failed, emptied.output
    assert router.hosts == {}


# --- Variables -------------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_variables(site: Site, router: Router) -> None:
    """Lists and booleans can be text; empty counts as not set; long lists are split."""
    text, empty = site.runs(
        router,
        step(
            app_router_applications="acme/shop, acme/crm",
            app_router_http_bind="127.0.0.1:81,127.0.0.1:82",
            app_router_https_bind="127.0.0.1:444",
            app_router_tls="termination",
            app_router_certificates="/a.pem,/b.pem",
            app_router_https_redirect="false",
            app_router_reuse_connections="no",
            app_router_retry_on="conn-failure",
            app_router_retry_methods="GET,HEAD",
            app_router_check_down_status="502, 503",
            app_router_trusted_proxies="10.0.0.0/8",
            app_router_log="/dev/log local0",
        ),
        step(
            router=site.router("other", version="2.4.22"),
            app_router_stats_bind="",
            app_router_hard_stop_after="",
            app_router_unknown_text="Nothing here.\nAsk for it.",
            app_router_trusted_proxies=[f"10.{number}.0.0/16" for number in range(80)],
            app_router_extra_global=["# one", "# two"],
            app_router_extra_frontend="# three\n# four\n",
        ),
    )
    assert not text.failed, text.output
    lines = text.router.lines
    assert lines("log /", "bind ", "retry-on", "option http-", "http-request redirect", "acl ") == [
        "log /dev/log local0",
        "option http-server-close",
        "retry-on conn-failure",
        "bind 127.0.0.1:81",
        "bind 127.0.0.1:82",
        "bind 127.0.0.1:444 ssl crt /a.pem crt /b.pem ssl-min-ver TLSv1.2 alpn h2,http/1.1",
        "acl openshift_trusted src 10.0.0.0/8",
    ]
    assert lines("http-request disable-l7-retry")[0].endswith("unless { method GET HEAD }")
    assert set(lines("http-check expect")) == {"http-check expect ! rstatus ^(502|503)$"}
    assert set(text.router.hosts.values()) == {"openshift_acme_crm", "openshift_acme_shop"}

    assert not empty.failed, empty.output
    lines = empty.router.lines
    assert lines("hard-stop-after", "frontend openshift_stats", "option idle-close") == []
    assert lines("http-request return")[0].endswith('string "Nothing here.\\nAsk for it.\\n"')
    assert [len(line.split()) for line in lines("acl ")] == [43, 43]
    assert lines("# one", "# two", "# three", "# four") == ["# one", "# two", "# three", "# four"]


@pytest.mark.thorough
def test_two_configurations_in_one_folder(site: Site, router: Router) -> None:
    def of(name: str, port: int) -> Step:
        path = str(router.directory / name)
        return step(app_router_config_path=path, app_router_reload_command="true", app_router_http_bind=[f"*:{port}"])

    first, second, again = site.runs(router, of("a.cfg", 81), of("b.cfg", 82), of("a.cfg", 81))
    assert first.changes
    assert second.changes
    assert len(second.router.maps) == 2
    assert (again.failed, again.changes) == (False, [])


@pytest.mark.thorough
def test_the_mode_of_the_files(site: Site, router: Router) -> None:
    first, changed, again, broken, fixed = site.runs(
        router,
        step(),
        step(app_router_file_mode="0600"),
        step(app_router_file_mode="0600"),
        step("touch broken", app_router_file_mode="0640"),
        step("rm broken", app_router_file_mode="0640"),
    )
    assert modes(first.router) == {0o644}
    assert not changed.failed, changed.output
    assert modes(changed.router) == {0o600}
    assert again.changes == []
    # A mode that changed before a failed reload is restored.
    assert "The former configuration is in place again." in broken.message
    assert stat.S_IMODE(broken.router.config.stat().st_mode) == 0o600
    assert not fixed.failed, fixed.output
    assert (stat.S_IMODE(router.config.stat().st_mode), router.reloads) == (0o640, 3)


def modes(router: Router) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in (router.config, *router.maps)}


# --- A hostile broker ------------------------------------------------------------------------------------------------

#: A hostile broker might answer this, to inject lines into the configuration or templates into Ansible.
EVIL = "x\n    server evil 6.6.6.6:666 {{ lookup('pipe', 'touch pwned') }} {% raw %}"


def application(name: str, **fields: Any) -> dict[str, Any]:
    cartridges = [
        {"name": "php-5.4", "tags": ["web_framework"], "current_scale": 2, "scales_from": 2, "scales_to": -1},
        {"name": "haproxy-1.4", "tags": ["web_proxy"], "current_scale": 2, "scales_from": 1, "scales_to": 1},
    ]
    numbers = {"id": "1", "gear_count": 2, "ha": True, "scalable": True, "framework": "php-5.4", "members": []}
    named = {"domain_id": "acme", "name": name, "app_url": f"http://{name}-acme.example.com/", "aliases": []}
    return {**numbers, **named, "cartridges": cartridges, **fields}


def gear(identifier: str, address: str) -> dict[str, Any]:
    balancer = {"types": ["load_balancer"], "external_address": address, "external_port": "4009"}
    return {"id": identifier, "state": "started", "endpoints": [balancer]}


HOSTILE = [
    application("b", app_url=f"http://{EVIL}/"),
    application("c", aliases=[{"id": name} for name in (EVIL, "a b", "x,y", "ok.example.org")]),
]
GEARS = [gear("g1", EVIL), gear(EVIL, "10.0.0.8"), gear("g2", "10.0.0.9")]


class _Evil(BaseHTTPRequestHandler):
    """Answers in the form of a broker, with hostile content."""

    def do_GET(self) -> None:
        groups = [{"cartridges": [], "gears": GEARS}]
        data = groups if "gear_groups" in self.path else HOSTILE if "/applications?" in self.path else []
        body = json.dumps({"data": data, "messages": [], "status": "ok"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Silent."""


@contextmanager
def evil_broker() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Evil) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.thorough
def test_a_hostile_answer_injects_nothing_into_the_configuration(site: Site, router: Router) -> None:
    with evil_broker() as url:
        run = site.run(router, env={"OPENSHIFT_BROKER_URL": url})
    assert not run.failed, run.output
    names = ("c-acme.example.com", "ha-c-acme.example.com", "ok.example.org")
    assert router.hosts == dict.fromkeys(names, "openshift_acme_c")
    assert servers(router.text.splitlines()) == ["    server gear-g2 10.0.0.9:4009"]
    assert not list(router.directory.parent.rglob("pwned"))
    assert run.routes["headline"].endswith("not routed: 1 not usable.")
    assert "acme/c: the endpoint" in run.output
