"""A folder in which the examples of a page run: the embedded broker and stand-ins take the place of the real hosts."""

from __future__ import annotations

import contextlib
import json
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests import launch
from tests.broker_host import NO_PYTHON, BrokerHost
from tests.examples import Example, find_words
from tests.harness import LOGIN, PASSWORD, Ansible, Platform
from tests.router_site import Site as RouterSite

PROGRAMS = launch.PROGRAM.parent
#: Applications that pages speak of. ``haproxy: 1`` with ``ha`` is the trap.
APPLICATIONS = {
    "shop": {"gears": 3, "haproxy": 1, "ha": True},
    "api": {"gears": 1},
    "crm": {"gears": 2, "haproxy": 1, "ha": True},
    "intranet": {"gears": 2},
    "wiki": {"gears": 2, "haproxy": 2, "ha": True},
}
BROKER_CONF = 'CLOUD_DOMAIN="example.com"\nALLOW_HA_APPLICATIONS="true"\nDEFAULT_ALLOW_HA="false"\n'
#: They print their versions, and accept every configuration. nginx names the files that a configuration includes.
STAND_INS = {
    "haproxy": """#!/bin/sh
[ "$1" != -v ] || echo "HAProxy version 2.6.12 2026/01/01"
""",
    "nginx": r"""#!/bin/sh
case $1 in
-v) echo "nginx version: nginx/1.22.1" >&2 ;;
-T) for file in $(sed -n 's/.*include \([^;]*\);.*/\1/p' "$4"); do echo "# configuration file $file:"; done ;;
esac
""",
}
#: What examples take from tasks of the reader.
GIVEN = {"vault_broker_password": PASSWORD}
_ADDRESS = re.compile(r"https://(?:broker|east|west)(?:\.[a-z0-9]+)*\.example\.com")
_WEST = re.compile(r"https://(?:broker\.)?west\.example\.com")
_SERVICE = re.compile(r"https://(?:balancer|chat|hooks)\.example\.com")
#: Files of the system, which are in the folder here.
_SYSTEM = re.compile(r"(?<![\w./~-])/(?:etc|srv|var)(?:/[\w.-]+)+")
_ENVIRONMENT = re.compile(r"\blookup\('(?:ansible\.builtin\.)?env', *'(\w+)'\)|\b([A-Z]+_PASSWORD|[A-Z]+_TOKEN)\b")


@dataclass(frozen=True)
class Outcome:
    """How a run has ended."""

    rc: int
    output: str


