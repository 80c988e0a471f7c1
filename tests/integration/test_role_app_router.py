"""The role app_router against the embedded broker, with a stand-in for HAProxy; tests/e2e has a real one."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.routes import served_by
from tests.harness import Ansible, Platform, PlayRun

ROLE = "openshift_v2.apps.app_router"
#: Tells its version and validates: a configuration whose map is not there, or that holds NONSENSE, it does not take.
HAPROXY = """#!/bin/sh
if [ "$1" = -v ]; then echo "HAProxy version ${HAPROXY_VERSION:-2.6.12} 2026/01/01"; exit 0; fi
map=$(sed -n 's/.*,map(\\([^,)]*\\).*/\\1/p' "$3" | head -1)
[ -e "$map" ] || { echo "[ALERT] $3: no map $map" >&2; exit 1; }
grep -n NONSENSE "$3" | sed "s|^\\([0-9]*\\).*|[ALERT] parsing [$3:\\1] unknown keyword|" >&2
! grep -q NONSENSE "$3"
"""
#: Notes what a reload would take: the configuration and its map, which must be there.
RELOAD = """#!/bin/sh
set -e
cd "$(dirname "$0")"
[ ! -e broken ] || { echo "the service does not want to" >&2; exit 3; }
cat "$(sed -n 's/.*,map(\\([^,)]*\\).*/\\1/p' haproxy.cfg | head -1)" haproxy.cfg > live
echo reloaded >> reloads
"""


@dataclass(frozen=True)
class Router:
    """A router as the role leaves it, in a directory."""

    ansible: Ansible
    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "haproxy.cfg"

    @property
    def text(self) -> str:
        return self.config.read_text(encoding="utf-8")

    @property
    def maps(self) -> list[Path]:
        return sorted(self.directory.glob("*.map"))

    @property
    def hosts(self) -> dict[str, str]:
        """What the map says: host names and the backends that they lead to."""
        (map_file,) = self.maps
        lines = map_file.read_text(encoding="utf-8").splitlines()
        return dict(line.split() for line in lines if line[0] != "#")

    @property
    def reloads(self) -> int:
        noted = self.directory / "reloads"
        return len(noted.read_text(encoding="utf-8").splitlines()) if noted.exists() else 0

    @property
    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.directory.iterdir()}

    @property
    def variables(self) -> dict[str, Any]:
        return {
            "app_router_config_path": str(self.config),
            "app_router_haproxy": str(self.directory / "haproxy"),
            "app_router_reload_command": str(self.directory / "reload"),
            "app_router_running_socket": "",
        }

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, **more: Any) -> PlayRun:
        play = {"hosts": "localhost", "gather_facts": False, "roles": [ROLE]}
        return self.ansible.playbook([play], *arguments, extra_vars={**self.variables, **more}, env=env)


@pytest.fixture
def router(ansible: Ansible, platform: Platform, tmp_path: Path) -> Router:
    """A router that has nothing yet; ``acme/shop`` is highly available, ``acme/crm`` only in name."""
    directory = tmp_path / "router"
    directory.mkdir()
    for name, text in (("haproxy", HAPROXY), ("reload", RELOAD)):
        program = directory / name
        program.write_text(text, encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    of_all = {"domain": "acme", "cartridges": ["php-5.4"]}
    applications = [
        {"name": "shop", "gears": 2, "ha": True, "endpoints": ["10.0.0.1:4001", "10.0.0.2:4002"]},
        {"name": "crm", "gears": 2, "ha": True, "haproxy": 1, "endpoints": ["10.0.0.3:4003", "10.0.0.4:4004"]},
        {"name": "plain", "scalable": False},
    ]
    platform.broker.seed({"applications": [{**of_all, **each} for each in applications]})
    return Router(ansible, directory)


def changes(run: PlayRun) -> list[str]:
    return [task.task for task in run.tasks if task.result.get("changed")]


def message(run: PlayRun) -> str:
    """What it failed with, in the end."""
    assert run.rc == 2, run.output
    text: str = [task for task in run.tasks if task.failed][-1].result["msg"]
    return text


def sent(run: PlayRun) -> list[str]:
    return [method for task in run.tasks for method in task.sent]


def servers(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip().startswith("server ")]


def added(output: str) -> list[str]:
    """The lines that a shown difference adds."""
    return [line[1:] for line in output.splitlines() if line.startswith("+") and not line.startswith("+++")]


# --- Check, apply, apply again ---------------------------------------------------------------------------------------


def test_it_is_checked_applied_and_then_unchanged(router: Router) -> None:
    before = router.files
    check = router.run("--check", "--diff")
    assert check.rc == 0, check.output
    assert router.files == before
    real = router.run("--diff")
    assert real.rc == 0, real.output
    assert router.reloads == 1
    written = router.files
    again = router.run("--diff")
    assert again.rc == 0, again.output
    assert changes(check)
    assert added(check.output) == added(real.output) == router.text.splitlines()
    assert changes(again) == []
    assert router.files == written
    assert sent(again) == ["GET"] * 4  # All applications, and the gears of each.
    assert "[WARNING]: Not highly available, so that one gear less is an outage: acme/crm." in real.output
    assert (
        "2 applications routed by 4 host names to 3 HAProxy: 1 highly available, 1 not; left out: 1 not" in real.output
    )


def test_a_second_haproxy_and_an_alias_are_routed_with_the_next_run(router: Router, platform: Platform) -> None:
    router.run()
    assert router.hosts == {
        "crm-acme.example.com": "openshift_acme_crm",
        "ha-crm-acme.example.com": "openshift_acme_crm",
        "ha-shop-acme.example.com": "openshift_acme_shop",
        "shop-acme.example.com": "openshift_acme_shop",
    }
    assert next(server.split()[-1] for server in servers(router.text)) == "10.0.0.3:4003"
    platform.event("acme", "crm", {"event": "scale-up"})
    platform.event("acme", "crm", {"event": "add-alias", "alias": "WWW.example.org"})
    check = router.run("--check", "--diff")
    real = router.run()
    assert real.rc == 0, real.output
    (server,) = servers("\n".join(added(check.output)))
    assert server.endswith(" 10.0.0.4:4004")
    assert len(servers(router.text)) == 4
    assert router.hosts["www.example.org"] == "openshift_acme_crm"
    assert (router.reloads, len(router.maps)) == (2, 1)
    assert (router.directory / "live").read_text(encoding="utf-8").endswith(router.text)


def test_what_is_not_highly_available_is_left_out_if_that_is_wished(router: Router) -> None:
    run = router.run(app_router_not_highly_available="exclude")
    assert run.rc == 0, run.output
    assert set(router.hosts.values()) == {"openshift_acme_shop"}
    assert "acme/crm" not in run.output
    assert "left out: 1 not highly available, 1 not scalable." in run.output


def test_a_list_says_which_and_all_of_it_must_be_there(router: Router) -> None:
    before = router.files
    refused = router.run(app_router_applications=["acme/shop", "acme/plain", "acme/gone"])
    text = "Named, but not to be routed or not within reach: acme/plain, acme/gone. Nothing was changed."
    assert message(refused).startswith(text)
    assert router.files == before
    run = router.run(app_router_applications=["acme/shop"])
    assert run.rc == 0, run.output
    assert set(router.hosts.values()) == {"openshift_acme_shop"}


def test_an_empty_list_names_none(router: Router) -> None:
    router.run()
    for empty in ([], ""):
        refused = router.run(app_router_applications=empty)
        assert "2 applications would lose all servers: acme/crm, acme/shop." in message(refused)
        assert sent(refused) == []
    emptied = router.run(app_router_applications=[], app_router_allow_empty=True, app_router_max_removed="100%")
    assert emptied.rc == 0, emptied.output
    assert router.hosts == {}


# --- What the variables may be ---------------------------------------------------------------------------------------


def lines(router: Router, *begins: str) -> list[str]:
    """The lines of the configuration that begin so."""
    return [line.strip() for line in router.text.splitlines() if line.strip().startswith(begins)]


def test_lists_and_booleans_may_be_text(router: Router) -> None:
    run = router.run(
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
    )
    assert run.rc == 0, run.output
    assert lines(router, "log /", "bind ", "retry-on", "option http-", "http-request redirect", "acl ") == [
        "log /dev/log local0",
        "option http-server-close",
        "retry-on conn-failure",
        "bind 127.0.0.1:81",
        "bind 127.0.0.1:82",
        "bind 127.0.0.1:444 ssl crt /a.pem crt /b.pem ssl-min-ver TLSv1.2 alpn h2,http/1.1",
        "acl openshift_trusted src 10.0.0.0/8",
    ]
    assert lines(router, "http-request disable-l7-retry")[0].endswith("unless { method GET HEAD }")
    assert set(lines(router, "http-check expect")) == {"http-check expect ! rstatus ^(502|503)$"}
    assert set(router.hosts.values()) == {"openshift_acme_crm", "openshift_acme_shop"}


def test_what_is_empty_counts_as_not_set_and_long_lists_are_split(router: Router) -> None:
    run = router.run(
        app_router_stats_bind="",
        app_router_hard_stop_after="",
        app_router_unknown_text="Nothing here.\nAsk for it.",
        app_router_trusted_proxies=[f"10.{number}.0.0/16" for number in range(80)],
        app_router_extra_global=["# one", "# two"],
        app_router_extra_frontend="# three\n# four\n",
        env={"HAPROXY_VERSION": "2.4.22"},
    )
    assert run.rc == 0, run.output
    assert lines(router, "hard-stop-after", "frontend openshift_stats", "option idle-close") == []
    assert lines(router, "http-request return")[0].endswith('string "Nothing here.\\nAsk for it.\\n"')
    assert [len(line.split()) for line in lines(router, "acl ")] == [43, 43]
    assert lines(router, "# one", "# two", "# three", "# four") == ["# one", "# two", "# three", "# four"]


def test_two_configurations_in_one_directory_leave_each_other_alone(router: Router) -> None:
    def run(name: str, port: int) -> list[str]:
        path = str(router.directory / name)
        done = router.run(
            app_router_config_path=path, app_router_reload_command="true", app_router_http_bind=[f"*:{port}"]
        )
        assert done.rc == 0, done.output
        return changes(done)

    assert run("a.cfg", 81)
    assert run("b.cfg", 82)
    assert len(router.maps) == 2
    assert run("a.cfg", 81) == []


def test_the_mode_of_the_files_is_that_of_the_map_too(router: Router) -> None:
    router.run()
    run = router.run(app_router_file_mode="0600")
    assert run.rc == 0, run.output
    (map_file,) = router.maps
    assert {stat.S_IMODE(path.stat().st_mode) for path in (router.config, map_file)} == {0o600}
    assert changes(router.run(app_router_file_mode="0600")) == []


# --- What must not happen --------------------------------------------------------------------------------------------


def test_what_haproxy_does_not_take_changes_nothing(router: Router) -> None:
    router.run()
    before = router.files
    for arguments in ([], ["--check"]):
        run = router.run(*arguments, app_router_log=["NONSENSE"])
        said = "HAProxy does not take the new configuration, so nothing was changed and the router goes on as it was."
        assert message(run).startswith(f"{said} It says:")
        assert "parsing [the new configuration:3] unknown keyword" in message(run)
        assert message(run).endswith("Line 3 of it: log NONSENSE")
        assert router.files == before


def test_a_reload_that_fails_puts_the_former_configuration_back(router: Router) -> None:
    router.run()
    before = router.files
    (router.directory / "broken").touch()
    failed = router.run(app_router_retries=5)
    assert "the service does not want to" in message(failed)
    assert "The former configuration is in place again." in message(failed)
    assert router.files["haproxy.cfg"] == before["haproxy.cfg"]
    (router.directory / "broken").unlink()
    fixed = router.run(app_router_retries=5)
    assert fixed.rc == 0, fixed.output
    assert "retries 5" in (router.directory / "live").read_text(encoding="utf-8")
    assert len(router.maps) == 1


def test_a_reload_that_did_not_take_place_is_made_good(router: Router) -> None:
    router.run()
    (map_file,) = router.maps
    leftover = map_file.with_stem(f"{map_file.stem[:-12]}0123456789ab")  # As an interrupted run leaves it.
    leftover.touch()
    run = router.run()
    assert run.rc == 0, run.output
    assert router.reloads == 2
    assert not leftover.exists()


def test_a_damaged_map_is_repaired_and_haproxy_takes_it(router: Router) -> None:
    router.run()
    before = router.files
    (map_file,) = router.maps
    map_file.write_text("damaged\n", encoding="utf-8")
    repaired = router.run()
    assert repaired.rc == 0, repaired.output
    assert router.reloads == 2
    assert {**router.files, "reloads": b""} == {**before, "reloads": b""}
    assert changes(router.run()) == []


FOREIGN = b"listen live\n    bind 127.0.0.1:1\n    # f\xfcr alle\n"


@pytest.mark.parametrize("arguments", [["--check"], []])
def test_a_foreign_configuration_is_not_replaced(router: Router, arguments: list[str]) -> None:
    router.config.write_bytes(FOREIGN)
    before = router.files
    refused = router.run(*arguments, app_router_select={"domains": ["acmee"]})
    assert message(refused).startswith(f"{router.config} was not written by this role")
    assert "app_router_takeover: true" in message(refused)
    assert "app_router_allow_empty: true" in message(refused)
    for allowed in ({"app_router_takeover": True}, {"app_router_allow_empty": True}):
        assert message(router.run(*arguments, app_router_select={"domains": ["acmee"]}, **allowed))
    assert message(router.run(*arguments))
    assert router.files == before


def test_nothing_to_route_is_refused_on_a_new_router_too(router: Router) -> None:
    refused = router.run(app_router_select={"domains": ["acmee"]})
    assert message(refused).startswith("No application with a server to route to was found.")
    assert not router.config.exists()


def test_the_distributions_unmodified_file_is_replaced(router: Router, tmp_path: Path) -> None:
    router.config.write_bytes(FOREIGN)
    programs = tmp_path / "programs"
    programs.mkdir()
    digest = hashlib.md5(FOREIGN).hexdigest()
    (programs / "dpkg-query").write_text(f"#!/bin/sh\necho ' {router.config} {digest}'\n", encoding="utf-8")
    (programs / "dpkg-query").chmod(0o755)
    run = router.run(env={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert run.rc == 0, run.output
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_bytes() == FOREIGN


def linked(router: Router) -> Path:
    """A file elsewhere that the configuration's path leads to, by two relative links."""
    target = router.directory / "real" / "haproxy.cfg"
    target.parent.mkdir()
    (router.directory / "between").symlink_to("real/haproxy.cfg")
    router.config.symlink_to("between")
    return target


