"""Faults on demand: rules that say which requests go wrong, and how.

Faults of the *transport* strike at the request itself; faults of an *operation* (``lock``, ``node_failure``,
``failed_rollback``) strike only when the request gets as far as running an operation, and use up their ``times`` then.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PLAIN_KINDS = ("drop_before", "drop_after", "reset", "truncate", "html", "not_json")
OPERATION_KINDS = ("lock", "node_failure", "failed_rollback")
STATUSES = (502, 503, 504)
_FIELDS = {"method", "path", "event", "times", "do", "effect"}
_ALWAYS_AFTER = ("drop_after", "truncate", "slow")
_EITHER_WAY = ("reset", "status", "html", "not_json")


class BadFault(ValueError):
    """A rule that can't be understood; the text says which and why."""


@dataclass(eq=False)
class Fault:
    """One rule. ``times`` left: None is without end. ``effect``: the request is processed before it goes wrong."""

    kind: str
    method: str | None = None
    path: re.Pattern[str] | None = None
    event: str | None = None
    times: int | None = None
    effect: bool = False
    status: int = 0
    seconds: float = 0.0
    node_status: int = 0
    exit_code: int = 0

    @property
    def of_operation(self) -> bool:
        return self.kind in OPERATION_KINDS

    def fits(self, method: str, path: str, event: str | None) -> bool:
        if self.of_operation and method in ("GET", "HEAD"):
            return False
        if self.method is not None and self.method != method:
            return False
        if self.event is not None and self.event != event:
            return False
        return self.path is None or self.path.search(path) is not None


def parse(value: Any) -> list[Fault]:
    """The rules of a control request.

    Raises:
        BadFault: what is wrong, and in which rule.
    """
    if not isinstance(value, list):
        raise BadFault("faults: a list of rules is expected")
    faults = []
    for number, rule in enumerate(value):
        try:
            faults.append(_parse_rule(rule))
        except BadFault as error:
            raise BadFault(f"faults[{number}]: {error}") from None
    return faults


def _parse_rule(rule: Any) -> Fault:
    if not isinstance(rule, dict):
        raise BadFault("a map is expected")
    unknown = sorted(set(rule) - _FIELDS)
    if unknown:
        raise BadFault(f"unknown field {unknown[0]!r}; known are {', '.join(sorted(_FIELDS))}")
    fault = _parse_do(rule.get("do"))
    fault.method = _text(rule, "method")
    if fault.method is not None:
        fault.method = fault.method.upper()
    fault.event = _text(rule, "event")
    fault.path = _pattern(rule)
    fault.times = _times(rule)
    fault.effect = _effect(rule, fault.kind)
    return fault


def _effect(rule: dict[str, Any], kind: str) -> bool:
    """Whether the request is processed first; only some kinds leave the choice."""
    effect = rule.get("effect", kind in _ALWAYS_AFTER)
    if not isinstance(effect, bool):
        raise BadFault("effect: true or false is expected")
    if kind not in _EITHER_WAY and effect != (kind in _ALWAYS_AFTER):
        raise BadFault(f"effect: {kind} leaves no choice")
    return effect


def _text(rule: dict[str, Any], name: str) -> str | None:
    value = rule.get(name)
    if value is not None and not isinstance(value, str):
        raise BadFault(f"{name}: a text is expected")
    return value


def _pattern(rule: dict[str, Any]) -> re.Pattern[str] | None:
    text = _text(rule, "path")
    if text is None:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise BadFault(f"path: {error}") from None


def _times(rule: dict[str, Any]) -> int | None:
    times = rule.get("times")
    if times is None:
        return None
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        raise BadFault("times: a number from 1 on is expected")
    return times


def _parse_do(do: Any) -> Fault:
    if not isinstance(do, str):
        raise BadFault("do: what is to go wrong is missing")
    kind, _colon, argument = do.partition(":")
    if do in PLAIN_KINDS or do in ("lock", "failed_rollback"):
        return Fault(kind, node_status=422, exit_code=1)
    if kind == "status" and argument in map(str, STATUSES):
        return Fault(kind, status=int(argument))
    if kind == "slow":
        return Fault(kind, seconds=_seconds(argument))
    if kind == "node_failure":
        return _parse_node_failure(argument)
    known = [*PLAIN_KINDS, "status:502|503|504", "slow:SECONDS", "lock", "node_failure:CODE", "failed_rollback"]
    raise BadFault(f"do: {do!r} is unknown; known are {', '.join(known)}")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise BadFault(f"do: slow:{text}: seconds are expected")
    return seconds


def _parse_node_failure(text: str) -> Fault:
    status, _slash, code = text.rpartition("/")
    if not code.isdigit() or status not in ("", "422", "500"):
        raise BadFault(f"do: node_failure:{text}: an exit code is expected, or STATUS/CODE with status 422 or 500")
    exit_code = int(code)
    return Fault("node_failure", node_status=int(status or (422 if exit_code == 1 else 500)), exit_code=exit_code)


@dataclass
class Faults:
    """The rules in force; the first that fits and has times left applies."""

    rules: Sequence[Fault] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def replace(self, rules: Sequence[Fault]) -> None:
        with self._lock:
            self.rules = list(rules)

    def find(self, method: str, path: str, event: str | None) -> Fault | None:
        """The rule for a request. Transport faults are used up by this; operation faults by :meth:`claim`."""
        with self._lock:
            for rule in self.rules:
                if rule.times == 0 or not rule.fits(method, path, event):
                    continue
                if not rule.of_operation:
                    _use(rule)
                return rule
        return None

    def claim(self, fault: Fault | None, *kinds: str) -> Fault | None:
        """The operation fault, used up once, when it is of one of the kinds and has times left."""
        if fault is None or fault.kind not in kinds:
            return None
        with self._lock:
            if fault.times == 0:
                return None
            _use(fault)
        return fault

    def in_force(self, fault: Fault) -> bool:
        """Whether the rule has not been replaced since; a node stays broken until then."""
        with self._lock:
            return any(rule is fault for rule in self.rules)


def _use(rule: Fault) -> None:
    if rule.times is not None:
        rule.times -= 1
