# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as XML for CI servers, in the format of JUnit: an application is a test case. Pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    FAILED,
    IGNORED,
    LEFT_ALONE,
    UNKNOWN,
    Report,
    Row,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import label

#: Characters that XML 1.0 does not allow, not even as references.
_INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(report: Report) -> str:
    """A test suite for each broker. An application that drifted is a failure; one that was not checked is an error."""
    root = ElementTree.Element("testsuites", {"name": _clean(report.title)})
    for part in report.brokers:
        _add_suite(root, part)
    _set_counts(root)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add_suite(root: ElementTree.Element, report: Report) -> None:
    suite = ElementTree.SubElement(root, "testsuite", {"name": _clean(report.broker_url or report.title)})
    for row in report.rows:
        _add_row(suite, row)
    for name in report.unmatched:
        case = _add_case(suite, "selection", name)
        _add_problem(case, "failure", "unmatched", "No application of this name is accessible to the account.")
    if report.error:
        _add_problem(_add_case(suite, "audit", "broker"), "error", UNKNOWN, report.error)
    _set_counts(suite)
    suite.set("timestamp", report.made_at.strftime("%Y-%m-%dT%H:%M:%S"))


def _add_row(suite: ElementTree.Element, row: Row) -> None:
    case = _add_case(suite, row.domain, row.name)
    if row.finding == LEFT_ALONE:
        ElementTree.SubElement(case, "skipped", {"message": label(row.status)})
    elif row.finding == IGNORED:
        ElementTree.SubElement(case, "skipped", {"message": _clean(f"ignored by rule {row.rule} of the policy")})
    elif row.finding == FAILED and row.status == UNKNOWN:
        _add_problem(case, "error", row.finding, row.reason)
    elif row.still_drifted:
        _add_problem(case, "failure", row.finding, ": ".join(filter(None, (row.missing, row.reason))), _details(row))


def _details(row: Row) -> str:
    """What a person who opens the failure wants to know."""
    facts = {
        "Status": label(row.status),
        "Owner": row.owner,
        "Drifted since": row.drifted_since,
        "Planned": "; ".join(row.steps),
        "Gears needed": row.gears_needed or "",
        "Warnings": " ".join(row.warnings),
        "Repair": row.repair_command,
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items() if value)


def _add_case(suite: ElementTree.Element, group: str, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", {"classname": _clean(group), "name": _clean(name), "time": "0"})


def _add_problem(case: ElementTree.Element, tag: str, kind: str, message: str, details: str = "") -> None:
    problem = ElementTree.SubElement(case, tag, {"message": _clean(message), "type": kind})
    problem.text = _clean(details or message)


def _set_counts(element: ElementTree.Element) -> None:
    """The attributes that count the cases below the element."""
    tags = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for name, tag in tags.items():
        element.set(name, str(sum(1 for _each in element.iter(tag))))
    element.set("time", "0")


def _clean(text: str) -> str:
    return _INVALID.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
