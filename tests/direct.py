"""Modules in the test's own process: the options validated, the operation run, nothing of Ansible in between.

An operation costs some milliseconds, a launch of ansible-playbook a second of CPU. What Ansible adds is the same for
all options, and is tested by launches: tests/integration/test_ways_to_run.py, and a few tests for each module.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import progress_line
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS, fill_from_environment
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Repair as Repaired

#: By the name that tasks use, the name that operations use.
MODULES = {f"openshift_v2.apps.{name}": name for name in SPECS}
#: The keywords of a task that mean something here.
KEYWORDS = frozenset({"name", "check_mode", "diff"})
#: The variables that a module or the harness reads; any other is a setting of Ansible's.
VARIABLES = ("OPENSHIFT_", "RECORDER_")


@dataclass(frozen=True)
class Outcome:
    """The result in the shape that Ansible returns it, and the lines about progress."""

    result: dict[str, Any]
    progress: tuple[str, ...]


def is_possible(task: Mapping[str, Any], env: Mapping[str, str | None]) -> bool:
    """Whether the task is one call of a module of the API, whose options need no templating."""
    modules = task.keys() - KEYWORDS
    return (
        len(modules) == 1
        and modules <= MODULES.keys()
        and "{{" not in json.dumps(task)
        and all(name.startswith(VARIABLES) for name in env)
    )


@contextmanager
def environment(wanted: Mapping[str, str | None]) -> Iterator[None]:
    """This process's environment with these variables; ``None``: without.

    Touches nothing that is so already: tests also run two operations at the same time, each in a thread.
    """
    with pytest.MonkeyPatch.context() as patched:
        for name, value in wanted.items():
            if value is None:
                patched.delenv(name, raising=False)
            elif os.environ.get(name) != value:
                patched.setenv(name, value)
        yield


def run_task(task: Mapping[str, Any]) -> Outcome:
    """Run a task for which ``is_possible``, with the connection that the environment names."""
    (name,) = task.keys() - KEYWORDS
    module = MODULES[name]
    validation = ArgumentSpecValidator(**SPECS[module]()).validate(fill_from_environment(task[name], os.environ))
    if validation.error_messages:
        return Outcome({"failed": True, "changed": False, "msg": ", ".join(validation.error_messages)}, ())
    lines: list[str] = []

    def progress(done: int, total: int, repaired: Repaired) -> None:
        lines.append(progress_line(done, total, repaired))

    runtime = Runtime(progress=progress, diff=bool(task.get("diff")))
    result = run(module, validation.validated_parameters, bool(task.get("check_mode")), runtime)
    # As it leaves a module: tuples are lists, and what JSON cannot hold is a mistake.
    return Outcome(json.loads(json.dumps(result)), tuple(lines))
