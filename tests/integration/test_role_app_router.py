"""The role app_router against the embedded broker, with a stand-in for HAProxy; tests/e2e uses the real one.

Decisions alone are tested in tests/unit/test_router_plan.py and test_routes.py. A launch runs the role several times
where that is possible, each run on its own or on the same router.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.guard import parse_served
from tests.harness import Ansible, Platform, PlayRun, TaskRun

ROLE = "openshift_v2.apps.app_router"
#: Prints its version and validates: it rejects a configuration whose map is missing, or that contains NONSENSE.
HAPROXY = """#!/bin/sh
if [ "$1" = -v ]; then echo "HAProxy version $(cat "$(dirname "$0")/version") 2026/01/01"; exit 0; fi
map=$(sed -n 's/.*,map(\\([^,)]*\\).*/\\1/p' "$3" | head -1)
[ -e "$map" ] || { echo "[ALERT] $3: no map $map" >&2; exit 1; }
grep -n NONSENSE "$3" | sed "s|^\\([0-9]*\\).*|[ALERT] parsing [$3:\\1] unknown keyword|" >&2
! grep -q NONSENSE "$3"
"""
#: Records what a reload would load: the configuration and its map, which must exist.
RELOAD = """#!/bin/sh
set -e
cd "$(dirname "$0")"
[ ! -e broken ] || { echo "the service is broken" >&2; exit 3; }
cat "$(sed -n 's/.*,map(\\([^,)]*\\).*/\\1/p' haproxy.cfg | head -1)" haproxy.cfg > live
echo reloaded >> reloads
"""


@dataclass(frozen=True)
class Router:
    """The folder of a router, or a snapshot of it."""

    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "haproxy.cfg"

    @property
    def text(self) -> str:
        return self.config.read_text(encoding="utf-8")

    @property
    def live(self) -> str:
        """The map and the configuration that the last reload has loaded."""
        return (self.directory / "live").read_text(encoding="utf-8")

    @property
    def maps(self) -> list[Path]:
        return sorted(self.directory.glob("*.map"))

    @property
    def hosts(self) -> dict[str, str]:
        """The content of the map: host names and their backends."""
        (map_file,) = self.maps
        lines = map_file.read_text(encoding="utf-8").splitlines()
        return dict(line.split() for line in lines if line[0] != "#")

    @property
    def reloads(self) -> int:
        path = self.directory / "reloads"
        return len(path.read_text(encoding="utf-8").splitlines()) if path.exists() else 0

    @property
    def files(self) -> dict[str, bytes]:
        """Name and content of each file, and of each link its target."""
        return {
            path.name: str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
            for path in self.directory.iterdir()
            if path.is_symlink() or path.is_file()
        }

    @property
    def variables(self) -> dict[str, Any]:
        return {
            "app_router_config_path": str(self.config),
            "app_router_haproxy": str(self.directory / "haproxy"),
            "app_router_reload_command": str(self.directory / "reload"),
            "app_router_running_socket": "",
        }

    def lines(self, *prefixes: str) -> list[str]:
        """The lines of the configuration that begin with these."""
        return [line.strip() for line in self.text.splitlines() if line.strip().startswith(prefixes)]


@dataclass(frozen=True)
class Step:
    """One run of the role. ``shell``: commands to run before, in the folder of the router."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    shell: str = ""
    router: Router | None = None


def step(shell: str = "", router: Router | None = None, **variables: Any) -> Step:
    return Step(variables, shell, router)


@dataclass(frozen=True)
class RoleRun:
    """The outcome of a step: its tasks, and the router as it was afterwards."""

    tasks: Sequence[TaskRun]
    router: Router
    output: str

    @property
    def failed(self) -> bool:
        return any(task.status == "failed" for task in self.tasks)

    @property
    def changes(self) -> list[str]:
        return [task.task for task in self.tasks if task.result.get("changed")]

    @property
    def message(self) -> str:
        """The message of the last failure."""
        assert self.failed, self.output
        text: str = [task for task in self.tasks if task.status == "failed"][-1].result["msg"]
        return text

    @property
    def sent(self) -> list[str]:
        return [method for task in self.tasks for method in task.sent]

    @property
    def routes(self) -> dict[str, Any]:
        """The result of openshift_routes."""
        (task,) = (task for task in self.tasks if task.action.endswith("openshift_routes"))
        return task.result


