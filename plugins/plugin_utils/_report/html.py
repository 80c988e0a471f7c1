# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML page without other files. Pure, except for reading the template in assets/."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    DRIFTED,
    FINDINGS,
    STATUSES,
    Owner,
    Report,
    Row,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import LABELS, MEANINGS, render_headline

ASSETS = Path(__file__).parent / "assets"


def render_html(report: Report) -> str:
    """The page, the most urgent rows first. Its Content Security Policy allows its own script and style only."""
    style, script = _asset("page.css"), _asset("page.js")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(link=_link, thousands=_thousands)
    environment.globals.update(share=_share, gear_bar=_gear_bar)
    return environment.from_string(_asset("page.html.j2")).render(
        report=report,
        rows=sorted(report.rows, key=_urgency),
        owners=[owner for owner in report.owners if owner.gears_needed],
        headline=render_headline(report),
        mood=_mood(report),
        statuses=[status for status in STATUSES if report.by_status[status]],
        findings=[finding for finding in FINDINGS if report.by_finding[finding]],
        labels=LABELS,
        meanings=MEANINGS,
        ranks={finding: rank for rank, finding in enumerate(FINDINGS)},
        style=style,
        script=script,
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; "
        "form-action 'none'",
    )


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _urgency(row: Row) -> tuple[int, str, str]:
    return FINDINGS.index(row.finding), row.domain.lower(), row.name.lower()


def _mood(report: Report) -> str:
    """The CSS class of the headline: ``good``, ``drift`` or ``bad``."""
    if report.error or report.names["failed"]:
        return "bad"
    # An empty report, or one that lacks selected applications, is not a success.
    incomplete = not report.rows or report.unmatched
    return "drift" if incomplete or report.by_finding[DRIFTED] else "good"


def _link(url: str) -> str:
    """The address if it is safe as a link, otherwise an empty text."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _thousands(number: int) -> str:
    return f"{number:,}"


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
