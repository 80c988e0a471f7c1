"""The phrases that the collection does not use, and where they are left.

List them with ``python -m tests.wording PATH...``; ``tests/unit/test_wording.py`` fails for each of them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = (".py", ".yml", ".yaml", ".j2", ".js", ".md", ".css", ".sh", ".toml", "Makefile", "run")
#: This table is the only text that has to contain the phrases. Transcripts are recordings of a broker.
NOT_READ = {"wording.py", "test_wording.py", "transcripts", "__pycache__", ".venv", "node_modules"}

#: What to write instead, and the phrases to avoid: regular expressions, case is ignored.
PHRASES: dict[str, str] = {
    "desired state": r"(?:un)?wish(?:e[sd]|ing)?|wanted|(?:what|who|which|that) is meant",
    "drift, drifted, no drift": r"(?:as|than) wished|(?:all|is|are|was|be|not|everything) in order",
    "HAProxy instance(s)": r"(?:two|second|one|no|\d) HAProxy(?! instance| \d| process| run| cartridge|-)",
    "read, fetch, check, observe": r"look(?:s|ed|ing|er|ers)?(?! like| as if| encoded| up\b)",
    "report, return, show, state": r"tell(?:s|ing)?|told|(?:is|are|was|were|be) said|say(?:s|ing)?",
    "add the missing HAProxy instance": r"br(?:ing|ings|inging|ought) (?:the (?:second|missing|haproxy)|it|about|in)",
    "predict, prediction, in advance": r"beforehand|fore(?:tell\w*|told)",
    "skip, skipped": r"(?:left|leave[sd]?|leaving) (?:\w+ )?alone|left as (?:it is|they are)",
    "accessible (to this account)": r"within reach|can reach",
    "set, configure": r"(?:is|are|was) said|as they were said",
    "invalid, not allowed, must be": r"(?:can(?:not)?|could not) be meant|(?:what|which|that) cannot be(?= *[^\sa-z])",
    "try again, retry": r"(?:have|has|had|get|gets) (?:another|a|its|their) turn",
    "remaining gears, gear quota, not enough gears": r"room|needs \d+ gears? more|may use only",
    "operation in progress": r"under ?way",
    "unknown outcome": r"nobody (?:knows|can (?:know|tell))|answer (?:was|is) lost",
    "another user's application": r"whom (?:you|one) (?:are|is) not",
    "credentials, run as, acts as": r"as whom",
    "by default, unless set": r"if nothing is (?:said|given)",
    "interrupted": r"(?:told|asked) to stop",
    "a sentence with a subject": r"what(?:ever)? becomes of|that there (?:is|are)|comes? of it|whatever it is",
    "subject and verb in order: X does not": r"nor (?:do|does|did|is|are|was|were|have|has|can|will)",
}


@dataclass(frozen=True)
class Exemption:
    """A text that may contain one of the phrases, and why."""

    text: str
    why: str


EXEMPTIONS = (
    Exemption(r"IN_ORDER|in_order", "fixed name: a finding of the report"),
    Exemption(r"LEFT_ALONE|left_alone", "fixed name: a finding of the report"),
    Exemption(r"app_router_look_host", "fixed name: a variable of the role app_router"),
    Exemption(
        r"entry point (?:C\()?`?look`?|(?:^|tasks_from:) +look:?$", "fixed name: an entry point of the role app_router"
    ),
    Exemption(r"look_?ups?|lookup_loader", "fixed name: Ansible's lookups, and to look up in a list"),
)


@dataclass(frozen=True)
class Offence:
    """A phrase in a file."""

    path: Path
    line: int
    phrase: str
    instead: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: write "{self.instead}" instead of "{self.phrase}"'


def offences(path: Path) -> Iterator[Offence]:
    """The phrases in a file, also those that continue on the next line."""
    lines = [_words(line) for line in path.read_text(encoding="utf-8").splitlines()]
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    for number, line in enumerate(lines, 1):
        following = re.sub(r"^[\s#\"'*-]*f?[\"']?", "", lines[number]) if number < len(lines) else ""
        text = f"{line.rstrip(chr(34) + chr(39) + ' ')} {following}"
        for instead, pattern in PHRASES.items():
            for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE):
                if match.start() < len(line):
                    yield Offence(shown, number, match[0].strip(), instead)


def _words(line: str) -> str:
    """The line without exempt texts, with names in code as words."""
    for exemption in EXEMPTIONS:
        line = re.sub(exemption.text, "", line)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", line).replace("_", " ")


def files_in(path: Path) -> Iterator[Path]:
    """The text files of a folder, or the file itself."""
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if each.is_file() and each.name.endswith(SUFFIXES) and not NOT_READ.intersection(each.parts):
            yield each


def main(paths: list[str]) -> int:
    """List the phrases in these files and folders."""
    found = [each for path in paths for file in files_in(Path(path).resolve()) for each in offences(file)]
    sys.stdout.write("".join(f"{each}\n" for each in found) + f"{len(found)} found\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
