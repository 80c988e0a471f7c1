"""openshift_broker_config when something fails: other writers, signals, commands, restarts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broker_host import BrokerHost
from tests.integration.test_openshift_broker_config import CONF, RESTART, apply


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.create(tmp_path / "broker")
    host.write_conf(CONF)
    return host


def add_intruder(host: BrokerHost, program: str, when: str, line: str) -> None:
    """Add a line to the file, as somebody else would, when ``program`` is called with ``when``."""
    real = (host.folder / program).resolve()
    (host.folder / program).unlink()
    (host.folder / program).write_text(
        f'#!/bin/sh\ncase "$*" in *{when}*) echo "{line}" >>{host.conf};; esac\nexec {real} "$@"\n', encoding="utf-8"
    )
    (host.folder / program).chmod(0o755)


@pytest.mark.parametrize(("program", "when"), [("cp", "new-"), ("tail", "+")])
def test_a_file_that_changes_meanwhile_is_not_written(host: BrokerHost, program: str, when: str) -> None:
    add_intruder(host, program, when, "X=intruder")
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert "somebody else has changed it" in run.result["msg"] or "not as expected" in run.result["msg"]
    assert run.result["changed"] is False
    assert host.conf_text == CONF + "X=intruder\n"
    assert host.left_beside_conf == []
    assert host.restarts == []


def test_a_failed_write_is_reported(host: BrokerHost) -> None:
    (host.folder / "mv").unlink()
    (host.folder / "mv").write_text('#!/bin/sh\necho "mv: Read-only file system" >&2\nexit 1\n', encoding="utf-8")
    (host.folder / "mv").chmod(0o755)
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert "the file was not changed: the new file could not replace it" in run.result["msg"]
    assert "Read-only file system" in run.result["msg"]
    assert host.conf_text == CONF
    assert (host.left_beside_conf, host.restarts) == ([], [])


def test_a_change_right_after_the_write_is_reported(host: BrokerHost) -> None:
    real = (host.folder / "mv").resolve()
    (host.folder / "mv").unlink()
    (host.folder / "mv").write_text(f'#!/bin/sh\n{real} "$@"\necho X=1 >>{host.conf}\n', encoding="utf-8")
    (host.folder / "mv").chmod(0o755)
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert "somebody else changes it as well" in run.result["msg"]
    assert host.restarts == []


@pytest.mark.parametrize("before", [True, False])
def test_after_a_killed_command_the_file_is_read(host: BrokerHost, before: bool) -> None:
    """Whether the new file had replaced the old one decides, not how the command ended."""
    real = (host.folder / "mv").resolve()
    (host.folder / "mv").unlink()
    moved = "" if before else f'{real} "$@"'
    (host.folder / "mv").write_text(f"#!/bin/sh\n{moved}\nkill -KILL $PPID\n", encoding="utf-8")
    (host.folder / "mv").chmod(0o755)
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed is before
    assert run.result["changed"] is not before
    assert ('ALLOW_HA_APPLICATIONS="true"' in host.conf_text) is not before
    assert len(host.restarts) == (0 if before else 1)
    if before:
        assert "the file was not changed. The command that writes it ended with exit status 137" in run.result["msg"]


def replace_mv(host: BrokerHost, script: str) -> None:
    """Replace mv by a script, in which $mv is the path of the real mv."""
    real = (host.folder / "mv").resolve()
    (host.folder / "mv").unlink()
    (host.folder / "mv").write_text(f"#!/bin/sh\nmv={real}\n{script}\n", encoding="utf-8")
    (host.folder / "mv").chmod(0o755)


@pytest.mark.parametrize("after", ["kill -TERM $PPID; sleep 0.2", "kill -HUP $PPID; sleep 0.2", "exit 1"])
def test_a_file_that_was_replaced_despite_a_failure(host: BrokerHost, after: str) -> None:
    """A signal or an error after the new file has replaced the old one."""
    replace_mv(host, f'$mv "$@"; {after}')
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert not run.failed, run.result["msg"]
    assert run.result["changed"] is True
    assert host.restarts == ['openshift-broker restart "true"']
    assert host.left_beside_conf == [Path(run.result["backup_file"]).name]
    assert Path(run.result["backup_file"]).read_text(encoding="utf-8") == CONF


def test_a_signal_before_the_replacement_changes_nothing(host: BrokerHost) -> None:
    replace_mv(host, "kill -TERM $PPID; sleep 0.2; exit 1")
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert run.result["changed"] is False
    assert "the file was not changed: " in run.result["msg"]
    assert (host.conf_text, host.left_beside_conf, host.restarts) == (CONF, [], [])


def test_a_failed_restart_is_explained_and_repeated_by_the_next_run(host: BrokerHost) -> None:
    (host.folder / "restart_fails").write_text("Bundle failed\n", encoding="utf-8")
    settings = {"ALLOW_HA_APPLICATIONS": True}
    failed = apply(host, settings, restart=RESTART)
    assert failed.failed
    assert failed.result["changed"] is True
    message = failed.result["msg"]
    assert "the broker may be down or still use the old settings" in message
    assert f"`{RESTART}` ended with exit status 1" in message
    assert "Bundle failed" in message
    assert f"cp -p {failed.result['backup_file']} {host.conf}" in message
    assert "run again" in message
    second = apply(host, settings, restart=RESTART)
    assert f"cp -p {failed.result['backup_file']} {host.conf}" in second.result["msg"]
    check = apply(host, settings, check_mode=True, restart=RESTART)
    assert (check.result["changed"], check.result["restarted"]) == (True, True)
    (host.folder / "restart_fails").unlink()
    again = apply(host, settings, restart=RESTART)
    assert (again.failed, again.result["changed"], again.result["restarted"]) == (False, True, True)
    last = apply(host, settings, restart=RESTART)
    assert (last.result["changed"], len(host.restarts)) == (False, 3)
    assert host.left_beside_conf == [Path(failed.result["backup_file"]).name]


def test_waiting_until_the_broker_is_available(host: BrokerHost) -> None:
    waits = f"cd {host.folder} && echo x >>asked && [ $(grep -c x asked) -ge 2 ]"
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART, check=waits)
    assert not run.failed
    assert (host.folder / "asked").read_text(encoding="utf-8") == "x\nx\n"


def test_a_broker_that_does_not_become_available(host: BrokerHost) -> None:
    options = {"restart": RESTART, "check": "echo 503; false", "check_timeout": 0}
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, **options)
    assert run.failed
    assert run.result["changed"] is True
    assert "is not available after 0 s" in run.result["msg"]
    assert "503" in run.result["msg"]
    again = apply(host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART, check="true")
    assert (again.failed, again.result["restarted"], len(host.restarts)) == (False, True, 2)
