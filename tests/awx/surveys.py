"""Surveys: the questions that AWX accepts, and the variables from the answers."""

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
    """Validate a survey. Raises Refused."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(key), kind):
            raise Refused(400, {"error": f"{key} is missing, or of the wrong type."})
    if not spec["spec"]:
        raise Refused(400, {"error": "A survey must have questions."})
    seen: set[str] = set()
    for question in spec["spec"]:
        if problem := _problem(question, seen):
            raise Refused(400, {"error": f"{question.get('variable')}: {problem}"})
        seen.add(question["variable"])


def _problem(question: Mapping[str, Any], seen: set[str]) -> str | None:
    if not all(isinstance(question.get(key), str) for key in ("type", "question_name", "variable")):
        return "type, question_name and variable must be texts"
    if not isinstance(question.get("required"), bool):
        return "required must be a boolean"
    if question["variable"] in seen or question["type"] not in _TYPES:
        return "the variable is used twice, or the type is unknown"
    if not all(isinstance(question.get(key, 0), int) for key in ("min", "max")):
        return "min and max must be integers"
    return _problem_of_default(question)


def _problem_of_default(question: Mapping[str, Any]) -> str | None:
    default = question.get("default", "")
    if default != "" and not isinstance(default, _TYPES[question["type"]]):
        return f"the default {default!r} is of the wrong type"
    if question["type"] in ("multiplechoice", "multiselect"):
        if "choices" not in question:
            return "the choices are missing"
        if default not in ("", *_choices(question)):
            return "the default must be one of the choices"
    return None


def _choices(question: Mapping[str, Any]) -> list[str]:
    choices = question["choices"]
    return choices.splitlines() if isinstance(choices, str) else list(choices)


def variables(template: Mapping[str, Any], spec: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The extra variables of a job: variables of the template, defaults of the survey, answers. Raises Refused.

    A default that is not a valid answer, such as an empty text for a number, is ignored.
    """
    questions = {question["variable"]: question for question in spec.get("spec", [])}
    if unknown := set(answers) - set(questions):
        raise Refused(400, {"extra_vars": [f"The survey does not ask for {sorted(unknown)}."]})
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
