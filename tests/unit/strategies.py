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
