"""A stand-in for a broker host: a folder with a few programs, none of them Python, and files.

Tests use it over a local connection, or over SSH with a server on loopback. Both can run nothing but these programs.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import direct
from tests.actions import run_action
from tests.harness import TaskRun
from tests.programs import required

STAND_INS = Path(__file__).parent / "stand_ins"
PROGRAM = "oo-admin-ctl-user"
MOVE_PROGRAM = "oo-admin-move"
#: Programs that the collection needs on a broker host, and programs that the stand-ins need.
NEEDED = ("sh", "cksum", "cp", "grep", "ls", "mv", "readlink", "rm", "sed", "tail")
BESIDES = ("cat", "dirname", "id", "sleep")
#: With this, every module of Ansible fails on the host.
NO_PYTHON = "/nowhere/python"


@dataclass(frozen=True)
class BrokerHost:
    """A folder that stands for the host. ``folder`` is its only PATH."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> BrokerHost:
        folder.mkdir()
        for program in (*NEEDED, *BESIDES):
            found = shutil.which(program)
            assert found, program
            (folder / program).symlink_to(found)
        for program in (PROGRAM, MOVE_PROGRAM, "service"):
            shutil.copy(STAND_INS / program, folder / program)
        return cls(folder)

    def run(self, module: str, **options: Any) -> TaskRun:
        """Run the action plugin of a module over a local connection in this process, without launching Ansible."""
        keywords = {
            key: options.pop(key) for key in ("check_mode", "become", "become_user", "become_exe") if key in options
        }
        with direct.environment(path_without_python(self)):
            result = run_action(module, options, **keywords)
        status = "unreachable" if result.get("unreachable") else "failed" if result.get("failed") else "ok"
        return TaskRun(module, module, "broker", status, result, [])

    # --- Accounts

    def accounts(self, **accounts: bool | None) -> None:
        """Accounts and their HA capability (``None``: never set). Each uses 3 of 25 gears."""
        words = {True: "true", False: "false", None: ""}
        self.account_lines(*(f"{login}|{words[ha]}|3|25" for login, ha in accounts.items()))

    def account_lines(self, *lines: str) -> None:
        (self.folder / "accounts").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    @property
    def allowed(self) -> dict[str, str]:
        """The stored capability, by login."""
        lines = (self.folder / "accounts").read_text(encoding="utf-8").splitlines()
        return {line.split("|")[0]: line.split("|")[1] for line in lines}

    def faults(self, *faults: str) -> None:
        (self.folder / "faults").write_text("".join(f"{fault}\n" for fault in faults), encoding="utf-8")

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of every call of the program."""
        return [line.strip("|").split("|") for line in self._lines("calls")]

    @property
    def sets(self) -> list[list[str]]:
        return [call for call in self.calls if "--allowha" in call[2:]]

    def forget_calls(self) -> None:
        (self.folder / "calls").unlink(missing_ok=True)

    # --- Gears

    def nodes(self, *nodes: str, **gears: str) -> None:
        """The nodes, and the node of each gear of alice's application acme/shop."""
        (self.folder / "nodes").write_text("".join(f"{node}\n" for node in nodes), encoding="utf-8")
        lines = [f"{gear}|{node}|shop|acme|alice\n" for gear, node in gears.items()]
        (self.folder / "gears").write_text("".join(lines), encoding="utf-8")

    def move_fault(self, fault: str) -> None:
        (self.folder / "move_fault").write_text(f"{fault}\n", encoding="utf-8")

    @property
    def node_of(self) -> dict[str, str]:
        """The node of each gear."""
        return dict(line.split("|")[:2] for line in self._lines("gears"))

    @property
    def moves(self) -> list[list[str]]:
        """The arguments of every call of the program that moves gears."""
        return [line.strip("|").split("|") for line in self._lines("moves")]

    # --- Configuration

    @property
    def conf(self) -> Path:
        return self.folder / "broker.conf"

    def write_conf(self, text: str) -> None:
        self.conf.write_bytes(text.encode("utf-8"))

    @property
    def conf_text(self) -> str:
        return self.conf.read_bytes().decode("utf-8")

    @property
    def restarts(self) -> list[str]:
        """Each restart: the arguments, and the value of ALLOW_HA_APPLICATIONS at that time."""
        return self._lines("restarts")

    @property
    def left_beside_conf(self) -> list[str]:
        """The files beside the configuration whose names begin with its name."""
        return sorted(path.name for path in self.folder.glob("broker.conf?*"))

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@dataclass(frozen=True)
class SshServer:
    """An SSH server for one host, on ``port`` of loopback. It accepts ``key``."""

    port: int
    key: Path
    user: str
    pid: int

    def inventory(self, **variables: Any) -> dict[str, Any]:
        """The variables of the host in an inventory."""
        return {
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": self.user,
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": (
                "-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
                " -o LogLevel=ERROR -o IdentityAgent=none -o ControlMaster=no -o ControlPath=none"
            ),
            "ansible_python_interpreter": NO_PYTHON,
            **variables,
        }


@contextmanager
def ssh_server(host: BrokerHost | None, directory: Path) -> Iterator[SshServer]:
    """Run a server with its own keys and settings, as the present user, until the block ends.

    ``host``: the broker host that it leads to. By default, it leads to this machine.
    """
    sshd, keygen = required("sshd", package="openssh-server"), required("ssh-keygen", package="openssh-client")
    required("ssh", package="openssh-client")
    directory.mkdir()
    for name in ("host_key", "user_key"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", directory / name], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = directory / "sshd_config"
    config.write_text(_settings(host, directory, port), encoding="utf-8")
    _make_privilege_separation_directory()
    log = (directory / "log").open("wb")
    with log, subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=log) as process:
        try:
            _wait_for(port, process, directory / "log")
            yield SshServer(port, directory / "user_key", _user(), process.pid)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _settings(host: BrokerHost | None, directory: Path, port: int) -> str:
    authorized = directory / "authorized_keys"
    shutil.copy(directory / "user_key.pub", authorized)
    return "\n".join(
        [
            f"Port {port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {directory / 'host_key'}",
            f"AuthorizedKeysFile {authorized}",
            f"PidFile {directory / 'pid'}",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "PermitRootLogin prohibit-password",
            *([f"ForceCommand exec {_write_entrance(host, directory)}"] if host else []),
            "",
        ]
    )


def _write_entrance(host: BrokerHost, directory: Path) -> Path:
    entrance = directory / "entrance"
    entrance.write_text(
        "#!/bin/sh\n"
        f"echo $PPID >{host.folder}/connection\n"
        f'exec /usr/bin/env -i HOME="$HOME" PATH={host.folder} /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n',
        encoding="utf-8",
    )
    entrance.chmod(0o755)
    return entrance


def _make_privilege_separation_directory() -> None:
    """Create the empty folder that Debian's sshd needs as root. The service would create it."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)


def _user() -> str:
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _attempt in range(200):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text(encoding="utf-8"))


def local_variables() -> dict[str, Any]:
    """The variables of the host in an inventory, for a local connection."""
    return {"ansible_connection": "local", "ansible_python_interpreter": NO_PYTHON}


def path_without_python(host: BrokerHost) -> dict[str, str]:
    """The environment for a local connection: the PATH of the host. Ansible itself is launched by its full path."""
    assert Path(sys.executable).parent != host.folder
    return {"PATH": str(host.folder)}
