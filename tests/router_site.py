"""Routers in folders for the tests of the role app_router, with a stand-in for HAProxy.

A launch runs the role several times where that is possible, each run on its own router or on the same one.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness import Ansible, Platform, TaskRun

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
            "app_router_program": str(self.directory / "haproxy"),
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


def create_site(ansible: Ansible, platform: Platform, directory: Path) -> Site:
    """``acme/shop`` is highly available, ``acme/crm`` is degraded, ``acme/plain`` is not scalable."""
    common = {"domain": "acme", "cartridges": ["php-5.4"]}
    applications = [
        {"name": "shop", "gears": 2, "ha": True, "endpoints": ["10.0.0.1:4001", "10.0.0.2:4002"]},
        {"name": "crm", "gears": 2, "ha": True, "haproxy": 1, "endpoints": ["10.0.0.3:4003", "10.0.0.4:4004"]},
        {"name": "plain", "scalable": False},
    ]
    platform.broker.seed({"applications": [{**common, **each} for each in applications]})
    directory.mkdir()
    return Site(ansible, directory)


def servers(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.strip().startswith("server ")]


def added_lines(output: str) -> list[str]:
    """The lines that a diff adds."""
    return [line[1:] for line in output.splitlines() if line.startswith("+") and not line.startswith("+++")]
