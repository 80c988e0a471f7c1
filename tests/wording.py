"""The phrases that the collection does not use, and where they stand all the same.

Run it with paths to list what is left there: ``python -m tests.wording plugins roles``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = (".py", ".yml", ".yaml", ".j2", ".js", ".md", ".css", ".sh", ".toml", "Makefile", "run")

#: What is written instead, and what is not: regular expressions, case is ignored.
PHRASES: dict[str, str] = {
    "desired state": r"wish(?:e[sd]|ing)?|unwished|wanted|(?:what|who|which|that) is meant",
    "drift, drifted, no drift": r"as wished|other than wished|(?:all|is|are) in order",
    "HAProxy instance(s)": r"(?:two|second|one|no|\d) HAProxy(?! instance| \d| process| run| cartridge|-)",
    "read, fetch, check, observe": r"look(?:s|ing)? (?:at|again|once more|whether|who)|looked|(?:the|a|this) look",
    "report, return, show, state": r"tell(?:s|ing)?|told|foretell\w*|foretold|is said|says?",
    "add the missing HAProxy instance": r"br(?:ing|ings|inging|ought) (?:the (?:second|missing|haproxy)|it|about|in)",
    "in advance": r"beforehand",
    "skip, skipped": r"(?:left|leav\w+) alone|left as (?:it is|they are)",
    "accessible": r"within reach|can reach",
    "invalid, not allowed, must be": r"can(?:not)? be meant|what cannot be",
    "try again, retry": r"(?:another|a|its) turn",
    "not enough gears; gear quota": r"(?:of|no|the) room|room for|may use only",
    "operation in progress": r"under way",
    "unknown outcome": r"nobody knows|answer was lost",
    "another user's": r"whom you are not",
    "run as, acts as": r"as whom",
    "by default, unless set": r"if nothing is said",
    "interrupted": r"told to stop",
    "a plain sentence": r"what(?:ever)? becomes of|that there (?:is|are)|comes? of it|whatever it is",
}

#: Where a phrase is right: a part of the line that holds it. Fixed names and the usual meaning of a word.
EXCEPTIONS = (
    "IN_ORDER",
    "in_order",
    "LEFT_ALONE",
    "left_alone",
)


def offences(path: Path) -> Iterator[tuple[int, str, str]]:
    """Number, what to say instead and text of each line of the file that holds one of the phrases."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        rest = line
        for exception in EXCEPTIONS:
            rest = rest.replace(exception, "")
        # Names in code hold words as well.
        rest = rest.replace("_", " ")
        for instead, pattern in PHRASES.items():
            if re.search(rf"\b(?:{pattern})\b", rest, re.IGNORECASE):
                yield number, instead, line.strip()


def files_in(path: Path) -> Iterator[Path]:
    """The text files of a folder, or the file itself."""
    if path.is_file():
        yield path
        return
    for each in sorted(path.rglob("*")):
        if each.is_file() and each.name.endswith(SUFFIXES) and not {"__pycache__", "transcripts"} & set(each.parts):
            yield each


def main(paths: list[str]) -> int:
    found = 0
    for given in paths:
        for path in files_in(Path(given)):
            for number, instead, line in offences(path):
                found += 1
                sys.stdout.write(f"{path}:{number}: [{instead}] {line}\n")
    sys.stdout.write(f"{found} found\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