@dataclass(frozen=True)
class Site:
    """Routers in folders, all on localhost."""

    ansible: Ansible
    directory: Path

    def router(self, name: str = "router", version: str = "2.6.12") -> Router:
        """A router without a configuration."""
        directory = self.directory / name
        directory.mkdir()
        (directory / "version").write_text(f"{version}\n", encoding="utf-8")
        for program, text in (("haproxy", HAPROXY), ("reload", RELOAD)):
            path = directory / program
            path.write_text(text, encoding="utf-8")
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return Router(directory)

    def run(self, router: Router, *arguments: str, env: Mapping[str, str] | None = None, **variables: Any) -> RoleRun:
        """Run the role once."""
        (run,) = self.runs(router, step(**variables), arguments=arguments, env=env)
        return run

    def runs(
        self, router: Router, *steps: Step, arguments: Sequence[str] = (), env: Mapping[str, str] | None = None
    ) -> list[RoleRun]:
        """Run the role several times in one launch, each run whether or not the one before has failed."""
        routers = [each.router or router for each in steps]
        first = len(list(self.directory.glob("snapshot*")))
        snapshots = [self.directory / f"snapshot{first + n}" for n in range(len(steps))]
        tasks: list[dict[str, Any]] = []
        for each, where, snapshot in zip(steps, routers, snapshots, strict=True):
            tasks += [
                {"name": "prepare", "ansible.builtin.raw": f"cd {where.directory} && {each.shell or ':'}"},
                {
                    "block": [
                        {
                            "name": "run",
                            "ansible.builtin.include_role": {"name": ROLE},
                            "vars": {**where.variables, **each.variables},
                        }
                    ],
                    "rescue": [{"name": "failed", "ansible.builtin.meta": "noop"}],
                },
                {"name": "snapshot", "ansible.builtin.raw": f"cp -a {where.directory} {snapshot}"},
            ]
        for task in tasks:
            if "ansible.builtin.raw" in task:
                task |= {"check_mode": False}
        run = self.ansible.playbook(
            [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], *arguments, env=env
        )
        assert run.rc == 0, run.output
        return [
            RoleRun(part, Router(snapshot), run.output)
            for part, snapshot in zip(split(run.tasks), snapshots, strict=True)
        ]


def split(tasks: Sequence[TaskRun]) -> list[list[TaskRun]]:
    """The tasks of each run."""
    parts: list[list[TaskRun]] = []
    for task in tasks:
        if task.task == "prepare":
            parts.append([])
        elif task.task != "snapshot":
            parts[-1].append(task)
    return parts


@pytest.fixture
def site(ansible: Ansible, platform: Platform, tmp_path: Path) -> Site:
    """``acme/shop`` is highly available, ``acme/crm`` is degraded, ``acme/plain`` is not scalable."""
    common = {"domain": "acme", "cartridges": ["php-5.4"]}
    applications = [
        {"name": "shop", "gears": 2, "ha": True, "endpoints": ["10.0.0.1:4001", "10.0.0.2:4002"]},
        {"name": "crm", "gears": 2, "ha": True, "haproxy": 1, "endpoints": ["10.0.0.3:4003", "10.0.0.4:4004"]},
        {"name": "plain", "scalable": False},
    ]
    platform.broker.seed({"applications": [{**common, **each} for each in applications]})
    directory = tmp_path / "site"
    directory.mkdir()
    return Site(ansible, directory)


@pytest.fixture
def router(site: Site) -> Router:
    return site.router()


def servers(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.strip().startswith("server ")]


def added(output: str) -> list[str]:
    """The lines that a diff adds."""
    return [line[1:] for line in output.splitlines() if line.startswith("+") and not line.startswith("+++")]


# --- Check, apply, apply again ---------------------------------------------------------------------------------------


