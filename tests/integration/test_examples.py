"""Every example of the documentation runs, against the embedded broker and stand-ins.

Where the example names a host, a stand-in has its place: see tests/example_site.py. tests/awx runs the examples of AWX.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.example_site import ExampleSite, Outcome, service
from tests.examples import UNKNOWN, Example, collect, playbook_of
from tests.harness import ROOT, Ansible, Platform

#: Why an example or a command does not run here. The pattern is searched in the text.
NOT_RUN = {
    r"^make( |$)": "runs the tests, of which this is one",
    r"^\.venv/bin/python -m tests\.broker ": "serves until it is stopped; tests/contract starts the same program",
    r"\bpip install\b|^\. ~/|^ansible-galaxy collection (build|install)\b": "test_installed.py in this folder installs",
    r"\A(\w+:\n +)?application:\n": "shows what a module returns",
    r"^git push origin HEAD\b|^ansible-galaxy collection publish\b": "publishes a release",
    r"openshift_v2\.apps\.drill -i inventory\.yml$": "needs a real router; tests/e2e/test_router_drill.py drills",
    r"community\.general\.mail": "sends mail, with a collection of others",
    r"openshift_awx_setup:": "takes the variables of its playbook; tests/awx/test_awx_setup.py",
}
#: Kinds of examples that are checked elsewhere, and where.
ELSEWHERE = {
    "output": "what a program prints; the tests of its feature compare it",
    "requirements": "needs the network; tests/integration/test_installed.py installs the collection",
    "environment": "tests/awx/test_execution_environment.py",
    "alerts": "tests/e2e/test_prometheus_alerts.py",
    "fragment": "make changelog-lint",
}
#: Examples that end with a failure, and what it must show.
FAILS = {
    r"openshift_v2\.apps\.audit_ha\b": r"drifted",
    r"Fail if the shop is not highly available": r"acme/shop is standalone",
}
#: tests/awx/test_example_project.py runs this project as AWX does.
PROJECT = "docs/examples/awx-project/"
#: tests/awx/test_docs_awx.py runs this page, in its order.
AWX_PAGE = "docs/awx.md"


@cache
def examples() -> tuple[Example, ...]:
    return tuple(collect(ROOT))


def pages() -> list[str]:
    found = {example.source for example in examples() if not example.source.startswith(PROJECT)}
    return sorted(found - {AWX_PAGE})


def named_files() -> dict[str, str]:
    """The files that pages show, by name."""
    return {example.file_name: example.text for example in examples() if example.file_name}


def reason_of(text: str) -> str:
    """Why this does not run here, empty if it does."""
    return next((reason for pattern, reason in NOT_RUN.items() if re.search(pattern, text, re.MULTILINE)), "")


def test_every_example_is_recognized() -> None:
    unknown = [example.place for example in examples() if example.kind == UNKNOWN and not reason_of(example.text)]
    assert unknown == [], "No kind of example is like this. If it is output, its language is text."
    assert {example.kind for example in examples()} <= {*RUNNERS, *ELSEWHERE, UNKNOWN}


def test_no_reason_is_stale() -> None:
    texts = [text for example in examples() for text in example.commands or [example.text]]
    stale = [
        pattern for pattern in (*NOT_RUN, *FAILS) if not any(re.search(pattern, text, re.MULTILINE) for text in texts)
    ]
    assert stale == []
    assert [kind for kind in ELSEWHERE if not any(example.kind == kind for example in examples())] == []


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with service() as url:
        yield url


@pytest.mark.thorough
@pytest.mark.parametrize("page", pages())
def test_the_examples_of_a_page_run(ansible: Ansible, platform: Platform, address: str, page: str) -> None:
    own = [example for example in examples() if example.source == page]
    site = ExampleSite.create(ansible, platform, own, address)
    files = {**named_files(), **files_of(page)}
    for name, text in files.items():
        if name != "acme.openshift_apps.yml":
            site.write(name, text)
    problems = [f"{example.place}: {problem}" for example in own for problem in run_example(site, example)]
    assert problems == [], "\n\n".join(problems)


def run_example(site: ExampleSite, example: Example) -> Iterator[str]:
    """Run an example; yield what went wrong."""
    if example.kind in ELSEWHERE or (example.kind != "commands" and reason_of(example.text)):
        return
    for what, outcome in RUNNERS[example.kind](site, example):
        text = what if example.kind == "commands" else example.text
        expected = next((message for pattern, message in FAILS.items() if re.search(pattern, text)), "")
        if outcome.rc and not (expected and re.search(expected, outcome.output)):
            yield f"{what}\nended with {outcome.rc}: {shorten(outcome.output)}"
        if found := re.search(r"Failed to parse|\[DEPRECATION WARNING\]|ignoring unknown", outcome.output):
            yield f"{what}\nwarned: {shorten(outcome.output[found.start() :])}"


def shorten(output: str) -> str:
    """The first error, or the end."""
    found = re.search(r"^(?:fatal:|\[ERROR\]|ERROR!|.*Traceback)", output, re.MULTILINE)
    return output[found.start() :][:2000] if found else output[-2000:]


Runs = Iterator[tuple[str, Outcome]]


def run_commands(site: ExampleSite, example: Example) -> Runs:
    for command in example.commands:
        if not reason_of(command) and not is_repeated(example, command):
            yield command, site.execute(command)


def is_repeated(example: Example, command: str) -> bool:
    """Whether an earlier page has the same command. A file that it uses may be a different one on each page."""
    if not command.startswith("ansible") or any(name in command for name in files_of(example.source)):
        return False
    return example.source != next(each.source for each in examples() if command in each.commands)


def files_of(page: str) -> dict[str, str]:
    """The files that a page shows, by name."""
    return {each.file_name: each.text for each in examples() if each.source == page and each.file_name}


def is_used(example: Example) -> bool:
    """Whether a command of the page uses this file."""
    commands = (command for each in examples() if each.source == example.source for command in each.commands)
    return bool(example.file_name) and any(example.file_name in command for command in commands)


def run_plays(site: ExampleSite, example: Example) -> Runs:
    path = site.write(example.file_name or "example.yml", example.text)
    hosts = [each for each in examples() if each.source == example.source and each.kind == "hosts" and each.file_name]
    inventory = ["-i", hosts[0].file_name] if hosts and "hosts: all" in example.text else []
    yield "the playbook", site.run("ansible-playbook", path.name, *inventory)


def run_tasks(site: ExampleSite, example: Example) -> Runs:
    on_host = "become: true" in example.text
    play = {
        "hosts": "brokers" if on_host else "localhost",
        "gather_facts": False,
        "module_defaults": {"openshift_v2.apps.openshift_broker_config": {"path": str(site.broker_conf)}},
        "tasks": example.content,
    }
    # Some modules need the groups of an inventory of applications.
    yield "the tasks", site.play([play], "-i", "hosts.json", "-i", "acme.openshift_apps.yml")


def run_source(site: ExampleSite, example: Example) -> Runs:
    name = example.file_name if example.file_name.endswith("openshift_apps.yml") else "example.openshift_apps.yml"
    path = site.write(name, f"{example.text}\nstrict: true\n")
    yield "the inventory", site.run("ansible-inventory", "-i", path.name, "--list")


def run_hosts(site: ExampleSite, example: Example) -> Runs:
    path = site.write(example.file_name or "example-hosts.yml", example.text)
    yield "the inventory", site.run("ansible-inventory", "-i", path.name, "--list")
    if "openshift_app:" in example.text:
        playbook = ("openshift_v2.apps.enable_ha", "-i", path.name, "-e", "enable_ha_hosts=all", "--check")
        yield "enable_ha for the inventory", site.run("ansible-playbook", *playbook)


def run_variables(site: ExampleSite, example: Example) -> Runs:
    playbook = playbook_of(example.content)
    if is_used(example):
        return
    path = site.write(example.file_name or "example-variables.yml", example.text)
    yield (
        f"{playbook} with the variables",
        site.run("ansible-playbook", f"openshift_v2.apps.{playbook}", "-e", f"@{path.name}", "--check"),
    )


def run_policy(site: ExampleSite, example: Example) -> Runs:
    if is_used(example):
        return
    path = site.write(example.file_name or "example-policy.yml", example.text)
    playbook = ("openshift_v2.apps.enable_ha", "-e", '{"app_ha_select": {}}', "-e", f"app_ha_policy={path.name}")
    yield "enable_ha with the policy", site.run("ansible-playbook", *playbook, "--check")


def run_settings(site: ExampleSite, example: Example) -> Runs:
    path = site.write("example.cfg", example.text)
    arguments = ("-i", "acme.openshift_apps.yml", "--graph")
    yield "ansible-inventory with the settings", site.run("ansible-inventory", *arguments, ANSIBLE_CONFIG=str(path))


def run_data(_site: ExampleSite, example: Example) -> Runs:
    try:
        json.loads(example.text)
    except ValueError as error:
        yield "JSON", Outcome(1, str(error))


RUNNERS = {
    "commands": run_commands,
    "plays": run_plays,
    "tasks": run_tasks,
    "source": run_source,
    "hosts": run_hosts,
    "variables": run_variables,
    "policy": run_policy,
    "ini": run_settings,
    "json": run_data,
}