def test_a_symbolic_link_stays_one_and_the_files_mode_and_owner_too(router: Router) -> None:
    target = linked(router)
    target.write_bytes(FOREIGN)
    target.chmod(0o640)
    os.chown(target, -1, 1)
    before = target.stat()
    (router.directory / "broken").touch()
    failed = router.run(app_router_takeover=True)
    assert "The former configuration is in place again." in message(failed)
    assert target.read_bytes() == FOREIGN
    (router.directory / "broken").unlink()
    for _again in range(2):
        assert_linked(router, target, before)
        run = router.run(app_router_takeover=True)
        assert run.rc == 0, run.output
    assert_linked(router, target, before)
    assert served_by(router.text) == ("acme/crm", "acme/shop")
    assert {(path.stat().st_mode, path.stat().st_gid) for path in router.maps} == {(before.st_mode, 1)}
    (kept, *_others) = target.parent.glob("haproxy.cfg.*")
    assert (kept.read_bytes(), kept.stat().st_mode, kept.stat().st_gid) == (FOREIGN, before.st_mode, 1)
    assert changes(run) == []


def assert_linked(router: Router, target: Path, before: os.stat_result) -> None:
    assert router.config.readlink() == Path("between")
    now = target.stat()
    assert (now.st_mode, now.st_uid, now.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_a_failure_of_the_second_router_of_a_play_does_not_touch_its_configuration(router: Router) -> None:
    """What the first one has registered is not the second one's."""
    other = router.directory / "other" / "haproxy.cfg"
    other.parent.mkdir()
    for config in (router.config, other):
        config.write_bytes(FOREIGN.replace(b"listen live", f"listen {config.parent.name}".encode()))
    before = other.read_bytes()
    first: dict[str, Any] = {
        "name": "Route the first",
        "ansible.builtin.include_role": {"name": ROLE},
        "vars": router.variables,
    }
    blocked = {"app_router_config_path": str(other), "app_router_file_owner": "no-such-user"}
    second = {**first, "name": "Route the second", "vars": {**router.variables, **blocked}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [first, second]}
    run = router.ansible.playbook([play], extra_vars={"app_router_takeover": True})
    assert "The next run tries again." in message(run)
    assert other.read_bytes() == before


def test_the_copy_is_kept_if_it_cannot_be_put_back(router: Router) -> None:
    assert router.run().rc == 0
    former = router.config.read_bytes()
    # The reload that fails leaves folders where the copy goes to.
    commands = [
        "cd " + str(router.directory),
        "copy=$(ls -d haproxy.cfg.*)",
        "rm haproxy.cfg",
        "mkdir -p haproxy.cfg/$copy/x",
    ]
    script = "\n".join(["#!/bin/sh", *commands, "exit 1", ""])
    (router.directory / "reload").write_text(script, encoding="utf-8")
    failed = router.run(app_router_applications=["acme/shop"], app_router_max_removed="100%")
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_bytes() == former
    assert str(kept) in message(failed)


def test_a_link_to_a_file_that_is_not_there_yet_is_followed(router: Router) -> None:
    target = linked(router)
    run = router.run()
    assert run.rc == 0, run.output
    assert router.config.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


def test_a_mode_that_changed_before_a_failed_reload_is_put_back(router: Router) -> None:
    router.run()
    before = router.config.stat().st_mode
    (router.directory / "broken").touch()
    assert "The former configuration is in place again." in message(router.run(app_router_file_mode="0600"))
    assert router.config.stat().st_mode == before
    (router.directory / "broken").unlink()
    run = router.run(app_router_file_mode="0600")
    assert run.rc == 0, run.output
    assert (stat.S_IMODE(router.config.stat().st_mode), router.reloads) == (0o600, 2)


@pytest.mark.parametrize("arguments", [["--check"], []])
def test_a_missing_folder_is_told_before_anything_is_written(router: Router, arguments: list[str]) -> None:
    router.config.symlink_to("missing/haproxy.cfg")
    before = sorted(path.name for path in router.directory.iterdir())
    refused = message(router.run(*arguments))
    assert f"A folder is missing: {router.directory}/missing. Nothing was changed." in refused
    assert sorted(path.name for path in router.directory.iterdir()) == before


def test_links_in_a_circle_are_told(router: Router) -> None:
    router.config.symlink_to("other")
    (router.directory / "other").symlink_to("haproxy.cfg")
    assert "leads in a circle" in message(router.run())


def test_many_applications_do_not_vanish_at_once(router: Router) -> None:
    router.run()
    before = router.files
    nothing: dict[str, Any] = {"app_router_select": {"names": ["nothing"]}}
    refused = router.run(**nothing)
    assert "2 applications would lose all servers: acme/crm, acme/shop." in message(refused)
    fewer = router.run(app_router_select={"exclude": ["crm"]}, app_router_max_removed=0)
    assert message(fewer).startswith("1 application of 2 would no longer be routed: acme/crm.")
    assert router.files == before
    emptied = router.run(**nothing, app_router_allow_empty=True, app_router_max_removed="100%")
    assert emptied.rc == 0, emptied.output
    assert router.hosts == {}


def test_a_broker_that_fails_changes_nothing_and_another_configuration_is_kept(
    router: Router, platform: Platform
) -> None:
    router.config.write_text("global\n", encoding="utf-8")
    before = router.files
    platform.broker.faults({"do": "status:503", "path": "crm/gear_groups"})
    run = router.run()
    assert "could not be read" in message(run)
    assert router.files == before
    platform.broker.faults()
    run = router.run(app_router_takeover=True)
    assert run.rc == 0, run.output
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_text(encoding="utf-8") == "global\n"


@pytest.mark.parametrize(("version", "answer"), [("2.2.9", "HAProxy version 2.2.9"), ("", "")], ids=["old", "none"])
def test_a_haproxy_that_will_not_do_is_told_of(router: Router, version: str, answer: str) -> None:
    program = "haproxy" if version else "no-haproxy"
    run = router.run(env={"HAPROXY_VERSION": version}, app_router_haproxy=str(router.directory / program))
    assert message(run).startswith(f"HAProxy 2.4 or newer is needed, as {router.directory / program}")
    assert answer in message(run)
    assert message(run).endswith("Nothing was changed.")
    assert ".." not in message(run)


#: What something in place of a broker might say, to get into the configuration or into Ansible.
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
    application(f"evil{EVIL}"),
    application("a", domain_id=EVIL),
    application("b", app_url=f"http://{EVIL}/"),
    application("c", aliases=[{"id": name} for name in (EVIL, "a b", "x,y", "ok.example.org")]),
]
GEARS = [gear("g1", EVIL), gear(EVIL, "10.0.0.8"), gear("g2", "10.0.0.9")]


