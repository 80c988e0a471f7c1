# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One report on the applications of several brokers, each of which has its own part. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from shlex import quote

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.build import build_report, strip_credentials
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.commands import AuditScope
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.drills import Drills
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.history import broker_key
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.inputs import ReportInput
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import Report, Row
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.values import line


def build_reports(
    inputs: Iterable[ReportInput],
    title: str,
    broker_url: str,
    made_at: datetime,
    default_url: str = "",
    scope: AuditScope | None = None,
    drills: Drills | None = None,
) -> Report:
    """The report on all inputs, with a part for each broker if their results come from several.

    ``broker_url``: the address to show for a single broker. ``default_url``: the address for inputs that have none.
    ``scope``, ``drills``: see ``build_report``.
    """
    groups = _group(tuple(inputs), broker_url or default_url)
    if len(groups) == 1:
        ((address, parts),) = groups
        return _with_brokers(build_report(parts, title, broker_url or address, made_at, scope, drills))
    reports = [
        _with_own_commands(_with_brokers(build_report(parts, title, address, made_at, scope, drills)))
        for address, parts in groups
    ]
    return Report(
        title=reports[0].title,
        broker_url="",
        made_at=made_at,
        rows=tuple(row for report in reports for row in report.rows),
        owners=tuple(replace(owner, broker=report.broker_url) for report in reports for owner in report.owners),
        error=" ".join(f"{part.broker_url or 'Unknown broker'}: {part.error}" for part in reports if part.error),
        unmatched=tuple(dict.fromkeys(name for report in reports for name in report.unmatched)),
        parts=tuple(reports),
    )


def _group(inputs: Sequence[ReportInput], default: str) -> list[tuple[str, list[ReportInput]]]:
    """The inputs of each broker, in the order of the brokers. Facts without results belong to every broker."""
    pieces = [piece for each in inputs for piece in _split(each)]
    known = {broker_key(_address(piece.broker_url)): _address(piece.broker_url) for piece in pieces if piece.broker_url}
    if len(known) == 1:
        # What has no address belongs to the only broker.
        (default,) = known.values()
    groups: dict[str, tuple[str, list[ReportInput]]] = {}
    facts = []
    for piece in pieces:
        if not (piece.results or piece.error or piece.unmatched or piece.broker_url):
            facts.append(piece)
            continue
        address = _address(piece.broker_url or default)
        groups.setdefault(broker_key(address), (address, []))[1].append(piece)
    if not groups:
        return [(default, facts)]
    return [(address, [*parts, *facts]) for address, parts in groups.values()]


def _split(each: ReportInput) -> list[ReportInput]:
    """The input, once for each broker that its results name. What is not about single results stays with the first."""
    addresses = dict.fromkeys(
        _address(url) or each.broker_url if (url := result.get("broker_url")) else each.broker_url
        for result in each.results
    )
    if len(addresses) < 2:
        return [replace(each, broker_url=each.broker_url or next(iter(addresses), ""))]
    of_address = {
        address: tuple(r for r in each.results if (_address(r.get("broker_url")) or each.broker_url) == address)
        for address in addresses
    }
    first, *others = (replace(each, results=results, broker_url=url) for url, results in of_address.items())
    return [first, *(replace(other, error="", unmatched=()) for other in others)]


def _address(value: object) -> str:
    return strip_credentials(line(value))


def _with_brokers(report: Report) -> Report:
    address = report.broker_url
    rows = tuple(row if row.broker == address else replace(row, broker=address) for row in report.rows)
    return replace(report, rows=rows)


def _with_own_commands(report: Report) -> Report:
    """Each command names its broker, because the environment can name only one."""
    return replace(report, rows=tuple(_with_own_command(row) for row in report.rows))


def _with_own_command(row: Row) -> Row:
    # The variables of a host have the address of its broker.
    if row.host or not row.repair_command:
        return row
    if not row.broker:
        return replace(row, repair_command="")
    return replace(row, repair_command=f"OPENSHIFT_BROKER_URL={quote(row.broker)} {row.repair_command}")
