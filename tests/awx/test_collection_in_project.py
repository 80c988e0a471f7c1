"""Syncs of inventories find the collection in the project, or where AWX installs what the project requires."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.brokers import SOURCE_VARIABLES
from tests.awx.setup_run import PROJECT
from tests.broker import EmbeddedBroker
from tests.harness import LOGIN, PASSWORD
from tests.tools import checkout

FLEET = {
    "users": [{"login": LOGIN, "password": PASSWORD, "ha": True, "max_gears": 9}],
    "domains": [{"name": "acme", "owner": LOGIN}],
    "applications": [{"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "gears": 1}],
}
#: The folder of a job in its container.
CONTAINER = "/runner"


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(fleet=FLEET) as broker:
        yield broker


@pytest.mark.parametrize("place", ["project/collections", "requirements_collections"])
@pytest.mark.parametrize("with_source_variables", [True, False])
def test_a_sync_finds_the_collection(
    programs: Path, tmp_path: Path, broker: EmbeddedBroker, place: str, with_source_variables: bool
) -> None:
    source = tmp_path / "project" / "inventories" / "openshift_apps.yml"
    source.parent.mkdir(parents=True)
    source.write_bytes((PROJECT / "inventories" / "openshift_apps.yml").read_bytes())
    checkout.copy_to(tmp_path / place / "ansible_collections" / "openshift_v2" / "apps")
    given = {name: text.replace(CONTAINER, str(tmp_path)) for name, text in SOURCE_VARIABLES.items()}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_"))}
    done = subprocess.run(
        [programs / "ansible-inventory", "--list", "--export", "-i", source, "--playbook-dir", source.parent],
        env={
            **kept,
            "HOME": str(tmp_path),
            # The collection is nowhere else.
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
            # As AWX does.
            "ANSIBLE_COLLECTIONS_PATHS": f"{tmp_path}/requirements_collections:~/.ansible/collections",
            "OPENSHIFT_BROKER_URL": broker.url,
            "OPENSHIFT_BROKER_USERNAME": LOGIN,
            "OPENSHIFT_BROKER_PASSWORD": PASSWORD,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            **(given if with_source_variables else {}),
        },
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if with_source_variables:
        assert done.returncode == 0, done.stderr
        assert "shop-acme.example.com" in json.loads(done.stdout)["_meta"]["hostvars"]
    else:
        # What the variable of the source is for. ansible-core up to 2.18 reads the variable of AWX.
        assert done.returncode != 0
