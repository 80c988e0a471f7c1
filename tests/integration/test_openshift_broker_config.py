"""openshift_broker_config on a folder that stands for a broker host, on a PATH without Python."""

from __future__ import annotations

import difflib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.broker_host import BrokerHost, local_variables, path_without_python
from tests.harness import Ansible, TaskRun

MODULE = "openshift_v2.apps.openshift_broker_config"
RESTART = "service openshift-broker restart"
SECRET = "m0o0-S3cret"
CONF = f"""\
# Domain suffix to use for applications (Must match node config)
CLOUD_DOMAIN="example.com"
# Default user capability to create Highly Available applications
DEFAULT_ALLOW_HA="false"
MONGO_PASSWORD="{SECRET}"

# Config flag to allow scalable applications to become Highly Available
ALLOW_HA_APPLICATIONS="false"
# MONGO_PASSWORD={SECRET}

MANAGE_HA_DNS = false   # by hand, see ops wiki
#ROUTER_HOSTNAME='www.example.com'
HA_DNS_PREFIX='ha-'
HA_DNS_SUFFIX=""
# AUTH_SALT=
{SECRET}==
#USE_PREDICTABLE_GEAR_UUIDS="true"
"""


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.made(tmp_path / "broker")
    host.write_conf(CONF)
    return host


def hold_each(
    ansible: Ansible, host: BrokerHost, *options: dict[str, Any], arguments: tuple[str, ...] = ()
) -> list[TaskRun]:
    """A task for each of these options, all in one run; none of the file's secrets may show."""
    tasks = [{"name": "hold", MODULE: {"path": str(host.conf), **each}} for each in options]
    plays = [{"hosts": "broker", "gather_facts": False, "ignore_errors": True, "tasks": tasks}]
    inventory = json.dumps({"all": {"hosts": {"broker": local_variables()}}})
    run = ansible.playbook(plays, *arguments, inventory=inventory, env=path_without_python(host))
    runs = run.of("openshift_broker_config")
    assert SECRET not in run.output
    assert SECRET not in json.dumps([task.result for task in runs])
    return runs


def hold(ansible: Ansible, host: BrokerHost, settings: dict[str, Any], *arguments: str, **options: Any) -> TaskRun:
    (run,) = hold_each(ansible, host, {"settings": settings, **options}, arguments=arguments)
    return run


