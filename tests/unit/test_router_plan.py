"""The decisions of the role app_router, without a router: plugin_utils/_router, but routes and guard."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.failures import (
    FailedReload,
    describe_rejection,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.files import (
    PresentFiles,
    build_files,
    build_question,
    build_reload_note_path,
    build_takeover_diff,
    can_confirm,
    is_reload_due,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.router_host import (
    check_folders,
    check_order,
    check_path,
    check_version,
    choose_rights,
    choose_target,
    collect_packaged,
    parse_version,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.settings import build_settings
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.variables import (
    build_map_prefix,
    choose_selection,
    describe_missing_routers,
    describe_other_selection,
    is_empty_list,
    parse_lines,
    parse_log_targets,
    parse_words,
)

# --- Variables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("a, b,,c ", ["a", "b", "c"]),
        (["a", "b,c"], ["a", "b", "c"]),
        ([["a"], None, " "], ["a"]),
        ([502, 503], ["502", "503"]),
        (502, ["502"]),
    ],
)
def test_lists_may_be_text(given: object, words: list[str]) -> None:
    assert parse_words(given) == words


@pytest.mark.parametrize(
    ("given", "targets"),
    [
        ("/dev/log local0", ["/dev/log local0"]),
        ("a, b", ["a", "b"]),
        (["127.0.0.1:514,len 100 local0", ""], ["127.0.0.1:514,len 100 local0"]),
        ([["a,b"], None], ["a,b"]),
        ("", []),
        (None, []),
    ],
)
def test_log_targets_of_a_list_may_contain_commas(given: object, targets: list[str]) -> None:
    assert parse_log_targets(given) == targets


@pytest.mark.parametrize(
    ("applications", "select", "selection", "empty"),
    [
        (None, None, {}, False),
        (None, {"domains": ["acme"]}, {"domains": ["acme"]}, False),
        ("acme/shop, acme/api", {"domains": ["x"]}, {"names": ["acme/shop", "acme/api"]}, False),
        ([], {"domains": ["x"]}, {"names": []}, True),
        ("", None, {"names": []}, True),
    ],
)
def test_a_list_takes_precedence_over_a_selection(
    applications: object, select: dict[str, Any] | None, selection: dict[str, Any], empty: bool
) -> None:
    assert choose_selection(applications, select) == selection
    assert is_empty_list(applications) is empty


def test_additional_lines_are_a_text_or_a_list() -> None:
    assert parse_lines("a\n  b\n") == ["a", "  b"]
    assert parse_lines(["a", ["b\nc"], None]) == ["a", "b", "c"]
    assert parse_lines("") == parse_lines(None) == []


def test_maps_of_two_configurations_have_different_names() -> None:
    first, second = build_map_prefix("/etc/haproxy/a.cfg"), build_map_prefix("/etc/haproxy/b.cfg")
    assert first != second
    assert first.startswith("openshift-apps-")


@pytest.mark.parametrize("message", [describe_other_selection("router2"), describe_missing_routers("routers", "")])
def test_messages_have_reason_effect_and_next_step(message: str) -> None:
    reason, effect, advice = message.partition("Nothing was changed.")
    assert reason
    assert effect
    assert advice.strip()


# --- The host --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stdout", "version", "accepted"),
    [
        ("HAProxy version 2.6.12-1+deb12u1 2023/12/16", "2.6.12", True),
        ("HA-Proxy version 2.4.22 2023/02/14\nStatus: long-term", "2.4.22", True),
        ("HAProxy version 10.0", "10.0", True),
        ("HAProxy version 2.2.9", "2.2.9", False),
        ("nginx version: nginx/1.22.1", "1.22.1", False),
        ("nonsense", "0", False),
        ("", "0", False),
    ],
)
def test_versions(stdout: str, version: str, accepted: bool) -> None:
    assert parse_version({"stdout": stdout}) == version
    assert (check_version("haproxy", "/usr/sbin/haproxy", {"stdout": stdout}) == []) is accepted


def test_nginx_prints_its_version_on_standard_error() -> None:
    assert check_version("nginx", "/usr/sbin/nginx", {"stdout": "", "stderr": "nginx version: nginx/1.22.1"}) == []
    (refusal,) = check_version("nginx", "/usr/sbin/nginx", {"stderr": "nginx version: nginx/1.12.2"})
    assert refusal.reason.startswith("/usr/sbin/nginx is not nginx 1.14 or newer. ")
    assert check_version("nginx", "/usr/sbin/haproxy", {"stdout": "HAProxy version 2.6.12"})


def test_haproxy_reads_the_fragment_last() -> None:
    names = ["/c/a.cfg", "/c/zz.cfg", "/c/zzz.cfg"]
    settings = build_settings({"mode": "fragment", "config_path": "/c/zz.cfg"})
    (refusal,) = check_order(settings, names)
    assert refusal.reason == "HAProxy reads these files after /c/zz.cfg, so its defaults would apply to them: zzz.cfg."
    assert check_order(settings, names[:2]) == []
    assert check_order(build_settings({"config_path": "/c/zz.cfg"}), names) == []
    assert check_order(build_settings({"mode": "fragment", "software": "nginx"}), names) == []


@pytest.mark.parametrize(
    ("answer", "quoted"),
    [
        ({"stdout": "HAProxy version 2.2.9\nmore"}, "HAProxy version 2.2.9."),
        ({"stdout": "", "stderr": "not found\n"}, "not found."),
        ({"rc": 2, "msg": "[Errno 2] No such file or directory..."}, "[Errno 2] No such file or directory."),
        ({}, "nothing."),
    ],
)
def test_an_unusable_program_is_quoted(answer: dict[str, Any], quoted: str) -> None:
    (refusal,) = check_version("haproxy", "/opt/haproxy", answer)
    assert refusal.reason.startswith("/opt/haproxy is not HAProxy 2.4 or newer. ")
    assert refusal.reason.endswith(f": {quoted}")
    assert "app_router_program" in refusal.advice


def test_the_path_must_lead_to_a_file() -> None:
    assert check_path("/x", {"exists": False}) == []
    assert check_path("/x", {"exists": True, "isreg": True}) == []
    (refusal,) = check_path("/x", {"exists": True, "islnk": True, "isreg": False})
    assert refusal.reason == "/x is not a file, or is a symbolic link that leads in a circle."


def test_folders_must_exist() -> None:
    folder = {"item": "/a", "stat": {"exists": True, "isdir": True}}
    missing = {"item": "/b", "stat": {"exists": False}}
    file = {"item": "/c", "stat": {"exists": True, "isdir": False}}
    assert check_folders([folder, folder]) == []
    (refusal,) = check_folders([folder, missing, missing, file])
    assert refusal.reason == "Not an existing folder: /b, /c."


def test_owner_group_and_mode() -> None:
    none = {"owner": "", "group": None, "mode": ""}
    assert choose_rights(none, {"exists": False}) == {"owner": "", "group": "", "mode": "0644"}
    present = {"uid": 0, "gid": 7, "mode": "0640"}
    assert choose_rights(none, present) == {"owner": "0", "group": "7", "mode": "0640"}
    given = {"owner": "root", "group": "haproxy", "mode": "0600"}
    assert choose_rights(given, present) == given


def test_a_mode_without_quotes_is_octal_as_yaml_reads_it() -> None:
    given = {"owner": 0, "group": 0, "mode": 0o640}
    assert choose_rights(given, {}) == {"owner": "0", "group": "0", "mode": "0640"}


def test_lines_of_package_managers_are_collected() -> None:
    results = [{"stdout": " /etc/a 1\n /etc/b 2"}, {"rc": 2, "msg": "not installed"}, {"stdout": ""}]
    assert collect_packaged(results) == [" /etc/a 1", " /etc/b 2"]
    assert collect_packaged([]) == []


# --- Files -----------------------------------------------------------------------------------------------------------

START = "/etc/haproxy/openshift-apps-12345678-"
FILES = build_files("use map(@MAP@) and map(@MAP@)\n", "@MAP@", "# first\nhost backend\n", START)


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def present(config: str = FILES.config, **maps: str) -> PresentFiles:
    found = [{"path": f"{START}{name}.map", "checksum": sha1(text)} for name, text in maps.items()]
    return PresentFiles.from_results({"exists": True, "checksum": sha1(config)}, found)


def test_the_configuration_names_a_map_of_its_own() -> None:
    assert FILES.map_path.startswith(START)
    assert FILES.config == f"use map({FILES.map_path}) and map({FILES.map_path})\n"
    other = build_files("use map(@MAP@) and map(@MAP@)\n", "@MAP@", "# first\nhost other\n", START)
    assert other.map_path != FILES.map_path


def test_files_differ_if_configuration_or_map_do() -> None:
    name = FILES.map_path.removeprefix(START).removesuffix(".map")
    same = present(**{name: FILES.map_text})
    assert not FILES.differ_from(same)
    assert FILES.differ_from(present("global\n", **{name: FILES.map_text}))
    assert FILES.differ_from(present(**{name: "damaged\n"}))
    assert FILES.differ_from(present())
    assert FILES.differ_from(PresentFiles.from_results({"exists": False}, []))
    assert FILES.find_stale_maps(present(**{name: "", "old": ""})) == [f"{START}old.map"]


def test_files_may_contain_any_bytes() -> None:
    assert build_files("# f\udcfcr @MAP@\n", "@MAP@", "", START).config.startswith("# f\udcfcr ")


def test_when_to_reload() -> None:
    assert not is_reload_due([False, False], [])
    assert is_reload_due([False, True], [])
    assert is_reload_due([False, False], [build_reload_note_path(START)])
    assert can_confirm("/run/socket", 30)
    assert not can_confirm("", 30)
    assert not can_confirm("/run/socket", 0)


def test_where_the_program_is_asked() -> None:
    assert build_question("/run/s") == {"url": "http://localhost/", "unix_socket": "/run/s"}
    assert build_question("127.0.0.1:8406") == {"url": "http://127.0.0.1:8406/", "unix_socket": ""}


def test_the_diff_of_a_takeover_has_no_former_content() -> None:
    diff = build_takeover_diff("/etc/haproxy/haproxy.cfg", "/etc/haproxy/haproxy.cfg.1~", "new\n")
    assert diff["after"] == "new\n"
    assert "Backup: /etc/haproxy/haproxy.cfg.1~" in diff["before"]
    assert "A backup will be kept" in build_takeover_diff("/x", "", "new\n")["before"]


# --- Failures --------------------------------------------------------------------------------------------------------


def test_a_rejection_quotes_the_lines() -> None:
    config = "global\n    NONSENSE 1\ndefaults\n    NONSENSE 2\n"
    output = "[ALERT] /tmp/c/haproxy.cfg:2 unknown\n[ALERT] /tmp/c/haproxy.cfg:4 unknown, /tmp/c/haproxy.cfg:2, :99\n"
    message = describe_rejection("HAProxy", {"rc": 1, "stderr": output, "stdout": ""}, "/tmp/c", "haproxy.cfg", config)
    assert message.startswith("HAProxy rejects the new configuration: [ALERT] the new configuration:2 unknown\n")
    assert 'Line 2: "NONSENSE 1"; Line 4: "NONSENSE 2". Nothing was changed.' in message
    assert describe_rejection("nginx", {"rc": 0}, "/tmp/c", "x", config) == ""
    assert "No such file" in describe_rejection("nginx", {"rc": 2, "msg": "No such file"}, "/tmp/c", "x", config)
    assert "no output" in describe_rejection("nginx", {}, "/tmp/c", "x", config)
    beyond = describe_rejection("nginx", {"rc": 1, "stderr": "/tmp/c/candidate:99"}, "/tmp/c", "x", config)
    assert 'Line 99: ""' in beyond


FAILED = FailedReload(
    title="HAProxy",
    task="Reload HAProxy",
    message="non-zero return code",
    output="the service is broken\n",
    seconds=30,
    unconfirmed=False,
    replaced=True,
    restore_error="",
    backup="/b",
    target="/t",
)


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (
            FAILED,
            "Reload HAProxy: non-zero return code the service is broken. The former configuration is in place again.",
        ),
        (replace(FAILED, output="", replaced=False), "Reload HAProxy: non-zero return code. The next run tries again."),
        (
            replace(FAILED, unconfirmed=True),
            "HAProxy does not run with the new configuration 30 seconds after the reload. The former configuration "
            "is in place again. See the log of HAProxy; another program may use an address that it has to listen on.",
        ),
        (
            replace(FAILED, output="", title="nginx", replaced=False, removed=True),
            "Reload HAProxy: non-zero return code. /t was removed again, so that it does not affect other files.",
        ),
        (
            replace(FAILED, output="", restore_error="disk full"),
            "Reload HAProxy: non-zero return code. The former configuration could not be put back: disk full. Copy /b "
            "to /t, and reload HAProxy.",
        ),
    ],
)
def test_a_failed_reload_is_described(failure: FailedReload, message: str) -> None:
    assert str(failure) == message


# --- A symbolic link, and an inventory that could not be read --------------------------------------------------------


def test_a_symbolic_link_is_followed() -> None:
    assert choose_target("/etc/haproxy.cfg", {"exists": False}) == ("/etc/haproxy.cfg", "/etc")
    assert choose_target("/etc/haproxy.cfg", {"exists": True, "lnk_source": "/srv/a/b.cfg"}) == (
        "/srv/a/b.cfg",
        "/srv/a",
    )


def test_an_unreadable_inventory_is_the_reason_for_missing_routers() -> None:
    assert describe_missing_routers("routers", "The inventory a could not be read: HTTP 401.") == (
        "The inventory has no router: no host matches routers. Nothing was changed. The inventory a could not be read: "
        "HTTP 401. Then run again."
    )
