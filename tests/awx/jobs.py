"""Jobs as AWX runs them: synchronized and sliced inventory, credential, survey, ansible-runner."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.awx.injectors import check_inputs, inject
from tests.awx.setup_run import PROJECT, definitions_with, read_playbook
from tests.awx.surveys import variables

_SYNC = {
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_INVENTORY_EXPORT": "True",
    "ANSIBLE_HOST_PATTERN_MISMATCH": "error",
}


class _Unsafe(str):
    """A text that Ansible must not evaluate: AWX marks the answers of users like this."""


class _Dumper(yaml.SafeDumper):
    """Writes the mark ``!unsafe``."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style="'"))


@cache
def definitions() -> Any:
    """The credential type and the survey that awx_setup.yml creates with its defaults."""
    return definitions_with(read_playbook()[0])


@dataclass(frozen=True)
class Job:
    """A finished job. ``events`` in order, ``artifacts`` as AWX shows them."""

    status: str
    stdout: str
    events: list[dict[str, Any]]
    folder: Path

    @property
    def artifacts(self) -> dict[str, Any]:
        (stats,) = [event for event in self.events if event["event"] == "playbook_on_stats"]
        found: dict[str, Any] = stats["event_data"].get("artifact_data", {})
        return found

    @property
    def hosts(self) -> set[str]:
        """The hosts that tasks ran on."""
        names = {event["event_data"].get("host") for event in self.events}
        return {name for name in names if name}

    @property
    def text(self) -> str:
        return " ".join(self.stdout.split())

    def read_files(self) -> dict[str, str]:
        """The files of the job, except the file in which ansible-runner stores the whole environment."""
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "command"]
        return {str(path.relative_to(self.folder)): path.read_text(encoding="utf-8") for path in files}


@dataclass(frozen=True)
class Controller:
    """AWX with one project, one inventory and one credential. ``inputs`` are those of the credential."""

    programs: Path
    directory: Path
    inputs: Mapping[str, Any]
    hosts: dict[str, Any] = field(default_factory=dict)

    def sync(self) -> dict[str, Any]:
        """Synchronize the inventory from the project, and return the export of ansible-inventory."""
        folder = self._private_data("sync")
        output = folder / "output.json"
        source = folder / "project" / "inventories" / "openshift_apps.yml"
        command = ["ansible-inventory", "--list", "--export", "-i", str(source), "--output", str(output)]
        done = self._run([*command, "--playbook-dir", str(source.parent)], {**self._credential(folder), **_SYNC})
        assert done.returncode == 0, done.stdout
        self.hosts.clear()
        self.hosts.update(json.loads(output.read_text(encoding="utf-8")))
        return self.hosts

    def launch(
        self,
        playbook: str,
        extra_vars: Mapping[str, Any] | None = None,
        answers: Mapping[str, Any] | None = None,
        check: bool = False,
        slice_of: tuple[int, int] = (1, 1),
    ) -> Job:
        """Run a job, or a slice of it. ``answers``: of its survey, if it has one."""
        folder = self._private_data(playbook)
        script = folder / "inventory" / "hosts"
        script.parent.mkdir()
        script.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(self._slice(*slice_of))}\nEND\n", encoding="utf-8")
        script.chmod(0o700)
        runtime = {} if answers is None else variables({}, definitions()["survey"], answers)
        given = {**(extra_vars or {}), **{n: _Unsafe(v) if isinstance(v, str) else v for n, v in runtime.items()}}
        variables_file = folder / "env" / "extravars"
        variables_file.parent.mkdir(exist_ok=True)
        variables_file.write_text(yaml.dump(given, Dumper=_Dumper), encoding="utf-8")
        environment = {**self._credential(folder), "JOB_ID": "7", "ANSIBLE_RETRY_FILES_ENABLED": "False"}
        (folder / "env" / "envvars").write_text(yaml.safe_dump(environment), encoding="utf-8")
        line = f"{'--check ' if check else ''}-u root --diff"
        done = self._run(["ansible-runner", "run", str(folder), "-p", playbook, "--ident", "7", "--cmdline", line], {})
        return _read_job(folder / "artifacts" / "7", done)

    def _private_data(self, name: str) -> Path:
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.directory))
        shutil.copytree(PROJECT, folder / "project", ignore=shutil.ignore_patterns("collections"))
        return folder

    def _credential(self, folder: Path) -> dict[str, str]:
        kind = definitions()["type"]
        check_inputs(kind["inputs"], self.inputs, new=True)
        return inject(kind, self.inputs, folder)

    def _slice(self, number: int, count: int) -> dict[str, Any]:
        """The inventory of a slice: every ``count``-th host, and all groups, also those without hosts."""
        variables_of = self.hosts["_meta"]["hostvars"]
        chosen = sorted(variables_of)[number - 1 :: count]
        groups = {name: group for name, group in self.hosts.items() if name not in ("_meta", "all", "ungrouped")}
        data: dict[str, Any] = {"all": {"children": sorted(groups), "hosts": []}}
        for name, group in groups.items():
            if hosts := [host for host in group.get("hosts", []) if host in chosen]:
                data[name] = {"hosts": hosts}
        return {**data, "_meta": {"hostvars": {host: variables_of[host] for host in chosen}}}

    def _run(self, command: list[str], own: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_"))}
        environment = {
            **kept,
            "PATH": os.pathsep.join([str(self.programs), kept.get("PATH", "")]),
            "HOME": str(self.directory),
            "ANSIBLE_HOME": str(self.directory / "home"),
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            **own,
        }
        return subprocess.run(
            [str(self.programs / command[0]), *command[1:]],
            env=environment,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )


def _read_job(folder: Path, done: subprocess.CompletedProcess[str]) -> Job:
    assert (folder / "status").exists(), done.stdout
    events = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "job_events").glob("*.json")]
    events.sort(key=lambda event: int(event["counter"]))
    status, stdout = ((folder / name).read_text(encoding="utf-8") for name in ("status", "stdout"))
    return Job(status, stdout, events, folder)
