"""Which changes of a router are refused: plugin_utils/_router/guard.py."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import damaged_values
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import (
    FOREIGN,
    NONE,
    OURS,
    PACKAGE,
    PresentConfig,
    Refusal,
    check_included,
    check_removal,
    check_required,
    check_takeover,
    check_takeover_removal,
    format_refusals,
    parse_limit,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import RoutingOptions, build_routes
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.served import (
    parse_dump,
    parse_foreign,
    parse_served,
)
from tests.unit.test_routes import app

MARK = "openshift_v2.apps.app_router"
PATH = "/etc/haproxy/haproxy.cfg"
CONTENT = "global\n    # für alle\n".encode()
OPTIONS = RoutingOptions(ha_prefix="ha-")


def configuration(*served: str) -> str:
    """A router's configuration that was made from routes."""
    sections = [f"backend openshift_{ref.replace('/', '_')}\n    server gear-1 10.0.0.1:1\n" for ref in served]
    without = "backend openshift_acme_empty\n    # nothing\n    server sorry 10.0.0.9:80 backup\n"
    return "frontend x\n    server gear-no\n" + "".join(sections) + without


# --- Origin of the configuration -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "origin"),
    [
        (b"", NONE),
        (b"\n  \n", NONE),
        (b"# a note\n\n   # another\n", NONE),
        (b"# Made by the role openshift_v2.apps.app_router: changes made here by hand are lost.\nglobal\n", OURS),
        (b"#openshift_v2.apps.app_router, of a later version\r\nglobal\r\n", OURS),
        (b"global\n# openshift_v2.apps.app_router\n", FOREIGN),
        (b"global openshift_v2.apps.app_router\n", FOREIGN),
        (b"\xff\xfe global\n", FOREIGN),
        (CONTENT, FOREIGN),
    ],
)
def test_the_origin_of_a_configuration(content: bytes, origin: str) -> None:
    assert PresentConfig(content, (PATH,), MARK).origin == origin


def test_without_a_mark_every_configuration_is_our_own() -> None:
    assert PresentConfig(CONTENT).origin == OURS
    assert PresentConfig(b"").origin == NONE


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("suffix", ["", " obsolete"])
def test_the_file_of_the_package_is_recognised_by_its_checksum(algorithm: str, suffix: str) -> None:
    digest = hashlib.new(algorithm, CONTENT).hexdigest()
    packaged = ("/etc/other d41d8cd98f00b204e9800998ecf8427e", f" {PATH} {digest.upper()}{suffix}", "", "odd")
    assert PresentConfig(CONTENT, (PATH,), MARK, packaged).origin == PACKAGE
    assert PresentConfig(CONTENT, ("/srv/haproxy.cfg", PATH), MARK, packaged).origin == PACKAGE
    assert PresentConfig(CONTENT + b"\n", (PATH,), MARK, packaged).origin == FOREIGN
    assert PresentConfig(CONTENT, ("/srv/haproxy.cfg",), MARK, packaged).origin == FOREIGN


def test_a_foreign_configuration_is_only_replaced_on_request() -> None:
    foreign = PresentConfig(CONTENT, (PATH,), MARK)
    (refusal,) = check_takeover(foreign, takeover=False)
    assert refusal.reason.startswith(f"{PATH} is a foreign configuration: ")
    assert "app_router_takeover: true" in refusal.advice
    assert check_takeover(foreign, takeover=True) == []
    assert check_takeover(PresentConfig(b"", (PATH,), MARK), takeover=False) == []


# --- Applications that would be lost ---------------------------------------------------------------------------------


def test_which_applications_a_configuration_serves() -> None:
    assert parse_served(configuration("acme/api", "acme/shop")) == ("acme/api", "acme/shop")
    assert parse_served("backend openshift_acme_shop\n    server sorry 10.0.0.9:80 backup\n") == ()
    tls = "backend openshift-tls_acme_secure\n    server gear-1 10.0.0.1:1 check-ssl\n"
    assert parse_served(tls) == ("acme/secure",)
    assert parse_served("") == ()


