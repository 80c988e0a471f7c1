"""Runs ansible-playbook and ansible-inventory in forks of this process, which has imported Ansible already.

    python ansible_server.py SOCKET       SOCKET: the number of an inherited socket; see tests/launch.py

Ansible reads its settings while it is imported. So a server serves only runs with the settings of its own environment;
tests/launch.py starts another server for other settings. Nothing of a collection is imported here: each run imports
the plugins from their files.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

#: Modules that a run imports. A module that this release of Ansible does not have is skipped.
PRELOADED = (
    "ansible.cli.inventory",
    "ansible.cli.playbook",
    "ansible.executor.module_common",
    "ansible.executor.process.worker",
    "ansible.executor.task_executor",
    "ansible.module_utils.connection",
    "ansible.module_utils.facts.default_collectors",
    "ansible.module_utils.urls",
    "ansible.modules",
    "ansible.playbook.handler",
    "ansible.playbook.handler_task_include",
    "ansible.playbook.included_file",
    "ansible.playbook.role_include",
    "ansible.playbook.task_include",
    "ansible.plugins.action",
    "ansible.plugins.become",
    "ansible.plugins.cache",
    "ansible.plugins.callback",
    "ansible.plugins.connection",
    "ansible.plugins.inventory",
    "ansible.plugins.shell",
    "ansible.plugins.strategy",
    "ansible.plugins.vars",
    "ansible.utils.hashing",
    "html.entities",
    "multiprocessing.popen_fork",
    "multiprocessing.synchronize",
    "pprint",
    "pty",
    "requests",
    "tomllib",
    "xml.dom.minidom",
)


def preload() -> None:
    """Import Ansible with the settings of the environment."""
    # Where the program ansible-playbook is: the first place that its own imports are searched in.
    sys.path[0] = str(Path(sys.executable).parent)
    for name in PRELOADED:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if not name.startswith(str(error.name)):
                raise
    remember_routing()
    # This process's temporary folder; each run makes its own.
    manager = importlib.import_module("ansible.config.manager")
    atexit.unregister(manager.cleanup_tmp_file)
    Path(importlib.import_module("ansible.constants").DEFAULT_LOCAL_TMP).rmdir()
    gc.collect()
    gc.freeze()


def remember_routing() -> None:
    """Parse the large file about Ansible's own plugins once, not in each run."""
    finder = importlib.import_module("ansible.utils.collection_loader._collection_finder")
    parse = finder._meta_yml_to_dict
    own = pkgutil.get_data("ansible.config", "ansible_builtin_runtime.yml")
    routing = parse(own, ("ansible.builtin", "runtime.yml"))
    finder._meta_yml_to_dict = lambda text, source: routing if text == own else parse(text, source)


def send(connection: socket.socket, document: dict[str, Any]) -> None:
    connection.sendall(json.dumps(document).encode() + b"\n")


def cpu_seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def serve(control: socket.socket) -> None:
    """Fork a run for each request. Returns in the run only; the server itself ends with its client."""
    # Nobody waits for monitor processes: the kernel forgets them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    send(control, {"cpu_seconds": cpu_seconds(resource.RUSAGE_SELF)})
    while True:
        _message, descriptors, _flags, _address = socket.recv_fds(control, 1, 3)
        if not descriptors:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            monitor(socket.socket(fileno=descriptors[0]), descriptors[1], descriptors[2])
            return
        for descriptor in descriptors:
            os.close(descriptor)


def monitor(connection: socket.socket, output: int, errors: int) -> None:
    """Fork the run, and report its process, its status and its CPU time. Returns in the run only."""
    with connection, connection.makefile("rb") as requests:
        request = json.loads(requests.readline())
        run = os.fork()
        if run:
            os.close(output)
            os.close(errors)
            send(connection, {"pid": run})
            _pid, status = os.waitpid(run, 0)
            used = cpu_seconds(resource.RUSAGE_CHILDREN) + cpu_seconds(resource.RUSAGE_SELF)
            send(connection, {"returncode": os.waitstatus_to_exitcode(status), "cpu_seconds": used})
            os._exit(0)
    become(request, output, errors)


def become(request: dict[str, Any], output: int, errors: int) -> None:
    """Make this process what a launched program would be: environment, folder, arguments, output."""
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.close(output)
    os.close(errors)
    os.environ.clear()
    os.environ.update(request["environment"])
    # Coverage is measured in this process already. A module's process has none of the measured files.
    os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    os.chdir(request["directory"])
    sys.argv = request["command"]
    constants = importlib.import_module("ansible.constants")
    constants.DEFAULT_LOCAL_TMP = constants.config.get_config_value("DEFAULT_LOCAL_TMP")


if __name__ == "__main__":
    preload()
    serve(socket.socket(fileno=int(sys.argv[1])))
    program = Path(sys.argv[0]).name.removeprefix("ansible-")
    sys.exit(importlib.import_module(f"ansible.cli.{program}").main())
