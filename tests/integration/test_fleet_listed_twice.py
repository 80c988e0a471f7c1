"""An application that a list contains more than once: one repair, one entry, one count, and a warning."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import connection_from
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.broker_data import read_applications
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import make_hosts
from tests import direct
from tests.harness import Ansible, Platform, TaskRun

MODULE, INFO = "openshift_v2.apps.openshift_apps_ha", "openshift_v2.apps.openshift_app_info"
Apps = list[Any]
#: What the broker lists instead of the true list.
Edit = Callable[[Apps], Apps]


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    """A degraded and a standalone application."""
    platform.app("acme", "shop", gears=3, ha=True)
    platform.app("acme", "two")
    return platform


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> Callable[[Edit], None]:
    true_list = Broker.applications

    def patch(edit: Edit) -> None:
        def applications(broker: Broker, *args: Any) -> tuple[Application | Unreadable, ...]:
            return tuple(edit(list(true_list(broker, *args))))

        monkeypatch.setattr(Broker, "applications", applications)

    return patch


def in_capitals(apps: Iterable[Application]) -> Apps:
    return [replace(app, name=app.name.upper(), domain=app.domain.title()) for app in apps]


def in_former_domain(apps: Iterable[Application]) -> Apps:
    """As before the domain was renamed: this name is not accessible any more, and sorts first."""
    return [replace(app, domain="aaa") for app in apps]


def unusable(apps: Iterable[Application]) -> Apps:
    return [Unreadable(AppRef(app.domain, app.name), Unanswered("no cartridges")) for app in apps]


EDITS: dict[str, Edit] = {
    "twice": lambda apps: apps * 2,
    "thrice in a row": lambda apps: [app for app in apps for _copy in range(3)],
    "in other capitals": lambda apps: apps + in_capitals(apps),
    "in a renamed domain": lambda apps: in_former_domain(apps) + apps,
    "first unusable": lambda apps: unusable(apps) + apps,
}


def names(run: TaskRun) -> list[str]:
    return [entry["application"]["name"].lower() for entry in run.result["results"]]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_application_that_the_broker_lists_twice_is_repaired_once(
    ansible: Ansible, fleet: Platform, lists: Callable[[Edit], None], edit: Edit
) -> None:
    lists(edit)
    tasks = [{MODULE: {"select": {}, "concurrency": 8}, "check_mode": check_mode} for check_mode in (True, False)]
    for run in ansible.tasks(*tasks).of("openshift_apps_ha"):
        assert not run.failed
        assert names(run) == ["shop", "two"]
        assert (run.result["summary"]["total"], run.result["summary"]["changed"]) == (2, 2)
        assert run.result["summary"]["gears_needed"] == {"alice": 2}
        (warning,) = run.result["warnings"]
        assert warning.startswith("The broker lists more than once: ")
        assert all(name in warning.lower() for name in ("acme/shop", "acme/two"))
    assert (fleet.shown("acme", "shop"), fleet.shown("acme", "two")) == ((True, 4, 2), (True, 2, 2))


@pytest.mark.usefixtures("fleet")
def test_max_changes_counts_an_application_once(ansible: Ansible, lists: Callable[[Edit], None]) -> None:
    lists(EDITS["twice"])
    (run,) = ansible.tasks({MODULE: {"select": {}, "max_changes": 2}}).of("openshift_apps_ha")
    assert not run.failed


def test_an_application_that_the_user_lists_twice_is_repaired_once(ansible: Ansible, fleet: Platform) -> None:
    listed = [
        {"domain": "acme", "name": "two", "state": "present"},
        {"domain": "acme", "name": "shop"},
        {"domain": "ACME", "app": "Two"},
    ]
    (run,) = ansible.tasks({MODULE: {"applications": listed, "concurrency": 8}}).of("openshift_apps_ha")
    assert not run.failed
    assert names(run) == ["two", "shop"]
    assert run.result["summary"]["total"] == 2
    assert run.result["warnings"] == [
        "applications names more than once: acme/two. Each application is handled and counted once."
    ]
    assert fleet.shown("acme", "two") == (True, 2, 2)


def test_both_names_of_a_renamed_domain_in_a_list_are_one_application(
    ansible: Ansible, fleet: Platform, lists: Callable[[Edit], None]
) -> None:
    lists(EDITS["in a renamed domain"])
    both = [{"domain": "aaa", "name": "two"}, {"domain": "acme", "name": "two"}]
    (run,) = ansible.tasks({MODULE: {"applications": both}}).of("openshift_apps_ha")
    assert not run.failed
    assert names(run) == ["two"]
    assert fleet.shown("acme", "two") == (True, 2, 2)


def test_both_names_of_a_renamed_domain_with_different_settings_are_refused(
    ansible: Ansible, fleet: Platform, lists: Callable[[Edit], None]
) -> None:
    lists(EDITS["in a renamed domain"])
    both = [{"domain": "aaa", "name": "two"}, {"domain": "acme", "name": "two", "min_gears": 3}]
    (run,) = ansible.tasks({MODULE: {"applications": both}}).of("openshift_apps_ha")
    assert run.failed
    assert run.writes == []
    assert "aaa/two and acme/two are the same application" in run.result["msg"]
    assert "min_gears" in run.result["msg"]
    assert fleet.shown("acme", "two") == (False, 1, 1)


def test_an_excluded_name_of_a_renamed_domain_excludes_the_application(
    ansible: Ansible, fleet: Platform, lists: Callable[[Edit], None]
) -> None:
    lists(EDITS["in a renamed domain"])
    (run,) = ansible.tasks({MODULE: {"select": {"exclude": ["aaa/shop"]}}}).of("openshift_apps_ha")
    assert names(run) == ["two"]
    assert fleet.shown("acme", "shop") == (True, 3, 1)


@pytest.mark.usefixtures("fleet")
def test_unusable_data_without_names_stays_complete(ansible: Ansible, lists: Callable[[Edit], None]) -> None:
    """They may be different applications."""
    lists(lambda _apps: [Unreadable(AppRef("?", "?"), Unanswered("no name"))] * 2)
    (run,) = ansible.tasks({MODULE: {"select": {}}}).of("openshift_apps_ha")
    assert run.result["summary"]["total"] == 2


@pytest.mark.usefixtures("fleet")
def test_information_has_each_application_once(ansible: Ansible, lists: Callable[[Edit], None]) -> None:
    lists(EDITS["in other capitals"])
    for options in ({}, {"select": {}}, {"domain": "acme"}):
        (run,) = ansible.tasks({INFO: options}).of("openshift_app_info")
        assert [app["name"] for app in run.result["applications"]] == ["shop", "two"]
        assert "acme/shop, acme/two" in run.result["warnings"][0]


@pytest.mark.usefixtures("fleet")
def test_an_inventory_has_each_application_once(ansible: Ansible, lists: Callable[[Edit], None]) -> None:
    lists(EDITS["in other capitals"])
    params = direct.validated("openshift_app_info", {"broker_url": ansible.broker_url})
    data = read_applications(connection_from(params, os.environ), Selection(), owner_gears=False)
    assert [app["name"] for app in data.applications] == ["shop", "two"]
    assert [host.name for host in make_hosts(data, "", {"alice": "alice"})] == [
        "shop-acme.example.com",
        "two-acme.example.com",
    ]
    assert "acme/shop, acme/two" in data.warnings[0]