NGINX = """# openshift_v2.apps.app_router
upstream openshift_acme_shop {
    # shop-acme.example.com
    server 10.0.0.1:4001 max_fails=2 fail_timeout=10s; # gear-1
    server 10.0.0.2:4002 max_fails=2 fail_timeout=10s down; # gear-2
}
upstream openshift_acme_empty {
    server 10.0.0.9:80 backup;
}
server { listen *:80; location / { proxy_pass http://$openshift_backend; } }
"""


def test_which_applications_nginx_serves() -> None:
    assert parse_served(NGINX) == ("acme/shop",)
    not_indented = "\n".join(line.strip() for line in NGINX.splitlines())
    assert parse_served(not_indented.replace("empty {", "empty {\nleast_conn;")) == ("acme/shop",)
    assert parse_foreign("upstream live {\nleast_conn;\nserver 10.0.0.1:80;\n}\n") == {"live": ("10.0.0.1:80",)}


FOREIGN_HAPROXY = """listen live
    bind :80
    server a 10.0.0.1:4001 check
backend none
backend other
    # server old 10.0.0.1:4001
    server x 10.9.9.9:80
"""
FOREIGN_NGINX = """http {
  upstream live { server 10.0.0.1:4001; server 10.0.0.7:1; }
  server {
    listen 80;
    location /a { proxy_pass http://live; }
    location /b {
      proxy_pass http://10.9.9.9:80/x;
    }
  }
}
"""


@pytest.mark.parametrize(
    ("configuration", "backends"),
    [
        (FOREIGN_HAPROXY, {"live": ("10.0.0.1:4001",), "other": ("10.9.9.9:80",)}),
        (FOREIGN_NGINX, {"live": ("10.0.0.1:4001", "10.0.0.7:1"), "10.9.9.9:80": ("10.9.9.9:80",)}),
        ("", {}),
    ],
)
def test_what_a_foreign_configuration_serves(configuration: str, backends: dict[str, tuple[str, ...]]) -> None:
    assert parse_foreign(configuration) == backends


SITE = "server {\n    listen 80;\n    location / { proxy_pass http://10.9.9.9:80; }\n}\n"
DUMP = f"""# configuration file /etc/nginx/nginx.conf:
http {{
    include /etc/nginx/sites-enabled/*;
}}

# configuration file /etc/nginx/mime.types:
types {{ }}

# configuration file /etc/nginx/sites-enabled/default:
server {{ listen 80 default_server; }}

# configuration file /etc/nginx/sites-enabled/shop:
{SITE}
"""


def test_the_sites_that_nginx_includes_belong_to_others() -> None:
    files = parse_dump(DUMP)
    assert files == {
        "/etc/nginx/sites-enabled/default": "server { listen 80 default_server; }\n",
        "/etc/nginx/sites-enabled/shop": SITE,
    }
    main, default = DUMP.splitlines(keepends=True)[1:4], files["/etc/nginx/sites-enabled/default"]
    digests = [hashlib.md5(text.encode()).hexdigest() for text in ("".join(main), default)]
    packaged = (f"/etc/nginx/nginx.conf {digests[0]}", f"/etc/nginx/sites-available/default {digests[1]}")
    present = PresentConfig("".join(main).encode(), ("/etc/nginx/nginx.conf",), MARK, packaged)
    assert present.origin == PACKAGE
    (refusal,) = check_included(present, files, takeover=False)
    assert refusal.reason.endswith("which would no longer be served: /etc/nginx/sites-enabled/shop.")
    assert check_included(present, files, takeover=True) == []
    del files["/etc/nginx/sites-enabled/shop"]
    assert check_included(present, files, takeover=False) == []


