"""The picture of the levels of verification. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tests.pictures.svg import MONO, SANS, document, element, text

TITLE = "The levels of verification: count, placement and traffic. Each includes the one before."


@dataclass(frozen=True)
class Level:
    """A level of verification: its name, when an instance counts, what it costs, what only this level finds."""

    name: str
    counts: str
    costs: str
    finds: str


LEVELS = (
    Level(
        "count",
        "the application counts it",
        "one request for all applications",
        "HA in name only: fewer than two HAProxy instances",
    ),
    Level(
        "placement",
        "it has an endpoint, is started, and is alone on its node",
        "and one request for each application that claims HA",
        "instances on one node, stopped gears, operations that have not ended",
    ),
    Level(
        "traffic",
        "it also answers an HTTP request for the application",
        "and one request to each instance",
        "instances that run but do not answer",
    ),
)
COLORS = ("#0068a8", "#00755a", "#7a4fa3")
WIDTH, STEP, SHIFT, TOP = 940, 112, 56, 64
STYLE = f"""text {{ font: 15px {SANS}; fill: #1c1e21; }} .head {{ fill: #5c6066; }}
.title {{ font-size: 18px; font-weight: 600; }} .name {{ font: 600 18px {MONO}; }}"""


def draw_level(number: int, level: Level) -> list[str]:
    """The lowest level is at the bottom."""
    x = 24 + SHIFT * number
    y = TOP + STEP * (len(LEVELS) - 1 - number)
    width = WIDTH - 24 - x
    rows = (("counts if", level.counts), ("costs", level.costs), ("finds", level.finds))
    return [
        element("rect", x=x, y=y, width=width, height=STEP - 12, rx=6, fill="#f4f2ee"),
        element("rect", x=x, y=y, width=6, height=STEP - 12, rx=3, fill=COLORS[number]),
        text(level.name, x + 24, y + 56, class_="name", style=f"fill: {COLORS[number]}"),
        *(text(head, x + 150, y + 28 + 27 * line, class_="head") for line, (head, _words) in enumerate(rows)),
        *(text(words, x + 230, y + 28 + 27 * line) for line, (_head, words) in enumerate(rows)),
    ]


def draw() -> str:
    height = TOP + STEP * len(LEVELS) + 8
    card = element("rect", x=0.5, y=0.5, width=WIDTH - 1, height=height - 1, rx=8, fill="#fff", stroke="#e2dfd9")
    title = text("When an HAProxy instance counts: each level includes the one below", 28, 40, class_="title")
    levels = [part for number, level in enumerate(LEVELS) for part in draw_level(number, level)]
    return document(WIDTH, height, TITLE, STYLE, [card, title, *levels])
