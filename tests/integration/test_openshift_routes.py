"""openshift_routes: what its options mean and which it refuses. tests/unit/test_routes.py has what it decides."""

from __future__ import annotations

from typing import Any

from tests.harness import Ansible, PlayRun

APP = {
    "domain": "acme",
    "name": "shop",
    "ha_status": "degraded",
    "url": "http://shop-acme.example.com/",
    "aliases": ["www.example.org"],
    "endpoints": [{"address": "10.0.0.1", "port": 35001, "gear": "g1", "state": "idle"}],
}


def routes(**options: Any) -> dict[str, Any]:
    return {"openshift_v2.apps.openshift_routes": {"applications": [APP], **options}}


def outcomes(run: PlayRun) -> list[dict[str, Any]]:
    return [task.result for task in run.tasks]


def test_what_the_options_mean(ansible: Ansible) -> None:
    run = ansible.tasks(
        routes(),
        routes(not_highly_available="exclude", allow_empty=True),
        routes(not_started="exclude", ha_dns_prefix="", ha_dns_suffix="-ha", allow_empty=True),
        routes(passthrough=["acme/*"]),
        routes(present="backend openshift_acme_wiki\n    server gear-a 10.0.0.1:1\n", max_removed=1),
    )
    plain, excluded, idle, tls, fewer = outcomes(run)
    assert plain["map"].splitlines() == [
        "ha-shop-acme.example.com openshift_acme_shop",
        "shop-acme.example.com openshift_acme_shop",
        "www.example.org openshift_acme_shop",
    ]
    (route,) = plain["routes"]
    assert route["servers"] == [{"name": "gear-g1", "address": "10.0.0.1", "port": 35001}]
    assert plain["warnings"] == ["Not highly available, so that one gear less is an outage: acme/shop."]
    assert excluded["routes"] == []
    assert idle["routes"][0]["servers"] == []
    assert idle["routes"][0]["hosts"][1] == "shop-acme-ha.example.com"
    assert (tls["routes"][0]["backend"], tls["routes"][0]["passthrough"]) == ("openshift-tls_acme_shop", True)
    assert not fewer.get("failed")
    assert not any(result["changed"] for result in outcomes(run))


def test_what_it_refuses(ansible: Ansible) -> None:
    ungathered = {key: value for key, value in APP.items() if key != "endpoints"}
    run = ansible.tasks(
        routes(applications=[ungathered]),
        routes(max_removed="some"),
        routes(ha_dns_prefix="ha."),
        routes(needed=["acme/wiki"]),
        routes(present="backend openshift_acme_wiki\n    server gear-a 10.0.0.1:1\n", max_removed=0),
        routes(applications=[{**APP, "name": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}], allow_empty=True),
        routes(applications=[]),
        routes(applications=[], present="global\n", present_mark="mine", present_paths=["/etc/h.cfg"]),
        routes(present_base64="no Base64"),
    )
    assert all(task.failed for task in run.tasks)
    starts = (
        "applications: no endpoints.",
        "max_removed: 'some' is neither",
        "ha_dns_prefix: 'ha.' cannot be",
        "Named, but not to be routed or not within reach: acme/wiki. Nothing was changed. Each is named as domain",
        "1 application of 1 would no longer be routed: acme/wiki.",
        "Ansible has masked a part of the data: applications[0].name. Nothing was changed.",
        "No application with a server to route to was found.",
        "/etc/h.cfg was not written by this role, nor is it the distribution's unmodified file.",
        "present_base64: must be Base64. Nothing was changed.",
    )
    for result, start in zip(outcomes(run), starts, strict=True):
        assert result["msg"].startswith(start), result["msg"]
    advised = ["max_removed" in result["msg"] for result in outcomes(run)[3:5]]
    assert advised == [False, True]  # A limit does not help where something is not there.


def test_all_refusals_are_told_at_once(ansible: Ansible) -> None:
    run = ansible.tasks(routes(applications=[], present="global\n", present_mark="mine"))
    (result,) = outcomes(run)
    assert "takeover: true" in result["msg"]
    assert "allow_empty: true" in result["msg"]
    assert result["msg"].endswith("Nothing was changed.")