class _Evil(BaseHTTPRequestHandler):
    """Answers as a broker would, but what it likes."""

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


def test_nothing_of_a_hostile_answer_gets_into_the_configuration(router: Router) -> None:
    with evil_broker() as url:
        run = router.run(env={"OPENSHIFT_BROKER_URL": url})
    assert run.rc == 0, run.output
    names = ("c-acme.example.com", "ha-c-acme.example.com", "ok.example.org")
    assert router.hosts == dict.fromkeys(names, "openshift_acme_c")
    assert servers(router.text) == ["    server gear-g2 10.0.0.9:4009"]
    assert not list(router.directory.parent.rglob("pwned"))
    assert "left out: 3 not usable." in run.output
    assert "acme/c: the endpoint" in run.output


# --- Several routers -------------------------------------------------------------------------------------------------


def on_two(router: Router, *arguments: str, both: Mapping[str, Any] | None = None, **of_first: Any) -> PlayRun:
    """The playbook on two routers, each with a directory of its own."""
    for name in ("router1", "router2"):
        (router.directory / name).mkdir(exist_ok=True)
    common = {"ansible_connection": "local", "app_router_unknown_text": "{{ inventory_hostname }}", **(both or {})}
    inventory = yaml.safe_dump({"routers": {"hosts": {"router1": of_first, "router2": {}}, "vars": common}})
    path = f"{router.directory}/{{{{ inventory_hostname }}}}/haproxy.cfg"
    own = {"app_router_config_path": path, "app_router_reload_command": "true", "router_become": False}
    return router.ansible.playbook(
        "openshift_v2.apps.router", *arguments, inventory=inventory, extra_vars={**router.variables, **own}
    )


