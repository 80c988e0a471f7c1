"""Fault rules: which requests fail, and how.

A *transport* fault applies to the request itself. An *operation* fault (``lock``, ``node_failure``,
``failed_rollback``, ``broker_killed``) applies only when the request runs an operation, and only then counts against
``times``.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

PLAIN_KINDS = ("drop_before", "drop_after", "reset", "truncate", "html", "not_json")
OPERATION_KINDS = ("lock", "node_failure", "failed_rollback", "broker_killed")
STATUSES = (502, 503, 504)
_FIELDS = {"method", "path", "event", "times", "chance", "do", "effect"}
_ALWAYS_WITH_EFFECT = ("drop_after", "truncate", "slow")
_EFFECT_IS_OPTIONAL = ("reset", "status", "html", "not_json")


class BadFault(ValueError):
    """An invalid rule. The text names the rule and the reason."""


@dataclass(eq=False)
class Fault:
    """One rule.

    ``times``: how often it still applies; None: always. ``chance``: the probability that it applies to a request.
    ``effect``: the request is processed before the fault.
    """

    kind: str
    method: str | None = None
    path: re.Pattern[str] | None = None
    event: str | None = None
    times: int | None = None
    chance: float = 1.0
    effect: bool = False
    status: int = 0
    seconds: float = 0.0
    node_status: int = 0
    exit_code: int = 0
    rollback_failures: int | None = None

    @property
    def of_operation(self) -> bool:
        return self.kind in OPERATION_KINDS

    def matches(self, method: str, path: str, event: str | None) -> bool:
        if self.of_operation and method in ("GET", "HEAD"):
            return False
        if self.method is not None and self.method != method:
            return False
        if self.event is not None and self.event != event:
            return False
        if self.path is not None and self.path.search(path) is None:
            return False
        return self.chance == 1 or random.random() < self.chance


def parse(value: Any) -> list[Fault]:
    """Return the rules of a control request.

    Raises:
        BadFault: A rule is invalid.
    """
    if not isinstance(value, list):
        raise BadFault("faults: must be a list of rules")
    faults = []
    for number, rule in enumerate(value):
        try:
            faults.append(_parse_rule(rule))
        except BadFault as error:
            raise BadFault(f"faults[{number}]: {error}") from None
    return faults


def _parse_rule(rule: Any) -> Fault:
    if not isinstance(rule, dict):
        raise BadFault("must be a map")
    unknown = sorted(set(rule) - _FIELDS)
    if unknown:
        raise BadFault(f"unknown field {unknown[0]!r}; valid fields: {', '.join(sorted(_FIELDS))}")
    fault = _parse_do(rule.get("do"))
    fault.method = _text(rule, "method")
    if fault.method is not None:
        fault.method = fault.method.upper()
    fault.event = _text(rule, "event")
    fault.path = _pattern(rule)
    fault.times = _times(rule)
    fault.chance = _chance(rule)
    fault.effect = _effect(rule, fault.kind)
    return fault


def _effect(rule: dict[str, Any], kind: str) -> bool:
    """Return whether the request is processed before the fault. Only some kinds have this option."""
    effect = rule.get("effect", kind in _ALWAYS_WITH_EFFECT)
    if not isinstance(effect, bool):
        raise BadFault("effect: must be true or false")
    if kind not in _EFFECT_IS_OPTIONAL and effect != (kind in _ALWAYS_WITH_EFFECT):
        raise BadFault(f"effect: not allowed with {kind}")
    return effect


def _text(rule: dict[str, Any], name: str) -> str | None:
    value = rule.get(name)
    if value is not None and not isinstance(value, str):
        raise BadFault(f"{name}: must be a string")
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
        raise BadFault("times: must be 1 or more")
    return times


def _chance(rule: dict[str, Any]) -> float:
    chance = rule.get("chance", 1)
    if isinstance(chance, bool) or not isinstance(chance, (int, float)) or not 0 < chance <= 1:
        raise BadFault("chance: must be above 0 and at most 1")
    return float(chance)


def _parse_do(do: Any) -> Fault:
    if not isinstance(do, str):
        raise BadFault("do: must be a string")
    kind, _colon, argument = do.partition(":")
    if do in PLAIN_KINDS or do in ("lock", "failed_rollback", "broker_killed"):
        return Fault(kind, node_status=422, exit_code=1)
    if kind == "status" and argument in map(str, STATUSES):
        return Fault(kind, status=int(argument))
    if kind == "slow":
        return Fault(kind, seconds=_seconds(argument))
    if kind == "node_failure":
        return _parse_node_failure(argument)
    if kind == "failed_rollback" and argument.isdigit() and int(argument) > 0:
        return Fault(kind, node_status=422, exit_code=1, rollback_failures=int(argument))
    known = [
        *PLAIN_KINDS,
        "status:502|503|504",
        "slow:SECONDS",
        "lock",
        "node_failure:CODE",
        "failed_rollback",
        "failed_rollback:TIMES",
        "broker_killed",
    ]
    raise BadFault(f"do: unknown kind {do!r}; valid kinds: {', '.join(known)}")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise BadFault(f"do: slow:{text}: must be a number of seconds")
    return seconds


def _parse_node_failure(text: str) -> Fault:
    status, _slash, code = text.rpartition("/")
    if not code.isdigit() or status not in ("", "422", "500"):
        raise BadFault(f"do: node_failure:{text}: must be an exit code, or STATUS/CODE with status 422 or 500")
    exit_code = int(code)
    return Fault("node_failure", node_status=int(status or (422 if exit_code == 1 else 500)), exit_code=exit_code)


@dataclass
class Faults:
    """The active rules. The first matching rule with remaining ``times`` applies."""

    rules: Sequence[Fault] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def replace(self, rules: Sequence[Fault]) -> None:
        with self._lock:
            self.rules = list(rules)

    def find(self, method: str, path: str, event: str | None) -> Fault | None:
        """Return the rule for a request. This counts against ``times`` of a transport fault; see :meth:`claim`."""
        with self._lock:
            for rule in self.rules:
                if rule.times == 0 or not rule.matches(method, path, event):
                    continue
                if not rule.of_operation:
                    _count_use(rule)
                return rule
        return None

    def claim(self, fault: Fault | None, *kinds: str) -> Fault | None:
        """Return the operation fault if it has one of the kinds and still applies. This counts against ``times``."""
        if fault is None or fault.kind not in kinds:
            return None
        with self._lock:
            if fault.times == 0:
                return None
            _count_use(fault)
        return fault

    def is_active(self, fault: Fault) -> bool:
        """Return whether the rule is still one of the rules: a node fails until the rule is replaced."""
        with self._lock:
            return any(rule is fault for rule in self.rules)


def _count_use(rule: Fault) -> None:
    if rule.times is not None:
        rule.times -= 1
