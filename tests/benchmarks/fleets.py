"""The applications that are measured: what the embedded broker starts with, as its fleet files say it."""

from __future__ import annotations

import math
from typing import Any

LOGIN = "operator"
PASSWORD = "any will do"
OWNERS = 20

#: Shapes of the applications, told as the broker's fleet file does.
HIGHLY_AVAILABLE: dict[str, Any] = {"gears": 2, "ha": True}
DEGRADED: dict[str, Any] = {"gears": 3, "ha": True, "haproxy": 1}
STANDALONE: dict[str, Any] = {"gears": 1}
NOT_SCALABLE: dict[str, Any] = {"scalable": False}

#: Of twenty applications thirteen are in order, six have drifted, and one cannot be made highly available.
_MIXED = [HIGHLY_AVAILABLE] * 13 + [DEGRADED] * 4 + [STANDALONE] * 2 + [NOT_SCALABLE]
#: Each is repaired by one write.
_DRIFTED = [DEGRADED, STANDALONE]


def mixed(size: int) -> dict[str, Any]:
    """A fleet as an audit finds it: two thirds in order, drift of both kinds, a few that are not scalable."""
    return _fleet(size, _MIXED)


def compliant(size: int) -> dict[str, Any]:
    """A fleet that is in order."""
    return _fleet(size, [HIGHLY_AVAILABLE])


def drifted(size: int) -> dict[str, Any]:
    """A fleet in which every application needs one write: half of them a gear more, half of them make-ha."""
    return _fleet(size, _DRIFTED)


def names(size: int) -> list[dict[str, str]]:
    """Domain and name of each application, one owner after the other."""
    return [{"domain": _domain(number), "name": f"app{number:05}"} for number in range(size)]


def _fleet(size: int, shapes: list[dict[str, Any]]) -> dict[str, Any]:
    """So many applications of 20 owners with room for all; the operator administers all of their domains."""
    owners = range(min(OWNERS, size))
    room = {"ha": True, "max_gears": 10 * size}
    # Shapes change once all owners have one of each, so that every owner has some of all.
    chosen = (shapes[number // len(owners) % len(shapes)] for number in range(size))
    return {
        "users": [{"login": LOGIN, **room}, *({"login": f"owner{owner:02}", **room} for owner in owners)],
        "domains": [
            {"name": _domain(owner), "owner": f"owner{owner:02}", "members": [{"login": LOGIN, "role": "admin"}]}
            for owner in owners
        ],
        "applications": [
            {**ref, "cartridges": ["php-5.4"], **shape} for ref, shape in zip(names(size), chosen, strict=True)
        ],
    }


def writes_needed(size: int) -> int:
    """How many writes bring ``drifted(size)`` in order."""
    return size


def ideal_seconds(size: int, latency: float, concurrency: int) -> float:
    """How long the writes of ``drifted(size)`` take at least, so many at a time and each so many seconds."""
    return math.ceil(writes_needed(size) / concurrency) * latency


def _domain(number: int) -> str:
    return f"team{number % OWNERS:02}"
