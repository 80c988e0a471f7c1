"""Collects the examples of the documentation, and recognizes what each of them is.

An example is a fenced block of a page in Markdown, a ``code-block`` of a page in reStructuredText, a file in
docs/examples, or a YAML document in the EXAMPLES of a plugin.
"""

from __future__ import annotations

import ast
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

PAGES = ("README.md", "docs/**/*.md", "docs/docsite/rst/*.rst", "roles/*/README.md")
PLUGINS = ("plugins/modules/*.py", "plugins/inventory/*.py")
FILES = "docs/examples/**/*.yml"
SHELLS = ("console", "sh", "bash", "shell", "shell-session")
#: Languages of what a program prints or writes.
OUTPUT = ("text", "diff", "none", "")
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```\s*$", re.DOTALL | re.M)
_DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. (?:code-block|code|sourcecode):: *(?P<language>[\w-]*)\n"
    r"(?:(?P=indent) +:[^\n]*\n)*\n(?P<text>(?:(?P=indent) +[^\n]*\n|[ \t]*\n)+)",
    re.MULTILINE,
)
#: The variables of a role or a playbook, by their prefix, and the playbook that uses them.
VARIABLES = {
    "app_ha_": "enable_ha",
    "enable_ha_": "enable_ha",
    "audit_ha_": "audit_ha",
    "app_router_": "router",
    "broker_ha_": "broker_ha",
    "awx_setup_": "awx_setup",
}
#: The kind of YAML that is none of the others.
UNKNOWN = "unknown"
_ENVIRONMENT = ("version", "images", "dependencies")
_FRAGMENT = ("bugfixes", "minor_changes", "major_changes", "breaking_changes", "deprecated_features", "security_fixes")
_RULE = {"name", "match", "state", "verify", "spread", "min_gears", "max_gears", "preserve_gear_count", "relocate"}


@dataclass(frozen=True)
class Example:
    """A block of text with its language, and where it is: the file, and the number of its line."""

    source: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.source}:{self.line}"

    @property
    def file_name(self) -> str:
        """The name that the first comment gives the file, empty if there is none."""
        found = re.match(r"(?:---\n)?# (?:File: )?([\w.-]+\.(?:yml|yaml|cfg|ini|j2))$", self.text, re.MULTILINE)
        if not found and self.source.startswith("docs/examples/"):
            return Path(self.source).name
        return found[1] if found else ""

    @cached_property
    def content(self) -> Any:
        """The YAML of the example, ``None`` if it is not YAML."""
        try:
            return yaml.safe_load(self.text)
        except yaml.YAMLError:
            return None

    @cached_property
    def kind(self) -> str:
        if self.language in SHELLS:
            return "commands"
        if self.language in OUTPUT:
            return "output"
        if self.language in ("yaml", "yml"):
            return _kind_of(self.content)
        return self.language

    @property
    def commands(self) -> list[str]:
        """The commands of a shell. In a console they begin with a prompt; other lines are output."""
        if self.language not in SHELLS:
            return []
        joined = self.text.replace("\\\n", " ")
        lines = [line.strip() for line in joined.splitlines()]
        if self.language in ("console", "shell-session") or any(line.startswith("$ ") for line in lines):
            return [line[2:] for line in lines if line.startswith("$ ")]
        return [line for line in lines if line and not line.startswith("#")]


def _kind_of(content: Any) -> str:
    if isinstance(content, list) and content and all(isinstance(each, dict) for each in content):
        if all("hosts" in each or "import_playbook" in str(each) for each in content):
            return "plays"
        if all(set(each) <= _RULE for each in content):
            return "policy"
        if all(any("." in key for key in each) or "block" in each for each in content):
            return "tasks"
    return _kind_of_map(content) if isinstance(content, dict) and content else UNKNOWN


def _kind_of_map(content: dict[str, Any]) -> str:
    if "plugin" in content:
        return "source"
    if playbook_of(content):
        return "variables"
    if set(content) == {"collections"}:
        return "requirements"
    if set(content) >= set(_ENVIRONMENT):
        return "environment"
    if all(key in _FRAGMENT for key in content):
        return "fragment"
    if set(content) == {"groups"} and isinstance(content["groups"], list):
        return "alerts"
    if all(isinstance(group, dict) and set(group) <= {"hosts", "vars", "children"} for group in content.values()):
        return "hosts"
    return UNKNOWN


def playbook_of(content: dict[str, Any]) -> str:
    """The playbook that uses these variables, empty if they are not those of one."""
    found = {
        next((playbook for prefix, playbook in VARIABLES.items() if name.startswith(prefix)), "") for name in content
    }
    return found.pop() if len(found) == 1 else ""


def collect(root: Path) -> list[Example]:
    """All examples below the root of a checkout."""
    return [
        *(example for path in _paths(root, PAGES) for example in _read_page(root, path)),
        *(example for path in _paths(root, (FILES,)) for example in _read_file(root, path)),
        *(example for path in _paths(root, PLUGINS) for example in _read_plugin(root, path)),
    ]


def _paths(root: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(root.glob(pattern))


def _read_page(root: Path, path: Path) -> Iterator[Example]:
    text = path.read_text(encoding="utf-8")
    for found in (_DIRECTIVE if path.suffix == ".rst" else _FENCE).finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        block = textwrap.dedent(found["text"]).strip("\n") + "\n"
        yield Example(str(path.relative_to(root)), line, found["language"], block)


def _read_file(root: Path, path: Path) -> Iterator[Example]:
    yield Example(str(path.relative_to(root)), 1, "yaml", path.read_text(encoding="utf-8"))


def _read_plugin(root: Path, path: Path) -> Iterator[Example]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES":
            assert isinstance(node.value, ast.Constant)
            documents = [
                text for text in re.split(r"^---\n", str(node.value.value), flags=re.MULTILINE) if text.strip()
            ]
            for text in documents:
                yield Example(str(path.relative_to(root)), node.lineno, "yaml", f"{text.strip()}\n")


def find_words(command: str) -> list[str]:
    """The words of a command, as a shell splits it."""
    return shlex.split(command, comments=True)
