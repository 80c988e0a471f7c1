"""An inventory file of openshift_apps, Ansible's programs run with it, and a broker that returns any data."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests import launch
from tests.harness import LOGIN, PASSWORD, Platform

PLUGIN = "openshift_v2.apps.openshift_apps"
ALL_APPLICATIONS = "/broker/rest/applications"
NO_LOGIN: dict[str, str | None] = {"OPENSHIFT_BROKER_USERNAME": None, "OPENSHIFT_BROKER_PASSWORD": None}


def credentials(login: str = LOGIN, password: str = PASSWORD) -> dict[str, str]:
    return {"OPENSHIFT_BROKER_USERNAME": login, "OPENSHIFT_BROKER_PASSWORD": password}


@dataclass(frozen=True)
class Answer:
    """What a program of Ansible printed."""

    rc: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The inventory, in the shape of ``ansible-inventory --list``."""
        assert self.rc == 0, self.stderr
        document: dict[str, Any] = json.loads(self.stdout)
        return document

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        hosts: dict[str, dict[str, Any]] = self.document["_meta"].get("hostvars", {})
        return hosts

    def members(self, group: str) -> list[str]:
        return sorted(self.document.get(group, {}).get("hosts", []))

    def warns(self, words: str) -> bool:
        """Whether standard error has these words. Older versions of Ansible break its lines anywhere."""
        return "".join(words.split()) in "".join(self.stderr.split())


@dataclass(frozen=True)
class Source:
    """An inventory file, and Ansible run with it. The credentials are in the environment."""

    directory: Path
    url: str
    environment: Mapping[str, str | None] = field(default_factory=dict)

    def file(self, text: str = "", **options: Any) -> Path:
        """Write the file: these options, then ``text``."""
        path = self.directory / "openshift_apps.yml"
        path.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}) + text, encoding="utf-8")
        return path

    def files(self, *options: Mapping[str, Any]) -> Path:
        """Write a file for each of these options, in a directory of their own."""
        directory = self.directory / "files"
        directory.mkdir()
        for number, each in enumerate(options):
            path = directory / f"{number}.openshift_apps.yml"
            path.write_text(yaml.safe_dump({"plugin": PLUGIN, **each}), encoding="utf-8")
        return directory

    def list(self, *arguments: str, env: Mapping[str, str | None] | None = None, **options: Any) -> Answer:
        return self.run("ansible-inventory", "-i", self.file(**options), "--list", "--export", *arguments, env=env)

    def run(
        self,
        program: str,
        *arguments: str | Path,
        env: Mapping[str, str | None] | None = None,
        as_program: bool = False,
    ) -> Answer:
        """Run a program of Ansible in a fork (tests/launch.py), or ``as_program``."""
        command = [str(Path(sys.executable).parent / program), *map(str, arguments)]
        run = launch.as_program if as_program else launch.forked
        done = run(command, self._environment(env or {}), self.directory, separate_errors=True)
        return Answer(done.returncode, done.stdout, done.stderr)

    def _environment(self, env: Mapping[str, str | None]) -> dict[str, str]:
        folder = launch.shared_folder()
        desired: dict[str, str | None] = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_"))},
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.directory / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
            "COLUMNS": "1000",
            "OPENSHIFT_BROKER_URL": self.url,
            **self.environment,
            **env,
        }
        return {key: value for key, value in desired.items() if value is not None}


def seeded_source(directory: Path, platform: Platform) -> Source:
    """A broker with an application of each status, two of them not the account's own."""
    platform.broker.seed(
        {
            "users": [{"login": "bob@example.com", "max_gears": 7, "ha": True}],
            "domains": [{"name": "bobs", "owner": "bob@example.com", "members": [{"login": LOGIN, "role": "edit"}]}],
            "applications": [
                {"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "gears": 2, "haproxy": 1, "ha": True},
                {"domain": "acme", "name": "wiki", "cartridges": ["php-5.4"], "scalable": False},
                {"domain": "bobs", "name": "api", "cartridges": ["php-5.4"], "gears": 3},
                {"domain": "bobs", "name": "shop", "cartridges": ["php-5.4"], "gears": 2, "ha": True},
            ],
        }
    )
    platform.broker.clear_requests()
    return Source(directory, platform.url, credentials())


def take_requests(platform: Platform) -> list[str]:
    """The paths of the requests since the last call."""
    paths = [request["path"].partition("?")[0] for request in platform.broker.requests()]
    platform.broker.clear_requests()
    return paths


class FakeBroker:
    """Answers each path (``/applications``) with the given data, also with data that no broker would accept."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        envelope = {"status": "ok", "type": "x", "messages": [], "version": "1.7", "api_version": 1.7}
        bodies = {path: json.dumps({**envelope, "data": content}).encode() for path, content in data.items()}

        #: The paths of the requests.
        self.seen: list[str] = []
        seen = self.seen

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append(self.path.partition("?")[0])
                body = bodies.get(self.path.partition("?")[0].removeprefix("/broker/rest"), b"")
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FakeBroker:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def application(owner: str = LOGIN, **changes: Any) -> dict[str, Any]:
    """An application in the broker's API."""
    name, domain = changes.get("name", "shop"), changes.get("domain_id", "acme")
    web = {"name": "php-5.4", "tags": ["web_framework"], "current_scale": 1, "scales_from": 1, "scales_to": -1}
    return {
        "id": "6b02f61a686c820dac000076",
        "name": name,
        "domain_id": domain,
        "app_url": f"http://{name}-{domain}.example.com/",
        "ha": False,
        "scalable": True,
        "gear_count": 1,
        "framework": "php-5.4",
        "members": [{"login": owner, "role": "admin", "owner": True, "type": "user"}],
        "cartridges": [web],
        **changes,
    }
