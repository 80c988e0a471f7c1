"""openshift_broker_config on a folder that stands for a broker host, on a PATH without Python.

One test launches Ansible; the others call the action plugin.
"""

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

SECRET_COMMENTS = (
    f"#MONGO_PASSWORD {SECRET}\n  # the mongo password is {SECRET}\n# The Auth_Salt: {SECRET}\r\n"
    f"[x] {SECRET}\n# plain\n [y z]\t\nKEY={SECRET}\n"
)


@pytest.fixture
def host(tmp_path: Path) -> BrokerHost:
    host = BrokerHost.create(tmp_path / "broker")
    host.write_conf(CONF)
    return host


def apply(host: BrokerHost, settings: dict[str, Any], **options: Any) -> TaskRun:
    """Call the action plugin. Its result must not contain a secret of the file."""
    run = host.run("openshift_broker_config", **{"path": str(host.conf), "settings": settings, **options})
    assert SECRET not in json.dumps(run.result)
    return run


def changed_lines(before: str, after: str) -> list[str]:
    """The lines taken away and added."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in lines if line[0] in "+-"]


def test_launch_hides_secrets_at_any_verbosity(ansible: Ansible, host: BrokerHost) -> None:
    other = host.folder / "other.conf"
    other.write_text(SECRET_COMMENTS, encoding="utf-8")
    settings = {"ALLOW_HA_APPLICATIONS": True, "DEFAULT_ALLOW_HA": True}
    tasks = [
        {"name": "check", MODULE: {"path": str(host.conf), "settings": settings}, "check_mode": True},
        {"name": "apply", MODULE: {"path": str(host.conf), "settings": settings, "restart": RESTART}},
        {"name": "again", MODULE: {"path": str(host.conf), "settings": settings, "restart": RESTART}},
        {"name": "other", MODULE: {"path": str(other), "settings": {"MANAGE_HA_DNS": True}}},
    ]
    plays = [{"hosts": "broker", "gather_facts": False, "tasks": tasks}]
    inventory = json.dumps({"all": {"hosts": {"broker": local_variables()}}})
    run = ansible.playbook(plays, "-vvvvv", "--diff", inventory=inventory, env=path_without_python(host))
    assert run.rc == 0, run.output
    runs = run.of("openshift_broker_config")
    assert [task.result["changed"] for task in runs] == [True, True, False, True]
    assert '+ALLOW_HA_APPLICATIONS="true"' in run.output
    assert SECRET not in run.output
    assert SECRET not in json.dumps([task.result for task in runs])
    assert host.restarts == ['openshift-broker restart "true"']


def test_check_apply_again_and_undo(host: BrokerHost) -> None:
    settings = {"ALLOW_HA_APPLICATIONS": True, "DEFAULT_ALLOW_HA": True}
    check = apply(host, settings, check_mode=True, restart=RESTART)
    assert host.conf_text == CONF
    assert (host.restarts, host.left_beside_conf) == ([], [])
    real = apply(host, settings, restart=RESTART)
    again = apply(host, settings, restart=RESTART)
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
    assert real.result["settings"] == check.result["settings"] == dict.fromkeys(settings, "true")
    assert again.result["msg"].endswith("nothing to change")
    undone = apply(host, dict.fromkeys(settings, False), restart=RESTART)
    assert undone.result["changed"] is True
    assert host.conf_text == CONF
    assert host.restarts[1:] == ['openshift-broker restart "false"']


def test_the_backup_is_the_old_file_with_its_rights(host: BrokerHost) -> None:
    host.conf.chmod(0o640)
    os.chown(host.conf, 0 if os.geteuid() == 0 else os.geteuid(), os.getegid())
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True})
    backup = Path(run.result["backup_file"])
    assert backup.parent == host.folder
    assert backup.read_bytes() == CONF.encode()
    for file in (backup, host.conf):
        assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert host.left_beside_conf == [backup.name]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_is_kept(host: BrokerHost) -> None:
    os.chown(host.conf, 12345, 23456)
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True})
    for file in (host.conf, Path(run.result["backup_file"])):
        assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


def test_without_a_backup_no_file_is_left(host: BrokerHost) -> None:
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True}, backup=False)
    assert run.result["backup_file"] is None
    assert host.left_beside_conf == []


def test_the_diff_shows_the_settings_and_no_secret(host: BrokerHost) -> None:
    check = apply(host, {"DEFAULT_ALLOW_HA": True, "HA_DNS_SUFFIX": "x"}, check_mode=True)
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


def test_everything_that_looks_like_a_secret_is_masked(host: BrokerHost) -> None:
    host.write_conf(SECRET_COMMENTS)
    run = apply(host, {"MANAGE_HA_DNS": True})
    assert run.result["diff"][0]["before"] == (
        "# ********\n  # ********\n# ********\r\n********\n# plain\n [y z]\t\nKEY=********\n"
    )
    assert '********\n# plain\nMANAGE_HA_DNS="true"\n [y z]\t\n' in run.result["diff"][0]["after"]


#: Desired settings, and the lines that change.
STYLES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "blanks and a comment after it": (
        {"MANAGE_HA_DNS": True},
        ["- MANAGE_HA_DNS = false   # by hand, see ops wiki\n", "+ MANAGE_HA_DNS = true   # by hand, see ops wiki\n"],
    ),
    "single quotes": ({"HA_DNS_PREFIX": "h-"}, ["- HA_DNS_PREFIX='ha-'\n", "+ HA_DNS_PREFIX='h-'\n"]),
    "commented out": ({"ROUTER_HOSTNAME": "r.example.com"}, ["+ ROUTER_HOSTNAME='r.example.com'\n"]),
    "missing": ({"DEFAULT_HA_MULTIPLIER": 0}, ['+ DEFAULT_HA_MULTIPLIER="0"\n']),
    "several": (
        {"DEFAULT_HA_MULTIPLIER": 3, "ALLOW_MULTIPLE_HAPROXY_ON_NODE": False},
        ['+ DEFAULT_HA_MULTIPLIER="3"\n', '+ ALLOW_MULTIPLE_HAPROXY_ON_NODE="false"\n'],
    ),
    "an empty value": ({"HA_DNS_PREFIX": ""}, ["- HA_DNS_PREFIX='ha-'\n", "+ HA_DNS_PREFIX=''\n"]),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_setting_is_written_in_the_style_of_the_file(host: BrokerHost, style: str) -> None:
    settings, lines = STYLES[style]
    first, again = apply(host, settings), apply(host, settings)
    assert (first.result["changed"], again.result["changed"]) == (True, False)
    assert changed_lines(CONF, host.conf_text) == lines


def test_the_new_line_follows_the_one_that_is_commented_out(host: BrokerHost) -> None:
    apply(host, {"ROUTER_HOSTNAME": "r.example.com"})
    assert "#ROUTER_HOSTNAME='www.example.com'\nROUTER_HOSTNAME='r.example.com'\nHA_DNS_PREFIX" in host.conf_text


def test_the_last_duplicate_is_changed(host: BrokerHost) -> None:
    text = 'ALLOW_HA_APPLICATIONS="true"\nOTHER=1\nALLOW_HA_APPLICATIONS="false"\n'
    host.write_conf(text)
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True})
    assert host.conf_text == text.replace("false", "true")
    assert "is set 2 times: the broker uses the last line, 3" in run.result["warnings"][0]


#: A file, the desired settings, and the file afterwards.
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
    "a comment that ends with a quote, which the broker reads as a part of the value": (
        'ALLOW_HA_APPLICATIONS="true" # was "false"\n',
        {"ALLOW_HA_APPLICATIONS": True},
        'ALLOW_HA_APPLICATIONS="true" # was "false\n',
    ),
    "a comment that ends with a quote, other cases": (
        "ALLOW_HA_APPLICATIONS='' # see 'HA'\r\nHA_DNS_SUFFIX=a # \"x\" \n",
        {"ALLOW_HA_APPLICATIONS": True, "HA_DNS_SUFFIX": "x"},
        "ALLOW_HA_APPLICATIONS='true' # see 'HA\r\nHA_DNS_SUFFIX=x # \"x\" \n",
    ),
    "a line that the broker does not read as a section": (
        "[a=b]\nALLOW_HA_APPLICATIONS=f\n",
        {"ALLOW_HA_APPLICATIONS": True},
        "[a=b]\nALLOW_HA_APPLICATIONS=true\n",
    ),
    "a character that only looks like a blank": (
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


@pytest.mark.parametrize("kind", FILES)
def test_files_of_every_kind(host: BrokerHost, kind: str) -> None:
    before, settings, after = FILES[kind]
    host.conf.write_bytes(before.encode("utf-8", "surrogateescape"))
    first, again = apply(host, settings), apply(host, settings)
    assert host.conf.read_bytes() == after.encode("utf-8", "surrogateescape"), first.result
    assert (first.result["changed"], again.result["changed"]) == (True, False)


@pytest.mark.parametrize(
    ("word", "value"),
    [("YES", True), ("'t'", True), ("1", True), ("No", False), ("", False), ('"F" # why', False)],
)
def test_equivalent_values_are_kept(host: BrokerHost, word: str, value: bool) -> None:
    host.write_conf(f"ALLOW_HA_APPLICATIONS={word}\n")
    assert apply(host, {"ALLOW_HA_APPLICATIONS": value}).result["changed"] is False


def test_a_symbolic_link_is_kept(host: BrokerHost) -> None:
    real = host.folder / "real.conf"
    host.conf.rename(real)
    host.conf.symlink_to("real.conf")
    run = apply(host, {"ALLOW_HA_APPLICATIONS": True})
    assert host.conf.is_symlink()
    assert 'ALLOW_HA_APPLICATIONS="true"' in real.read_text(encoding="utf-8")
    assert run.result["path"] == str(real)


#: Invalid options, and words of the message.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"settings": {}}, "must contain at least one setting"),
    "a name": ({"settings": {"allow ha": True}}, "is not a valid name"),
    "a secret": ({"settings": {"MONGO_PASSWORD": "x"}}, "looks like a secret"),
    "a key": ({"settings": {"BIND_KEYVALUE": "x"}}, "looks like a secret"),
    "a quote": ({"settings": {"HA_DNS_PREFIX": 'a"b'}}, "contains quotes"),
    "a comment": ({"settings": {"HA_DNS_PREFIX": "a#b"}}, "contains quotes, #"),
    "two lines": ({"settings": {"HA_DNS_PREFIX": "a\nB=1"}}, "control characters"),
    "a list": ({"settings": {"HA_DNS_PREFIX": ["a"]}}, "must be a text"),
    "a relative path": ({"settings": {"MANAGE_HA_DNS": True}, "path": "broker.conf"}, "absolute path"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_invalid_options_are_refused(host: BrokerHost, case: str) -> None:
    options, words = REFUSED[case]
    run = apply(host, **options)
    assert run.failed
    assert words in run.result["msg"]
    assert run.result["msg"].endswith("Nothing was changed.")
    assert host.conf_text == CONF


def test_a_missing_file(host: BrokerHost) -> None:
    host.conf.unlink()
    run = apply(host, {"MANAGE_HA_DNS": True})
    assert run.failed
    assert "the file does not exist. Check that the host is a broker host." in run.result["msg"]
    assert "Nothing was changed." in run.result["msg"]
