"""For tests against the embedded broker: applications on it, and runs of Ansible."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

from tests import direct, launch
from tests.broker import EmbeddedBroker

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct-horse-battery"
LOGIN = "alice"
#: Applications that the fixture drifted seeds.
DRIFTED = 25
#: The two ways in which Ansible runs a module. A task with an environment runs the real module.
IN_PROCESS, AS_MODULE = "in-process", "as-module"
WAYS = (IN_PROCESS, AS_MODULE)
#: Without Ansible: see tests/direct.py.
DIRECT = "direct"
#: A second host on this machine, with a connection other than local.
INVENTORY_ELSEWHERE = """
all:
  hosts:
    localhost: {ansible_connection: local}
    bastion: {ansible_connection: elsewhere}
"""


@dataclass(frozen=True)
class TaskRun:
    """The result of one task on one host, and the requests that it sent to the broker."""

    task: str
    action: str
    host: str
    status: str
    result: dict[str, Any]
    requests: list[dict[str, Any]]

    @property
    def sent(self) -> list[str]:
        """The methods of the requests, in order."""
        return [request["method"] for request in self.requests]

    @property
    def writes(self) -> list[str]:
        return [method for method in self.sent if method != "GET"]

    @property
    def events(self) -> list[str]:
        """The events that change something. A scaling by 0 changes nothing."""
        bodies = [request["body"] for request in self.requests if request["path"].partition("?")[0].endswith("/events")]
        return [body["event"] for body in bodies if body.get("by") != 0]

    @property
    def failed(self) -> bool:
        return self.status in ("failed", "ignored")


@dataclass(frozen=True)
class PlayRun:
    """A run: its exit status, its output and its tasks."""

    rc: int
    output: str
    tasks: list[TaskRun] = field(default_factory=list)

    def of(self, action: str) -> list[TaskRun]:
        """The tasks of one module (short name). There must be at least one."""
        tasks = [task for task in self.tasks if task.action.rpartition(".")[2] == action]
        assert tasks, self.output
        return tasks


def stats(run: PlayRun) -> dict[str, Any]:
    """The data of set_stats, which a run prints with ANSIBLE_SHOW_CUSTOM_STATS."""
    text = run.output.partition("CUSTOM STATS: ")[2].partition("RUN: ")[2]
    values: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return values


@dataclass(frozen=True)
class Ansible:
    """Runs playbooks against a broker, with the credentials of a user in the environment."""

    directory: Path
    broker_url: str
    credentials: Mapping[str, str]

    def tasks(self, *tasks: Mapping[str, Any], way: str | None = None, **options: Any) -> PlayRun:
        """Run tasks on localhost. A failed task does not stop the others.

        By default, tasks that are plain calls of the API's modules run directly, which is fast. Others run in-process.
        """
        env = options.get("env") or {}
        plain = options.keys() <= {"env"} and all(direct.is_possible(task, env) for task in tasks)
        if way == DIRECT or (way is None and plain):
            assert plain, "needs a launch of Ansible"
            return self._directly(tasks, env)
        play: dict[str, Any] = {
            "hosts": "localhost",
            "gather_facts": False,
            "ignore_errors": True,
            "tasks": [dict(task) for task in tasks],
        }
        if way == AS_MODULE:
            play["environment"] = {"AS_MODULE": "1"}
        return self.playbook([play], **options)

    def _directly(self, tasks: Sequence[Mapping[str, Any]], env: Mapping[str, str | None]) -> PlayRun:
        runs: list[TaskRun] = []
        output: list[str] = []
        with direct.environment({**self.connection, **env}):
            for task in tasks:
                requests.delete(f"{self.broker_url}/__control/requests", timeout=60)
                outcome = direct.run_task(task)
                seen = requests.get(f"{self.broker_url}/__control/requests", timeout=60).json()
                (action,) = task.keys() - direct.KEYWORDS
                status = "ignored" if outcome.result.get("failed") else "ok"
                runs.append(TaskRun(task.get("name", action), action, "localhost", status, outcome.result, seen))
                output += [*outcome.progress, json.dumps(outcome.result)]
        return PlayRun(0, "\n".join(output), runs)

    @property
    def connection(self) -> dict[str, str]:
        """The variables of the environment that name the broker and the account."""
        # Requests to this machine must not go through a proxy.
        return {"NO_PROXY": "127.0.0.1", "OPENSHIFT_BROKER_URL": self.broker_url, **self.credentials}

    def playbook(
        self,
        playbook: list[Any] | str | Path,
        *arguments: str,
        env: Mapping[str, str | None] | None = None,
        inventory: str | None = None,
        extra_vars: Mapping[str, Any] | None = None,
        as_program: bool = False,
    ) -> PlayRun:
        """Run a playbook: its plays, its path, or its name in a collection.

        ``as_program``: start the program ansible-playbook. By default it runs in a fork, see tests/launch.py.
        """
        record = self.directory / "record.jsonl"
        record.unlink(missing_ok=True)
        requests.delete(f"{self.broker_url}/__control/requests", timeout=60)
        if isinstance(playbook, list):
            file = self.directory / "playbook.yml"
            file.write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")
        else:
            file = Path(playbook)
        command = [str(launch.PROGRAM), str(file), *arguments]
        if inventory is not None:
            source = self.directory / "inventory.yml"
            source.write_text(inventory, encoding="utf-8")
            command += ["-i", str(source)]
        if extra_vars:
            command += ["-e", json.dumps(extra_vars)]
        done = self._launch(command, self.environment(record, env), env or {}, as_program)
        lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
        return PlayRun(done.returncode, done.stdout, [TaskRun(**json.loads(line)) for line in lines])

    def _launch(
        self,
        command: list[str],
        environment: dict[str, str],
        own: Mapping[str, str | None],
        as_program: bool,
    ) -> launch.Completed:
        if as_program or not self._can_share_server(own):
            return launch.as_program(command, environment, self.directory)
        shared = {
            "ANSIBLE_CONFIG": str(launch.shared_folder() / "ansible.cfg"),
            "ANSIBLE_HOME": str(launch.shared_folder() / "home"),
        }
        return launch.forked(
            command, {**environment, **{k: v for k, v in shared.items() if k not in own}}, self.directory
        )

    def _can_share_server(self, own: Mapping[str, str | None]) -> bool:
        """Whether all settings are plain words. A path may belong to one test only, or be relative to its folder."""
        values = [value for name, value in own.items() if name.startswith("ANSIBLE_") and value]
        return all(re.fullmatch(r"\w+", value) and not (self.directory / value).exists() for value in values)

    def environment(self, record: Path, own: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """The environment of a run. Variables of Ansible and of the broker come from the tests only."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_"))}
        settings = self.directory / "ansible.cfg"
        settings.touch()
        variables: dict[str, str | None] = {
            **kept,
            "no_proxy": "127.0.0.1",
            "ANSIBLE_CONFIG": str(settings),
            "ANSIBLE_HOME": str(self.directory / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.directory / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.directory / "remote"),
            "ANSIBLE_ASYNC_DIR": str(self.directory / "async"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback_plugins"),
            "ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parent / "connection_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "recorder",
            "RECORDER_FILE": str(record),
            "RECORDER_BROKER": self.broker_url,
            **self.connection,
            **(own or {}),
        }
        return {key: value for key, value in variables.items() if value is not None}


@dataclass(frozen=True)
class Platform:
    """The embedded broker from the users' side: creates domains and applications through the API."""

    broker: EmbeddedBroker

    @property
    def url(self) -> str:
        return self.broker.url

    def user(self, login: str = LOGIN, ha: bool = True, max_gears: int = 100, password: str | None = PASSWORD) -> None:
        account = {"login": login, "ha": ha, "max_gears": max_gears}
        self.broker.set_users(account | ({"password": password} if password else {}))

    def domain(self, name: str, login: str = LOGIN) -> None:
        self.call("POST", "/domains", {"name": name}, login)

    def app(self, domain: str, name: str, gears: int = 1, login: str = LOGIN, **options: Any) -> None:
        """Create an application. Options: ``scalable``, ``minimum``, ``maximum``, ``ha`` (send make-ha at the end)."""
        body = {"name": name, "cartridges": [{"name": "php-5.4"}], "scale": options.get("scalable", True)}
        self.call("POST", f"/domain/{domain}/applications", body, login)
        if gears > 1:
            self.event(domain, name, {"event": "scale-up", "to": gears}, login)
        limits = {"scales_from": options.get("minimum"), "scales_to": options.get("maximum")}
        if any(limits.values()):
            path = f"/domain/{domain}/application/{name}/cartridge/php-5.4"
            self.call("PUT", path, {key: value for key, value in limits.items() if value}, login)
        if options.get("ha"):
            self.event(domain, name, {"event": "make-ha"}, login)

    def event(self, domain: str, name: str, body: Mapping[str, Any], login: str = LOGIN) -> None:
        self.call("POST", f"/domain/{domain}/application/{name}/events", body, login)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None, login: str = LOGIN) -> Any:
        """Send a request as that user. Raises AssertionError if the broker refuses it."""
        answer = requests.request(
            method,
            f"{self.broker.url}/broker/rest{path}",
            json=body,
            auth=(login, PASSWORD),
            headers={"Accept": "application/json; version=1.7"},
            timeout=60,
        )
        assert answer.ok, answer.text
        return answer.json()["data"]

    def shown(self, domain: str, name: str, login: str = LOGIN) -> tuple[bool, int, int]:
        """``ha``, web gears and HAProxy instances that the broker reports for an application."""
        data = self.call("GET", f"/domain/{domain}/application/{name}?include=cartridges&nolinks=true", None, login)
        scales = {tag: c["current_scale"] for c in data["cartridges"] for tag in c["tags"]}
        return data["ha"], scales["web_framework"], scales.get("web_proxy", 0)
