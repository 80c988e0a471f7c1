"""The picture of the load test of the router, with the figures of docs/router.md. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.pictures.svg import SANS, document, element, text

TITLE = "Requests through the router while HAProxy instances are killed: only the degraded application has an outage"
HEADINGS = ("application", "HAProxy instance killed", "requests", "failed", "of these not in progress on it")
#: The rows of the table in the page, in its order.
ROWS = (
    ("highly available", "each of two, one after the other"),
    ("degraded: HA in name only", "its only one"),
    ("the same, repaired", "each of two, one after the other"),
)
WIDTH, TOP, ROW = 940, 96, 52
COLUMNS = (28, 280, 598, 672, 704)
BAR = 220
STYLE = f"""text {{ font: 15px {SANS}; fill: #1c1e21; }} .head {{ font-size: 13px; fill: #5c6066; }}
.title {{ font-size: 18px; font-weight: 600; }} .n {{ text-anchor: end; font-variant-numeric: tabular-nums; }}
.strong {{ font-weight: 600; }} .good {{ fill: #00755a; font-weight: 600; }}
.bad {{ fill: #b3261e; font-weight: 600; }}"""


@dataclass(frozen=True)
class Measured:
    """Numbers of requests: all, those that failed, and those of them that were not in progress on a killed instance."""

    requests: int
    failed: int
    outage: int


def measured(page: str) -> list[Measured]:
    """The figures of the first table of the page with the heading "application"."""
    table = re.search(r"^\| application \|.*\n\|[ :|-]+\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    if not table:
        raise ValueError("docs/router.md has no table that begins with the column application")
    rows = [line.strip("| \n").split("|") for line in table.group(1).splitlines()]
    return [Measured(*(leading_number(cell) for cell in row[2:5])) for row in rows]


def leading_number(cell: str) -> int:
    found = re.match(r"\s*([\d,]+)", cell)
    if not found:
        raise ValueError(f"{cell!r} does not begin with a number")
    return int(found.group(1).replace(",", ""))


def draw_row(number: int, row: tuple[str, str], figures: Measured) -> list[str]:
    y = TOP + number * ROW + 32
    share = figures.failed / figures.requests
    good = figures.outage == 0
    verdict = "0: no outage" if good else f"{figures.outage:,}: an outage"
    line = element("line", x1=20, x2=WIDTH - 20, y1=y - 32, y2=y - 32, stroke="#e2dfd9")
    outage = element("rect", x=COLUMNS[4], y=y + 6, width=max(2, round(BAR * share)), height=5, rx=2, fill="#b3261e")
    return [
        line,
        text(row[0], COLUMNS[0], y, class_="strong"),
        text(row[1], COLUMNS[1], y),
        text(f"{figures.requests:,}", COLUMNS[2], y, class_="n"),
        text(f"{figures.failed:,}", COLUMNS[3], y, class_="n"),
        text(verdict, COLUMNS[4], y, class_="good" if good else "bad"),
        *([] if good else [outage]),
    ]


def draw(page: str) -> str:
    figures = measured(page)
    height = TOP + ROW * len(ROWS) + 12
    card = element("rect", x=0.5, y=0.5, width=WIDTH - 1, height=height - 1, rx=8, fill="#fff", stroke="#e2dfd9")
    heads = [
        text(words, x, TOP - 14, class_="head n" if number in (2, 3) else "head")
        for number, (words, x) in enumerate(zip(HEADINGS, COLUMNS, strict=True))
    ]
    rows = [
        part
        for number, (row, found) in enumerate(zip(ROWS, figures, strict=True))
        for part in draw_row(number, row, found)
    ]
    title = text("HAProxy instances are killed under load, behind the router", 28, 40, class_="title")
    return document(WIDTH, height, TITLE, STYLE, [card, title, *heads, *rows])
