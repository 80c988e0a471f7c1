"""The playbooks: the demo from start to finish, and enable_ha against the embedded broker."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.harness import PASSWORD, ROOT, Ansible, Platform, PlayRun

DEMO = ROOT / "tests" / "demo" / "demo.yml"
ENABLE_HA = "openshift_v2.apps.enable_ha"
MODULE = "openshift_apps_ha"
SHOP = {"domain": "acme", "name": "shop"}

# --- demo.yml ------------------------------------------------------------------------------------------------------


@pytest.fixture
def mark(tmp_path: Path) -> dict[str, str]:
    """An environment variable that marks every process of a run."""
    return {"DEMO_MARK": str(tmp_path)}


def processes(mark: dict[str, str]) -> list[str]:
    """The command lines of the processes with that mark."""
    ((name, value),) = mark.items()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{name}={value}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def assert_all_gone(mark: dict[str, str]) -> None:
    """Wait until the processes have ended."""
    for _attempt in range(100):
        if not processes(mark):
            return
        time.sleep(0.1)
    raise AssertionError(processes(mark))


def demo(ansible: Ansible, mark: dict[str, str], *arguments: str, **env: str) -> PlayRun:
    """Run the demo like `make demo`: without a broker, an account or an inventory.

    As a program: the server of forks would bear the mark as well.
    """
    nothing = {f"OPENSHIFT_BROKER_{name}": None for name in ("URL", "USERNAME", "PASSWORD")}
    environment = {**nothing, "RECORDER_BROKER": None, **mark, **env}
    return ansible.playbook(DEMO, *arguments, env=environment, as_program=True)


def lines(run: PlayRun) -> list[list[str]]:
    """The lines of each table in the output."""
    tables = [task.result["msg"] for task in run.of("debug")]
    return [[" ".join(line.split()) for line in table] for table in tables]


#: An environment that sends all requests to a proxy that does not answer.
PROXY = {"http_proxy": "http://127.0.0.1:9", "no_proxy": "", "NO_PROXY": ""}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
@pytest.mark.parametrize(
    "proxy",
    [{}, pytest.param(PROXY, marks=[pytest.mark.thorough, pytest.mark.any_release])],
    ids=["direct", "behind a proxy"],
)
def test_the_demo_shows_the_trap_and_the_way_out(ansible: Ansible, mark: dict[str, str], proxy: dict[str, str]) -> None:
    run = demo(ansible, mark, **proxy)
    assert run.rc == 0, run.output
    trap, same_node, end = lines(run)
    assert "The platform answered: Application shop is now ha" in trap
    assert "acme/shop 3 HA 1 HA in name only" in trap
    assert "acme/shop 4 HA 2 highly available" in end
    assert "acme/crm 2 HA 1 HA in name only" in trap
    assert "acme/crm 2 HA 2 highly available" in end
    assert "acme/pay 2 HA 2 highly available" in trap
    assert any("are on the same node" in line for line in same_node)
    check, real, again, relocation = run.of(MODULE)
    (pay,) = relocation.result["results"]
    assert (pay["before"]["ha_status"], pay["application"]["ha_status"]) == ("degraded", "highly_available")
    assert [task.result["changed"] for task in (check, real, again)] == [True, True, False]
    statuses = {result["before"]["ha_status"] for result in check.result["results"]}
    assert statuses == {"standalone", "degraded", "highly_available"}
    assert_all_gone(mark)


@pytest.mark.any_release
@pytest.mark.thorough
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")
def test_a_failed_demo_leaves_no_process_either(ansible: Ansible, mark: dict[str, str]) -> None:
    run = demo(ansible, mark, "-e", "app_ha_wait_timeout=-1")
    assert run.rc == 2
    assert [task.task for task in run.tasks][-2:] == ["Stop the broker", "Wait until the broker has stopped"]
    assert_all_gone(mark)


@pytest.mark.any_release
@pytest.mark.thorough
def test_the_demo_reports_why_the_broker_does_not_start(ansible: Ansible, mark: dict[str, str]) -> None:
    run = demo(ansible, mark, "-e", "demo_fleet=/nonexistent.yml")
    assert run.rc == 2
    assert "invalid fleet file: /nonexistent.yml: No such file or directory" in run.output
    assert [task.status for task in run.tasks] == ["failed"]


def test_the_fleet_of_the_demo_has_every_status() -> None:
    fleet = yaml.safe_load((ROOT / "tests" / "demo" / "fleet.yml").read_text(encoding="utf-8"))
    kinds = {(app["scalable"], app.get("ha", False), app.get("haproxy", 1)) for app in fleet["applications"]}
    assert {(True, True, 2), (True, True, 1), (True, False, 1), (False, False, 1)} == kinds
    assert {1, 3} <= {app.get("gears") for app in fleet["applications"] if app["scalable"] and not app.get("ha")}


# --- enable_ha.yml -------------------------------------------------------------------------------------------------


def enable_ha(ansible: Ansible, platform: Platform, *arguments: str, **options: Any) -> tuple[PlayRun, list[str]]:
    """Run enable_ha; also return the methods of its write requests."""
    platform.broker.clear_requests()
    run = ansible.playbook(ENABLE_HA, *arguments, env={"RECORDER_BROKER": None}, **options)
    methods = [request["method"] for request in platform.broker.requests()]
    return run, [method for method in methods if method != "GET"]


@pytest.mark.thorough
def test_a_list_in_a_file_is_checked_applied_and_then_unchanged(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "shop", gears=3, ha=True)
    file = ansible.directory / "applications.yml"
    file.write_text(yaml.safe_dump({"app_ha_applications": [SHOP]}), encoding="utf-8")
    check, written_by_check = enable_ha(ansible, platform, "-e", f"@{file}", "--check", "--diff")
    real, written = enable_ha(ansible, platform, "-e", f"@{file}")
    again, written_again = enable_ha(ansible, platform, "-e", f"@{file}")
    assert [run.rc for run in (check, real, again)] == [0, 0, 0], real.output
    assert [written_by_check, written, written_again] == [[], ["PUT", "PUT"], []]
    assert platform.shown("acme", "shop") == (True, 4, 2)
    assert [task.result["changed"] for run in (check, real, again) for task in run.of(MODULE)] == [True, True, False]


def test_hosts_of_an_inventory_are_repaired(ansible: Ansible, platform: Platform) -> None:
    platform.app("acme", "api")
    platform.app("acme", "plain", scalable=False)
    platform.app("acme", "shop", gears=3)
    hosts: dict[str, Any] = {f"{name}.example.com": {"openshift_app": name} for name in ("api", "plain", "shop")}
    inventory = yaml.safe_dump({"all": {"vars": {"openshift_domain": "acme"}, "hosts": hosts}})
    run, written = enable_ha(ansible, platform, "-e", "enable_ha_hosts=all", inventory=inventory)
    assert run.rc == 0, run.output
    assert sorted(written) == ["POST", "POST", "PUT", "PUT"]
    assert platform.shown("acme", "api") == (True, 2, 2)
    assert platform.shown("acme", "shop") == (True, 4, 2)


# --- Playbooks of the READMEs --------------------------------------------------------------------------------------


def blocks(path: str) -> list[str]:
    """The blocks of YAML in a README."""
    return re.findall(r"^```yaml\n(.*?)^```$", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def playbooks_of(path: str) -> list[str]:
    return [block for block in blocks(path) if "hosts: " in block and "module_defaults" in block]


READMES = ("README.md", "roles/app_ha/README.md")
PLAYBOOKS = [(path, number) for path in READMES for number in range(len(playbooks_of(path)))]


@pytest.mark.thorough
@pytest.mark.parametrize(("path", "number"), PLAYBOOKS)
def test_a_playbook_of_a_readme_works(ansible: Ansible, platform: Platform, path: str, number: int) -> None:
    for name in ("api", "crm", "shop"):
        platform.app("acme", name, gears=3, ha=True)
    (ansible.directory / "secrets.yml").write_text(f"vault_broker_password: {PASSWORD}\n", encoding="utf-8")
    (inventory,) = (block for block in blocks("roles/app_ha/README.md") if block.startswith("# inventory.yml"))
    plays = yaml.safe_load(playbooks_of(path)[number].replace("https://broker.example.com", platform.url))
    run = ansible.playbook(plays, inventory=inventory if plays[0]["hosts"] == "all" else None)
    assert run.rc == 0, run.output
    audited = (ansible.directory / "ha-report" / "report.html").exists()
    assert audited == ("tasks_from: audit" in playbooks_of(path)[number])
    assert platform.shown("acme", "shop")[2] == (1 if audited else 2)


@pytest.mark.thorough
def test_the_applications_file_of_the_readme_works(ansible: Ansible, platform: Platform) -> None:
    for name in ("api", "shop"):
        platform.app("acme", name)
    (applications,) = (block for block in blocks("README.md") if block.startswith("# applications.yml"))
    (ansible.directory / "applications.yml").write_text(applications, encoding="utf-8")
    run, _written = enable_ha(ansible, platform, "-e", "@applications.yml")
    assert run.rc == 0, run.output
    assert [platform.shown("acme", name)[0] for name in ("api", "shop")] == [True, True]
