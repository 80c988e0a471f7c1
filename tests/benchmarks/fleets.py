"""The fleets of the measurements, in the format of the embedded broker's fleet files."""

from __future__ import annotations

import math
from typing import Any

LOGIN = "operator"
PASSWORD = "any will do"
OWNERS = 20

#: Shapes of applications, as in a fleet file.
HIGHLY_AVAILABLE: dict[str, Any] = {"gears": 2, "ha": True}
DEGRADED: dict[str, Any] = {"gears": 3, "ha": True, "haproxy": 1}
STANDALONE: dict[str, Any] = {"gears": 1}
NOT_SCALABLE: dict[str, Any] = {"scalable": False}

#: Of twenty applications, thirteen are highly available, six have drifted, and one is not scalable.
_MIXED = [HIGHLY_AVAILABLE] * 13 + [DEGRADED] * 4 + [STANDALONE] * 2 + [NOT_SCALABLE]
#: Each of these needs one write.
_DRIFTED = [DEGRADED, STANDALONE]


def mixed(size: int) -> dict[str, Any]:
    """A fleet as an audit finds it: two thirds without drift, both kinds of drift, a few that are not scalable."""
    return _fleet(size, _MIXED)


def compliant(size: int) -> dict[str, Any]:
    """A fleet without drift."""
    return _fleet(size, [HIGHLY_AVAILABLE])


def drifted(size: int) -> dict[str, Any]:
    """A fleet in which every application needs one write: for half of them a scale-up, for the others make-ha."""
    return _fleet(size, _DRIFTED)


def names(size: int) -> list[dict[str, str]]:
    """Domain and name of each application, one owner after the other."""
    return [{"domain": _domain(number), "name": f"app{number:05}"} for number in range(size)]


def _fleet(size: int, shapes: list[dict[str, Any]]) -> dict[str, Any]:
    """``size`` applications of 20 owners with enough gears. The operator is an admin of all their domains."""
    owners = range(min(OWNERS, size))
    quota = {"ha": True, "max_gears": 10 * size}
    # The shape changes after one application of each owner, so that every owner has all shapes.
    chosen = (shapes[number // len(owners) % len(shapes)] for number in range(size))
    return {
        "users": [{"login": LOGIN, **quota}, *({"login": f"owner{owner:02}", **quota} for owner in owners)],
        "domains": [
            {"name": _domain(owner), "owner": f"owner{owner:02}", "members": [{"login": LOGIN, "role": "admin"}]}
            for owner in owners
        ],
        "applications": [
            {**ref, "cartridges": ["php-5.4"], **shape} for ref, shape in zip(names(size), chosen, strict=True)
        ],
    }


def writes_needed(size: int) -> int:
    """How many writes repair ``drifted(size)``."""
    return size


def ideal_seconds(size: int, latency: float, concurrency: int) -> float:
    """The least time for the writes of ``drifted(size)``: ``concurrency`` at a time, ``latency`` seconds each."""
    return math.ceil(writes_needed(size) / concurrency) * latency


def _domain(number: int) -> str:
    return f"team{number % OWNERS:02}"