def changed_lines(before: str, after: str) -> list[str]:
    """The lines taken away and added."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def test_check_apply_again_and_undo(ansible: Ansible, host: BrokerHost) -> None:
    wished = {"ALLOW_HA_APPLICATIONS": True, "DEFAULT_ALLOW_HA": True}
    check = hold(ansible, host, wished, "--check", "--diff", restart=RESTART)
    assert host.conf_text == CONF
    assert (host.restarts, host.left_beside_conf) == ([], [])
    real = hold(ansible, host, wished, restart=RESTART)
    again = hold(ansible, host, wished, restart=RESTART)
    assert changed_lines(CONF, host.conf_text) == [
        '- DEFAULT_ALLOW_HA="false"\n',
        '+ DEFAULT_ALLOW_HA="true"\n',
        '- ALLOW_HA_APPLICATIONS="false"\n',
        '+ ALLOW_HA_APPLICATIONS="true"\n',
    ]
    assert [run.result["changed"] for run in (check, real, again)] == [True, True, False]
    assert [run.result["restarted"] for run in (check, real, again)] == [True, True, False]
    assert host.restarts == ['openshift-broker restart "true"']
    assert real.result["before"] == {"ALLOW_HA_APPLICATIONS": "false", "DEFAULT_ALLOW_HA": "false"}
    assert real.result["settings"] == check.result["settings"] == dict.fromkeys(wished, "true")
    assert again.result["msg"].endswith("nothing to change")
    undone = hold(ansible, host, dict.fromkeys(wished, False), restart=RESTART)
    assert undone.result["changed"] is True
    assert host.conf_text == CONF
    assert host.restarts[1:] == ['openshift-broker restart "false"']


def test_the_backup_is_the_old_file_with_its_rights(ansible: Ansible, host: BrokerHost) -> None:
    host.conf.chmod(0o640)
    os.chown(host.conf, 0 if os.geteuid() == 0 else os.geteuid(), os.getegid())
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True})
    backup = Path(run.result["backup_file"])
    assert backup.parent == host.folder
    assert backup.read_bytes() == CONF.encode()
    for file in (backup, host.conf):
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert host.left_beside_conf == [backup.name]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(ansible: Ansible, host: BrokerHost) -> None:
    os.chown(host.conf, 12345, 23456)
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True})
    for file in (host.conf, Path(run.result["backup_file"])):
        assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_without_backup_nothing_is_left(ansible: Ansible, host: BrokerHost) -> None:
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, backup=False)
    assert run.result["backup_file"] is None
    assert host.left_beside_conf == []


def test_the_difference_shows_the_settings_and_no_secret(ansible: Ansible, host: BrokerHost) -> None:
    check = hold(ansible, host, {"DEFAULT_ALLOW_HA": True, "HA_DNS_SUFFIX": "x"}, "--check", "--diff")
    (diff,) = check.result["diff"]
    assert changed_lines(diff["before"], diff["after"]) == [
        '- DEFAULT_ALLOW_HA="false"\n',
        '+ DEFAULT_ALLOW_HA="true"\n',
        '- HA_DNS_SUFFIX=""\n',
        '+ HA_DNS_SUFFIX="x"\n',
    ]
    assert "MONGO_PASSWORD=********\n\n" in diff["before"]
    assert "# MONGO_PASSWORD=********\n" in diff["before"]
    assert "# Config flag to allow" in diff["before"]
    assert diff["before_header"] == str(host.conf)


def test_nothing_that_looks_like_a_secret_leaves_the_host(ansible: Ansible, host: BrokerHost) -> None:
    host.write_conf(
        f"#MONGO_PASSWORD {SECRET}\n  # the mongo password is {SECRET}\n# The Auth_Salt: {SECRET}\r\n"
        f"[x] {SECRET}\n# plain\n [y z]\t\nKEY={SECRET}\n"
    )
    run = hold(ansible, host, {"MANAGE_HA_DNS": True}, "-vvv", "--diff")
    assert run.result["diff"][0]["before"] == (
        "# ********\n  # ********\n# ********\r\n********\n# plain\n [y z]\t\nKEY=********\n"
    )
    assert '********\n# plain\nMANAGE_HA_DNS="true"\n [y z]\t\n' in run.result["diff"][0]["after"]


def test_secrets_do_not_show_at_any_verbosity(ansible: Ansible, host: BrokerHost) -> None:
    hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, "-vvvvv", "--diff")


#: What is wished, and the lines that change for it.
STYLES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "blanks and a comment behind": (
        {"MANAGE_HA_DNS": True},
        ["- MANAGE_HA_DNS = false   # by hand, see ops wiki\n", "+ MANAGE_HA_DNS = true   # by hand, see ops wiki\n"],
    ),
    "single quotes": ({"HA_DNS_PREFIX": "h-"}, ["- HA_DNS_PREFIX='ha-'\n", "+ HA_DNS_PREFIX='h-'\n"]),
    "commented out": ({"ROUTER_HOSTNAME": "r.example.com"}, ["+ ROUTER_HOSTNAME='r.example.com'\n"]),
    "nowhere": ({"DEFAULT_HA_MULTIPLIER": 0}, ['+ DEFAULT_HA_MULTIPLIER="0"\n']),
    "several": (
        {"DEFAULT_HA_MULTIPLIER": 3, "ALLOW_MULTIPLE_HAPROXY_ON_NODE": False},
        ['+ DEFAULT_HA_MULTIPLIER="3"\n', '+ ALLOW_MULTIPLE_HAPROXY_ON_NODE="false"\n'],
    ),
    "an empty value": ({"HA_DNS_PREFIX": ""}, ["- HA_DNS_PREFIX='ha-'\n", "+ HA_DNS_PREFIX=''\n"]),
}


def test_a_setting_is_written_as_the_file_does(ansible: Ansible, host: BrokerHost) -> None:
    files = {style: host.folder / f"style{number}" for number, style in enumerate(STYLES)}
    for file in files.values():
        file.write_text(CONF, encoding="utf-8")
    options = [{"path": str(files[style]), "settings": STYLES[style][0]} for style in STYLES]
    first, again = hold_each(ansible, host, *options), hold_each(ansible, host, *options)
    for style, one, two in zip(STYLES, first, again, strict=True):
        assert (one.result["changed"], two.result["changed"]) == (True, False), style
        assert changed_lines(CONF, files[style].read_text(encoding="utf-8")) == STYLES[style][1], style


def test_the_new_line_is_below_the_one_that_is_commented_out(ansible: Ansible, host: BrokerHost) -> None:
    hold(ansible, host, {"ROUTER_HOSTNAME": "r.example.com"})
    assert "#ROUTER_HOSTNAME='www.example.com'\nROUTER_HOSTNAME='r.example.com'\nHA_DNS_PREFIX" in host.conf_text


def test_of_duplicates_the_last_counts(ansible: Ansible, host: BrokerHost) -> None:
    text = 'ALLOW_HA_APPLICATIONS="true"\nOTHER=1\nALLOW_HA_APPLICATIONS="false"\n'
    host.write_conf(text)
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True})
    assert host.conf_text == text.replace("false", "true")
    assert "is set 2 times: the broker takes the last, line 3" in run.result["warnings"][0]


#: A file, what is wished, and the file afterwards.
FILES: dict[str, tuple[str, dict[str, Any], str]] = {
    "no newline at the end, not touched": (
        "ALLOW_HA_APPLICATIONS=no\nX=1",
        {"ALLOW_HA_APPLICATIONS": True},
        "ALLOW_HA_APPLICATIONS=true\nX=1",
    ),
    "no newline at the end, touched": (
        "X=1\nALLOW_HA_APPLICATIONS=no",
        {"ALLOW_HA_APPLICATIONS": True},
        "X=1\nALLOW_HA_APPLICATIONS=true",
    ),
    "no newline at the end, added": (
        "X=1",
        {"ALLOW_HA_APPLICATIONS": True},
        'X=1\nALLOW_HA_APPLICATIONS="true"\n',
    ),
    "no newline at the end, touched and added": (
        "X=1\nMANAGE_HA_DNS=no",
        {"ALLOW_HA_APPLICATIONS": True, "MANAGE_HA_DNS": True},
        "X=1\nMANAGE_HA_DNS=true\nALLOW_HA_APPLICATIONS=true\n",
    ),
    "no newline at the end, commented out": (
        "X=1\n#MANAGE_HA_DNS=no",
        {"MANAGE_HA_DNS": True, "HA_DNS_SUFFIX": "-x"},
        'X=1\n#MANAGE_HA_DNS=no\nMANAGE_HA_DNS="true"\nHA_DNS_SUFFIX="-x"\n',
    ),
    "empty": ("", {"ALLOW_HA_APPLICATIONS": True}, 'ALLOW_HA_APPLICATIONS="true"\n'),
    "ends of lines as on Windows": (
        'A="1"\r\nALLOW_HA_APPLICATIONS="false"\r\n# x\r\n',
        {"ALLOW_HA_APPLICATIONS": True, "HA_DNS_SUFFIX": "x"},
        'A="1"\r\nALLOW_HA_APPLICATIONS="true"\r\n# x\r\nHA_DNS_SUFFIX="x"\r\n',
    ),
    "sections": (
        'X=1\n\n[other]\nALLOW_HA_APPLICATIONS="false"\n',
        {"ALLOW_HA_APPLICATIONS": True},
        'X=1\n\nALLOW_HA_APPLICATIONS="true"\n[other]\nALLOW_HA_APPLICATIONS="false"\n',
    ),
    "export makes another name": (
        'export ALLOW_HA_APPLICATIONS="false"\n',
        {"ALLOW_HA_APPLICATIONS": True},
        'export ALLOW_HA_APPLICATIONS="false"\nALLOW_HA_APPLICATIONS="true"\n',
    ),
    "names that contain the name": (
        "XALLOW_HA_APPLICATIONS=1\nALLOW_HA_APPLICATIONS_X=2\n",
        {"ALLOW_HA_APPLICATIONS": True},
        'XALLOW_HA_APPLICATIONS=1\nALLOW_HA_APPLICATIONS_X=2\nALLOW_HA_APPLICATIONS="true"\n',
    ),
    "a comment that ends in a quote, which the broker takes for a part of the value": (
        'ALLOW_HA_APPLICATIONS="true" # was "false"\n',
        {"ALLOW_HA_APPLICATIONS": True},
        'ALLOW_HA_APPLICATIONS="true" # was "false\n',
    ),
    "a comment that ends in a quote, otherwise": (
        "ALLOW_HA_APPLICATIONS='' # see 'HA'\r\nHA_DNS_SUFFIX=a # \"x\" \n",
        {"ALLOW_HA_APPLICATIONS": True, "HA_DNS_SUFFIX": "x"},
        "ALLOW_HA_APPLICATIONS='true' # see 'HA\r\nHA_DNS_SUFFIX=x # \"x\" \n",
    ),
    "what is no section for the broker": (
        "[a=b]\nALLOW_HA_APPLICATIONS=f\n",
        {"ALLOW_HA_APPLICATIONS": True},
        "[a=b]\nALLOW_HA_APPLICATIONS=true\n",
    ),
    "a blank that is none": (
        "ALLOW_HA_APPLICATIONS=true\u00a0\n",
        {"ALLOW_HA_APPLICATIONS": True},
        "ALLOW_HA_APPLICATIONS=true\n",
    ),
    "bytes of another encoding": (
        "# Größe: \udcff\n  ALLOW_HA_APPLICATIONS=f\t# weiß\n",
        {"ALLOW_HA_APPLICATIONS": True},
        "# Größe: \udcff\n  ALLOW_HA_APPLICATIONS=true\t# weiß\n",
    ),
}


def test_files_of_every_kind(ansible: Ansible, host: BrokerHost) -> None:
    files = {kind: host.folder / f"kind{number}" for number, kind in enumerate(FILES)}
    for kind, file in files.items():
        file.write_bytes(FILES[kind][0].encode("utf-8", "surrogateescape"))
    options = [{"path": str(files[kind]), "settings": FILES[kind][1]} for kind in FILES]
    first, again = hold_each(ansible, host, *options), hold_each(ansible, host, *options)
    for kind, one, two in zip(FILES, first, again, strict=True):
        assert files[kind].read_bytes() == FILES[kind][2].encode("utf-8", "surrogateescape"), (kind, one.result)
        assert (one.result["changed"], two.result["changed"]) == (True, False), kind


def test_words_that_mean_the_same_stay(ansible: Ansible, host: BrokerHost) -> None:
    words = [("YES", True), ("'t'", True), ("1", True), ("No", False), ("", False), ('"F" # why', False)]
    options = []
    for number, (word, wished) in enumerate(words):
        file = host.folder / f"word{number}"
        file.write_text(f"ALLOW_HA_APPLICATIONS={word}\n", encoding="utf-8")
        options.append({"path": str(file), "settings": {"ALLOW_HA_APPLICATIONS": wished}})
    for run, (word, _wished) in zip(hold_each(ansible, host, *options), words, strict=True):
        assert run.result["changed"] is False, word


def test_a_link_stays_a_link(ansible: Ansible, host: BrokerHost) -> None:
    real = host.folder / "real.conf"
    host.conf.rename(real)
    host.conf.symlink_to("real.conf")
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True})
    assert host.conf.is_symlink()
    assert 'ALLOW_HA_APPLICATIONS="true"' in real.read_text(encoding="utf-8")
    assert run.result["path"] == str(real)


def intruding(host: BrokerHost, program: str, when: str, line: str) -> None:
    """Have somebody else add a line to the file, behind the back of ours, when ``program`` is called with ``when``."""
    real = (host.folder / program).resolve()
    (host.folder / program).unlink()
    (host.folder / program).write_text(
        f'#!/bin/sh\ncase "$*" in *{when}*) echo "{line}" >>{host.conf};; esac\nexec {real} "$@"\n', encoding="utf-8"
    )
    (host.folder / program).chmod(0o755)


@pytest.mark.parametrize(("program", "when"), [("cp", "new-"), ("tail", "+")])
def test_a_file_that_changes_meanwhile_is_left_alone(
    ansible: Ansible, host: BrokerHost, program: str, when: str
) -> None:
    intruding(host, program, when, "X=intruder")
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert "changed by somebody else" in run.result["msg"] or "not what it should" in run.result["msg"]
    assert run.result["changed"] is False
    assert host.conf_text == CONF + "X=intruder\n"
    assert host.left_beside_conf == []
    assert host.restarts == []


def test_what_cannot_be_written_is_told(ansible: Ansible, host: BrokerHost) -> None:
    (host.folder / "mv").unlink()
    (host.folder / "mv").write_text('#!/bin/sh\necho "mv: Read-only file system" >&2\nexit 1\n', encoding="utf-8")
    (host.folder / "mv").chmod(0o755)
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert "was not changed: the new file could not be put in its place" in run.result["msg"]
    assert "Read-only file system" in run.result["msg"]
    assert host.conf_text == CONF
    assert (host.left_beside_conf, host.restarts) == ([], [])


def test_a_file_that_is_not_as_it_was_written_is_told(ansible: Ansible, host: BrokerHost) -> None:
    """Looked at afterwards: somebody's change that came right after ours."""
    real = (host.folder / "mv").resolve()
    (host.folder / "mv").unlink()
    (host.folder / "mv").write_text(f'#!/bin/sh\n{real} "$@"\necho X=1 >>{host.conf}\n', encoding="utf-8")
    (host.folder / "mv").chmod(0o755)
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert "somebody else changes it as well" in run.result["msg"]
    assert host.restarts == []


