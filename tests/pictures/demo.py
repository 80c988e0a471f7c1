"""The picture of `make demo`: its main tasks, from the output of a real run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.pictures import terminal

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = ROOT / "tests" / "demo" / "demo.yml"
#: How the names of the tasks start that the picture shows, in the order of the run.
SHOWN = (
    "The trap - ",
    "Run the role",
    "Show what changed, or what failed",
    "Check that the second run changed nothing",
    "Check that the audit found acme/pay",
    "Run the role with relocate",
    "Show what changed, or what failed",
    "Check that the HAProxy instances of acme/pay",
    "The end - ",
)
LEFT_OUT = re.compile(r"included: |    changed: false$|    msg:$|    - ''$")
TITLE = "A run of make demo: the platform reports HA, one HAProxy instance is missing, and the role adds it"


def run() -> str:
    """The output of the demo, with colors."""
    variables = {
        "ANSIBLE_FORCE_COLOR": "true",
        "ANSIBLE_NOCOLOR": "",
        "NO_COLOR": "",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "COLUMNS": "110",
    }
    program = Path(sys.executable).parent / "ansible-playbook"
    environment = {name: value for name, value in {**os.environ, **variables}.items() if value}
    environment.pop("NO_COLOR", None)
    return subprocess.run([program, PLAYBOOK], env=environment, check=True, capture_output=True, text=True).stdout


def select(output: str) -> list[str]:
    """The lines to show. Raises ValueError if the run has not all tasks of SHOWN."""
    blocks = iter(re.split(r"\n(?=TASK \[|PLAY )", output))
    lines: list[str] = []
    for name in SHOWN:
        start = re.compile(rf"TASK \[(?:[\w.]+ : )?{re.escape(name)}")
        block = next((block for block in blocks if start.match(block)), None)
        if block is None:
            raise ValueError(f"The run has no task {name!r} at this place")
        heading, *rest = block.rstrip().splitlines()
        lines += ["", re.sub(r"\]( \*+)$", "]", heading), *(part for part in rest if kept(part))]
    return lines[1:]


def kept(line: str) -> bool:
    return not LEFT_OUT.match(terminal.plain(line))


def draw(output: str) -> str:
    return terminal.draw(TITLE, "make demo", select(output))
