# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML page without other files. Pure, except for reading the templates in assets/.

``assets/page.html.j2`` has the order of the sections, each in a template of its own. ``columns.py`` has the table.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.columns import (
    breakable,
    broker_host,
    by_urgency,
    render_command,
    render_login,
    render_row,
    render_style,
    used_columns,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    DRIFTED,
    FINDINGS,
    STATUSES,
    Owner,
    Report,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.outdated import PLACE
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.reasons import group_reasons
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import MEANINGS, label, render_headline
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.trend import draw_trend

ASSETS = Path(__file__).parent / "assets"
#: How many owners, reasons, owners of a reason and commands are visible at first.
MOST_OWNERS, MOST_REASONS, MOST_OWNERS_OF_REASON, MOST_COMMANDS = 10, 8, 3, 2
#: How many applications that are new or repaired since the last audit are named.
MOST_NAMES = 10
#: How many more owners and reasons the reader can open. The table has all of them.
MORE_OWNERS, MORE_REASONS = 200, 50
#: The place of the lines of the table. No text of a report can have it, because texts are escaped.
_ROWS = "<tr><td>rows</td></tr>"


def render_html(report: Report) -> str:
    """The page, the most urgent rows first. Its Content Security Policy allows its own script and style only."""
    columns, rows = used_columns(report.rows), by_urgency(report.rows)
    style, script = render_style(_asset("page.css"), columns, rows), _asset("page.js")
    page = (
        _environment()
        .get_template("page.html.j2")
        .render(
            **_summary(report),
            report=report,
            columns=columns,
            rows=Markup(_ROWS),
            style=Markup(style),
            script=Markup(script),
            policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; "
            "form-action 'none'",
        )
    )
    before, _place, after = page.partition(_ROWS)
    lines = [render_row(row, columns) for row in rows]
    if not lines:
        return before + after
    # Joined once: each copy of a large page takes much memory.
    lines[0] = before + lines[0]
    lines[-1] += after
    return "\n".join(lines)


def _summary(report: Report) -> dict[str, Any]:
    """What the sections before the table show."""
    # The owners of several brokers are in the order of their brokers.
    needy = sorted((o for o in report.owners if o.gears_needed), key=lambda o: (-o.shortage, -o.gears_needed))
    reasons = group_reasons(report.rows)
    return {
        "total": len(report.rows),
        "headline": render_headline(report),
        "mood": _mood(report),
        # "./": a name may contain a colon.
        "files": {form: f"./{quote(name)}" for form, name in report.files.items() if form != "html"},
        "statuses": [status for status in STATUSES if report.by_status[status]],
        "findings": [finding for finding in FINDINGS if report.by_finding[finding]],
        "all_findings": FINDINGS,
        "problems": {code: number for code, number in report.by_problem.items() if number},
        "owners": (needy[:MOST_OWNERS], needy[MOST_OWNERS:][:MORE_OWNERS]),
        "owners_left": needy[MOST_OWNERS + MORE_OWNERS :],
        "other_owners": len(report.owners) - len(needy),
        "reasons": (reasons[:MOST_REASONS], reasons[MOST_REASONS:][:MORE_REASONS]),
        "reasons_left": reasons[MOST_REASONS + MORE_REASONS :],
        "most_owners": MOST_OWNERS_OF_REASON,
        "most_commands": MOST_COMMANDS,
        "most_names": MOST_NAMES,
        "outdated_place": Markup(PLACE),
        "trend": draw_trend(report.trend, report.made_at.tzinfo),
        "brokers": [_broker(part) for part in report.parts],
        "day": partial(_day, report.made_at.tzinfo),
    }


def _broker(report: Report) -> dict[str, Any]:
    """What the section of one of several brokers shows."""
    return {
        "report": report,
        "host": broker_host(report.broker_url),
        "headline": render_headline(report),
        "mood": _mood(report),
        "statuses": [status for status in STATUSES if report.by_status[status]],
        "outdated": report.last_audit if report.has_failed else None,
        "trend": draw_trend(report.trend, report.made_at.tzinfo),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ASSETS, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        thousands=_thousands,
        label=label,
        meaning=lambda code: MEANINGS.get(code, ""),
        breakable=lambda text: Markup(breakable(text)),
        host_name=broker_host,
        host=lambda address: Markup(".<wbr>").join(broker_host(address).split(".")),
        login=lambda text: Markup(render_login(text)),
        command=lambda command, who: Markup(render_command(who, command)),
    )
    environment.globals.update(share=_share, gear_bar=_gear_bar, view=_view, plural=_plural)
    return environment


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _mood(report: Report) -> str:
    """The CSS class of the headline: ``good``, ``drift`` or ``bad``."""
    if report.error or report.names["failed"]:
        return "bad"
    # An empty report, or one that lacks selected applications, is not a success.
    incomplete = not report.rows or report.unmatched
    return "drift" if incomplete or report.by_finding[DRIFTED] else "good"


def _view(**filters: str) -> str:
    """The address of the page with these filters, as the script reads it."""
    return f"#{urlencode(filters)}"


def _day(zone: tzinfo | None, time: datetime) -> str:
    local = time.astimezone(zone)
    return f"{local.day} {local.strftime('%B %Y')}"


def _thousands(number: int) -> str:
    return f"{number:,}"


def _plural(number: int, singular: str) -> str:
    return f"{number:,} {singular}{'' if number == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent, at least a visible width unless it is zero."""
    return f"{max(100 * part / whole, 0.6):.1f}" if part and whole else "0"


def _gear_bar(owner: Owner) -> dict[str, str]:
    """The widths in percent: gears available, gears needed and available, gears needed and not available."""
    available = max(owner.gears_available or 0, 0)
    whole = max(owner.gears_needed, available)
    covered = owner.gears_needed - owner.shortage
    return {
        "available": _share(available, whole),
        "covered": _share(covered, whole),
        "short": _share(owner.shortage, whole),
    }
