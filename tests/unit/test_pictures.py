"""The pictures of the documentation: their sources still fit what they show. `make pictures` makes them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from tests.pictures import demo, ladder, router, terminal
from tests.pictures.svg import IMAGES

ROOT = Path(__file__).resolve().parents[2]
ROUTER_PAGE = (ROOT / "docs" / "router.md").read_text(encoding="utf-8")
RUN = "".join(f"\nTASK [{name} and so on] ***\n\x1b[0;32mok: [localhost]\x1b[0m\n" for name in demo.SHOWN)


def words(picture: str) -> str:
    return " ".join(ElementTree.fromstring(picture).itertext())


@pytest.mark.parametrize(
    ("name", "picture"), [("ladder", ladder.draw()), ("router", router.draw(ROUTER_PAGE))], ids=["ladder", "router"]
)
def test_the_picture_is_up_to_date(name: str, picture: str) -> None:
    current = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    assert current == picture, f"run: .venv/bin/python -m tests.pictures {name}"


def test_the_figures_of_the_router_are_those_of_its_page() -> None:
    page = (
        "| application | killed |\n| --- | --- |\n| a | b | 4,771 | 3 | 0 | 9 |\n| a | b | 3,973 | 26 | 18: x | - |\n"
    )
    assert router.measured(page) == [router.Measured(4771, 3, 0), router.Measured(3973, 26, 18)]
    with pytest.raises(ValueError, match="no table"):
        router.measured("")


def test_the_ladder_has_the_levels_of_the_option() -> None:
    fragment = (ROOT / "plugins/doc_fragments/verification.py").read_text(encoding="utf-8")
    options = yaml.safe_load(fragment.partition('r"""')[2].partition('"""')[0])["options"]
    assert [level.name for level in ladder.LEVELS] == list(options["verify"]["choices"])


def test_the_picture_of_the_demo_shows_tasks_that_it_has() -> None:
    """`make pictures` runs the demo."""
    files = [demo.PLAYBOOK, *(ROOT / "roles" / "app_ha" / "tasks").glob("*.yml")]
    tasks = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in demo.SHOWN if f"name: {name}" not in tasks] == []


def test_the_tasks_are_shown_in_order_and_in_color() -> None:
    lines = demo.select(RUN)
    assert [line for line in lines if line.startswith("TASK")] == [f"TASK [{name} and so on]" for name in demo.SHOWN]
    assert words(demo.draw(RUN)).count("ok: [localhost]") == len(demo.SHOWN)
    with pytest.raises(ValueError, match="no task"):
        demo.select(RUN.replace("The end", "The start"))


def test_the_picture_of_a_terminal_keeps_columns_and_colors() -> None:
    assert list(terminal.pieces("a \x1b[0;33mb\x1b[0m c")) == [(0, "a ", None), (2, "b", "#f0c674"), (3, " c", None)]


def test_each_picture_is_in_the_documentation() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [picture.name for picture in sorted(IMAGES.iterdir()) if f"images/{picture.name}" not in text] == []
