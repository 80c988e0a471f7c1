"""The names of reports, and results that no module returns."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import (
    InputError,
    ReportInput,
    parse_registered,
    refuse_malformed,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.shapes import find_name_problem
from tests.unit.reports import BLOCKED, GONE, PLANNED


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "must not be empty"),
        (" ", "must not be empty"),
        (".", "must not be empty"),
        ("..", "must not be empty"),
        ("../report", "must not contain a path"),
        ("/etc/report", "must not contain a path"),
        ("a/b", "must not contain a path"),
        ("..\\report", "must not contain a path"),
        ("a\0b", "not printable"),
        ("a\nb", "not printable"),
        ("a\u202eb", "not printable"),
        ("\ud800", "not printable"),
        ("con", "every operating system"),
        ("NUL.2026", "every operating system"),
        ("Com1", "every operating system"),
        ("lpt9 .x", "every operating system"),
        ("a*", "every operating system"),
        ("what?", "every operating system"),
        (" report", "every operating system"),
        ("r" * 201, "longer than 200 bytes"),
        ("\u5e97" * 67, "longer than 200 bytes"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(name: str, problem: str) -> None:
    assert problem in find_name_problem(name)


@pytest.mark.parametrize(
    "name",
    [
        "report",
        "acme 2026",
        "2026-11-29T10:00:00Z",
        "Bericht-K\xf6ln",
        "console",
        "com10",
        "a..b",
        ".hidden",
        "r" * 200,
    ],
)
def test_other_names_are_accepted(name: str) -> None:
    assert find_name_problem(name) == ""


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ([], "results[0]: must be a dictionary, not list."),
        ("acme/shop", "results[0]: must be a dictionary, not str."),
        ({"application": [1]}, "results[0].application: must be a dictionary, not list."),
        ({"before": True}, "results[0].before: must be a dictionary, not bool."),
        ({"steps": {"action": "x"}}, "results[0].steps: must be a list of dictionaries, not dict."),
        ({"blockers": ["x"]}, "results[0].blockers: must be a list of dictionaries, not list."),
        ({"warnings": "x"}, "results[0].warnings: must be a list, not str."),
    ],
)
def test_a_malformed_result_is_refused(result: Any, problem: str) -> None:
    with pytest.raises(InputError) as error:
        refuse_malformed([ReportInput((result,))])
    assert str(error.value) == f"{problem} No report was written."


def test_malformed_totals_are_refused() -> None:
    with pytest.raises(InputError, match=r"^gears_available: must be a dictionary\."):
        refuse_malformed([ReportInput((), gears_available=[])])  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^summary: must be a dictionary, not list\."):
        parse_registered({"results": [], "summary": ["x"]})


def test_results_of_the_modules_are_accepted() -> None:
    refuse_malformed([ReportInput((BLOCKED, GONE, PLANNED, {"application": None, "steps": None})), ReportInput(())])  # type: ignore[typeddict-item]
