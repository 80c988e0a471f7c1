# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the shell scripts that read and write a configuration file on a host without Python. Pure.

The file contains secrets, and command lines and outputs may be logged. The script that reads therefore masks, on the
host itself, all values but those of the desired settings. The script that writes contains the changed lines only; the
rest of the file is copied on the host, and its checksum proves that it has not changed.

The scripts need sh, cksum, cp, grep, ls, mv, readlink, rm, sed and tail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf import (
    SECRET_WORDS,
    Conf,
    Edit,
    apply_edits,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import (
    WITH_SYSTEM_FOLDERS,
    quote_command,
)

CHANGED_MEANWHILE = 81
#: Exit statuses of the scripts in this file, and their meanings.
READ_FAILURES = {
    71: "the file does not exist. Check that the host is a broker host.",
    72: "it is not a regular file.",
    73: "reading it is not permitted. Use become.",
    74: "reading it failed.",
    75: "it changed while it was read. Run again.",
}
WRITE_FAILURES = {
    CHANGED_MEANWHILE: "somebody else has changed it since it was read. Run again: the file is read first.",
    82: "no copy with its owner and mode could be made beside it. Use become, and check the free space there.",
    83: "the new content could not be written beside it. Check the free space there.",
    84: "the new content is not as expected.",
    85: "no backup could be made beside it. Check the free space there.",
    86: "the note that a restart is due could not be written beside it.",
    87: "the new file could not replace it.",
    88: "the command was interrupted.",
}
#: With these exit statuses, the script ended before it tried to replace the file.
NOT_WRITTEN = frozenset((82, 83, 84, 85, 86))
_LINE = re.compile(r"^:(.*)\|$")


class UnknownContent(Exception):
    """The output of the script that reads is not as expected."""


@dataclass(frozen=True)
class PresentConf:
    """The file as it was read.

    ``path``: with symbolic links resolved. ``checksum``: of the file; ``others``: of everything but the desired
    settings. ``restart_due``: an earlier change still needs a restart; ``due_backup``: the file before that change,
    if it was kept.
    """

    path: str
    checksum: str
    others: str
    conf: Conf
    restart_due: bool
    due_backup: str = ""


def build_note_path(path: str) -> str:
    """The file beside it that records that a restart is due."""
    return f"{path}.restart-due"


# Every line is printed between a colon and a bar. So no character is lost, and no line can be confused with a line of
# the script. These are not masked: blank lines, sections, comments without "=" and without a word for a secret, the
# desired settings, and the names of other settings.
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

# cp copies owner, mode and SELinux context of the file. Then the content of the copy is replaced. After the copy has
# replaced the file, it no longer exists under its own name, and undo does nothing. The note contains the name of the
# backup, for instructions to go back. A note of an earlier change is kept.
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


def build_read_script(path: str, names: Iterable[str]) -> str:
    """The script that prints the file, with the values of all other settings masked."""
    ours = _build_patterns(names)
    kept = [*ours, r"^[[:space:]]*$", r"^[[:space:]]*\[[^=]*\][[:space:]]*$"]
    keep = " ".join(f"-e '/{pattern}/b keep'" for pattern in kept)
    secrets = " ".join(f"-e '/{_ignore_case(word)}/b mask'" for word in SECRET_WORDS)
    return _fill(_READING, path=quote_command(path), ours=_join_patterns(ours), keep=keep, secrets=secrets)


def parse_conf(output: str) -> PresentConf:
    """The file, from the output of ``build_read_script``. Raises ``UnknownContent``."""
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
        raise UnknownContent("the checksum is missing")
    conf = Conf(tuple(lines), final_newline="unended" not in known)
    return PresentConf(known["path"], known["checksum"], known["others"], conf, "due" in known, known.get("due", ""))


def build_write_script(
    present: PresentConf, edits: tuple[Edit, ...], names: Iterable[str], backup: str, restart: bool, mark: str
) -> str:
    """The script that writes the new content beside the file, and then replaces the file at once.

    ``backup``: the path for a copy of the old file, empty for none. ``restart``: whether to record that a restart is
    due. ``mark`` makes the temporary name of the new file unique.
    """
    return _fill(
        _WRITING,
        path=quote_command(present.path),
        mark=mark,
        backup=quote_command(backup) if backup else "",
        note=quote_command(build_note_path(present.path)) if restart else "",
        checksum=quote_command(present.checksum),
        others=quote_command(present.others),
        ours=_join_patterns(_build_patterns(names)),
        count=str(len(apply_edits(present.conf.lines, edits))),
        parts=" && ".join(_build_parts(present.conf, edits)),
    )


def build_command_script(command: str) -> str:
    """The script that runs a command of the user."""
    return f"{WITH_SYSTEM_FOLDERS}\n{command}"


def build_settle_script(path: str, command: str) -> str:
    """The script that runs a command of the user, and removes the note if the command succeeds."""
    return _fill(_SETTLING, folders=WITH_SYSTEM_FOLDERS, command=command, note=quote_command(build_note_path(path)))


def _build_parts(conf: Conf, edits: tuple[Edit, ...]) -> list[str]:
    """The commands that print the new content: parts of the old file, and the new lines between them."""
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
        parts.append(_build_print(edit.line, "" if stays_unended else r"\n"))
        following = max(following, edit.number + 1)
    if following <= last:
        parts.append(f'tail -n +{following} "$f"')
    return parts


def _build_print(line: str, newline: str) -> str:
    text = line.rstrip("\r")
    ending = r"\r" * (len(line) - len(text))
    return f"printf '%s{ending}{newline}' {quote_command(text)}"


def _fill(script: str, **values: str) -> str:
    """The script with its placeholders replaced. Placeholders within values are not replaced."""
    return re.sub(r"@([a-z]+)@", lambda placeholder: values[placeholder.group(1)], script).strip("\n")


def _ignore_case(word: str) -> str:
    """A basic regular expression for the word in upper or lower case; a blank matches an underscore."""
    return "".join(f"[{letter}{letter.lower()}]" if letter != "_" else "[_ ]" for letter in word)


def _build_patterns(names: Iterable[str]) -> list[str]:
    """Basic regular expressions for lines that set these, including those that are commented out."""
    return [f"^[[:space:]#]*{name}[[:space:]]*=" for name in sorted(names)]


def _join_patterns(ours: list[str]) -> str:
    return " ".join(f"-e '{pattern}'" for pattern in ours)
