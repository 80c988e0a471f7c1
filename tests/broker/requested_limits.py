"""Limits in the request for a new application or a new cartridge: ``scales_from`` and ``scales_to`` of a cartridge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import ruby
from .catalog import Cartridge
from .errors import Message, Refusal
from .rules import UNLIMITED, Rule


def read_limits(chosen: Sequence[Cartridge], specs: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return a rule for each cartridge with limits.

    Args:
        chosen: The cartridges.
        specs: What the request has about each of them.

    Raises:
        Refusal: A limit is invalid. The answer has one message for each reason.
    """
    texts = [text for spec in specs for text in dict.fromkeys(_reasons(spec))]
    if texts:
        raise Refusal(422, [Message("error", text, None, "cartridge") for text in texts])
    rules = []
    for cartridge, spec in zip(chosen, specs, strict=True):
        minimum, maximum = (ruby.integer(spec.get(name)) for name in ("scales_from", "scales_to"))
        if minimum is not None or maximum is not None:
            rules.append(Rule((cartridge.name,), minimum, maximum))
    return tuple(rules)


def _reasons(spec: Mapping[str, Any]) -> Iterator[str]:
    minimum, maximum = spec.get("scales_from"), spec.get("scales_to")
    yield from _number_reasons("Scales from", minimum, positive=True)
    yield from _number_reasons("Scales to", maximum, positive=False)
    low, high = ruby.integer(minimum), ruby.integer(maximum)
    if low is not None and high is not None and high != UNLIMITED and low > high:
        yield "scales_to must be -1 or greater than or equal to scales_from"


def _number_reasons(name: str, value: Any, positive: bool) -> Iterator[str]:
    if value is None:
        return
    try:
        number = float(ruby.text(value))
    except ValueError:
        yield f"{name} is not a number"
        return
    if isinstance(value, float) or not number.is_integer() or "." in ruby.text(value):
        yield f"{name} must be an integer"
    elif positive and number <= 0:
        yield f"{name} must be greater than 0"
