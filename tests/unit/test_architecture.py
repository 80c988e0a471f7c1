"""The packages: what each may import, and that every file opens with what it is for (docs/development.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
BASE = "ansible_collections.openshift_v2.apps.plugins."

#: What each package may import besides itself: arrows point down only.
CORE = "module_utils._core"
CLIENT = "module_utils._client"
ENGINE = "module_utils._engine"
ANSIBLE = "module_utils._ansible"
ACTION = "plugin_utils._action"
FLOORS = (CORE, CLIENT, ENGINE, ANSIBLE)
MAY_IMPORT = {
    CORE: (),
    CLIENT: (CORE,),
    ENGINE: (CORE, CLIENT),
    ANSIBLE: (CORE, CLIENT, ENGINE),
    ACTION: FLOORS,
    "plugin_utils._app_ha": FLOORS,
    "plugin_utils._awx_setup": FLOORS,
    "plugin_utils._inventory": FLOORS,
    "plugin_utils._report": FLOORS,
    "plugin_utils._router": FLOORS,
    "plugin_utils._variables": FLOORS,
    "plugin_utils._broker_host": FLOORS,
}
#: The pure floor knows neither Ansible, the network nor the clock.
FORBIDDEN_IN_CORE = ("ansible", "requests", "urllib3", "time", "socket", "os", "threading")

#: Lines: what still fits into a head, and onto a screen.
LONGEST = {"file": 400, "class": 200, "function": 50}

FILES = sorted(path for path in PLUGINS.rglob("*.py"))


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(PLUGINS).parts[:2])


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_file_of_the_shared_code_belongs_to_a_package() -> None:
    stray = [
        path for path in FILES if path.parts[-3] != "_report" and path.parent.name in ("module_utils", "plugin_utils")
    ]
    assert stray == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_imports_point_down_only(path: Path) -> None:
    package = package_of(path)
    allowed = {package, *MAY_IMPORT.get(package, tuple(MAY_IMPORT))}
    own = [name[len(BASE) :] for name in imports_of(path) if name.startswith(BASE)]
    assert [name for name in own if ".".join(name.split(".")[:2]) not in allowed] == []


@pytest.mark.parametrize("path", [path for path in FILES if package_of(path) == CORE], ids=lambda path: path.name)
def test_the_core_is_pure(path: Path) -> None:
    assert [name for name in imports_of(path) if name.split(".")[0] in FORBIDDEN_IN_CORE] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_every_file_opens_with_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # Modules and doc fragments open with their documentation instead.
    documented = any(
        isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION" for node in tree.body
    )
    assert ast.get_docstring(tree) or documented or path.parent.name == "doc_fragments"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PLUGINS)))
def test_files_classes_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kinds = {ast.ClassDef: "class", ast.FunctionDef: "function"}
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    lengths = {node.name: ((node.end_lineno or 0) - node.lineno + 1, kinds[type(node)]) for node in nodes}
    if path.parent.name != "modules":
        # The files of modules are documentation.
        lengths["the file"] = len(text.splitlines()), "file"
    assert {name: lines for name, (lines, kind) in lengths.items() if lines > LONGEST[kind]} == {}
