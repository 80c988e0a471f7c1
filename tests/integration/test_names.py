"""Names and numbers as a playbook has them: what YAML makes of them without quotes, in each way of running a module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness import IN_PROCESS, WAYS, Ansible, Platform
from tests.inventory_source import Answer, FakeBroker, Source, application, credentials

MODULES = "openshift_v2.apps."
ACME = {"domain": "acme"}


def playbook(*tasks: dict[str, Any], way: str = IN_PROCESS) -> str:
    """The text of a playbook. ``UNQUOTED:012`` in it loses its quotes."""
    play = {"hosts": "localhost", "gather_facts": False, "ignore_errors": True, "tasks": list(tasks)}
    if way != IN_PROCESS:
        play["environment"] = {"AS_MODULE": "1"}
    text = json.dumps([play])
    for part in text.split('"UNQUOTED:')[1:]:
        value = part.split('"', 1)[0]
        text = text.replace(f'"UNQUOTED:{value}"', value)
    return text


@pytest.fixture
def source(tmp_path: Path, platform: Platform) -> Source:
    platform.broker.seed({"applications": [{"domain": "acme", "name": "10", "cartridges": ["php-5.4"], "gears": 3}]})
    platform.broker.clear_requests()
    return Source(tmp_path, platform.url, {**credentials(), "ANSIBLE_INVENTORY_UNPARSED_FAILED": "false"})


def run(source: Source, text: str, *arguments: str) -> tuple[list[dict[str, Any]], Answer]:
    """The results of the tasks, which Ansible prints one below the other, without warnings."""
    path = source.directory / "playbook.yml"
    path.write_text(text, encoding="utf-8")
    answer = source.run("ansible-playbook", path, "-v", *arguments)
    decoder, results = json.JSONDecoder(), []
    for part in answer.stdout.split(" => ")[1:]:
        results.append(decoder.raw_decode(part)[0])
    assert results, answer.stdout + answer.stderr
    return results, answer


@pytest.mark.parametrize("way", [IN_PROCESS, pytest.param(WAYS[1], marks=pytest.mark.thorough)])
def test_names_without_quotes(source: Source, platform: Platform, way: str) -> None:
    tasks = [
        {f"{MODULES}openshift_app_info": {**ACME, "name": f"UNQUOTED:{value}"}}
        for value in ("true", "no", "1.10", "2026-11-29", "012")
    ]
    tasks += [
        {f"{MODULES}openshift_app_ha": {**ACME, "name": "UNQUOTED:null"}},
        {f"{MODULES}openshift_apps_ha": {"select": {"domains": ["UNQUOTED:yes"]}}},
        {f"{MODULES}openshift_apps_ha": {"select": "UNQUOTED:true"}},
        {f"{MODULES}openshift_apps_ha": {"applications": [{**ACME, "name": "UNQUOTED:012"}], "max_changes": "5"}},
        {f"{MODULES}openshift_apps_ha": {"select": {}, "max_changes": "UNQUOTED:.inf"}},
        {f"{MODULES}openshift_apps_ha": {"select": {}, "concurrency": "UNQUOTED:true"}},
        {f"{MODULES}openshift_app_ha": {**ACME, "name": "x", "http_timeout": "1e400"}},
    ]
    results, answer = run(source, playbook(*tasks, way=way), "--check")
    messages = [result.get("msg", "") for result in results]
    for message, kind in zip(
        messages, ("a boolean (true)", "a boolean (false)", "a number (1.1)", "a date"), strict=False
    ):
        assert message.startswith(f"acme: name: is {kind}")
        assert message.endswith("Put the name in quotes. Nothing was changed.")
    assert [app["name"] for app in results[4]["applications"]] == ["10"]
    assert answer.warns("This name is a number, and is used as shown here: name (10).")
    assert messages[5].startswith("acme: name: has no value.")
    assert messages[6].startswith("select.domains[0]: is a boolean (true), not a name.")
    assert messages[7].startswith("select: must be a dictionary, not a boolean (true).")
    assert answer.warns("applications[0].name (10)")
    assert results[8]["results"][0]["application"]["name"] == "10"
    assert messages[9].startswith("max_changes: must be a whole number, not a number (inf).")
    assert messages[10].startswith("concurrency: must be a whole number, not a boolean (true).")
    assert messages[11].startswith("acme/x: http_timeout: must be a number of at most 1,000,000,000.")
    # The two tasks with the name 10.
    paths = {request["path"].partition("?")[0] for request in platform.broker.requests()}
    assert "/broker/rest/domain/acme/application/10" in paths


@pytest.mark.parametrize("native", ["false", "true"])
def test_names_and_numbers_from_templates(source: Source, native: str) -> None:
    values = {"number": "5", "name": "10", "yes": "UNQUOTED:true"}
    tasks = [
        {f"{MODULES}openshift_app_ha": {**ACME, "name": "{{ name }}", "max_gears": "{{ number }}"}, "vars": values},
        {f"{MODULES}openshift_app_ha": {**ACME, "name": "{{ yes }}"}, "vars": values},
    ]
    environment = {**source.environment, "ANSIBLE_JINJA2_NATIVE": native}
    (first, second), _answer = run(Source(source.directory, source.url, environment), playbook(*tasks), "--check")
    assert (first["changed"], first["application"]["max_gears"]) == (True, 5)
    assert second["msg"].startswith("acme: name: is a boolean (true), not a name.")


@pytest.mark.thorough
def test_names_of_the_inventory(tmp_path: Path) -> None:
    with FakeBroker({"/applications": [application(name="10"), application()]}) as broker:
        source = Source(tmp_path, broker.url, credentials())
        listed = source.run("ansible-inventory", "-i", source.file("select: {names: [012]}\n"), "--list", "--export")
        assert list(listed.hosts) == ["10-acme.example.com"]
        assert listed.warns("This name is a number, and is used as shown here: select.names[0] (10).")
        for option, path in (
            ("select: {domains: [on]}", "select.domains[0]: is a boolean (true)"),
            ("select: true", "select: must be a dictionary"),
            ("username: 2026-11-29", "username: is a date"),
            ("http_timeout: .nan", "http_timeout: must be a finite number"),
        ):
            refused = source.run("ansible-inventory", "-i", source.file(f"{option}\n"), "--list")
            assert refused.rc != 0
            assert refused.warns(path), refused.stderr
    assert broker.seen == ["/broker/rest/applications"]


def test_playbook_variables(ansible: Ansible) -> None:
    task = {f"{MODULES}openshift_ha_batches": {"hosts": "", "domains": [True, 10, "acme"], "names": "shop"}}
    (result,) = ansible.tasks(task).of("openshift_ha_batches")
    assert result.failed
    assert "enable_ha_domains[0]: is a boolean (true), not a name." in result.result["msg"]