def test_check_apply_and_apply_again(site: Site, router: Router, platform: Platform) -> None:
    before = router.files
    check = site.run(router, "--check", "--diff")
    assert not check.failed, check.output
    assert router.files == before
    real, again = site.runs(router, step(), step(), arguments=["--diff"])
    assert not real.failed, real.output
    assert real.router.reloads == 1
    assert check.changes
    assert added(check.output) == added(real.output) == router.text.splitlines()
    assert (again.failed, again.changes) == (False, [])
    assert again.router.files == real.router.files
    assert again.sent == ["GET"] * 4  # All applications, and the gears of each.
    warning = "Not highly available, so the loss of one gear causes an outage: acme/crm."
    assert f"[WARNING]: {warning}" in real.output
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
    (server,) = servers(added(check.output))
    assert server.endswith(" 10.0.0.4:4004")
    assert len(servers(router.text.splitlines())) == 4
    assert router.hosts["www.example.org"] == "openshift_acme_crm"
    assert (router.reloads, len(router.maps)) == (2, 1)
    assert router.live.endswith(router.text)


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


def test_two_configurations_in_one_folder(site: Site, router: Router) -> None:
    def of(name: str, port: int) -> Step:
        path = str(router.directory / name)
        return step(app_router_config_path=path, app_router_reload_command="true", app_router_http_bind=[f"*:{port}"])

    first, second, again = site.runs(router, of("a.cfg", 81), of("b.cfg", 82), of("a.cfg", 81))
    assert first.changes
    assert second.changes
    assert len(second.router.maps) == 2
    assert (again.failed, again.changes) == (False, [])


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


# --- Failures and refusals -------------------------------------------------------------------------------------------


def test_a_configuration_that_haproxy_rejects_changes_nothing(site: Site, router: Router) -> None:
    first, real = site.runs(router, step(), step(app_router_log=["NONSENSE"]))
    check = site.run(router, "--check", app_router_log=["NONSENSE"])
    for run in (real, check):
        assert run.message.startswith("HAProxy rejects the new configuration: ")
        assert "parsing [the new configuration:3] unknown keyword" in run.message
        assert 'Line 3: "log NONSENSE". Nothing was changed.' in run.message
        assert run.router.files == first.router.files


def test_after_a_failed_reload_the_former_configuration_is_restored(site: Site, router: Router) -> None:
    first, failed, fixed = site.runs(
        router, step(), step("touch broken", app_router_retries=5), step("rm broken", app_router_retries=5)
    )
    assert "the service is broken" in failed.message
    assert "The former configuration is in place again." in failed.message
    assert failed.router.files["haproxy.cfg"] == first.router.files["haproxy.cfg"]
    assert not fixed.failed, fixed.output
    assert "retries 5" in router.live
    assert len(router.maps) == 1


def test_a_missing_reload_is_made_up_for_and_a_damaged_map_is_repaired(site: Site, router: Router) -> None:
    leave_map = 'map=$(ls *.map); touch "${map%????????????.map}0123456789ab.map"'  # As an interrupted run does.
    first, made_up, repaired, again = site.runs(
        router, step(), step(leave_map), step("for map in *.map; do echo damaged > $map; done"), step()
    )
    for run in (made_up, repaired):
        assert not run.failed, run.output
    assert made_up.router.reloads == 2
    assert len(made_up.router.maps) == 1
    assert repaired.router.reloads == 3
    assert {**repaired.router.files, "reloads": b""} == {**first.router.files, "reloads": b""}
    assert again.changes == []


SECRET = "s3cret-of-another-tool"
FOREIGN = f"listen live\n    bind 127.0.0.1:1\n    # f\xfcr alle\n    stats auth admin:{SECRET}\n".encode("latin-1")


