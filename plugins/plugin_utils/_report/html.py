# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one HTML page that needs nothing else. Pure, but for reading its own template."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    FINDINGS,
    STATUSES,
    WORDS,
    Owner,
    Report,
    Row,
    headline,
)

ASSETS = Path(__file__).parent / "assets"


def as_html(report: Report) -> str:
    """The page, the most urgent rows first. Its policy (CSP) lets nothing run but its own script, and loads nothing."""
    style, script = _asset("page.css"), _asset("page.js")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(link=_link, thousands=_thousands)
    environment.globals.update(share=_share, gear_bar=_gear_bar)
    return environment.from_string(_asset("page.html.j2")).render(
        report=report,
        rows=sorted(report.rows, key=_urgency),
        owners=[owner for owner in report.owners if owner.gears_needed],
        headline=headline(report),
        mood=_mood(report),
        statuses=[status for status in STATUSES if report.by_status[status]],
        findings=[finding for finding in FINDINGS if report.by_finding[finding]],
        words=WORDS,
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
    """How the headline looks: ``good``, ``drift`` or ``bad``."""
    if report.error or report.failed:
        return "bad"
    # To have looked at nothing, or not at all that was named, is no good news.
    wanting = not report.rows or report.unmatched
    return "drift" if wanting or any(row.finding == "drifted" for row in report.rows) else "good"


def _link(url: str) -> str:
    """The address if it is one to be followed, else nothing."""
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _thousands(number: int) -> str:
    return f"{number:,}"


def _share(part: int, whole: int) -> str:
    """``part`` of ``whole`` in percent; what there is at all is to be seen."""
    return f"{max(100 * part / whole, 0.6):.1f}" if part and whole else "0"


def _gear_bar(owner: Owner) -> dict[str, str]:
    """Widths in percent of the larger of the two: gears available, and needed within and beyond them."""
    available = max(owner.gears_available or 0, 0)
    whole = max(owner.gears_needed, available)
    covered = owner.gears_needed - owner.shortage
    return {
        "available": _share(available, whole),
        "covered": _share(covered, whole),
        "short": _share(owner.shortage, whole),
    }
