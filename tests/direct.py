"""Run modules in the process of the test, without Ansible: validate the options and run the operation.

An operation costs a few milliseconds of CPU, a launch of ansible-playbook more than a second. What Ansible adds
does not depend on the options. tests/integration/test_ways_to_run.py and test_modules_both_ways.py launch it.
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

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.arguments import (
    ArgumentError,
    add_warnings,
    check_arguments,
    name_application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import progress_line
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.proofs import verification_line
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS, fill_from_environment
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet import Repair
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Clock

#: The short name of each module, by the name in tasks.
MODULES = {f"openshift_v2.apps.{name}": name for name in SPECS}
#: The supported keywords of a task.
KEYWORDS = frozenset({"name", "check_mode", "diff"})
#: Prefixes of the variables that a module or the harness reads. All others are settings of Ansible.
VARIABLES = ("OPENSHIFT_", "RECORDER_")
#: Seconds after which a write cannot wait for a lock any more: the tests' broker polls it 10 times, 0.05 seconds apart.
LOCK_WAIT = 0.6


@dataclass(frozen=True)
class DirectRun:
    """The result, as Ansible would return it, and the progress lines."""

    result: dict[str, Any]
    progress: tuple[str, ...]


def is_possible(task: Mapping[str, Any], env: Mapping[str, str | None]) -> bool:
    """Whether the task calls one module of the broker's API, with options that need no templating."""
    modules = task.keys() - KEYWORDS
    return (
        len(modules) == 1
        and modules <= MODULES.keys()
        and "{{" not in json.dumps(task)
        and all(name.startswith(VARIABLES) for name in env)
    )


@contextmanager
def environment(variables: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables in the environment of this process; ``None`` removes one.

    A variable that already has its value is not set again, because tests also run two operations in parallel threads.
    """
    with pytest.MonkeyPatch.context() as patched:
        for name, value in variables.items():
            if value is None:
                patched.delenv(name, raising=False)
            elif os.environ.get(name) != value:
                patched.setenv(name, value)
        yield


def validated(module: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The validated options of a module (short name), with the connection options from the environment."""
    validation = ArgumentSpecValidator(**SPECS[module]()).validate(fill_from_environment(options, os.environ))
    assert not validation.error_messages, validation.error_messages
    params: dict[str, Any] = validation.validated_parameters
    return params


def run_task(task: Mapping[str, Any]) -> DirectRun:
    """Run a task that ``is_possible``, with the connection options from the environment."""
    (name,) = task.keys() - KEYWORDS
    module = MODULES[name]
    options = fill_from_environment(task[name], os.environ)
    spec = SPECS[module]()["argument_spec"]
    try:
        warnings = check_arguments(spec, options)
    except ArgumentError as error:
        message = f"{name_application(spec, options)}: {error} Nothing was changed.".removeprefix(": ")
        return DirectRun({"failed": True, "changed": False, "msg": message}, ())
    validation = ArgumentSpecValidator(**SPECS[module]()).validate(options)
    if validation.error_messages:
        return DirectRun({"failed": True, "changed": False, "msg": ", ".join(validation.error_messages)}, ())
    lines: list[str] = []

    def progress(done: int, total: int, repaired: Repair) -> None:
        lines.append(progress_line(done, total, repaired))

    def verified(done: int, total: int) -> None:
        lines.extend(filter(None, [verification_line(done, total)]))

    clock = Clock(lock_wait=LOCK_WAIT)
    runtime = Runtime(clock=clock, progress=progress, verified=verified, diff=bool(task.get("diff")))
    result = add_warnings(run(module, validation.validated_parameters, bool(task.get("check_mode")), runtime), warnings)
    # Like the output of a module: tuples become lists, and anything else than JSON is an error.
    return DirectRun(json.loads(json.dumps(result)), tuple(lines))