@pytest.mark.parametrize("before", [True, False])
def test_a_command_that_is_killed_is_settled_by_looking(ansible: Ansible, host: BrokerHost, before: bool) -> None:
    """Whether it was before or after the new file took its place decides, not how the command ended."""
    real = (host.folder / "mv").resolve()
    (host.folder / "mv").unlink()
    moved = "" if before else f'{real} "$@"'
    (host.folder / "mv").write_text(f"#!/bin/sh\n{moved}\nkill -KILL $PPID\n", encoding="utf-8")
    (host.folder / "mv").chmod(0o755)
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed is before
    assert run.result["changed"] is not before
    assert ('ALLOW_HA_APPLICATIONS="true"' in host.conf_text) is not before
    assert len(host.restarts) == (0 if before else 1)
    if before:
        assert "was not changed. The command that writes it ended with exit status 137" in run.result["msg"]


def replaced_mv(host: BrokerHost, script: str) -> None:
    """Have a script in place of mv, whose real name is in $mv there."""
    real = (host.folder / "mv").resolve()
    (host.folder / "mv").unlink()
    (host.folder / "mv").write_text(f"#!/bin/sh\nmv={real}\n{script}\n", encoding="utf-8")
    (host.folder / "mv").chmod(0o755)


@pytest.mark.parametrize("after", ["kill -TERM $PPID; sleep 0.2", "kill -HUP $PPID; sleep 0.2", "exit 1"])
def test_what_took_its_place_all_the_same_counts(ansible: Ansible, host: BrokerHost, after: str) -> None:
    """A signal, or an error, that comes when the new file is there already."""
    replaced_mv(host, f'$mv "$@"; {after}')
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert not run.failed, run.result["msg"]
    assert run.result["changed"] is True
    assert host.restarts == ['openshift-broker restart "true"']
    assert host.left_beside_conf == [Path(run.result["backup_file"]).name]
    assert Path(run.result["backup_file"]).read_text(encoding="utf-8") == CONF