@dataclass
class ExampleSite:
    """``environment``: what the examples have exported so far."""

    ansible: Ansible
    platform: Platform
    service_url: str
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def create(cls, ansible: Ansible, platform: Platform, examples: Iterable[Example], service_url: str) -> ExampleSite:
        site = cls(ansible, platform, service_url)
        text = "\n".join(example.text for example in examples)
        site._seed_broker(text)
        broker_host = site._create_broker_host(text)
        site._write_inventory(broker_host)
        given = {name for pair in _ENVIRONMENT.findall(text) for name in pair if name}
        (site.directory / "ha-report").mkdir()
        for path in _SYSTEM.findall(text):
            (site.directory / f"root{path}").parent.mkdir(parents=True, exist_ok=True)
        path = f"{broker_host.folder}:{PROGRAMS}:/usr/bin:/bin"
        site.environment = {**dict.fromkeys(sorted(given), PASSWORD), "PATH": path, "HOME": str(ansible.directory)}
        return site

    @property
    def directory(self) -> Path:
        return self.ansible.directory

    def localize(self, text: str) -> str:
        """The text with the addresses of the stand-ins."""
        # A second broker has the same applications, at another address.
        text = _WEST.sub(self.platform.url.replace("127.0.0.1", "localhost"), text)
        text = _SERVICE.sub(self.service_url, _ADDRESS.sub(self.platform.url, text))
        return _SYSTEM.sub(lambda found: f"{self.directory}/root{found[0]}", text)

    def write(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.write_text(self.localize(text), encoding="utf-8")
        return path

    def play(self, plays: list[dict[str, Any]], *arguments: str) -> Outcome:
        path = self.write("example-plays.yml", json.dumps(plays))
        return self.run("ansible-playbook", path.name, *arguments)

    def run(self, program: str, *arguments: str, **own: str) -> Outcome:
        """Run a program of Ansible in the folder."""
        command = [str(PROGRAMS / program), *arguments]
        given = ["-e", f"@{self.write('given.json', json.dumps(self._given()))}"] if "playbook" in program else []
        environment = {**self._environment(), **own}
        start = launch.as_program if own or program == "ansible" else launch.forked
        done = start([*command, *given], environment, self.directory)
        return Outcome(done.returncode, done.stdout)

    def execute(self, command: str) -> Outcome:
        """Run a command of a shell. Variables that it exports stay."""
        words = find_words(command)
        if words[0].startswith("ansible") and not set(words) & {"&&", "|", ">", ";"}:
            return self.run(words[0], *words[1:])
        after = self.directory / "environment"
        done = subprocess.run(
            ["bash", "-ec", f"{self.localize(command)}\nenv -0 >{after}"],
            cwd=self.directory,
            env=self._environment(),
            input=f"{PASSWORD}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            pairs = (pair.partition("=") for pair in after.read_text(encoding="utf-8").split("\0"))
            self.environment |= {name: value for name, _sign, value in pairs if name and name not in ("_", "SHLVL")}
        return Outcome(done.returncode, done.stdout + done.stderr)

    def _environment(self) -> dict[str, str]:
        of_ansible = self.ansible.environment(self.directory / "unused.jsonl")
        inventory = {"ANSIBLE_INVENTORY": str(self.directory / "hosts.json")}
        return {**of_ansible, **inventory, **self.environment}

    def _given(self) -> dict[str, Any]:
        return {**GIVEN, "router_become": False, "broker_ha_become": False, "webhook_url": f"{self.service_url}/hook"}

    def _seed_broker(self, text: str) -> None:
        logins = {LOGIN, *re.findall(r"username: (\w+)", text), *re.findall(r"USERNAME=(\w+)", text)}
        self.platform.broker.reset()
        self.platform.broker.settings(lock_poll=0.05)
        users = [{"login": login, "password": PASSWORD, "ha": True, "max_gears": 200} for login in sorted(logins)]
        members = [{"login": login, "role": "admin"} for login in sorted(logins - {LOGIN})]
        listed = re.findall(r"domains?: ([a-z, ]+)\b", text)
        domains = sorted({"acme", *(name for names in listed for name in re.split(r", *", names) if name)})
        names: dict[str, dict[str, Any]] = {
            name: {} for name in re.findall(r"domain: [a-z]+(?:\n *|, )name: ([a-z]+)", text)
        }
        applications = [
            {"domain": domain, "name": name, "cartridges": ["php-5.4"], **options}
            for domain in domains
            for name, options in {**names, **APPLICATIONS}.items()
        ]
        self.platform.broker.seed(
            {
                "users": users,
                "domains": [{"name": domain, "owner": LOGIN, "members": members} for domain in domains],
                "applications": applications,
            }
        )

    def _create_broker_host(self, text: str) -> BrokerHost:
        host = BrokerHost.create(self.directory / "broker-host")
        host.write_conf(BROKER_CONF)
        host.accounts(**dict.fromkeys(["alice", "bob@example.com", "carol", "mallory"], False))
        gears = dict.fromkeys(re.findall(r"\b[0-9a-f]{24}\b", text), "node1.example.com")
        host.nodes("node1.example.com", *sorted(set(re.findall(r"\bnode[2-9]\.example\.com", text))), **gears)
        _write_program(host.folder / "curl", "#!/bin/sh\n")
        return host

    def _write_inventory(self, host: BrokerHost) -> None:
        """The hosts that examples name. Their variables also apply to the inventories of examples."""
        (self.directory / "routers").mkdir()
        router = RouterSite(self.ansible, self.directory / "routers").router()
        for name, text in STAND_INS.items():
            _write_program(router.directory / name, text)
        main = self.directory / "routers" / "main"
        main.mkdir()
        (main / "haproxy.cfg").write_text("global\n", encoding="utf-8")
        (main / "nginx.cfg").write_text(f"http {{ include {router.directory}/*.cfg; }}\n", encoding="utf-8")
        local = {"ansible_connection": "local", "ansible_become": False, "ansible_pipelining": True}
        software = "{{ app_router_software | default('haproxy') }}"
        groups = {
            "routers": {
                **local,
                **router.variables,
                "app_router_program": f"{router.directory}/{software}",
                "app_router_main_config": f"{main}/{software}.cfg",
                "ansible_python_interpreter": sys.executable,
            },
            "brokers": {**local, "ansible_python_interpreter": NO_PYTHON, "broker_ha_conf_path": str(host.conf)},
        }
        hosts = {
            "routers": {"hosts": {"router1.example.com": None}},
            "balancers": {"hosts": {"router.example.com": local}},
            "brokers": {"hosts": {"broker1.example.com": None}},
        }
        self.write("hosts.json", json.dumps(hosts))
        (self.directory / "group_vars").mkdir()
        for name, variables in groups.items():
            self.write(f"group_vars/{name}.json", json.dumps(variables))
        self.write("acme.openshift_apps.yml", "plugin: openshift_v2.apps.openshift_apps\n")

    @property
    def broker_conf(self) -> Path:
        return self.directory / "broker-host" / "broker.conf"


def _write_program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@contextlib.contextmanager
def service() -> Iterator[str]:
    """A web service that accepts everything: a load balancer's API, a webhook. Its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(204)
            self.end_headers()

        do_POST = do_PUT  # noqa: N815

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
