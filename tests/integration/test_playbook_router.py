"""The playbook router on several routers, with a stand-in for HAProxy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._router.served import parse_served
from tests.harness import Ansible, Platform, PlayRun
from tests.router_site import Router, Site, create_site


@pytest.fixture
def site(ansible: Ansible, platform: Platform, tmp_path: Path) -> Site:
    return create_site(ansible, platform, tmp_path / "site")


@pytest.fixture
def router(site: Site) -> Router:
    return site.router()


def run_on_two(
    site: Site,
    router: Router,
    *arguments: str,
    both: Mapping[str, Any] | None = None,
    playbook: str = "router",
    **of_first: Any,
) -> PlayRun:
    """The playbook on two routers, each with a folder of its own."""
    for name in ("router1", "router2"):
        (router.directory / name).mkdir(exist_ok=True)
    common = {"ansible_connection": "local", "app_router_unknown_text": "{{ inventory_hostname }}", **(both or {})}
    inventory = yaml.safe_dump({"routers": {"hosts": {"router1": of_first, "router2": {}}, "vars": common}})
    path = f"{router.directory}/{{{{ inventory_hostname }}}}/haproxy.cfg"
    own = {"app_router_config_path": path, "app_router_reload_command": "true", "router_become": False}
    return site.ansible.playbook(
        f"openshift_v2.apps.{playbook}", *arguments, inventory=inventory, extra_vars={**router.variables, **own}
    )


def requests_of(run: PlayRun) -> list[str]:
    return [method for task in run.tasks for method in task.sent]


def failure(run: PlayRun) -> str:
    assert run.rc == 2, run.output
    text: str = [task for task in run.tasks if task.failed][-1].result["msg"]
    return text


@pytest.mark.thorough
def test_the_broker_is_read_once_for_several_routers(site: Site, router: Router) -> None:
    run = run_on_two(site, router)
    assert run.rc == 0, run.output
    assert requests_of(run) == ["GET"] * 4
    for name in ("router1", "router2"):
        assert f'"{name}\\n"' in (router.directory / name / "haproxy.cfg").read_text(encoding="utf-8")
    again = run_on_two(site, router, "--check", "--limit", "router2")
    assert again.rc == 0, again.output
    assert [task.task for task in again.tasks if task.result.get("changed")] == []
    assert {task.host for task in again.tasks} == {"router2"}


@pytest.mark.thorough
def test_the_next_router_is_not_changed_when_one_fails(site: Site, router: Router) -> None:
    run = run_on_two(site, router, app_router_extra_global="NONSENSE")
    assert run.rc == 2, run.output
    assert not list((router.directory / "router2").iterdir())


@pytest.mark.thorough
def test_variables_of_the_routers_select_the_applications(site: Site, router: Router) -> None:
    run = run_on_two(site, router, both={"app_router_applications": ["acme/shop"]})
    assert run.rc == 0, run.output
    assert requests_of(run) == ["GET"] * 2
    for name in ("router1", "router2"):
        assert parse_served((router.directory / name / "haproxy.cfg").read_text(encoding="utf-8")) == ("acme/shop",)


@pytest.mark.thorough
def test_routers_with_different_selections_are_refused(site: Site, router: Router) -> None:
    run = run_on_two(site, router, app_router_applications=["acme/shop"])
    assert failure(run).startswith("router2: cannot configure this router: it selects other applications than those")
    assert not list((router.directory / "router2").iterdir())


@pytest.mark.thorough
@pytest.mark.parametrize("arguments", [[], ["--limit", "router1"]], ids=["all", "limit"])
def test_an_inventory_without_routers_fails(site: Site, router: Router, arguments: list[str]) -> None:
    inventory = yaml.safe_dump({"others": {"hosts": {"router1": {"ansible_connection": "local"}}}})
    run = site.ansible.playbook(
        "openshift_v2.apps.router", *arguments, inventory=inventory, extra_vars=router.variables
    )
    assert failure(run).startswith("The inventory has no router: no host matches routers. Nothing was changed.")
    assert requests_of(run) == []


@pytest.mark.thorough
def test_the_drill_needs_a_router_that_routes(site: Site, router: Router) -> None:
    run = run_on_two(site, router, "--check", playbook="drill")
    assert failure(run).startswith("This router routes no application yet. Nothing was changed.")
    assert "router2" not in {task.host for task in run.tasks}
