"""The steps of docs/awx.md work from zero: every command and every file of the page, in their order."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.managed import OPERATORS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._awx_setup.objects import MARK, WORDS
from tests.awx import StandIn
from tests.awx.setup_run import REPOSITORY
from tests.harness import ROOT
from tests.tools import checkout

PAGE = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")
HOST = "https://awx.example.com"
#: The playbook once more, after a file was changed.
AGAIN = "ansible-playbook openshift_v2.apps.awx_setup -e @awx_setup.yml"
#: Stands for a program that needs a container runtime or a registry.
STUB = '#!/bin/sh\necho "$(basename "$0") $*" >> "$STUB_LOG"\n'


def blocks() -> list[tuple[str, str]]:
    """The commands and the files of the page: the language of each block, and its text."""
    found = re.findall(r"```(console|yaml)\n(.*?)```", PAGE, re.DOTALL)
    assert [kind for kind, _text in found] == ["console", "console", "yaml", "console", "yaml", "yaml", "console"]
    return found


def script(host: str) -> str:
    """The page as a script. Its later files replace keys of the first one, and the playbook runs again."""
    lines = ["set -e"]
    variables: dict[str, Any] = {}
    for kind, text in blocks():
        if kind == "console":
            assert all(line.startswith("$ ") for line in text.splitlines())
            lines += [line[2:] for line in text.replace(HOST, host).splitlines()]
            continue
        again = [AGAIN, 'echo "--- again"', AGAIN] if variables else []
        variables |= yaml.safe_load(text)
        lines += ["cat > awx_setup.yml <<'END'", yaml.safe_dump(variables, sort_keys=False), "END", *again]
    return "\n".join(lines)


def environment(programs: Path, directory: Path) -> dict[str, str]:
    ours = ("ANSIBLE_", "OPENSHIFT_", "CONTROLLER_", "TOWER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **kept,
        "PATH": os.pathsep.join([str(directory / "stubs"), str(programs), kept["PATH"]]),
        "HOME": str(directory),
        "STUB_LOG": str(directory / "stubs.log"),
        "ANSIBLE_NOCOLOR": "1",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "WEST_TOKEN": "west-secret-token",
        **{f"GIT_{who}_{what}": "a@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{directory}/git/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://git.example.com/",
    }


def prepare(directory: Path) -> None:
    """What the page expects: an installed collection, an empty repository, and a certificate."""
    checkout.copy_to(directory / ".ansible" / "collections" / "ansible_collections" / "openshift_v2" / "apps")
    bare = directory / "git" / "platform" / "openshift-ha.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch", "main", bare], check=True)
    (directory / "stubs").mkdir()
    (directory / "stubs" / "podman").write_text(STUB, encoding="utf-8")
    (directory / "stubs" / "podman").chmod(0o755)


@pytest.mark.thorough
def test_every_step_of_the_page_works_in_its_order(programs: Path, tmp_path: Path) -> None:
    prepare(tmp_path)
    with StandIn({REPOSITORY: tmp_path / "awx" / "openshift-ha"}) as awx:
        organization = awx.add("organizations", name="Platform")
        for team in ("operators", "platform leads", "platform"):
            awx.add("teams", name=team, organization=organization)
        text = script(awx.url).replace("cd ..\n", "cd ..\necho certificate > west-ca.pem\n", 1)
        (tmp_path / "page.sh").write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["bash", tmp_path / "page.sh"],
            input=f"{awx.token}\neast-secret-password\n",
            env=environment(programs, tmp_path),
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert_result(awx, done.stdout, tmp_path)


def assert_result(awx: StandIn, output: str, directory: Path) -> None:
    assert not [secret for secret in ("east-secret-password", "west-secret-token", awx.token) if secret in output]
    # Ansible warns of a missing inventory in its own words.
    assert not [line for line in output.splitlines() if "[WARNING]" in line and "localhost" not in line]
    built, pushed = (directory / "stubs.log").read_text(encoding="utf-8").splitlines()
    assert "podman build" in built
    version = yaml.safe_load((checkout.ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert pushed == f"podman push registry.example.com/openshift-apps-ee:{version}"
    listed = ["git", "ls-tree", "-r", "--name-only", "main"]
    repository = directory / "git" / "platform" / "openshift-ha.git"
    files = subprocess.run(listed, cwd=repository, check=True, capture_output=True, text=True).stdout.split()
    assert files == ["audit.yml", "enable.yml", "inventories/openshift_apps.yml", "outcome.yml"]
    # The check and the first run for one broker, then for two, then with teams, and nothing to do in between.
    results = re.findall(
        r"AWX (?:would change for [^:]*: [^.]*|is set up for [^.]*\. [^.]*)\.", " ".join(output.split())
    )
    assert [re.sub(r"\d+ ", "", one) for one in results] == [
        "AWX would change for east: objects created.",
        "AWX is set up for east. Changed: objects created.",
        "AWX is set up for east, west. Changed: objects created.",
        "AWX is set up for east, west. Nothing was changed.",
        "AWX is set up for east, west. Changed: objects changed.",
        "AWX is set up for east, west. Nothing was changed.",
    ]
    assert not awx.all("job_templates")
    assert not awx.all("projects")
    assert sorted(awx.all("credential_types")) == ["Galaxy token", "Machine", "Source Control"]


def test_the_page_names_every_property_that_belongs_to_the_operator() -> None:
    rows = re.findall(r"^\| ([a-z ,]+) \| (.*) \|$", PAGE, re.MULTILINE)
    for path, names in OPERATORS.items():
        (text,) = [text for objects, text in rows if WORDS[path] in objects.split(", ") and "`" in text][-1:]
        named = set(re.findall(r"`(\w+)`", text))
        notified = {name for name in names if name.startswith("notification_templates_")}
        assert {name for name in names if name not in notified} <= named, path
        assert not notified or "notifications" in text, path
    assert MARK in PAGE
