"""Credential types: the inputs and injectors that AWX accepts, and the environment of a job."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .fields import Refused, Values, invalid

ENCRYPTED = "$encrypted$"
_FIELD_KEYS = frozenset(
    {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "ask_at_runtime", "default"}
)
_ONLY_TEXT = ("choices", "multiline", "format", "secret")
_IDENTIFIER = re.compile(r"[A-Za-z_]+[A-Za-z0-9_]*\Z")
_FILE = re.compile(r"template(\.[A-Za-z_]+[A-Za-z0-9_]*)?\Z")
_RESERVED = frozenset({"PATH", "PYTHONPATH", "VIRTUAL_ENV", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID"})


def secret_inputs(inputs: Mapping[str, Any]) -> set[str]:
    """The identifiers of the inputs that AWX does not show."""
    return {field["id"] for field in inputs.get("fields", []) if field.get("secret")}


# --- Inputs of a type


def check_type_inputs(inputs: Mapping[str, Any]) -> None:
    """Validate the inputs of a credential type, and add missing types as AWX does. Raises Refused."""
    if unknown := set(inputs) - {"fields", "required"}:
        raise invalid("inputs", f"Unknown: {sorted(unknown)}.")
    seen: set[str] = set()
    for field in inputs.get("fields", []):
        _check_input(field, seen)
    if missing := set(inputs.get("required", [])) - seen:
        raise invalid("inputs", f"Required, but not defined: {sorted(missing)}.")


def _check_input(field: dict[str, Any], seen: set[str]) -> None:
    if not {"id", "label"} <= set(field) <= _FIELD_KEYS:
        raise invalid("inputs", f"A field has an id and a label, and only known keys: {sorted(field)}.")
    if not _IDENTIFIER.match(field["id"]) or field["id"] == "tower" or field["id"] in seen:
        raise invalid("inputs", f"{field['id']} is not a valid identifier, or is used twice.")
    seen.add(field["id"])
    kind = field.setdefault("type", "string")
    if kind not in ("string", "boolean") or field.get("ask_at_runtime"):
        raise invalid("inputs", f"{field['id']} has a type that a custom credential type must not have.")
    if kind == "boolean" and any(key in field for key in _ONLY_TEXT):
        raise invalid("inputs", f"{field['id']} has a key that is for texts only.")
    if "default" in field and not isinstance(field["default"], {"string": str, "boolean": bool}[kind]):
        raise invalid("inputs", f"The default of {field['id']} must be a {kind}.")


# --- Injectors of a type


class _Files:
    """The names of files, for templates. The name of an unknown file is undefined."""


def check_injectors(inputs: Mapping[str, Any], injectors: Mapping[str, Any]) -> None:
    """Validate the injectors of a credential type. Raises Refused."""
    if unknown := set(injectors) - {"file", "env", "extra_vars"}:
        raise invalid("injectors", f"Unknown: {sorted(unknown)}.")
    files = injectors.get("file", {})
    if not all(_FILE.match(name) for name in files) or ("template" in files and len(files) > 1):
        raise invalid("injectors", f"Invalid names of files: {sorted(files)}.")
    names = _Files()
    for name in files:
        setattr(names, name.partition(".")[2], "FILE")
    fields = {field["id"]: "EXAMPLE" for field in inputs.get("fields", [])}
    namespace = {**fields, "tower": SimpleNamespace(filename="FILE" if "template" in files else names)}
    for name, template in injectors.get("env", {}).items():
        _check_variable(name, template)
    for name, template in [item for kind in ("file", "env") for item in injectors.get(kind, {}).items()]:
        _check_template(name, template, namespace)


def _check_variable(name: str, template: Any) -> None:
    if not _IDENTIFIER.match(name) or name.startswith("ANSIBLE_") or name in _RESERVED:
        raise invalid("injectors", f"A credential must not set the variable {name}.")
    if not isinstance(template, str) or not template.isascii():
        raise invalid("injectors", f"The template of {name} is not plain text.")


def _check_template(name: str, template: Any, namespace: Mapping[str, Any]) -> None:
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(namespace)
    except (TemplateError, TypeError) as error:
        raise invalid("injectors", f"The template of {name} cannot be rendered: {error}") from None


# --- Inputs of a credential


def check_inputs(type_inputs: Mapping[str, Any], inputs: Mapping[str, Any], new: bool) -> None:
    """Validate the inputs of a credential of this type. Raises Refused."""
    fields = {field["id"]: field for field in type_inputs.get("fields", [])}
    if unknown := set(inputs) - set(fields):
        raise invalid("inputs", f"The type has no input {sorted(unknown)}.")
    errors = {name: [problem] for name, value in inputs.items() if (problem := _problem(fields[name], value, new))}
    if errors:
        raise Refused(400, {"inputs": errors})


def _problem(field: Mapping[str, Any], value: Any, new: bool) -> str | None:
    if new and value == ENCRYPTED:
        return f"{ENCRYPTED} is reserved."
    if not isinstance(value, {"string": str, "boolean": bool}[field["type"]]):
        return f"It must be a {field['type']}."
    if field.get("choices") and value not in field["choices"]:
        return f"It must be one of {field['choices']}."
    if field.get("format") == "url" and not all(urlsplit(str(value))[:2]):
        return "It must be a URL."
    return None


# --- The environment of a job


def inject(kind: Mapping[str, Any], inputs: Mapping[str, Any], private_data: Path) -> dict[str, str]:
    """The environment that a job gets from a credential of this type. Files are written to ``private_data``/env.

    As in AWX, an empty input is unset, an unset boolean is false, and an undefined name renders as an empty text.
    """
    fields = kind["inputs"].get("fields", [])
    namespace: Values = {field["id"]: False for field in fields if field["type"] == "boolean"}
    namespace.update({name: value for name, value in inputs.items() if isinstance(value, bool) or value})
    environment, files = ImmutableSandboxedEnvironment(), SimpleNamespace()
    (private_data / "env").mkdir(parents=True, exist_ok=True)
    for name, template in kind["injectors"].get("file", {}).items():
        handle, path = tempfile.mkstemp(dir=private_data / "env")
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(environment.from_string(template).render(namespace))
        setattr(files, name.partition(".")[2], path)
    namespace["tower"] = SimpleNamespace(filename=files)
    templates = kind["injectors"].get("env", {})
    return {name: environment.from_string(template).render(namespace) for name, template in templates.items()}
