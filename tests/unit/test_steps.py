"""The steps predict what the real broker did: every recorded write, before and after it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.account import GearQuota
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Cartridge
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import DesiredGears, GearChange
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limit_steps import SetLimits
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.limits import removal_blockers
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.planner import Memory, blockers_of, plan
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.scaling_steps import ScaleBy, ScaleTo
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.steps import DisableHa, MakeHa, Step

TRANSCRIPTS = Path(__file__).parents[1] / "contract" / "transcripts"
WALKS = sorted(TRANSCRIPTS.glob("walk-*.json"))
#: Refusals because of an account's gears, which the data of an application does not show.
OF_ACCOUNTS = ("additional gears", "Reached gear limit")
_READ = re.compile(r"/broker/rest/domain/\w+/application/(\w+)\?include=cartridges&nolinks=true")
_WRITE = re.compile(r"/broker/rest/domain/\w+/application/(\w+)/(?:events|cartridge/(.+))")


@dataclass(frozen=True)
class Write:
    """A recorded write: the application before and after it, and the words of a refusal."""

    before: Application
    step: Step
    after: Application
    refusal: str | None
    multiplier: int

    def __str__(self) -> str:
        return f"{self.step} of {view(self.before)}: {self.refusal or view(self.after)}"


def step_of(body: dict[str, Any], cartridge: str | None, before: Application) -> Step | None:
    """The step that a request stands for; ``None`` for those that the modules never send."""
    numbers = [body[key] for key in ("scales_from", "scales_to", "to", "by") if body.get(key) is not None]
    if not all(isinstance(number, int) for number in numbers):
        return None
    if cartridge is not None:
        step = SetLimits(body.get("scales_from"), body.get("scales_to"), cartridge=cartridge)
        return None if 0 in numbers else step
    if body["event"] in ("make-ha", "disable-ha"):
        return MakeHa() if body["event"] == "make-ha" else DisableHa()
    if body["event"] not in ("scale-up", "scale-down"):
        return None
    if "to" in body:
        return ScaleTo(body["to"], body["to"] > before.web_gears)
    by = body.get("by", 1) * (1 if body["event"] == "scale-up" else -1)
    return ScaleBy(by) if by else None


def writes(path: Path) -> Iterator[Write]:
    transcript = json.loads(path.read_text(encoding="utf-8"))
    seen: dict[str, Application] = {}
    waiting: dict[str, tuple[Step | None, str | None]] = {}
    for exchange in transcript["exchanges"]:
        read, write = _READ.fullmatch(exchange.get("path", "")), _WRITE.fullmatch(exchange.get("path", ""))
        if read and exchange["status"] == 200:
            now = Application.from_json(exchange["response"]["data"])
            step, refusal = waiting.pop(read[1], (None, None))
            if step is not None:
                yield Write(seen[read[1]], step, now, refusal, transcript["broker"]["default_ha_multiplier"])
            seen[read[1]] = now
        elif write and exchange["method"] in ("POST", "PUT") and write[1] in seen:
            assert write[1] not in waiting, "two writes without a read between them"
            refused = exchange["status"] != 200
            text = exchange["response"]["messages"][-1]["text"] if refused else None
            waiting[write[1]] = (step_of(exchange["body"], write[2], seen[write[1]]), text)


def blockers(write: Write) -> tuple[Blocker, ...]:
    """Why the step is not sent, if every removal of gears is allowed."""
    step = write.step
    if isinstance(step, ScaleTo):
        return blockers_of(step, write.before, DesiredGears(step.gears), Memory())
    if isinstance(step, ScaleBy):
        return blockers_of(step, write.before, GearChange(step.by), Memory())
    if isinstance(step, SetLimits):
        desired = DesiredLimits(str(step.cartridge), step.min_gears, step.max_gears, allow_gear_removal=True)
        return blockers_of(step, write.before, desired, Memory())
    return blockers_of(step, write.before, DesiredHa(), Memory())


RECORDED = [write for path in WALKS for write in writes(path)]
DONE = [write for write in RECORDED if write.refusal is None]
REFUSED = [write for write in RECORDED if write.refusal and not any(words in write.refusal for words in OF_ACCOUNTS)]


def test_there_are_recordings_of_every_step() -> None:
    assert {type(write.step) for write in DONE} == {MakeHa, DisableHa, ScaleTo, ScaleBy, SetLimits}
    assert {type(write.step) for write in REFUSED} >= {ScaleTo, ScaleBy, SetLimits}


def test_predictions_are_what_the_broker_did() -> None:
    wrong = []
    for write in DONE:
        predicted, real = write.step.apply_to(write.before), write.after
        same = {**view(predicted), "haproxy_count": 0} == {**view(real), "haproxy_count": 0}
        most = real.haproxy_count if write.multiplier == 0 else predicted.haproxy_count
        if isinstance(write.step, DisableHa):
            # The API does not show whether a minimum of 2 comes from HA or from the user.
            same = (predicted.web_gears, predicted.ha) == (real.web_gears, real.ha)
        if not same or not predicted.haproxy_count == most <= real.haproxy_count:
            wrong.append(f"{write}, predicted {view(predicted)}")
    assert not wrong, "\n".join(wrong)


def test_a_write_that_was_done_is_not_blocked_and_is_seen() -> None:
    """An exception is a limit of 1 for HAProxy: the broker accepts it, and it can become the limit of the web gears."""
    sendable = [write for write in DONE if "haproxy" not in str(getattr(write.step, "cartridge", ""))]
    wrong = [str(write) for write in sendable if blockers(write) and write.before.scalable]
    assert not wrong, "\n".join(wrong)
    no_effect = [str(write) for write in DONE if not write.step.took_effect(write.before, write.after)]
    assert not no_effect, "\n".join(no_effect)


def test_a_refusal_is_predicted() -> None:
    known = [write for write in REFUSED if not isinstance(write.step, (MakeHa, DisableHa))]
    wrong = [str(write) for write in known if not blockers(write)]
    assert not wrong, "\n".join(wrong)


def test_the_request_for_limits_always_has_both() -> None:
    """The broker compares a single limit with the other one before it waits for the lock."""
    request = SetLimits(max_gears=4).request(with_cache(2, 1, -1))
    assert (request.method, request.path, request.body) == (
        "PUT",
        "/cartridge/php-5.4",
        {"scales_from": 2, "scales_to": 4},
    )


# --- Cartridges with gears of their own


def with_cache(current: int, minimum: int, maximum: int, **made_for: int) -> Application:
    """An application with a service cartridge beside the web gears, which has a helper on its gears."""
    proxy = Cartridge("haproxy-1.4", ("web_proxy",), 1, 1, 1, collocated_with=("php-5.4",))
    web = Cartridge("php-5.4", ("web_framework",), 2, 1, -1, collocated_with=("haproxy-1.4",))
    cache = Cartridge("cache-1.0", ("service",), current, minimum, maximum, collocated_with=("helper-1.0",), **made_for)
    helper = Cartridge("helper-1.0", ("plugin",), current, minimum, maximum, collocated_with=("cache-1.0",))
    return Application(
        id="1",
        name="shop",
        domain="acme",
        owner="alice",
        ha=True,
        scalable=True,
        gear_count=2 + current,
        url="",
        web_cartridge="php-5.4",
        web_gears=2,
        min_gears=2,
        max_gears=-1,
        haproxy_count=1,
        cartridges=(proxy, web, cache, helper),
    )


@pytest.mark.parametrize(
    ("limits", "scales"),
    [((3, None), (3, 3, -1)), ((None, 1), (1, 1, 1)), ((2, 4), (2, 2, 4)), ((1, None), (2, 1, -1))],
)
def test_limits_of_gears_of_their_own_keep_the_web_gears(
    limits: tuple[int | None, int | None], scales: tuple[int, int, int]
) -> None:
    before = with_cache(2, 1, -1)
    after = SetLimits(*limits, cartridge="cache-1.0").apply_to(before)
    for name in ("cache-1.0", "helper-1.0"):
        shown = after.cartridge(name)
        assert shown is not None
        assert (shown.current_scale, shown.scales_from, shown.scales_to) == scales
    assert after.gear_count == 2 + scales[0]
    assert (after.web_gears, after.haproxy_count, after.cartridge("php-5.4")) == (2, 1, before.cartridge("php-5.4"))


@pytest.mark.parametrize(
    ("step", "made_for", "codes"),
    [
        (SetLimits(min_gears=4, cartridge="cache-1.0"), {"supported_to": 3}, ["maximum"]),
        (SetLimits(max_gears=-1, cartridge="cache-1.0"), {"supported_to": 3}, ["maximum"]),
        (SetLimits(max_gears=2, cartridge="cache-1.0"), {"supported_from": 3}, ["minimum"]),
        (SetLimits(max_gears=3, cartridge="cache-1.0"), {"supported_to": 3}, []),
        (SetLimits(max_gears=1, cartridge="cache-1.0"), {}, ["gear_removal"]),
    ],
)
def test_the_gears_that_a_cartridge_supports_are_a_limit(
    step: SetLimits, made_for: dict[str, int], codes: list[str]
) -> None:
    app = with_cache(2, 1, -1, **made_for)
    found = step.blockers(app) or removal_blockers(step, app, allow_gear_removal=False)
    assert [blocker.code for blocker in found] == codes


def test_gears_of_their_own_need_quota_too() -> None:
    desired = DesiredLimits("cache-1.0", min_gears=5)
    result = plan(with_cache(2, 1, -1), desired, GearQuota("alice", 2))
    assert (result.gears_needed, [blocker.code for blocker in result.blockers]) == (3, ["gear_limit"])