def test_several_routers_and_one_look(router: Router) -> None:
    run = on_two(router)
    assert run.rc == 0, run.output
    assert sent(run) == ["GET"] * 4
    for name in ("router1", "router2"):
        assert f'"{name}\\n"' in (router.directory / name / "haproxy.cfg").read_text(encoding="utf-8")
    again = on_two(router, "--check", "--limit", "router2")
    assert again.rc == 0, again.output
    assert changes(again) == []
    assert {task.host for task in again.tasks} == {"router2"}


def test_the_next_router_is_left_alone_when_one_fails(router: Router) -> None:
    run = on_two(router, app_router_extra_global="NONSENSE")
    assert run.rc == 2, run.output
    assert not list((router.directory / "router2").iterdir())


def test_which_applications_may_be_said_in_the_routers_own_variables(router: Router) -> None:
    run = on_two(router, both={"app_router_applications": ["acme/shop"]})
    assert run.rc == 0, run.output
    assert sent(run) == ["GET"] * 2
    for name in ("router1", "router2"):
        assert served_by((router.directory / name / "haproxy.cfg").read_text(encoding="utf-8")) == ("acme/shop",)


def test_routers_that_do_not_want_the_same_are_refused(router: Router) -> None:
    run = on_two(router, app_router_applications=["acme/shop"])
    assert message(run).startswith("router2 is to route other applications than were looked at.")
    assert not list((router.directory / "router2").iterdir())


def test_no_router_in_the_inventory_is_no_success(router: Router) -> None:
    inventory = yaml.safe_dump({"others": {"hosts": {"router1": {"ansible_connection": "local"}}}})
    run = router.ansible.playbook("openshift_v2.apps.router", inventory=inventory, extra_vars=router.variables)
    assert message(run).startswith("There is no router in the inventory: it has no host in routers.")
    assert sent(run) == []
