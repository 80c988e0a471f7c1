"""The conditions of a measurement: time, machine, versions."""

from __future__ import annotations

import os
import platform
import re
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import yaml

from tests.harness import ROOT


def facts() -> dict[str, str]:
    """What a reader must know to compare the numbers. Call it before measuring, because of the load."""
    python = f"Python {platform.python_version()}"
    return {
        "Date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "Collection": _collection(),
        "Ansible": f"ansible-core {version('ansible-core')}, Jinja2 {version('jinja2')}, "
        f"requests {version('requests')}, {python}",
        "Embedded broker": f"Flask {version('flask')}, Werkzeug {version('werkzeug')}, {python}",
        "Machine": f"{_processor()}, {os.cpu_count()} processors, {_memory()}",
        "System": f"{_system()}, Linux {platform.release()}",
        "Load at the start": f"{os.getloadavg()[0]:.2f}",
    }


def _collection() -> str:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    return f"{galaxy['namespace']}.{galaxy['name']} {galaxy['version']}"


def _processor() -> str:
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return model.group(1) if model else platform.machine()


def _memory() -> str:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{total / 2**30:.0f} GiB of memory"


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()
