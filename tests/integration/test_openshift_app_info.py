"""openshift_app_info against the embedded broker."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Ansible, Platform, TaskRun

MODULE = "openshift_v2.apps.openshift_app_info"


def info(ansible: Ansible, way: str | None = None, **options: Any) -> TaskRun:
    (run,) = ansible.tasks({"name": "info", MODULE: options}, way=way).of("openshift_app_info")
    return run


def names(run: TaskRun) -> list[str]:
    return [f"{app['domain']}/{app['name']}" for app in run.result["applications"]]


@pytest.fixture
def fleet(platform: Platform) -> Platform:
    platform.domain("globex")
    platform.app("acme", "shop", gears=3, ha=True)
    platform.app("acme", "blog", ha=True)
    platform.app("globex", "plain", scalable=False)
    return platform


@pytest.mark.usefixtures("fleet")
def test_one_application_some_or_all(ansible: Ansible) -> None:
    scopes: list[tuple[dict[str, Any], list[str]]] = [
        ({"domain": "acme", "name": "shop"}, ["acme/shop"]),
        ({"domain": "acme"}, ["acme/blog", "acme/shop"]),
        ({"select": {"exclude": ["acme/b*"]}}, ["acme/shop", "globex/plain"]),
        ({}, ["acme/blog", "acme/shop", "globex/plain"]),
    ]
    runs = ansible.tasks(*[{"name": "info", MODULE: options} for options, _names in scopes])
    for (_options, expected), run in zip(scopes, runs.of("openshift_app_info"), strict=True):
        assert names(run) == expected
        assert run.sent == ["GET"]
        assert run.result["changed"] is False


@pytest.mark.usefixtures("fleet")
def test_the_true_status_is_returned(ansible: Ansible) -> None:
    shop = info(ansible, domain="acme", name="shop").result["applications"][0]
    assert (shop["ha"], shop["ha_status"], shop["haproxy_count"]) == (True, "degraded", 1)
    assert [(c["name"], c["current_scale"]) for c in shop["cartridges"]] == [("haproxy-1.4", 1), ("php-5.4", 3)]
    assert shop["members"] == [{"login": "alice", "role": "admin", "owner": True}]
    assert "endpoints" not in shop


@pytest.mark.usefixtures("fleet")
def test_endpoints_are_those_of_the_haproxy_instances(ansible: Ansible) -> None:
    run = info(ansible, domain="acme", name="blog", gather=["endpoints"])
    blog = run.result["applications"][0]
    assert run.sent == ["GET", "GET"]
    assert len(blog["endpoints"]) == blog["haproxy_count"] == 2
    assert {endpoint["gear"] for endpoint in blog["endpoints"]} == {gear["id"] for gear in blog["gears"]}
    for endpoint in blog["endpoints"]:
        assert endpoint["state"] == "started"
        assert isinstance(endpoint["port"], int)


@pytest.mark.usefixtures("fleet")
def test_check_mode_returns_the_same(ansible: Ansible) -> None:
    task = {"name": "info", MODULE: {}}
    check, real = ansible.tasks({**task, "check_mode": True}, task).of("openshift_app_info")
    assert check.result["applications"] == real.result["applications"]


@pytest.mark.usefixtures("fleet")
def test_a_missing_application_or_domain_is_reported_in_the_brokers_words(ansible: Ansible) -> None:
    assert "Application 'gone' not found" in info(ansible, domain="acme", name="gone").result["msg"]
    assert "Domain 'nosuch' not found" in info(ansible, domain="nosuch").result["msg"]


def test_a_name_requires_a_domain(ansible: Ansible) -> None:
    run = info(ansible, name="shop")
    assert run.failed
    assert "domain" in run.result["msg"]
    assert run.sent == []
