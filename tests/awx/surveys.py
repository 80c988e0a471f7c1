"""Surveys: what AWX accepts as questions, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fields import Refused

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": (str, list),
    "integer": int,
    "float": (float, int),
}


def check_survey(spec: Mapping[str, Any]) -> None:
    """Accept a survey. Raises Refused."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(key), kind):
            raise Refused(400, {"error": f"{key} is missing, or of the wrong kind."})
    if not spec["spec"]:
        raise Refused(400, {"error": "A survey without questions."})
    seen: set[str] = set()
    for question in spec["spec"]:
        if problem := _problem(question, seen):
            raise Refused(400, {"error": f"{question.get('variable')}: {problem}"})
        seen.add(question["variable"])


def _problem(question: Mapping[str, Any], seen: set[str]) -> str | None:
    if not all(isinstance(question.get(key), str) for key in ("type", "question_name", "variable")):
        return "type, question_name and variable are texts"
    if not isinstance(question.get("required"), bool):
        return "required is missing, or no boolean"
    if question["variable"] in seen or question["type"] not in _TYPES:
        return "asked twice, or of an unknown type"
    if not all(isinstance(question.get(key, 0), int) for key in ("min", "max")):
        return "min and max are integers"
    return _problem_of_default(question)


def _problem_of_default(question: Mapping[str, Any]) -> str | None:
    default = question.get("default", "")
    if default != "" and not isinstance(default, _TYPES[question["type"]]):
        return f"the default {default!r} is of the wrong kind"
    if question["type"] in ("multiplechoice", "multiselect"):
        if "choices" not in question:
            return "no choices"
        if default not in ("", *_choices(question)):
            return "the default is no choice"
    return None


def _choices(question: Mapping[str, Any]) -> list[str]:
    choices = question["choices"]
    return choices.splitlines() if isinstance(choices, str) else list(choices)


def variables(template: Mapping[str, Any], spec: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The extra variables of a job: those of the template, defaults of the survey, answers. Raises Refused.

    A default that would itself be no valid answer, such as an empty one for a number, is none.
    """
    questions = {question["variable"]: question for question in spec.get("spec", [])}
    if unknown := set(answers) - set(questions):
        raise Refused(400, {"extra_vars": [f"Not asked for: {sorted(unknown)}."]})
    wrong = [name for name, value in answers.items() if not _valid(questions[name], value)]
    wrong += [name for name, question in questions.items() if question["required"] and name not in answers]
    if wrong:
        raise Refused(400, {"variables_needed_to_start": wrong})
    defaults = {name: question["default"] for name, question in questions.items() if "default" in question}
    return {**template, **{n: d for n, d in defaults.items() if _valid(questions[n], d)}, **answers}


def _valid(question: Mapping[str, Any], value: Any) -> bool:
    if not isinstance(value, _TYPES[question["type"]]) or isinstance(value, bool):
        return False
    if question["type"] in ("multiplechoice", "multiselect"):
        return all(item in _choices(question) for item in (value if isinstance(value, list) else [value]))
    size = len(value) if isinstance(value, str) else value
    return bool(question.get("min", size) <= size <= question.get("max", size))