def test_a_takeover_counts_what_is_served_today() -> None:
    foreign = {"live": ("10.0.0.1:4001",), "wiki": ("10.9.9.9:80",), "blog": ("10.9.9.8:80",)}
    routes = build_routes([app(endpoints=[{"gear": "1", "address": "10.0.0.1", "port": 4001}])], OPTIONS)
    (refusal,) = check_takeover_removal(foreign, routes, "20%")
    assert refusal.reason == ("2 backends of 3 in the foreign configuration would no longer be served: wiki, blog.")
    assert check_takeover_removal(foreign, routes, "2") == []
    assert check_takeover_removal({}, routes, "0") == []


@pytest.mark.parametrize(
    ("max_removed", "total", "limit"), [("0", 9, 0), ("3", 9, 3), ("20%", 9, 2), ("20%", 1, 1), ("0%", 9, 0)]
)
def test_how_many_applications_may_be_removed(max_removed: str, total: int, limit: int) -> None:
    assert parse_limit(max_removed, total) == limit


@pytest.mark.parametrize("max_removed", ["", "some", "-1", "1.5", "%"])
def test_the_limit_must_be_a_number_or_a_percentage(max_removed: str) -> None:
    with pytest.raises(ValueError, match="must be a number, or a percentage"):
        parse_limit(max_removed, 9)


def test_an_application_that_lost_its_endpoints_counts_as_removed() -> None:
    served = parse_served(configuration("acme/api", "acme/shop", "acme/wiki"))
    routes = build_routes([app("api", endpoints=[]), app("shop"), app("wiki")], OPTIONS)
    (refusal,) = check_removal(served, routes, "0", False)
    assert refusal.reason == "1 application of 3 would no longer be routed: acme/api."
    assert check_removal(served, routes, "1", False) == []


def test_the_last_application_is_not_removed_by_accident() -> None:
    served = parse_served(configuration("acme/shop"))
    (refusal,) = check_removal(served, build_routes([], OPTIONS), "100%", False)
    assert "1 application would lose all servers: acme/shop." in refusal.reason
    assert "app_router_allow_empty: true" in refusal.advice
    assert check_removal(served, build_routes([], OPTIONS), "100%", True) == []


@pytest.mark.parametrize("apps", [[], [app("api", endpoints=[])]])
def test_no_application_to_route_is_refused_on_a_new_router_too(apps: list[dict[str, Any]]) -> None:
    (refusal,) = check_removal((), build_routes(apps, OPTIONS), "100%", False)
    assert refusal.reason == "No application with a server to route to was found."
    assert check_removal((), build_routes(apps, OPTIONS), "0", True) == []


def test_required_applications_must_be_routed() -> None:
    routes = build_routes([app()], RoutingOptions(required=("acme/SHOP", "acme/gone")))
    (refusal,) = check_required(routes)
    assert refusal.reason == "Not available for routing: acme/gone."
    assert check_required(build_routes([app()], RoutingOptions(required=("acme/shop",)))) == []


# --- Messages --------------------------------------------------------------------------------------------------------


def test_refusals_are_reported_together() -> None:
    """Reasons first, then the effect, then the next steps; nothing is repeated."""
    first, second = Refusal("One is wrong.", "Correct it."), Refusal("Two is wrong.", "Correct it.")
    third = Refusal("Three is wrong.", "")
    expected = "One is wrong. Two is wrong. Three is wrong. Nothing was changed. Correct it."
    assert format_refusals([first, second, third, first]) == expected
    assert format_refusals([]) == ""


def test_masked_data_is_found() -> None:
    data = {
        "applications": [
            {"name": "shop", "domain": "acme"},
            {"name": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "endpoints": [{"address": "10.0.********"}]},
            {"ha_********": True, "gears": 3, "url": None},
        ]
    }
    assert list(damaged_values(data)) == [
        "applications[1].name",
        "applications[1].endpoints[0].address",
        "applications[2] (the name of a field)",
    ]
    assert list(damaged_values([{"name": "* *** *******"}])) == []
