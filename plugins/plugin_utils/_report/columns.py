# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The columns of the table in the page, each defined once: heading, cell, order and width. Pure.

A new column is a new field of ``Row`` (model.py) and, for the page, an entry of ``COLUMNS``. The table, its style, the
labels on narrow screens, and the sorting follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

from markupsafe import escape as escape_markup

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import (
    FINDINGS,
    NEW,
    REPAIRED,
    UNKNOWN,
    Row,
    RowInstance,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.reasons import RowReason, reasons_of
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import label

#: How the script sorts: as texts, as numbers, or by urgency.
BY_TEXT, BY_NUMBER, BY_RANK = "text", "number", "rank"
#: Where a long word may continue in the next line.
_BREAKS = re.compile(r"(?<=[/@.,:;=_?&-])(?=\w)")
_LONG_WORD = 24
_MARKUP = re.compile("[&<>'\"]")
#: Widths in rem: a character of a name, the last column at least, what is beside the table, the narrowest table.
_CHARACTER, _LEAST_REST, _MARGINS, _LEAST_TABLE = 0.66, 16, 4, 64
_USUAL_SCHEMES = ("http://", "https://")


@dataclass(frozen=True)
class Column:
    """A column of the page.

    ``key``: its name in the address of the page. ``cell``: the cell as HTML; everything from a row must be escaped.
    ``width``: in rem. ``words``: the parts of a cell that must fit without a break, instead of ``width``, within
    ``fit`` (least and most characters). ``is_used``: whether the table needs the column.
    """

    key: str
    heading: str
    cell: Callable[[Row], str]
    hint: str = ""
    by: str = BY_TEXT
    width: float = 0
    words: Callable[[Row], Iterable[str]] | None = None
    fit: tuple[int, int] = (8, 34)
    is_used: Callable[[Sequence[Row]], bool] = lambda _rows: True


def render_row(row: Row, columns: Sequence[Column]) -> str:
    """A line of the table. Its attributes are what the page filters by."""
    marks = ""
    if row.problems:
        problems = " ".join(dict.fromkeys(problem.code for problem in row.problems))
        marks = f' data-p="{escape(problems)}"'
    if reasons := reasons_of(row):
        marks += f' data-r="{" ".join(reason.id for reason in reasons)}"'
    cells = "".join(f"<td>{column.cell(row)}</td>" for column in columns)
    return f'<tr data-f="{row.finding}" data-s="{row.status}"{marks}>{cells}</tr>'


def render_style(style: str, columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """``style`` with the widths of the columns. In a window that is narrower than all of them, each line is a card."""
    widths = [_width(column, rows) for column in columns]
    rules = [f"#apps th:nth-child({n}) {{ width: {width:.1f}rem; }}" for n, width in enumerate(widths, 1) if width]
    for place, column in enumerate(columns, 1):
        if column.by == BY_NUMBER:
            rules.append(f"#apps :is(th, td):nth-child({place}) {{ text-align: right; }}")
    labels = [
        f'#apps td:nth-child({n})::before {{ content: "{c.heading}"; }}' for n, c in enumerate(columns, 1) if n > 1
    ]
    narrow = f"{max(_LEAST_TABLE, sum(width or _LEAST_REST for width in widths) + _MARGINS):.0f}rem"
    media = f"@media screen and (max-width: {narrow}) {{"
    return "\n".join([style.replace("TABLE_WIDTH", narrow), *rules, media, *labels, "}"]) + "\n"


def _width(column: Column, rows: Sequence[Row]) -> float:
    """In rem; 0: the space that the others leave."""
    if not column.words:
        return column.width
    least, most = column.fit
    longest = max((len(word) for row in rows for word in column.words(row)), default=0)
    characters = min(max(longest, least, len(column.heading) + 2), most)
    return characters * _CHARACTER + 1.5


# --- Cells -----------------------------------------------------------------------------------------------------------


def escape(text: str) -> str:
    """The text as HTML. Most texts of a large fleet have no character to escape."""
    return str(escape_markup(text)) if _MARKUP.search(text) else text


def breakable(text: str) -> str:
    """The text as HTML. A long word may continue in the next line after a sign, but not within a name."""
    if len(text) <= _LONG_WORD or max(map(len, text.split()), default=0) <= _LONG_WORD:
        return escape(text)
    return "<wbr>".join(map(escape, _BREAKS.split(text)))


def web_address(url: str) -> str:
    """The address if it is safe as a link, otherwise an empty text."""
    if url.startswith(_USUAL_SCHEMES) and "[" not in url:
        return url
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _application(row: Row) -> str:
    shown = "/<wbr>".join(map(escape, _names(row)))
    link = web_address(row.url)
    return f'<a href="{escape(link)}" rel="noreferrer noopener">{shown}</a>' if link else shown


def _names(row: Row) -> list[str]:
    """The name of the application, in two parts if it is long."""
    return row.ref.split("/", 1) if len(row.ref) > _LONG_WORD else [row.ref]


def render_login(login: str) -> str:
    """A mail address may continue in the next line after its sign, and in its long parts after others."""
    return "@<wbr>".join(map(breakable, login.split("@")))


def _owner(row: Row) -> str:
    return render_login(row.owner or "")


def _login(row: Row) -> list[str]:
    return (row.owner or "").split("@")


def _finding(row: Row) -> str:
    return f'<span class="f {row.finding}">{label(row.finding)}</span>{_change(row)}'


def _change(row: Row) -> str:
    """Whether the application drifted or was repaired since the last audit, otherwise since when it has drifted."""
    if row.change == NEW or (row.change == REPAIRED and row.finding != REPAIRED):
        return f' <span class="change {row.change}">{row.change}</span>'
    if row.drifted_since and row.still_drifted:
        return f'<small class="since">since {_day(row.drifted_since)}</small>'
    return ""


@lru_cache(maxsize=1024)
def _day(text: str) -> str:
    """The day of a date and time in ISO 8601."""
    time = datetime.fromisoformat(text)
    return f'<time datetime="{text}">{time.day} {time.strftime("%b %Y")}</time>'


def broker_host(address: str) -> str:
    """The host in the address of a broker."""
    try:
        return urlsplit(address).netloc or address
    except ValueError:
        return address


def _broker(row: Row) -> str:
    return breakable(broker_host(row.broker))


def _has_brokers(rows: Sequence[Row]) -> bool:
    return len({row.broker for row in rows}) > 1


def _status(row: Row) -> str:
    parts = [_status_word(row.status)]
    if row.missing and row.status != UNKNOWN:
        parts.append(f"<small>{escape(row.missing)}</small>")
    if row.finding == REPAIRED and row.status_after not in (row.status, UNKNOWN):
        parts.append(f'<span class="now">now {_status_word(row.status_after)}</span>')
    if row.instances:
        parts.append(f"<small>{'<br>'.join(map(_instance, row.instances))}</small>")
    if row.verified:
        parts.append(f'<small class="level">verified: {row.verified}</small>')
    return "".join(parts)


def _status_word(status: str) -> str:
    return f'<span class="s {status}">{label(status)}</span>'


def _instance(instance: RowInstance) -> str:
    """The node of an HAProxy instance, its zone, and what is wrong with it."""
    state = "" if instance.state == "started" else f" {instance.state}"
    zone = f" ({instance.zone})" if instance.zone else ""
    text = f"node {instance.address}{zone}{state}{'' if instance.counts else ', does not count'}"
    return f'<span title="{escape(f"gear {instance.gear}")}">{breakable(text)}</span>'


def _rule(row: Row) -> str:
    return breakable(row.rule)


def _drill(row: Row) -> str:
    """The last drill of a router: its status, day and requests, and why it failed."""
    if not row.last_drill:
        return ""
    requests = row.last_drill_requests or 0
    failed = f", {row.last_drill_failed_requests:,} failed" if row.last_drill_failed_requests else ""
    word = f'<span class="drill {row.last_drill_status}">{row.last_drill_status}</span>'
    day = _day(row.last_drill)
    counts = f"<small>{day}, {requests:,} request{'' if requests == 1 else 's'}{failed}</small>"
    reason = f"<small>{breakable(row.last_drill_reason)}</small>" if row.last_drill_reason else ""
    return f"{word}{counts}{reason}"


def _gears(row: Row) -> str:
    return f"+{row.gears_needed}" if row.gears_needed and row.drifted else ""


def _reasons(row: Row) -> str:
    texts = [_reason(reason) for reason in reasons_of(row)]
    texts += [f'<p class="step">{breakable(step)}</p>' for step in row.steps]
    texts += [render_command("Repair", row.repair_command)] if row.repair_command else []
    texts += [render_command("Administrator", command) for command in row.admin_commands]
    return "".join(texts)


def _reason(reason: RowReason) -> str:
    kind = f' class="{reason.kind}"' if reason.kind == "warning" else ""
    return f"<p{kind}>{breakable(reason.text)}</p>"


def render_command(who: str, command: str) -> str:
    """A command. The script adds a button that copies it."""
    return f'<p class="cmd"><span>{who}</span> <code>{escape(command)}</code></p>'


# --- The columns -----------------------------------------------------------------------------------------------------

COLUMNS: tuple[Column, ...] = (
    Column("application", "Application", _application, words=_names, fit=(12, 34)),
    Column("owner", "Owner", _owner, words=_login, fit=(7, 22)),
    Column(
        "broker", "Broker", _broker, words=lambda row: [broker_host(row.broker)], fit=(10, 26), is_used=_has_brokers
    ),
    Column("finding", "Finding", _finding, "Comparison with the desired state", BY_RANK, width=8.5),
    Column("status", "Status", _status, "What was found, and where the HAProxy instances are", width=13.5),
    Column(
        *("rule", "Rule", _rule, "The rule of the policy that applies"),
        width=8,
        is_used=lambda rows: any(row.rule for row in rows),
    ),
    Column(
        *("drill", "Last drill", _drill, "Requests through a router while each HAProxy instance was taken out in turn"),
        width=9,
        is_used=lambda rows: any(row.last_drill for row in rows),
    ),
    Column("gears", "Gears", _gears, "Gears that the repair needs", BY_NUMBER, width=5.2),
    Column("reasons", "Reasons, warnings, steps", _reasons, "Steps are planned, unless they have a result"),
)


def used_columns(rows: Sequence[Row]) -> tuple[Column, ...]:
    return tuple(column for column in COLUMNS if column.is_used(rows))


def by_urgency(rows: Iterable[Row]) -> list[Row]:
    """The most urgent rows first."""
    ranks = {finding: rank for rank, finding in enumerate(FINDINGS)}
    return sorted(rows, key=lambda row: (ranks[row.finding], row.domain.lower(), row.name.lower()))
