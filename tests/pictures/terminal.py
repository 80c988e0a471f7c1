"""Draws the output of a terminal program, with its colors. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from tests.pictures.svg import MONO, document, element, text

WIDTH, HEIGHT = 7.8, 18
MARGIN, BAR = 18, 34
#: The codes of colors that Ansible uses.
COLORS = {"31": "#f2777a", "32": "#8fd18b", "33": "#f0c674", "34": "#81a2be", "35": "#c397d8", "36": "#70c0ba"}
STYLE = f"text {{ font: 13px {MONO}; fill: #d8dee4; white-space: pre; }} .prompt {{ fill: #70c0ba; }}"
#: A heading of Ansible's output.
HEADING = re.compile(r"(TASK|PLAY)\b")
ESCAPE = re.compile(r"\x1b\[([\d;]*)m")


def pieces(line: str) -> Iterator[tuple[int, str, str | None]]:
    """The column, the text and the color of each part of a line with color codes."""
    column, color = 0, None
    for number, part in enumerate(ESCAPE.split(line)):
        if number % 2:
            color = next((COLORS[code] for code in part.split(";") if code in COLORS), None)
        elif part:
            yield column, part, color
            column += len(part)


def plain(line: str) -> str:
    return ESCAPE.sub("", line)


def row(line: str, y: float) -> str:
    """One line. Each part has a fixed length, so that columns fit with any font."""
    return "".join(
        text(
            part,
            round(MARGIN + column * WIDTH, 1),
            y,
            textLength=round(len(part) * WIDTH, 1),
            lengthAdjust="spacingAndGlyphs",
            style=f"fill: {color}" if color else "font-weight: bold" if HEADING.match(line) else "",
        )
        for column, part, color in pieces(line)
        if part.strip()
    )


def draw(title: str, command: str, lines: Sequence[str]) -> str:
    """A window with a command and its output."""
    columns = max(len(plain(line)) for line in [f"$ {command}", *lines])
    width = round(columns * WIDTH + 2 * MARGIN)
    height = BAR + (len(lines) + 2) * HEIGHT + MARGIN
    window = element("rect", width=width, height=height, rx=8, fill="#1d2127")
    buttons = "".join(
        element("circle", cx=20 + 18 * number, cy=18, r=5.5, fill=color)
        for number, color in enumerate(("#f2777a", "#f0c674", "#8fd18b"))
    )
    first = BAR + HEIGHT
    prompt = element(
        "text", f'<tspan class="prompt">$</tspan> {escape(command)}', x=MARGIN, y=first, style="font-weight: bold"
    )
    rows = [row(line, first + (number + 2) * HEIGHT - HEIGHT / 2) for number, line in enumerate(lines)]
    return document(width, height, title, STYLE, [window, buttons, prompt, *(line for line in rows if line)])