@pytest.mark.parametrize("arguments", [["--check"], []])
def test_a_foreign_configuration_is_not_replaced(site: Site, router: Router, arguments: list[str]) -> None:
    router.config.write_bytes(FOREIGN)
    before = router.files
    nothing = {"domains": ["acmee"]}
    both, *others, foreign, new = site.runs(
        router,
        step(app_router_select=nothing),
        step(app_router_select=nothing, app_router_takeover=True),
        step(app_router_select=nothing, app_router_allow_empty=True),
        step(),
        step(router=site.router("new"), app_router_select=nothing),
        arguments=arguments,
    )
    assert both.message.startswith(f"{router.config} is a foreign configuration")
    reasons, _effect, advice = both.message.partition("Nothing was changed.")
    assert "No application with a server to route to was found." in reasons
    assert "app_router_takeover: true" in advice
    assert "app_router_allow_empty: true" in advice
    assert all(run.failed for run in (*others, foreign))
    assert foreign.router.files == router.files == before
    assert new.message.startswith("No application with a server to route to was found. Nothing was changed.")
    assert not new.router.config.exists()


@pytest.mark.parametrize("arguments", [["--check", "--diff"], ["--diff"]])
def test_the_diff_of_a_takeover_hides_the_former_configuration(
    site: Site, router: Router, arguments: list[str]
) -> None:
    router.config.write_bytes(FOREIGN)
    run = site.run(router, *arguments, app_router_takeover=True)
    assert not run.failed, run.output
    assert SECRET not in run.output
    assert "listen live" not in run.output
    assert "it is not shown." in run.output
    assert "    balance roundrobin" in added(run.output)
    copies = list(router.directory.glob("haproxy.cfg.*"))
    if "--check" in arguments:
        assert (copies, router.config.read_bytes()) == ([], FOREIGN)
    else:
        assert [copy.read_bytes() for copy in copies] == [FOREIGN]
        assert str(copies[0]) in run.output


