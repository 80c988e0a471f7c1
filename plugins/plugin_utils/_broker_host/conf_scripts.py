# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell scripts that read and write a configuration file where there is no Python. Pure, they only make texts.

The file holds secrets, and command lines and outputs are logged: so a script that reads masks, on the host itself,
every value but those of the wished settings, and a script that writes is sent the changed lines alone. The rest of the
file is copied on the host, and a checksum of it tells that it stayed as it was.

Needed there: sh, cksum, cp, grep, ls, mv, readlink, rm, sed and tail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf import (
    SECRET_WORDS,
    Conf,
    Edit,
    applied,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import WITH_SYSTEM_FOLDERS, command

CHANGED_MEANWHILE = 81
#: Exit statuses of our own scripts, and what each of them means.
READ_FAILURES = {
    71: "there is no such file. Is it a broker host?",
    72: "it is no regular file.",
    73: "it may not be read. Use become.",
    74: "it cannot be read.",
    75: "it was being changed while it was read. Run again.",
}
WRITE_FAILURES = {
    CHANGED_MEANWHILE: "it was changed by somebody else since it was read. Run again: it looks first.",
    82: "no copy could be made beside it, with its owner and mode. Use become, and check the space left there.",
    83: "the new content could not be written beside it. Check the space left there.",
    84: "the new content was not what it should have been.",
    85: "no backup could be made beside it. Check the space left there.",
    86: "the note that a restart is due could not be written beside it.",
    87: "the new file could not be put in its place.",
    88: "the command was told to stop.",
}
#: After these there was no attempt to put the new file in its place.
NOT_WRITTEN = frozenset((82, 83, 84, 85, 86))
_LINE = re.compile(r"^:(.*)\|$")


class NotRead(Exception):
    """What came back from reading cannot be understood."""


@dataclass(frozen=True)
class Seen:
    """The file as it was read: where it really is, its checksum, that of all but the wished settings.

    ``restart_due``: whether a restart has been due since an earlier change; ``due_backup``: the file as it was before
    that, if there is one.
    """

    path: str
    checksum: str
    others: str
    conf: Conf
    restart_due: bool
    due_backup: str = ""


def note_of(path: str) -> str:
    """The file beside it that says that a restart is due."""
    return f"{path}.restart-due"


# Every line goes out between a colon and a bar, so that nothing in between is lost, or taken for ours. What shows is
# blank lines, sections, comments that hold neither a "=" nor a word for a secret, the wished settings, and the names of
# others.
_READING = r"""
LC_ALL=C; export LC_ALL
f=@path@; cr=$(printf '\r')
if [ -L "$f" ]; then f=$(readlink -f "$f") || exit 74; fi
[ -e "$f" ] || exit 71; [ -f "$f" ] || exit 72; [ -r "$f" ] || exit 73
sum=$(cksum <"$f") || exit 74
printf 'path %s\n' "$f"
echo "checksum $sum"
echo "others $(grep -v @ours@ "$f" | cksum)"
[ -z "$(tail -c 1 "$f")" ] || echo unended
if [ -e "$f.restart-due" ]; then
    old=; read -r old <"$f.restart-due"; [ -e "$old" ] || old=; printf 'due %s\n' "$old"
fi
sed @keep@ -e 's/^\([[:space:]#]*[A-Z_][A-Z0-9_]*[[:space:]]*=\)\(.*[^'"$cr"']\)\{0,1\}/\1********/' -e 't keep' \
    -e '/^[[:space:]]*#/{' -e '/=/b mask' @secrets@ -e 'b keep' \
    -e ':mask' -e 's/#.*[^'"$cr"']/# ********/' -e 'b keep' -e '}' \
    -e 's/[^[:space:]]\(.*[^'"$cr"']\)\{0,1\}/********/' -e ':keep' -e 's/^/:/' -e 's/$/|/' "$f" || exit 74
echo
[ "$(cksum <"$f")" = "$sum" ] || exit 75
"""

# The copy made by cp is there for its owner, mode and SELinux context, its content is replaced. Once it is gone, it has
# taken the file's place, and nothing is undone any more, whatever signal comes. The note holds the name of the backup,
# for whoever has to go back; one that is there since an earlier change stays.
_WRITING = r"""
LC_ALL=C; export LC_ALL
f=@path@; t=@path@.@mark@; b=@backup@; n=@note@; made=
undo() {
    [ -e "$t" ] || return 0
    case $made in *b*) rm -f "$b";; esac; case $made in *n*) rm -f "$n";; esac
    rm -f "$t"
}
copy() { cp -a "$f" "$1" 2>/dev/null || cp -p "$f" "$1"; }
rights() { ls -ldn "$1" | sed 's/^\([^ ]*\) *[0-9]* *\([0-9]*\) *\([0-9]*\) .*/\1 \2 \3/'; }
unchanged() { [ "$(cksum <"$1")" = @checksum@ ]; }
trap undo 0
trap 'exit 88' 1 2 15
unchanged "$f" || exit 81
copy "$t" && [ "$(rights "$f")" = "$(rights "$t")" ] || exit 82
{ @parts@; } >"$t" || exit 83
[ "$(grep -v @ours@ "$t" | cksum)" = @others@ ] && [ "$(sed -n '$=' "$t")" = @count@ ] || exit 84
if [ "$b" ]; then [ ! -e "$b" ] && made=b && copy "$b" && unchanged "$b" || exit 85; fi
if [ "$n" ] && [ ! -e "$n" ]; then made=${made}n; printf '%s\n' "$b" >"$n" || exit 86; fi
unchanged "$f" || exit 81
mv -f "$t" "$f" || exit 87
"""

_SETTLING = """
@folders@
(
@command@
) || exit
rm -f @note@
"""


def reading(path: str, names: Iterable[str]) -> str:
    """The script that shows the file, the values of all other settings masked."""
    ours = _ours(names)
    kept = [*ours, r"^[[:space:]]*$", r"^[[:space:]]*\[[^=]*\][[:space:]]*$"]
    keep = " ".join(f"-e '/{pattern}/b keep'" for pattern in kept)
    secrets = " ".join(f"-e '/{_in_any_case(word)}/b mask'" for word in SECRET_WORDS)
    return _filled(_READING, path=command(path), ours=_patterns(ours), keep=keep, secrets=secrets)


def seen_in(output: str) -> Seen:
    """What ``reading`` showed. Raises ``NotRead``."""
    known: dict[str, str] = {}
    lines: list[str] = []
    for line in output.split("\n"):
        found = _LINE.match(line)
        if found:
            lines.append(found.group(1))
        else:
            word, _space, rest = line.partition(" ")
            known.setdefault(word, rest)
    if not all(known.get(word) for word in ("path", "checksum", "others")):
        raise NotRead("the checksum is missing")
    conf = Conf(tuple(lines), final_newline="unended" not in known)
    return Seen(known["path"], known["checksum"], known["others"], conf, "due" in known, known.get("due", ""))


def writing(seen: Seen, edits: tuple[Edit, ...], names: Iterable[str], backup: str, restart: bool, mark: str) -> str:
    """The script that makes the edits, beside the file at first, and then puts the new one in its place at once.

    ``backup``: where a copy of the old file goes, empty for none. ``restart``: whether to note that one is due.
    ``mark`` makes the name of the new file, until it is in its place, one that nobody else uses.
    """
    return _filled(
        _WRITING,
        path=command(seen.path),
        mark=mark,
        backup=command(backup) if backup else "",
        note=command(note_of(seen.path)) if restart else "",
        checksum=command(seen.checksum),
        others=command(seen.others),
        ours=_patterns(_ours(names)),
        count=str(len(applied(seen.conf.lines, edits))),
        parts=" && ".join(_parts(seen.conf, edits)),
    )


def following(wish: str) -> str:
    """The script that runs a command of the user's."""
    return f"{WITH_SYSTEM_FOLDERS}\n{wish}"


def settling(path: str, wish: str) -> str:
    """The script that runs a command of the user's, and takes the note away when that went well."""
    return _filled(_SETTLING, folders=WITH_SYSTEM_FOLDERS, command=wish, note=command(note_of(path)))


def _parts(conf: Conf, edits: tuple[Edit, ...]) -> list[str]:
    """Commands that print the new content: pieces of the old file, and the new lines between them."""
    parts: list[str] = []
    last = len(conf.lines)
    unended = last > 0 and not conf.final_newline
    appended = any(edit.number == last and not edit.replaces for edit in edits)
    following = 1
    for edit in edits:
        piece = edit.number - 1 if edit.replaces else edit.number
        if piece >= following:
            parts.append(f"sed -n '{following},{piece}p' \"$f\"")
            if unended and piece == last:
                parts.append(r"printf '\n'")
        stays_unended = unended and edit.number == last and not appended
        parts.append(_printed(edit.line, "" if stays_unended else r"\n"))
        following = max(following, edit.number + 1)
    if following <= last:
        parts.append(f'tail -n +{following} "$f"')
    return parts


def _printed(line: str, newline: str) -> str:
    text = line.rstrip("\r")
    ending = r"\r" * (len(line) - len(text))
    return f"printf '%s{ending}{newline}' {command(text)}"


def _filled(script: str, **values: str) -> str:
    """The script with its places filled in, each of them once and for all."""
    return re.sub(r"@([a-z]+)@", lambda place: values[place.group(1)], script).strip("\n")


def _in_any_case(word: str) -> str:
    """A basic regular expression for it in capitals or not; a blank does for an underscore."""
    return "".join(f"[{letter}{letter.lower()}]" if letter != "_" else "[_ ]" for letter in word)


def _ours(names: Iterable[str]) -> list[str]:
    """Basic regular expressions for lines that set these, commented-out ones too."""
    return [f"^[[:space:]#]*{name}[[:space:]]*=" for name in sorted(names)]


def _patterns(ours: list[str]) -> str:
    return " ".join(f"-e '{pattern}'" for pattern in ours)
