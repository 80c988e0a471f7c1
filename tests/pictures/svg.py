"""Elements of SVG. The same input always gives the same text."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SANS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def element(name: str, content: str = "", **attributes: str | float) -> str:
    """An element. Underscores in names of attributes become hyphens. Content is markup."""
    words = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(str(value))}" for key, value in attributes.items()
    )
    return f"<{name}{words}>{content}</{name}>" if content else f"<{name}{words}/>"


def text(words: str, x: float, y: float, **attributes: str | float) -> str:
    return element("text", escape(words), x=x, y=y, **attributes)


def document(width: float, height: float, title: str, style: str, elements: Iterable[str]) -> str:
    """A picture with a title for those who do not see it."""
    head = element("title", escape(title)) + "\n" + element("style", escape(style))
    content = "\n".join(["", head, *elements, ""])
    box = f"0 0 {width} {height}"
    name = "http://www.w3.org/2000/svg"
    return element("svg", content, xmlns=name, role="img", width=width, height=height, viewBox=box) + "\n"
