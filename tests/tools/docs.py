"""Build the documentation site: the guides in Markdown, and the pages about plugins and roles from antsibull-docs.

The Markdown files are the only source of the guides, because they are readable in a checkout, too. Their links to files
of the collection are changed for the site: a guide stays a guide, a module leads to its page, a file to the repository.
A warning is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
OUTPUT = ROOT / ".cache" / "docs"
SOURCE = OUTPUT / "source"
REPOSITORY = "https://github.com/openshift-v2-apps/openshift_v2.apps/blob/main"
PLUGINS = "collections/openshift_v2/apps"
#: The front page of the site, and the list of all guides.
FRONT, GUIDES = Path("README.md"), Path("docs/README.md")
#: A link or picture in Markdown: its text, its target, and the anchor.
LINK = re.compile(r"(!?\[(?:[^\[\]]|\[[^\[\]]*\])*\])\(([^)#\s]*)(#[^)\s]*)?\)")
#: A block of code, with its fences.
CODE = re.compile(r"^( *(?:```|~~~).*?^ *(?:```|~~~)[^\n]*\n?)", re.MULTILINE | re.DOTALL)


def guides() -> list[Path]:
    """The pages of the site that are Markdown, as paths in the checkout. Its menu replaces the list of all guides."""
    found = [ROOT / FRONT, *(ROOT / "docs").glob("*.md"), *(ROOT / "roles").glob("*/README.md")]
    return sorted({path.relative_to(ROOT) for path in found} - {GUIDES})


def staged(page: Path) -> Path:
    """The path of a page in Sphinx's source."""
    return Path("index.md") if page == FRONT else page


def target_of(path: Path) -> Path | str:
    """What a link to a file of the checkout leads to: a path in Sphinx's source, or an address."""
    if path == GUIDES:
        return staged(FRONT)
    if path in guides():
        return staged(path)
    if path.parent == Path("plugins/modules"):
        return Path(PLUGINS, f"{path.stem}_module.rst")
    if path.parent == Path("plugins/inventory"):
        return Path(PLUGINS, f"{path.stem}_inventory.rst")
    if path.suffix in (".png", ".svg"):
        return path
    return f"{REPOSITORY}/{path.as_posix()}"


def rewrite(page: Path, text: str) -> str:
    """The text of a page with links for the site. Blocks of code stay as they are."""

    def relink(match: re.Match[str]) -> str:
        label, target, anchor = match[1], match[2], match[3] or ""
        if not target or "://" in target or target.startswith("mailto:"):
            return match[0]
        file = Path(os.path.normpath(page.parent / target))
        leads_to = target_of(file)
        if isinstance(leads_to, Path):
            leads_to = Path(os.path.relpath(leads_to, staged(page).parent)).as_posix()
        return f"{label}({leads_to}{anchor})"

    # Prose and code in turns. A link can begin on one line and end on the next.
    parts = CODE.split(text)
    parts[::2] = [LINK.sub(relink, prose) for prose in parts[::2]]
    return "".join(parts)


def contents(text: str) -> str:
    """The table of contents of the site: the sections and links of the list of all guides."""
    parts: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            parts += ["```", "", *_toctree(line[3:])]
        elif line.startswith(("- ", "| ")) and (found := LINK.search(line)):
            path = Path(os.path.normpath(GUIDES.parent / found[2]))
            if path in guides():
                parts.append(f"/{staged(path).with_suffix('').as_posix()}")
    parts += ["```", "", *_toctree("Plugins and roles"), f"/{PLUGINS}/index", "```", ""]
    return "\n".join(parts[2:])


def _toctree(caption: str) -> list[str]:
    return ["```{toctree}", ":hidden:", f":caption: {caption}", ""]


def stage() -> None:
    """Write Sphinx's source."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    for page in guides():
        goal = SOURCE / staged(page)
        goal.parent.mkdir(parents=True, exist_ok=True)
        text = rewrite(page, (ROOT / page).read_text(encoding="utf-8"))
        if page == FRONT:
            text += "\n" + contents((ROOT / GUIDES).read_text(encoding="utf-8"))
        goal.write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "images", SOURCE / "docs" / "images", dirs_exist_ok=True)
    shutil.copy(ROOT / "tests" / "docsite" / "conf.py", SOURCE)


def run(*command: str | Path) -> None:
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run([str(each) for each in command], cwd=ROOT, env=environment, check=True)


def main() -> int:
    stage()
    plugins = ("--use-current", "--fail-on-error", "--no-add-antsibull-docs-version", "--cleanup", "everything")
    try:
        run(BIN / "antsibull-docs", "collection", *plugins, "--dest-dir", SOURCE, "openshift_v2.apps")
        run(BIN / "sphinx-build", "-q", "-W", "--keep-going", "-b", "html", SOURCE, OUTPUT / "html")
    except subprocess.CalledProcessError as error:
        return error.returncode
    sys.stdout.write(f"The site is in {OUTPUT / 'html'}: open index.html there.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
