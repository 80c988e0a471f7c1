"""Runs awx_setup.yml against the stand-in: with Ansible and a file of variables, or without Ansible."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.client import Access
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.run import Outcome, Run
from tests.awx import StandIn
from tests.harness import ROOT

#: The example project, and its address in AWX.
PROJECT = ROOT / "docs" / "examples" / "awx-project"
REPOSITORY = "https://git.example.com/platform/openshift-ha.git"
EAST = {
    "name": "east",
    "url": "https://broker.east.example.com",
    "username": "auditor",
    "password": "broker-secret-east",
}
WEST = {
    "name": "west",
    "url": "https://broker.west.example.com/broker/rest",
    "token": "broker-secret-west",
    "validate_certs": False,
    "ca_bundle": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "client_cert": "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
    "client_key": "-----BEGIN PRIVATE KEY-----\nbroker-secret-key\n-----END PRIVATE KEY-----\n",
}
SECRETS = ("broker-secret-east", "broker-secret-west", "broker-secret-key")
PLAYBOOK = "openshift_v2.apps.awx_setup"
_RECAP = re.compile(
    r"^localhost\s*: ok=(\d+)\s+changed=(\d+)\s+unreachable=0\s+failed=(\d+)\s+skipped=(\d+)", re.MULTILINE
)


class _Loader(yaml.SafeLoader):
    """Reads YAML of Ansible, with texts that are marked ``!unsafe``."""


def _text(loader: _Loader, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.ScalarNode)
    return loader.construct_scalar(node)


_Loader.add_constructor("!unsafe", _text)


@cache
def read_playbook() -> tuple[dict[str, Any], dict[str, Any]]:
    """The default variables of the playbook, and its file of variables."""
    (play,) = yaml.safe_load((ROOT / "playbooks" / "awx_setup.yml").read_text(encoding="utf-8"))
    text = (ROOT / "playbooks" / "vars" / "awx_setup.yml").read_text(encoding="utf-8")
    return play["vars"], yaml.load(text, _Loader)["awx_setup"]


def definitions_with(values: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions of the playbook; the questions of the survey have the defaults of ``values``."""
    found = read_playbook()[1]
    questions = [{**each, "default": _evaluate(each["default"], values)} for each in found["survey"]["spec"]]
    return {**found, "survey": {**found["survey"], "spec": questions}}


def _evaluate(text: Any, values: Mapping[str, Any]) -> Any:
    template = re.fullmatch(r"{{ (\w+) }}", str(text))
    return values[template[1]] if template else text


def set_up(awx: StandIn, check: bool = False, token: str = "", **variables: Any) -> Outcome:
    """Run what the playbook runs, without Ansible. Raises Refused."""
    defaults, definitions = read_playbook()
    given = {"awx_setup_project_url": REPOSITORY, "awx_setup_brokers": [EAST], **variables}
    values = {**dict.fromkeys(definitions["options"]), **defaults, **given}
    access = Access(awx.url, token, awx.username, awx.password, hidden=frozenset(SECRETS))
    return Run(values, definitions_with(values), access, check, pause=0, wait=lambda _seconds: None).outcome()


@dataclass(frozen=True)
class SetupRun:
    """A run: its exit status, its output, and the counts of tasks from the recap."""

    rc: int
    output: str
    changed: int
    skipped: int

    @property
    def text(self) -> str:
        """The output as one line, because Ansible wraps messages at the width of the terminal."""
        return " ".join(self.output.split())


@dataclass(frozen=True)
class Setup:
    """``setup(awx_setup_brokers=[…])`` runs the playbook with these variables and the repository of the project."""

    awx: StandIn
    programs: Path
    directory: Path

    def __call__(self, *arguments: str, env: Mapping[str, str] | None = None, **variables: Any) -> SetupRun:
        file = self.directory / "awx_setup.yml"
        given = {"awx_setup_project_url": REPOSITORY, **variables}
        known = {name: value for name, value in given.items() if value is not None}
        file.write_text(yaml.safe_dump(known, sort_keys=False), encoding="utf-8")
        done = subprocess.run(
            [self.programs / "ansible-playbook", PLAYBOOK, "-e", f"@{file}", *arguments],
            env=self._environment(env or {}),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        recap = _RECAP.search(done.stdout)
        changed, skipped = (int(recap[2]), int(recap[4])) if recap else (-1, -1)
        return SetupRun(done.returncode, done.stdout, changed, skipped)

    def _environment(self, own: Mapping[str, str]) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_", "CONTROLLER_", "TOWER_"))
        }
        return {
            **kept,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            # Without the settings of the user, also those in tower_cli.cfg.
            "HOME": str(self.directory),
            "ANSIBLE_HOME": str(self.directory / "home"),
            "ANSIBLE_NOCOLOR": "1",
            # Faster: Ansible does not write each module to a file.
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "CONTROLLER_HOST": self.awx.url,
            "CONTROLLER_USERNAME": self.awx.username,
            "CONTROLLER_PASSWORD": self.awx.password,
            **own,
        }
