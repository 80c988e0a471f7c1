"""The collection as users have it: built, and installed with ansible-core and requests only, without the checkout."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import ROOT, Ansible, Platform
from tests.programs import missing

OLDEST = "2.16.19"
NEWEST = "2.21.5"
UV = (ROOT / "tests" / "tools" / "uv.sh", ROOT / ".venv" / "bin" / "uv")
SHOP = {"domain": "acme", "name": "shop"}
PLUGINS = {
    "module": sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")),
    "inventory": sorted(path.stem for path in (ROOT / "plugins" / "inventory").glob("*.py")),
    "role": sorted(path.name for path in (ROOT / "roles").iterdir()),
}


@dataclass(frozen=True)
class Installed:
    """An environment with the installed collection, and a folder to run programs in."""

    programs: Path
    collections: Path
    directory: Path
    variables: Mapping[str, str]

    def run(self, program: str, *arguments: str, **variables: str) -> str:
        """Run a program that must succeed. Return its output."""
        done = subprocess.run(
            [self.programs / program, *arguments],
            env={
                "PATH": f"{self.programs}:/usr/bin:/bin",
                "HOME": str(self.directory),
                "LANG": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
                "ANSIBLE_LOCALHOST_WARNING": "false",
                **self.variables,
                **variables,
            },
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def playbook(self, name: str, *arguments: str, **extra_vars: Any) -> str:
        return self.run("ansible-playbook", f"openshift_v2.apps.{name}", *arguments, "-e", json.dumps(extra_vars))

    def file(self, name: str, content: Any) -> str:
        path = self.directory / name
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return str(path)


def python_for(release: str) -> str:
    """A Python for that ansible-core, as in the matrix."""
    (line,) = re.findall(rf"^{re.escape(release)} (.*)$", (ROOT / "tests/requirements/cores.txt").read_text(), re.M)
    found = subprocess.run(
        [ROOT / "tests/tools/find_python.sh", *line.split()], capture_output=True, text=True, check=False
    )
    if found.returncode:
        missing(f"needs Python 3.{' or 3.'.join(line.split())} for ansible-core {release}")
    return found.stdout.strip()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The collection as it is released."""
    command = [Path(sys.executable).parent / "ansible-galaxy", "collection", "build", "--output-path", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (built,) = tmp_path.glob("*.tar.gz")
    return built


@pytest.fixture(params=[OLDEST, NEWEST])
def installed(
    request: pytest.FixtureRequest, ansible: Ansible, archive: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """ansible-core, requests and the collection in a new environment. The variables name the broker and the account."""
    release: str = request.param
    python = python_for(release)
    environment = tmp_path_factory.mktemp("installed")
    pins = ROOT / "tests" / "requirements" / f"core-{release.rpartition('.')[0]}.txt"
    subprocess.run([*UV, "venv", "--quiet", "--python", python, environment / "venv"], check=True)
    subprocess.run(
        [
            *(*UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", environment / "venv"),
            *("--constraint", pins, "ansible-core", "requests"),
        ],
        check=True,
    )
    directory = environment / "work"
    directory.mkdir()
    site = Installed(environment / "venv" / "bin", environment / "collections", directory, ansible.connection)
    site.run("ansible-galaxy", "collection", "install", "--offline", str(archive), "-p", str(site.collections))
    return site


@pytest.mark.thorough
def test_everything_runs_from_an_installed_archive(
    installed: Installed, platform: Platform, subtests: pytest.Subtests
) -> None:
    platform.app("acme", "shop", gears=2, ha=True)
    platform.app("acme", "api")
    run = installed.run

    with subtests.test("the checkout is on no path"):
        listing = json.loads(run("ansible-galaxy", "collection", "list", "--format", "json"))
        assert [path for path, found in listing.items() if "openshift_v2.apps" in found] == [
            str(installed.collections / "ansible_collections")
        ]
        assert not (installed.collections / "ansible_collections/openshift_v2/apps/tests").exists()

    for kind, names in PLUGINS.items():
        with subtests.test("ansible-doc", kind=kind):
            documents = json.loads(
                run("ansible-doc", "--json", "-t", kind, *(f"openshift_v2.apps.{name}" for name in names))
            )
            assert sorted(documents) == [f"openshift_v2.apps.{name}" for name in names]

    with subtests.test("inventory"):
        source = installed.file("acme.openshift_apps.yml", {"plugin": "openshift_v2.apps.openshift_apps"})
        hosts = json.loads(run("ansible-inventory", "-i", source, "--list"))
        assert hosts["openshift_ha_degraded"]["hosts"] == ["shop-acme.example.com"]

    with subtests.test("audit_ha"):
        installed.playbook("audit_ha")
        assert (installed.directory / "ha-report" / "report.html").stat().st_size > 10_000

    with subtests.test("enable_ha --check"):
        output = installed.playbook("enable_ha", "--check", "--diff", app_ha_applications=[SHOP])
        assert "acme/shop" in output
        assert platform.shown("acme", "shop") == (True, 2, 1)

    with subtests.test("enable_ha"):
        installed.playbook("enable_ha", app_ha_applications=[SHOP])
        assert platform.shown("acme", "shop") == (True, 3, 2)

    with subtests.test("as a real module"):
        task = {"openshift_v2.apps.openshift_user_info": {}, "register": "found"}
        expected = {"ansible.builtin.assert": {"that": "found.users[0].login == 'alice'"}}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "environment": {"AS_MODULE": "1"},
            "tasks": [task, expected],
        }
        run("ansible-playbook", installed.file("module.yml", [play]))

    haproxy = installed.directory / "haproxy"
    haproxy.write_text("#!/bin/sh\necho HAProxy version 2.6.12\n", encoding="utf-8")
    haproxy.chmod(0o755)
    router = {
        "router_become": False,
        "app_router_config_path": str(installed.directory / "haproxy.cfg"),
        "app_router_program": str(haproxy),
        "app_router_reload_command": "/bin/true",
        "app_router_running_socket": "",
    }
    hosts_file = installed.file(
        "routers.yml",
        {"routers": {"hosts": {"router": {"ansible_connection": "local"}}}, "brokers": {"hosts": {"b": {}}}},
    )
    with subtests.test("router --check"):
        installed.playbook("router", "--check", "--diff", "-i", hosts_file, **router)
        assert not (installed.directory / "haproxy.cfg").exists()

    with subtests.test("router"):
        installed.playbook("router", "-i", hosts_file, **router)
        assert "shop" in (installed.directory / "haproxy.cfg").read_text(encoding="utf-8")

    for name in ("broker_ha", "awx_setup"):
        with subtests.test(f"{name} --syntax-check"):
            installed.playbook(name, "--syntax-check", "-i", hosts_file)