def test_a_signal_before_that_leaves_all_as_it_was(ansible: Ansible, host: BrokerHost) -> None:
    replaced_mv(host, "kill -TERM $PPID; sleep 0.2; exit 1")
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART)
    assert run.failed
    assert run.result["changed"] is False
    assert "was not changed: " in run.result["msg"]
    assert (host.conf_text, host.left_beside_conf, host.restarts) == (CONF, [], [])


def test_a_restart_that_fails_says_what_to_do_and_is_made_up_for(ansible: Ansible, host: BrokerHost) -> None:
    (host.folder / "restart_fails").write_text("Bundle failed\n", encoding="utf-8")
    wished = {"ALLOW_HA_APPLICATIONS": True}
    failed = hold(ansible, host, wished, restart=RESTART)
    assert failed.failed
    assert failed.result["changed"] is True
    message = failed.result["msg"]
    assert "The broker may be down, or run on with the old settings" in message
    assert f"`{RESTART}` ended with exit status 1" in message
    assert "Bundle failed" in message
    assert f"cp -p {failed.result['backup_file']} {host.conf}" in message
    assert "run again" in message
    second = hold(ansible, host, wished, restart=RESTART)
    assert f"cp -p {failed.result['backup_file']} {host.conf}" in second.result["msg"]
    check = hold(ansible, host, wished, "--check", restart=RESTART)
    assert (check.result["changed"], check.result["restarted"]) == (True, True)
    (host.folder / "restart_fails").unlink()
    again = hold(ansible, host, wished, restart=RESTART)
    assert (again.failed, again.result["changed"], again.result["restarted"]) == (False, True, True)
    last = hold(ansible, host, wished, restart=RESTART)
    assert (last.result["changed"], len(host.restarts)) == (False, 3)
    assert host.left_beside_conf == [Path(failed.result["backup_file"]).name]