def test_the_unmodified_file_of_the_distribution_is_replaced(site: Site, router: Router, tmp_path: Path) -> None:
    router.config.write_bytes(FOREIGN)
    programs = tmp_path / "programs"
    programs.mkdir()
    digest = hashlib.md5(FOREIGN).hexdigest()
    (programs / "dpkg-query").write_text(f"#!/bin/sh\necho ' {router.config} {digest}'\n", encoding="utf-8")
    (programs / "dpkg-query").chmod(0o755)
    run = site.run(router, env={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert not run.failed, run.output
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_bytes() == FOREIGN


def linked(router: Router) -> Path:
    """A file elsewhere that the path of the configuration leads to, over two relative links."""
    target = router.directory / "real" / "haproxy.cfg"
    target.parent.mkdir()
    (router.directory / "between").symlink_to("real/haproxy.cfg")
    router.config.symlink_to("between")
    return target


def test_a_symbolic_link_and_the_mode_and_owner_of_its_target_are_kept(site: Site, router: Router) -> None:
    target = linked(router)
    target.write_bytes(FOREIGN)
    target.chmod(0o640)
    os.chown(target, -1, 1)
    before = target.stat()
    failed, real, again = site.runs(
        router,
        step("touch broken", app_router_takeover=True),
        step("rm broken", app_router_takeover=True),
        step(app_router_takeover=True),
    )
    assert "The former configuration is in place again." in failed.message
    assert (failed.router.directory / "real" / "haproxy.cfg").read_bytes() == FOREIGN
    for run in (failed, real, again):
        assert run.router.config.readlink() == Path("between")
        after = run.router.config.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert not real.failed, real.output
    assert parse_served(router.text) == ("acme/crm", "acme/shop")
    assert {(path.stat().st_mode, path.stat().st_gid) for path in router.maps} == {(before.st_mode, 1)}
    (kept, *_others) = target.parent.glob("haproxy.cfg.*")
    assert (kept.read_bytes(), kept.stat().st_mode, kept.stat().st_gid) == (FOREIGN, before.st_mode, 1)
    assert (again.failed, again.changes) == (False, [])


def test_a_failure_of_the_second_router_of_a_play_does_not_touch_its_configuration(site: Site, router: Router) -> None:
    """The results of the first router are not taken for those of the second."""
    other = router.directory / "other" / "haproxy.cfg"
    other.parent.mkdir()
    for config in (router.config, other):
        config.write_bytes(FOREIGN.replace(b"listen live", f"listen {config.parent.name}".encode()))
    before = other.read_bytes()
    _first, second = site.runs(
        router,
        step(app_router_takeover=True),
        step(app_router_takeover=True, app_router_config_path=str(other), app_router_file_owner="no-such-user"),
    )
    assert "The next run tries again." in second.message
    assert other.read_bytes() == before


def test_the_copy_is_kept_if_it_cannot_be_restored(site: Site, router: Router) -> None:
    # The reload fails, and leaves folders where the copy should be restored.
    commands = [
        "cd " + str(router.directory),
        "copy=$(ls -d haproxy.cfg.*)",
        "rm haproxy.cfg",
        "mkdir -p haproxy.cfg/$copy/x",
    ]
    script = "\n".join(["#!/bin/sh", *commands, "exit 1", ""])
    (router.directory / "destroy").write_text(script, encoding="utf-8")
    first, failed = site.runs(
        router,
        step(),
        step("cp destroy reload", app_router_applications=["acme/shop"], app_router_max_removed="100%"),
    )
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_bytes() == first.router.config.read_bytes()
    assert "The former configuration could not be put back: " in failed.message
    assert f"Copy {kept} to {router.config}, and reload HAProxy." in failed.message


def test_a_link_to_a_missing_file_is_followed(site: Site, router: Router) -> None:
    target = linked(router)
    run = site.run(router)
    assert not run.failed, run.output
    assert router.config.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


@pytest.mark.parametrize("arguments", [["--check"], []])
def test_a_host_that_is_not_ready_is_refused(site: Site, router: Router, arguments: list[str]) -> None:
    router.config.symlink_to("missing/haproxy.cfg")
    before = sorted(path.name for path in router.directory.iterdir())
    circle, old = site.router("circle"), site.router("old", version="2.2.9")
    circle.config.symlink_to("other")
    (circle.directory / "other").symlink_to("haproxy.cfg")
    old.config.write_bytes(FOREIGN)
    absent = str(router.directory / "no-haproxy")
    missing, looped, outdated, none = site.runs(
        router,
        step(),
        step(router=circle),
        step(router=old),
        step(router=site.router("none"), app_router_haproxy=absent),
        arguments=arguments,
    )
    assert missing.message.startswith(f"Not an existing folder: {router.directory}/missing. Nothing was changed.")
    assert sorted(path.name for path in router.directory.iterdir()) == before
    assert "leads in a circle" in looped.message
    version = (
        f"{old.directory}/haproxy is not HAProxy 2.4 or newer: asked for its version, it answered: HAProxy version"
    )
    assert outdated.message.startswith(f"{version} 2.2.9 2026/01/01. {old.config} is a foreign configuration")
    assert "app_router_takeover: true" in outdated.message
    assert none.message.startswith(f"{absent} is not HAProxy 2.4 or newer: ")
    assert ".." not in none.message


def test_many_applications_are_not_removed_at_once(site: Site, router: Router) -> None:
    nothing: dict[str, Any] = {"app_router_select": {"names": ["nothing"]}}
    first, none, fewer, emptied = site.runs(
        router,
        step(),
        step(**nothing),
        step(app_router_select={"exclude": ["crm"]}, app_router_max_removed=0),
        step(**nothing, app_router_allow_empty=True, app_router_max_removed="100%"),
    )
    assert "2 applications would lose all servers: acme/crm, acme/shop." in none.message
    assert fewer.message.startswith("1 application of 2 would no longer be routed: acme/crm. Nothing was changed.")
    assert fewer.router.files == first.router.files
    assert not emptied.failed, emptied.output
    assert router.hosts == {}


def test_a_failing_broker_changes_nothing_and_a_foreign_configuration_is_kept(
    site: Site, router: Router, platform: Platform
) -> None:
    router.config.write_text("global\n", encoding="utf-8")
    before = router.files
    platform.broker.faults({"do": "status:503", "path": "crm/gear_groups"})
    assert "503" in site.run(router).message
    assert router.files == before
    platform.broker.faults()
    run = site.run(router, app_router_takeover=True)
    assert not run.failed, run.output
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_text(encoding="utf-8") == "global\n"


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
    application(f"evil{EVIL}"),
    application("a", domain_id=EVIL),
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


def test_a_hostile_answer_injects_nothing_into_the_configuration(site: Site, router: Router) -> None:
    with evil_broker() as url:
        run = site.run(router, env={"OPENSHIFT_BROKER_URL": url})
    assert not run.failed, run.output
    names = ("c-acme.example.com", "ha-c-acme.example.com", "ok.example.org")
    assert router.hosts == dict.fromkeys(names, "openshift_acme_c")
    assert servers(router.text.splitlines()) == ["    server gear-g2 10.0.0.9:4009"]
    assert not list(router.directory.parent.rglob("pwned"))
    assert run.routes["headline"].endswith("not routed: 3 not usable.")
    assert "acme/c: the endpoint" in run.output


# --- Several routers -------------------------------------------------------------------------------------------------


def run_on_two(
    site: Site, router: Router, *arguments: str, both: Mapping[str, Any] | None = None, **of_first: Any
) -> PlayRun:
    """The playbook on two routers, each with a folder of its own."""
    for name in ("router1", "router2"):
        (router.directory / name).mkdir(exist_ok=True)
    common = {"ansible_connection": "local", "app_router_unknown_text": "{{ inventory_hostname }}", **(both or {})}
    inventory = yaml.safe_dump({"routers": {"hosts": {"router1": of_first, "router2": {}}, "vars": common}})
    path = f"{router.directory}/{{{{ inventory_hostname }}}}/haproxy.cfg"
    own = {"app_router_config_path": path, "app_router_reload_command": "true", "router_become": False}
    return site.ansible.playbook(
        "openshift_v2.apps.router", *arguments, inventory=inventory, extra_vars={**router.variables, **own}
    )


def requests_of(run: PlayRun) -> list[str]:
    return [method for task in run.tasks for method in task.sent]


def failure(run: PlayRun) -> str:
    assert run.rc == 2, run.output
    text: str = [task for task in run.tasks if task.failed][-1].result["msg"]
    return text


def test_the_broker_is_read_once_for_several_routers(site: Site, router: Router) -> None:
    run = run_on_two(site, router)
    assert run.rc == 0, run.output
    assert requests_of(run) == ["GET"] * 4
    for name in ("router1", "router2"):
        assert f'"{name}\\n"' in (router.directory / name / "haproxy.cfg").read_text(encoding="utf-8")
    again = run_on_two(site, router, "--check", "--limit", "router2")
    assert again.rc == 0, again.output
    assert [task.task for task in again.tasks if task.result.get("changed")] == []
    assert {task.host for task in again.tasks} == {"router2"}


def test_the_next_router_is_not_changed_when_one_fails(site: Site, router: Router) -> None:
    run = run_on_two(site, router, app_router_extra_global="NONSENSE")
    assert run.rc == 2, run.output
    assert not list((router.directory / "router2").iterdir())


def test_variables_of_the_routers_select_the_applications(site: Site, router: Router) -> None:
    run = run_on_two(site, router, both={"app_router_applications": ["acme/shop"]})
    assert run.rc == 0, run.output
    assert requests_of(run) == ["GET"] * 2
    for name in ("router1", "router2"):
        assert parse_served((router.directory / name / "haproxy.cfg").read_text(encoding="utf-8")) == ("acme/shop",)


def test_routers_with_different_selections_are_refused(site: Site, router: Router) -> None:
    run = run_on_two(site, router, app_router_applications=["acme/shop"])
    assert failure(run).startswith("router2: cannot configure this router: it selects other applications than those")
    assert not list((router.directory / "router2").iterdir())


def test_an_inventory_without_routers_fails(site: Site, router: Router) -> None:
    inventory = yaml.safe_dump({"others": {"hosts": {"router1": {"ansible_connection": "local"}}}})
    run = site.ansible.playbook("openshift_v2.apps.router", inventory=inventory, extra_vars=router.variables)
    assert failure(run).startswith("The inventory has no router: no host matches routers. Nothing was changed.")
    assert requests_of(run) == []
