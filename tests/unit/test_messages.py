"""The words of a failure: which application, what was asked, what the broker said, what was changed, what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import (
    ADVICE,
    blockers_from,
    failure,
    observation_failure,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core import errors
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.blockers import Blocker
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import (
    BrokerError,
    Forbidden,
    Maintenance,
    Misdirected,
    NoBroker,
    NodeFailed,
    Refused,
    Unanswered,
    Unauthorized,
    Unreachable,
    WrongProtocol,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.converge import Outcome
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.journal import (
    DONE,
    FAILED,
    PLANNED,
    UNKNOWN,
    StepRecord,
)
from tests.unit.memory_broker import REF, Gears, gears

NOT_HA = gears(2)
ASKED = "scale up from 2 gears to 3"
NOTHING = "Nothing was changed."


def outcome(
    *steps: StepRecord, error: BrokerError | None = None, after: Gears = NOT_HA, changed: bool = False
) -> Outcome:
    return Outcome(NOT_HA.shown(), after.shown(), steps, changed, error=error, asked=ASKED if error else None)


def step(status: str, detail: str = ASKED) -> StepRecord:
    return StepRecord("scale_up", detail, status, 1.0)


def test_a_failure_tells_the_application_what_was_asked_and_the_words_of_the_broker() -> None:
    text = failure(outcome(step(FAILED), error=Refused("Reached gear limit of 3", 422, 104)))
    for part in ("acme/shop", ASKED, "Reached gear limit of 3 (HTTP 422, exit code 104)", NOTHING):
        assert part in text


def test_what_was_done_is_told() -> None:
    text = failure(outcome(step(DONE, "make acme/shop HA"), step(FAILED), error=Refused("no"), changed=True))
    assert "Done: make acme/shop HA." in text
    assert NOTHING not in text


def test_what_is_not_known_is_told() -> None:
    text = failure(outcome(step(UNKNOWN), error=Unanswered("No answer"), changed=True))
    assert "not known" in text
    assert NOTHING not in text


def test_what_a_failure_left_behind_is_not_nothing() -> None:
    """Half rolled back: HA is gone again, the gear is still there."""
    text = failure(outcome(step(FAILED), error=NodeFailed("no answer", 500, 143), after=gears(3, 2), changed=True))
    assert NOTHING not in text


def test_blockers_are_told_by_their_messages() -> None:
    blocked = Outcome(NOT_HA.shown(), NOT_HA.shown(), (step(PLANNED),), blockers=(Blocker("maximum", "It is full."),))
    assert "It is full." in failure(blocked)
    assert NOTHING in failure(blocked)


def test_an_application_that_cannot_be_looked_at_is_unchanged() -> None:
    text = observation_failure(REF, Maintenance("Down until 14:00 UTC.\n", 503, 0))
    assert text.startswith("acme/shop: could not be looked at: Down until 14:00 UTC (HTTP 503). Nothing was changed.")


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BrokerError)]


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_advice_for_every_kind_of_error(kind: type[BrokerError]) -> None:
    assert observation_failure(REF, kind("text")).endswith(ADVICE[kind.kind])


def asked(error: BrokerError) -> BrokerError:
    error.address, error.account = "https://broker.example.com", "alice"
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unauthorized("Access denied.", 401), "Access denied (HTTP 401), at https://broker.example.com as alice. "),
        (Forbidden("No", 403, 1), "No (HTTP 403, exit code 1), at https://broker.example.com as alice. "),
        (Unreachable("No connection."), "No connection, at https://broker.example.com. "),
        (Unanswered("No answer."), "No answer, at https://broker.example.com. "),
    ],
    ids=lambda told: told.kind if isinstance(told, BrokerError) else "",
)
def test_which_broker_and_as_whom_is_told_where_that_is_the_question(error: BrokerError, said: str) -> None:
    assert said in observation_failure(REF, asked(error))
    assert said in failure(outcome(step(FAILED), error=asked(error)))


@pytest.mark.parametrize(
    "error",
    [WrongProtocol("It broke."), Misdirected("The server redirects.", 301), NoBroker("No broker there.", 404)],
    ids=lambda error: error.kind,
)
def test_a_wrong_address_is_the_first_thing_to_check(error: BrokerError) -> None:
    for text in (observation_failure(REF, asked(error)), failure(outcome(step(FAILED), error=asked(error)))):
        assert f"at https://broker.example.com. {NOTHING} Check broker_url" in text
        assert "the reason is gone" not in text
        assert "domain and name" not in text


def test_a_write_whose_answer_never_came_is_not_known() -> None:
    text = failure(outcome(step(UNKNOWN), error=asked(Unanswered("The connection broke.")), changed=True))
    assert "It is not known whether that took effect, or will yet. Look again in a few minutes" in text


CAPABILITY = "'High Availability' is not an allowed feature for the account ('carol')"


@pytest.mark.parametrize(
    ("owner", "told"),
    [("carol", "-l carol --allowha true"), ("x; reboot", "-l 'x; reboot' --"), (None, "-l OWNER --")],
)
def test_whom_an_administrator_grants_the_capability_is_told_by_name(owner: str | None, told: str) -> None:
    app = replace(NOT_HA.shown(), owner=owner)
    text = failure(Outcome(app, app, (step(FAILED),), error=Refused(CAPABILITY, 422), asked=ASKED))
    assert f"oo-admin-ctl-user {told}" in text
    assert "openshift_user_capability" in text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("Only scalable applications can be made 'HA'", 422), "not_scalable"),
        (Refused("Application 'shop' is not scalable", 422, 100), "not_scalable"),
        (Refused("Application shop is not scalable", 422), "not_scalable"),
        (Refused("'High Availability' is not an allowed feature for the account ('alice')", 422), "capability"),
        (Refused("This feature ('High Availability') is currently disabled. Enable it in …", 422), "ha_disabled"),
        (
            Refused("Cannot make the application HA because the web cartridge's max gear limit is '1'", 422),
            "maximum",
        ),
        (Refused("Cannot scale up above maximum gear limit of 3.", 422, 168), "maximum"),
        (Refused("Cannot scale down below gear limit of 2.", 422, 168), "minimum"),
        (Refused("The scales_from factor currently provided cannot be higher than the scales_to factor …"), "maximum"),
        (Refused("The scales_to factor currently provided cannot be lower than the scales_from factor …"), "minimum"),
        (Refused("Cannot set the max gear limit to '1' if the application is HA (highly available)", 422), "minimum"),
        (Refused("The cartridge haproxy-1.4 cannot be scaled.", 422, 168), "not_scalable"),
        (Refused("You can not set scaling policies for cron-1.4. Generally, you can …", 422), "not_scalable"),
        (
            Refused("alice is currently using 3 out of 3 limit and this application requires 1 additional gears.", 422),
            "gear_limit",
        ),
        (Refused("Reached gear limit of 3", 422, 104), "caller_gear_limit"),
        (Refused("Invalid scales_to factor 0 provided", 422, 168), "refused"),
        (Forbidden("You are not permitted to perform this action (make_ha on application)", 403, 1), "permission"),
        (Maintenance("Down.", 503, 0), "maintenance"),
    ],
)
def test_a_refusal_has_the_code_it_would_have_had_beforehand(error: BrokerError, code: str) -> None:
    assert blockers_from(error) == (Blocker(code, error.text),)


@pytest.mark.parametrize("error", [Unanswered("…"), NodeFailed("…"), errors.Busy("…"), errors.Unauthorized("…")])
def test_what_is_no_refusal_is_no_blocker(error: BrokerError) -> None:
    assert blockers_from(error) == ()


@pytest.mark.parametrize(("acting_as", "helps"), [("alice", "Raise the owner's gear limit"), ("bob", "Free gears of")])
def test_whose_gears_are_used_up_decides_what_helps(acting_as: str, helps: str) -> None:
    refused = Refused("Reached gear limit of 3", 422, 104)
    assert NOT_HA.shown().owner == "alice"
    assert helps in failure(outcome(step(FAILED), error=refused), acting_as)
    refused.account = acting_as
    assert helps in failure(outcome(step(FAILED), error=refused))