def test_it_waits_until_the_broker_is_there_again(ansible: Ansible, host: BrokerHost) -> None:
    waits = f"cd {host.folder} && echo x >>asked && [ $(grep -c x asked) -ge 2 ]"
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART, check=waits)
    assert not run.failed
    assert (host.folder / "asked").read_text(encoding="utf-8") == "x\nx\n"


def test_a_broker_that_is_not_there_again_is_told(ansible: Ansible, host: BrokerHost) -> None:
    options = {"restart": RESTART, "check": "echo 503; false", "check_timeout": 0}
    run = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, **options)
    assert run.failed
    assert run.result["changed"] is True
    assert "was not there again after 0 s" in run.result["msg"]
    assert "503" in run.result["msg"]
    again = hold(ansible, host, {"ALLOW_HA_APPLICATIONS": True}, restart=RESTART, check="true")
    assert (again.failed, again.result["restarted"], len(host.restarts)) == (False, True, 2)


#: Options that cannot be meant, and what is said.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"settings": {}}, "names no setting"),
    "a name": ({"settings": {"allow ha": True}}, "is no name of a setting"),
    "a secret": ({"settings": {"MONGO_PASSWORD": "x"}}, "looks like a secret"),
    "a key": ({"settings": {"BIND_KEYVALUE": "x"}}, "looks like a secret"),
    "a quote": ({"settings": {"HA_DNS_PREFIX": 'a"b'}}, "holds quotes"),
    "a comment": ({"settings": {"HA_DNS_PREFIX": "a#b"}}, "holds quotes, #"),
    "two lines": ({"settings": {"HA_DNS_PREFIX": "a\nB=1"}}, "control characters"),
    "a list": ({"settings": {"HA_DNS_PREFIX": ["a"]}}, "must be a text"),
    "a relative path": ({"settings": {"MANAGE_HA_DNS": True}, "path": "broker.conf"}, "absolute path"),
}


def test_what_cannot_be_meant_is_refused(ansible: Ansible, host: BrokerHost) -> None:
    runs = hold_each(ansible, host, *(options for options, _words in REFUSED.values()))
    for run, (what, (_options, words)) in zip(runs, REFUSED.items(), strict=True):
        assert run.failed, what
        assert words in run.result["msg"], what
    assert host.conf_text == CONF


def test_a_file_that_is_not_there(ansible: Ansible, host: BrokerHost) -> None:
    host.conf.unlink()
    run = hold(ansible, host, {"MANAGE_HA_DNS": True})
    assert run.failed
    assert "there is no such file. Is it a broker host?" in run.result["msg"]
    assert "Nothing was changed." in run.result["msg"]
