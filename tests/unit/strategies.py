"""What the property tests draw from: possible applications, and desired states that the options allow."""

from __future__ import annotations

from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import SCALE_STRATEGIES, DesiredHa
from tests.unit.memory_broker import Gears, gears


@st.composite
def applications(draw: st.DrawFn, most: int = 12) -> Gears:
    """Scalable applications as a broker can hold them, with the trap among them.

    The API does not show whether a minimum of 2 under HA was set by a user. The modules assume that it was not.
    """
    ha = draw(st.booleans())
    count = draw(st.integers(2 if ha else 1, most))
    minimum = draw(st.integers(1, count))
    maximum = draw(st.sampled_from([-1, *range(max(count, 2 if ha else 1), most + 2)]))
    return gears(
        count,
        haproxies=draw(st.integers(1, min(count, 2))),
        ha=ha,
        minimum=1 if ha and minimum == 2 else minimum,
        maximum=maximum,
    )


@st.composite
def desired_states(draw: st.DrawFn, most: int = 13, ha: bool | None = None) -> DesiredHa:
    """All desired states that the options allow."""
    desired_ha = draw(st.booleans()) if ha is None else ha
    maximum = draw(st.sampled_from([None, -1, *range(2 if desired_ha else 1, most + 1)]))
    highest = most if maximum in (None, -1) else maximum
    return DesiredHa(
        ha=desired_ha,
        scale_strategy=draw(st.sampled_from(SCALE_STRATEGIES)),
        preserve_gear_count=draw(st.booleans()),
        min_gears=draw(st.none() | st.integers(1, highest)),
        max_gears=maximum,
        allow_gear_removal=draw(st.booleans()),
    )


#: Parts of names that harm a terminal, a log, a file or a spreadsheet.
HOSTILE = (
    *("\x1b[31mred", "\x1b]0;title\x07", "\x9b2J", "\b\b\b", "\x7f", "\0", "\x85"),
    *("\n2026-01-01 forged", "\r\nforged", "\rforged", "\u2028forged", "\u2029", "\x0b", "\x0c"),
    *("\ud800", "\udfff", "\udcff", "\ud83d", "\ufffe"),
    *("\u202eexe.txt", "\u202a", "\u2066", "\u2069", "\u061c", "\u200f"),
    *("\u200b", "\u200d", "\u2060", "\ufeff", "\xad", "\u3164", "\u2800", "\U000e0041"),
    *("{{ 1 }}", "{% x %}", "=1+1", "\uff1d1", "<b>", "'", '"', ";", "../", "#"),
)


def any_texts() -> st.SearchStrategy[str]:
    """Any text, lone surrogates included."""
    parts = st.text(st.characters(categories=None), max_size=8) | st.sampled_from(HOSTILE)
    return st.lists(parts, max_size=4).map("".join)


@st.composite
def hostile_texts(draw: st.DrawFn) -> str:
    """A name with at least one hostile part."""
    before, after = draw(st.text("abcXYZ09", max_size=4)), draw(any_texts())
    return before + draw(st.sampled_from(HOSTILE)) + after
