# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short message about an audit, for mail, a chat or AWX: what is new, repaired and still drifted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import first_of, squeeze
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.model import FAILED, NEW, UNKNOWN, Report, Row
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._report.text import label, render_headline

#: How many applications of each kind are named, and the most characters of a reason, of the headline and of a subject.
MOST_NAMED = 10
_LONGEST_REASON, _LONGEST_HEADLINE, _LONGEST_SUBJECT = 160, 600, 120
#: Characters with a meaning in Markdown. ``_`` has one at the edges of words only. Of ``&<>``, chats need references.
_MARKDOWN = re.compile(r"[\\`*\[\]~|#]|(?<!\w)_|_(?!\w)")
#: Where a chat would notify a person or a whole channel. The sign in a mail address has no such effect.
_MENTION = re.compile(r"(?<!\w)@(?=\w)")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Notification(TypedDict):
    """The message: its subject, and its text in two forms. ``has_news``: whether it has more than the last one."""

    has_news: bool
    subject: str
    text: str
    markdown: str


@dataclass(frozen=True)
class _Form:
    """How parts of the message are written. ``name``: of an application."""

    text: Callable[[str], str]
    heading: Callable[[str], str]
    name: Callable[[str], str]
    bullet: str


def escape_markdown(text: str) -> str:
    """The text without any effect in Markdown, and in chats that understand a part of it."""
    escaped = _MARKDOWN.sub(lambda found: f"\\{found[0]}", text)
    # A character without a width prevents a mention. Chats ignore a backslash there.
    separated = _MENTION.sub("@\u200b", escaped)
    return "".join(_REFERENCES.get(character, character) for character in separated)


def _code(name: str) -> str:
    """The name as code, which no Markdown changes. A name with other characters than usual is escaped instead."""
    return f"`{name}`" if re.fullmatch(r"[\w/.@ ()-]+", name) else escape_markdown(name)


_PLAIN = _Form(str, str, str, "  ")
_MARKED = _Form(escape_markdown, lambda text: f"**{escape_markdown(text)}**", _code, "- ")


def notify(report: Report) -> Notification:
    """The message about the report."""
    return {
        "has_news": _has_news(report),
        "subject": _subject(report),
        "text": render_text(report),
        "markdown": render_markdown(report),
    }


def _has_news(report: Report) -> bool:
    changed = bool(report.new or report.repaired or report.error)
    # An account that lost its domains sees no application.
    is_incomplete = not report.rows or any(row.status == UNKNOWN for row in report.rows)
    return changed or is_incomplete or (report.last_audit is None and any(row.still_drifted for row in report.rows))


def render_text(report: Report) -> str:
    """The message as plain text."""
    return _join("\n", _lines(report, _PLAIN))


def render_markdown(report: Report) -> str:
    """The message in Markdown."""
    return _join("\n\n", _lines(report, _MARKED))


def _join(gap: str, blocks: Iterable[str]) -> str:
    """The blocks, each with a line feed at its end, so that the messages of several audits can be added up."""
    return gap.join(blocks) + "\n"


def _subject(report: Report) -> str:
    if report.has_failed:
        return squeeze(f"{report.title}: the audit failed", _LONGEST_SUBJECT)
    drifted = sum(row.still_drifted for row in report.rows)
    numbers = [(drifted, "drifted"), (len(report.new), "new"), (len(report.repaired), "repaired")]
    numbers.append((sum(row.status == UNKNOWN for row in report.rows), "not checked"))
    words = ", ".join(f"{number:,} {word}" for number, word in numbers if number)
    otherwise = "no drift" if report.rows else "no application was checked"
    return squeeze(f"{report.title}: {words or otherwise}", _LONGEST_SUBJECT)


def _lines(report: Report, form: _Form) -> Iterator[str]:
    yield form.heading(report.title)
    yield form.text(squeeze(render_headline(report), _LONGEST_HEADLINE))
    yield from _groups(report, form)
    yield form.text(_source(report))
    if report.link:
        # An address has no characters that need an escape: build refuses all others.
        yield f"Report: {report.link}"


def _groups(report: Report, form: _Form) -> Iterator[str]:
    since = f" since {_day(report.last_audit.time, report)}" if report.last_audit else ""
    old = [row for row in report.rows if row.still_drifted and row.change != NEW]
    groups: tuple[tuple[str, Sequence[Row]], ...] = (
        (f"New{since}", report.new),
        (f"Repaired{since}", report.repaired),
        ("Still drifted" if report.last_audit else "Drifted", sorted(old, key=lambda row: row.drifted_since)),
        ("Not checked", [row for row in report.rows if row.finding == FAILED and row.status == UNKNOWN]),
    )
    for heading, rows in groups:
        # Where the whole audit failed, the headline has the reason.
        if rows and not (report.has_failed and heading == "Not checked"):
            yield "\n".join([f"{form.heading(f'{heading} ({len(rows):,}):')}", *_describe_first(rows, report, form)])


def _describe_first(rows: Sequence[Row], report: Report, form: _Form) -> Iterator[str]:
    shown = first_of(rows, MOST_NAMED)
    if form is _MARKED:
        yield ""
    for row in shown:
        where = f" ({row.broker})" if report.parts and row.broker else ""
        detail = form.text(_detail(row, report))
        yield f"{form.bullet}{form.name(row.ref + where)}{': ' if detail else ''}{detail}"
    if len(rows) > len(shown):
        yield f"{form.bullet}and {len(rows) - len(shown):,} more"


def _detail(row: Row, report: Report) -> str:
    """What an application lacks, since when, and why it is blocked."""
    if row.status == UNKNOWN:
        return squeeze(row.reason, _LONGEST_REASON)
    if not row.still_drifted:
        return ""
    is_old = row.drifted_since and row.change != NEW and report.last_audit
    since = f" (since {_day(datetime.fromisoformat(row.drifted_since), report)})" if is_old else ""
    reason = f"; {label(row.finding)}: {row.reason}" if row.reason else ""
    return f"{row.missing}{since}{squeeze(reason, _LONGEST_REASON) if reason else ''}"


def _source(report: Report) -> str:
    made = f"{_day(report.made_at, report)}, {report.made_at.strftime('%H:%M %Z')}"
    brokers = ", ".join(part.broker_url for part in report.brokers if part.broker_url)
    good = report.last_audit
    if report.has_failed and good:
        made += f". The last successful audit: {_day(good.time, report)}"
    return f"Audit of {made}{'. Broker: ' if brokers else ''}{brokers}"


def _day(time: datetime, report: Report) -> str:
    local = time.astimezone(report.made_at.tzinfo)
    return f"{local.day} {local.strftime('%B %Y')}"
