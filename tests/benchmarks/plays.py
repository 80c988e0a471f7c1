"""The plays that are measured, each with the number of requests that it must send."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.harness import ROOT

from . import fleets

FORKS = 10
CONCURRENCY = 8

_API = "{{ lookup('ansible.builtin.env', 'OPENSHIFT_BROKER_URL') }}/broker/rest"
_SAME_QUERY = "include=cartridges&nolinks=true"


def _none(_size: int) -> int:
    return 0


def _one(_size: int) -> int:
    return 1


def _each(size: int) -> int:
    return size


@dataclass(frozen=True)
class Side:
    """A playbook to run, and how.

    ``playbook``: the path of one of the collection's playbooks, or a single play. ``reads``: the least number of reads
    for a fleet of a given size. ``writes``: the exact number of writes.
    """

    name: str
    playbook: Path | dict[str, Any]
    reads: Callable[[int], int] = _none
    writes: Callable[[int], int] = _none
    extra_vars: Callable[[int, Path], dict[str, Any]] | None = None
    on_hosts: bool = False

    def arguments(self, size: int, directory: Path) -> list[str]:
        """The arguments of ansible-playbook. Writes the files that they name to ``directory``."""
        arguments = [str(self._file(directory))]
        if self.extra_vars is not None:
            variables = directory / "variables.json"
            variables.write_text(json.dumps(self.extra_vars(size, directory)), encoding="utf-8")
            arguments += ["--extra-vars", f"@{variables}"]
        if self.on_hosts:
            inventory = directory / "inventory.ini"
            inventory.write_text(_inventory(size), encoding="utf-8")
            arguments += ["--inventory", str(inventory), "--forks", str(FORKS)]
        return arguments

    def _file(self, directory: Path) -> Path:
        if isinstance(self.playbook, Path):
            return self.playbook
        file = directory / "playbook.yml"
        file.write_text(yaml.safe_dump([self.playbook], sort_keys=False), encoding="utf-8")
        return file


def _play(*tasks: dict[str, Any], hosts: str = "localhost") -> dict[str, Any]:
    return {"hosts": hosts, "gather_facts": False, "tasks": list(tasks)}


def _uri(path: str) -> dict[str, Any]:
    login = {"url_username": fleets.LOGIN, "url_password": fleets.PASSWORD, "force_basic_auth": True}
    return {"ansible.builtin.uri": {"url": f"{_API}/{path}?{_SAME_QUERY}", **login}}


_LOOP: dict[str, Any] = {
    "loop": "{{ applications }}",
    "loop_control": {"label": "{{ item.domain }}/{{ item.name }}"},
    "register": "result",
}


def _list_applications(size: int, _directory: Path) -> dict[str, Any]:
    return {"applications": fleets.names(size)}


NOTHING = Side("a play without tasks", _play())

# --- The whole fleet in one task

AUDIT = Side(
    "the playbook `audit_ha`",
    ROOT / "playbooks" / "audit_ha.yml",
    reads=_one,
    extra_vars=lambda _size, directory: {
        "app_ha_select": {},
        # As many requests as the plays that it is compared with.
        "app_ha_verify": "count",
        "app_ha_report_directory": str(directory / "report"),
    },
)

AUDIT_TASK = Side(
    "one `openshift_ha_report` task",
    _play(
        {
            "openshift_v2.apps.openshift_ha_report": {
                "select": {},
                "verify": "count",
                "directory": "{{ playbook_dir }}/report-of-task",
            }
        }
    ),
    reads=_one,
)

FETCH = Side("one `uri` task", _play({**_uri("applications"), "register": "fetched"}), reads=_one)

GET_DOCUMENT = Side(
    "one bare `requests.get` in an action plugin, parsed",
    _play(
        {
            "bare_get": {
                "url": f"{_API}/applications?{_SAME_QUERY}",
                "username": fleets.LOGIN,
                "password": fleets.PASSWORD,
                "parse": True,
            }
        }
    ),
    reads=_one,
)

# --- Applications as hosts

ENSURE_HOST = Side(
    "one `openshift_app_ha` task",
    _play(
        {"openshift_v2.apps.openshift_app_ha": {"domain": "{{ openshift_domain }}", "name": "{{ openshift_app }}"}},
        hosts="all",
    ),
    reads=_each,
    on_hosts=True,
)

GET_HOST = Side(
    "one bare `requests.get` in an action plugin",
    _play(
        {
            "bare_get": {
                "url": f"{_API}/domain/{{{{ openshift_domain }}}}/application/{{{{ openshift_app }}}}?{_SAME_QUERY}",
                "username": fleets.LOGIN,
                "password": fleets.PASSWORD,
            }
        },
        hosts="all",
    ),
    reads=_each,
    on_hosts=True,
)

DEBUG_HOST = Side(
    "one `debug` task",
    _play({"ansible.builtin.debug": {"msg": "{{ openshift_domain }}/{{ openshift_app }}"}}, hosts="all"),
    on_hosts=True,
)


def _inventory(size: int) -> str:
    lines = (
        f"{ref['name']}-{ref['domain']}.example.com openshift_domain={ref['domain']} openshift_app={ref['name']}"
        for ref in fleets.names(size)
    )
    return "\n".join(["[all:vars]", "ansible_connection=local", "[all]", *lines, ""])


# --- One application after the other

FETCH_EACH = Side(
    "a `uri` task in a loop",
    _play({**_uri("domain/{{ item.domain }}/application/{{ item.name }}"), **_LOOP}),
    reads=_each,
    extra_vars=_list_applications,
)

ENSURE_EACH = Side(
    "an `openshift_app_ha` task in a loop",
    _play(
        {
            "openshift_v2.apps.openshift_app_ha": {"domain": "{{ item.domain }}", "name": "{{ item.name }}"},
            **_LOOP,
        }
    ),
    reads=_each,
    extra_vars=_list_applications,
)

# --- Drift repaired

APPLY = Side(
    "one `openshift_apps_ha` task",
    # The scale-up event needs one write for each application.
    _play(
        {
            "openshift_v2.apps.openshift_apps_ha": {
                "select": {},
                "concurrency": CONCURRENCY,
                "scale_strategy": "scale_up",
            }
        }
    ),
    reads=_one,
    writes=fleets.writes_needed,
)
