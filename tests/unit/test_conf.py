"""broker.conf: for any file and any desired settings, the plan makes these effective and changes nothing else."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host import conf_scripts
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf import Conf, plan_conf

NAMES = ("ALLOW_HA_APPLICATIONS", "MANAGE_HA_DNS", "HA_DNS_PREFIX")
#: The characters that Ruby treats as blanks.
BLANKS = " \t\n\v\f\r"
VALUES = st.text(st.sampled_from("abcTF019-. "), max_size=6).map(str.strip)
LINES = st.one_of(
    st.builds(
        lambda lead, name, sign, quote, value, tail: f"{lead}{name}{sign}{quote}{value}{quote}{tail}",
        st.sampled_from(["", "  ", "#", "# ", "export "]),
        st.sampled_from([*NAMES, "X", "MONGO_PASSWORD"]),
        st.sampled_from(["=", " = "]),
        st.sampled_from(["", '"', "'"]),
        VALUES,
        st.sampled_from(["", " # why", "\t#=", "\r", ' # was "false"', " # it's 'so' ", '"', " junk'", "\u00a0"]),
    ),
    st.sampled_from(["", "# a comment", "[section]", "[a=b]", "[x] y", "abc==", "rest of something"]),
)
DESIRED = st.dictionaries(st.sampled_from(NAMES), st.one_of(st.booleans(), VALUES), min_size=1)


def as_the_broker_reads(lines: tuple[str, ...]) -> dict[str, str]:
    """The settings above the first section, parsed as in the source of the broker."""
    found: dict[str, str] = {}
    for line in (each.strip(BLANKS) for each in lines):
        if not line or line.startswith("#"):
            continue
        if "=" in line:
            name, value = re.split(r"\s*=\s*", line, maxsplit=1, flags=re.ASCII)
            quoted = re.match(r"^['\"](.*)['\"]$", value.strip(BLANKS))
            value = re.sub(r"[ \t]*#[^\n]*", "", quoted.group(1) if quoted else value.strip(BLANKS))
            for quote in "\"'":
                value = value[1:-1] if value.startswith(quote) else value
            found[name.strip(BLANKS)] = value
        elif re.match(r"^\[(.+)\]$", line):
            break
    return found


def is_equivalent(value: str, desired: str | bool) -> bool:
    yes = re.fullmatch(r"(true|t|yes|y|1)", value, re.IGNORECASE) is not None
    return yes is desired if isinstance(desired, bool) else value == desired


@given(st.lists(LINES, max_size=12).map(tuple), DESIRED)
def test_desired_settings_become_effective_and_nothing_else_changes(
    lines: tuple[str, ...], desired: dict[str, str | bool]
) -> None:
    made = plan_conf(Conf(lines), desired)
    before, after = as_the_broker_reads(lines), as_the_broker_reads(made.lines)
    for name, value in desired.items():
        assert is_equivalent(after[name], value), (name, made.lines)
    assert {n: v for n, v in before.items() if n not in desired} == {n: v for n, v in after.items() if n not in desired}
    replaced = {edit.number for edit in made.edits if edit.replaces}
    untouched = [line for number, line in enumerate(lines, 1) if number not in replaced]
    rest = iter(made.lines)
    assert all(line in rest for line in untouched), "all other lines are kept, in their order"
    assert len(made.lines) == len(untouched) + len(made.edits)
    assert not plan_conf(Conf(made.lines), desired).changed


@settings(max_examples=25, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=12).map(tuple), DESIRED, st.booleans())
def test_the_scripts_do_what_is_planned(
    lines: tuple[str, ...], desired: dict[str, str | bool], final_newline: bool
) -> None:
    """The scripts write the same file that a plan from the unmasked file gives."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "broker.conf"
        text = "\n".join(lines) + ("\n" if final_newline else "")
        file.write_bytes(text.encode())
        present = conf_scripts.parse_conf(shell(conf_scripts.build_read_script(str(file), desired)))
        # An empty last line without a newline does not count as a line.
        real = tuple(text.removesuffix("\n").split("\n")) if text else ()
        planned, direct = plan_conf(present.conf, desired), plan_conf(Conf(real), desired)
        assert planned.edits == direct.edits
        if planned.edits:
            backup = f"{file}.bak"
            shell(conf_scripts.build_write_script(present, planned.edits, desired, backup, False, "new"))
            assert Path(backup).read_bytes() == text.encode()
            assert file.read_bytes().decode().removesuffix("\n").split("\n") == list(direct.lines)
            assert (
                conf_scripts.parse_conf(shell(conf_scripts.build_read_script(str(file), desired))).conf.lines
                == planned.lines
            )


def shell(script: str) -> str:
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr, script)
    return done.stdout.decode()
