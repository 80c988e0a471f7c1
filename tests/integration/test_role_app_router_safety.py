"""What the role app_router refuses, and what it restores after a failure.

tests/unit/test_guard.py and test_router_plan.py test the decisions.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.served import parse_served
from tests.harness import Ansible, Platform
from tests.router_site import Router, Site, added_lines, create_site, step

pytestmark = pytest.mark.any_release


@pytest.fixture
def site(ansible: Ansible, platform: Platform, tmp_path: Path) -> Site:
    return create_site(ansible, platform, tmp_path / "site")


@pytest.fixture
def router(site: Site) -> Router:
    return site.router()


@pytest.mark.thorough
def test_a_configuration_that_haproxy_rejects_changes_nothing(site: Site, router: Router) -> None:
    first, real = site.runs(router, step(), step(app_router_log=["NONSENSE"]))
    check = site.run(router, "--check", app_router_log=["NONSENSE"])
    for run in (real, check):
        assert run.message.startswith("HAProxy rejects the new configuration: ")
        assert "parsing [the new configuration:3] unknown keyword" in run.message
        assert 'Line 3: "log NONSENSE". Nothing was changed.' in run.message
        assert run.router.files == first.router.files


@pytest.mark.thorough
def test_after_a_failed_reload_the_former_configuration_is_restored(site: Site, router: Router) -> None:
    first, failed, fixed = site.runs(
        router, step(), step("touch broken", app_router_retries=5), step("rm broken", app_router_retries=5)
    )
    assert "the service is broken" in failed.message
    assert "The former configuration is in place again." in failed.message
    assert failed.router.files["haproxy.cfg"] == first.router.files["haproxy.cfg"]
    assert not fixed.failed, fixed.output
    assert "retries 5" in router.live
    assert len(router.maps) == 1


@pytest.mark.thorough
def test_a_missing_reload_is_made_up_for_and_a_damaged_map_is_repaired(site: Site, router: Router) -> None:
    leave_map = 'map=$(ls *.map); touch "${map%????????????.map}0123456789ab.map"'  # As an interrupted run does.
    first, made_up, repaired, again = site.runs(
        router, step(), step(leave_map), step("for map in *.map; do echo damaged > $map; done"), step()
    )
    for run in (made_up, repaired):
        assert not run.failed, run.output
    assert made_up.router.reloads == 2
    assert len(made_up.router.maps) == 1
    assert repaired.router.reloads == 3
    assert {**repaired.router.files, "reloads": b""} == {**first.router.files, "reloads": b""}
    assert again.changes == []


SECRET = "s3cret-of-another-tool"
FOREIGN = f"listen live\n    bind 127.0.0.1:1\n    # f\xfcr alle\n    stats auth admin:{SECRET}\n".encode("latin-1")


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [["--check"], []])
def test_a_foreign_configuration_is_not_replaced(site: Site, router: Router, arguments: list[str]) -> None:
    router.config.write_bytes(FOREIGN)
    before = router.files
    nothing = {"domains": ["acmee"]}
    both, *others, foreign, new = site.runs(
        router,
        step(app_router_select=nothing),
        step(app_router_select=nothing, app_router_takeover=True),
        step(app_router_select=nothing, app_router_allow_empty=True),
        step(),
        step(router=site.router("new"), app_router_select=nothing),
        arguments=arguments,
    )
    assert both.message.startswith(f"{router.config} is a foreign configuration")
    reasons, _effect, advice = both.message.partition("Nothing was changed.")
    assert "No application with a server to route to was found." in reasons
    assert "app_router_takeover: true" in advice
    assert "app_router_allow_empty: true" in advice
    assert all(run.failed for run in (*others, foreign))
    assert foreign.router.files == router.files == before
    assert new.message.startswith("No application with a server to route to was found. Nothing was changed.")
    assert not new.router.config.exists()


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [["--check", "--diff"], ["--diff"]])
def test_the_diff_of_a_takeover_hides_the_former_configuration(
    site: Site, router: Router, arguments: list[str]
) -> None:
    router.config.write_bytes(FOREIGN)
    run = site.run(router, *arguments, app_router_takeover=True)
    assert not run.failed, run.output
    assert SECRET not in run.output
    assert "listen live" not in run.output
    assert "it is not shown." in run.output
    assert "    balance roundrobin" in added_lines(run.output)
    copies = list(router.directory.glob("haproxy.cfg.*"))
    if "--check" in arguments:
        assert (copies, router.config.read_bytes()) == ([], FOREIGN)
    else:
        assert [copy.read_bytes() for copy in copies] == [FOREIGN]
        assert str(copies[0]) in run.output


@pytest.mark.thorough
def test_the_unmodified_file_of_the_distribution_is_replaced(site: Site, router: Router, tmp_path: Path) -> None:
    router.config.write_bytes(FOREIGN)
    programs = tmp_path / "programs"
    programs.mkdir()
    digest = hashlib.md5(FOREIGN).hexdigest()
    (programs / "dpkg-query").write_text(f"#!/bin/sh\necho ' {router.config} {digest}'\n", encoding="utf-8")
    (programs / "dpkg-query").chmod(0o755)
    run = site.run(router, env={"PATH": f"{programs}:{os.environ['PATH']}"})
    assert not run.failed, run.output
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_bytes() == FOREIGN


def create_link(router: Router) -> Path:
    """A file elsewhere that the path of the configuration leads to, over two relative links."""
    target = router.directory / "real" / "haproxy.cfg"
    target.parent.mkdir()
    (router.directory / "between").symlink_to("real/haproxy.cfg")
    router.config.symlink_to("between")
    return target


@pytest.mark.thorough
def test_a_symbolic_link_and_the_mode_and_owner_of_its_target_are_kept(site: Site, router: Router) -> None:
    target = create_link(router)
    target.write_bytes(FOREIGN)
    target.chmod(0o640)
    os.chown(target, -1, 1)
    before = target.stat()
    failed, real, again = site.runs(
        router,
        step("touch broken", app_router_takeover=True),
        step("rm broken", app_router_takeover=True),
        step(app_router_takeover=True),
    )
    assert "The former configuration is in place again." in failed.message
    assert (failed.router.directory / "real" / "haproxy.cfg").read_bytes() == FOREIGN
    for run in (failed, real, again):
        assert run.router.config.readlink() == Path("between")
        after = run.router.config.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert not real.failed, real.output
    assert parse_served(router.text) == ("acme/crm", "acme/shop")
    assert {(path.stat().st_mode, path.stat().st_gid) for path in router.maps} == {(before.st_mode, 1)}
    (kept, *_others) = target.parent.glob("haproxy.cfg.*")
    assert (kept.read_bytes(), kept.stat().st_mode, kept.stat().st_gid) == (FOREIGN, before.st_mode, 1)
    assert (again.failed, again.changes) == (False, [])


@pytest.mark.thorough
def test_a_failure_of_the_second_router_of_a_play_does_not_touch_its_configuration(site: Site, router: Router) -> None:
    """The results of the first router are not taken for those of the second."""
    other = router.directory / "other" / "haproxy.cfg"
    other.parent.mkdir()
    for config in (router.config, other):
        config.write_bytes(FOREIGN.replace(b"listen live", f"listen {config.parent.name}".encode()))
    before = other.read_bytes()
    _first, second = site.runs(
        router,
        step(app_router_takeover=True),
        step(app_router_takeover=True, app_router_config_path=str(other), app_router_file_owner="no-such-user"),
    )
    assert "The next run tries again." in second.message
    assert other.read_bytes() == before


@pytest.mark.thorough
def test_the_copy_is_kept_if_it_cannot_be_restored(site: Site, router: Router) -> None:
    # The reload fails, and leaves folders where the copy should be restored.
    commands = [
        "cd " + str(router.directory),
        "copy=$(ls -d haproxy.cfg.*)",
        "rm haproxy.cfg",
        "mkdir -p haproxy.cfg/$copy/x",
    ]
    script = "\n".join(["#!/bin/sh", *commands, "exit 1", ""])
    (router.directory / "destroy").write_text(script, encoding="utf-8")
    first, failed = site.runs(
        router,
        step(),
        step("cp destroy reload", app_router_applications=["acme/shop"], app_router_max_removed="100%"),
    )
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_bytes() == first.router.config.read_bytes()
    assert "The former configuration could not be put back: " in failed.message
    assert f"Copy {kept} to {router.config}, and reload HAProxy." in failed.message


@pytest.mark.thorough
def test_a_link_to_a_missing_file_is_followed(site: Site, router: Router) -> None:
    target = create_link(router)
    run = site.run(router)
    assert not run.failed, run.output
    assert router.config.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [["--check"], []])
def test_a_host_that_is_not_ready_is_refused(site: Site, router: Router, arguments: list[str]) -> None:
    router.config.symlink_to("missing/haproxy.cfg")
    before = sorted(path.name for path in router.directory.iterdir())
    circle, old = site.router("circle"), site.router("old", version="2.2.9")
    circle.config.symlink_to("other")
    (circle.directory / "other").symlink_to("haproxy.cfg")
    old.config.write_bytes(FOREIGN)
    absent = str(router.directory / "no-haproxy")
    missing, looped, outdated, none = site.runs(
        router,
        step(),
        step(router=circle),
        step(router=old),
        step(router=site.router("none"), app_router_program=absent),
        arguments=arguments,
    )
    assert missing.message.startswith(f"Not an existing folder: {router.directory}/missing. Nothing was changed.")
    assert sorted(path.name for path in router.directory.iterdir()) == before
    assert "leads in a circle" in looped.message
    version = f"{old.directory}/haproxy is not HAProxy 2.4 or newer. Its version command returned: HAProxy version"
    assert outdated.message.startswith(f"{version} 2.2.9 2026/01/01. {old.config} is a foreign configuration")
    assert "app_router_takeover: true" in outdated.message
    assert none.message.startswith(f"{absent} is not HAProxy 2.4 or newer. ")
    assert ".." not in none.message


@pytest.mark.thorough
def test_many_applications_are_not_removed_at_once(site: Site, router: Router) -> None:
    nothing: dict[str, Any] = {"app_router_select": {"names": ["nothing"]}}
    first, none, fewer, emptied = site.runs(
        router,
        step(),
        step(**nothing),
        step(app_router_select={"exclude": ["crm"]}, app_router_max_removed=0),
        step(**nothing, app_router_allow_empty=True, app_router_max_removed="100%"),
    )
    assert "2 applications would lose all servers: acme/crm, acme/shop." in none.message
    assert fewer.message.startswith("1 application of 2 would no longer be routed: acme/crm. Nothing was changed.")
    assert fewer.router.files == first.router.files
    assert not emptied.failed, emptied.output
    assert router.hosts == {}


@pytest.mark.thorough
def test_a_failing_broker_changes_nothing_and_a_foreign_configuration_is_kept(
    site: Site, router: Router, platform: Platform
) -> None:
    router.config.write_text("global\n", encoding="utf-8")
    before = router.files
    platform.broker.faults({"do": "status:503", "path": "crm/gear_groups"})
    assert "503" in site.run(router).message
    assert router.files == before
    platform.broker.faults()
    run = site.run(router, app_router_takeover=True)
    assert not run.failed, run.output
    (kept,) = router.directory.glob("haproxy.cfg.*")
    assert kept.read_text(encoding="utf-8") == "global\n"
