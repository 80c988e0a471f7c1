"""The variables of awx_setup that the documentation shows work. Other examples: tests/integration/test_examples.py."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.awx import StandIn
from tests.awx.setup_run import REPOSITORY, Setup
from tests.examples import Example, collect, playbook_of
from tests.harness import ROOT


def examples() -> list[Example]:
    return [each for each in collect(ROOT) if each.kind == "variables" and playbook_of(each.content) == "awx_setup"]


def test_there_are_examples() -> None:
    assert examples()


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.place)
def test_documented_variables_work(setup: Setup, awx: StandIn, example: Example) -> None:
    # A relative path would be searched beside the playbook of the collection.
    text = re.sub(
        r"(lookup\('ansible\.builtin\.file', ')/[^']+", rf"\g<1>{setup.directory}/certificate.pem", example.text
    )
    variables = yaml.safe_load(text)
    # test_awx_setup.py uses a credential that exists already.
    brokers = [broker for broker in variables["awx_setup_brokers"] if "credential" not in broker]
    variables["awx_setup_brokers"] = brokers
    add_existing_objects(awx, variables)
    given = dict.fromkeys(re.findall(r"\{\{ (\w+) \}\}", example.text), "secret")
    certificate = setup.directory / "certificate.pem"
    certificate.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", encoding="utf-8")
    environment = dict.fromkeys(re.findall(r"lookup\('ansible\.builtin\.env', '(\w+)'\)", example.text), "secret")
    # The stand-in has the repository of the example project only.
    project = {"awx_setup_project_url": REPOSITORY} if "awx_setup_project_url" in variables else {}
    run = setup(env=environment, **{**given, **variables, **project})
    assert run.rc == 0, run.output
    assert {broker["name"] for broker in brokers} <= {name.split()[-3] for name in awx.all("job_templates")}


def add_existing_objects(awx: StandIn, variables: dict[str, object]) -> None:
    """What the example takes for granted: notification templates."""
    name = str(variables.get("awx_setup_organization", "Default"))
    known = awx.all("organizations")
    organization = known[name]["id"] if name in known else awx.add("organizations", name=name)
    for key, templates in variables.items():
        if key.startswith("awx_setup_notifications_") and isinstance(templates, list):
            for template in templates:
                awx.add("notification_templates", name=template, organization=organization, notification_type="slack")
