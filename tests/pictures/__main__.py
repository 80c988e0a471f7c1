"""Makes all pictures, or those that are named: ``python -m tests.pictures [demo] [report] [router] [ladder]``."""

from __future__ import annotations

import subprocess
import sys

from tests.pictures import demo, ladder, router
from tests.pictures.svg import IMAGES

ROOT = IMAGES.parents[1]


def make_demo() -> None:
    (IMAGES / "demo.svg").write_text(demo.draw(demo.run()), encoding="utf-8")


def make_report() -> None:
    subprocess.run([sys.executable, ROOT / "tests/tools/report_page.py", "pictures"], check=True)


def make_router() -> None:
    page = (ROOT / "docs" / "router.md").read_text(encoding="utf-8")
    (IMAGES / "router.svg").write_text(router.draw(page), encoding="utf-8")


def make_ladder() -> None:
    (IMAGES / "ladder.svg").write_text(ladder.draw(), encoding="utf-8")


MAKERS = {"demo": make_demo, "report": make_report, "router": make_router, "ladder": make_ladder}


def main() -> int:
    names = sys.argv[1:] or list(MAKERS)
    if unknown := [name for name in names if name not in MAKERS]:
        print(f"Unknown pictures: {', '.join(unknown)}. There are: {', '.join(MAKERS)}.", file=sys.stderr)
        return 2
    for name in names:
        MAKERS[name]()
        print(f"{name}: done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
