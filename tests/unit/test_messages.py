"""Messages about failures: the application, what failed, the reason, the effect, and the next step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import (
    NEXT_STEPS,
    Failure,
    blockers_from,
    failure,
    observation_failure,
    summarize,
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
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import join_first
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


def test_a_failure_has_the_application_what_failed_the_reason_the_effect_and_the_next_step() -> None:
    text = failure(outcome(step(FAILED), error=Refused("Cannot scale up above maximum gear limit of 3.", 422, 168)))
    assert text == (
        "acme/shop: failed to scale up from 2 gears to 3: Cannot scale up above maximum gear limit of 3 (HTTP 422, "
        "exit code 168). Nothing was changed. Raise the maximum with max_gears of openshift_app_ha or "
        "openshift_cartridge_scale."
    )


def test_words_as_the_subject_make_a_sentence() -> None:
    text = observation_failure("The applications", Maintenance("Down until 14:00 UTC.", 503, 0))
    assert text.startswith("The applications could not be read: Down until 14:00 UTC")


def test_completed_steps_are_reported() -> None:
    text = failure(outcome(step(DONE, "enable HA"), step(FAILED), error=Refused("no"), changed=True))
    assert "Done: enable HA. " in text
    assert NOTHING not in text


def test_an_unknown_outcome_is_reported() -> None:
    text = failure(outcome(step(UNKNOWN), error=Unanswered("No answer"), changed=True))
    assert text.endswith("No answer. The outcome is unknown. Run again: the application is checked first.")
    after_a_step = outcome(step(DONE, "make it HA"), step(UNKNOWN), error=Unanswered("No answer"), changed=True)
    assert " The outcome is unknown; done before: make it HA. Run again" in failure(after_a_step)
    assert NOTHING not in failure(after_a_step)


def test_a_change_left_by_a_failed_step_is_reported() -> None:
    """A partial rollback: HA is disabled again, but the gear still exists."""
    text = failure(outcome(step(FAILED), error=NodeFailed("no answer", 500, 143), after=gears(3, 2), changed=True))
    assert NOTHING not in text
    assert "compare before and application" in text


def blocked(*reasons: str) -> Outcome:
    blockers = tuple(Blocker("maximum", reason, "Set max_gears to 3.", "acme/shop") for reason in reasons)
    return Outcome(NOT_HA.shown(), NOT_HA.shown(), (step(PLANNED),), blockers=blockers)


def test_blockers_are_the_reason_and_their_remedy_is_the_next_step() -> None:
    assert failure(blocked("the application has 2 gears and its maximum is 2")) == (
        "acme/shop: the desired state cannot be reached: the application has 2 gears and its maximum is 2. "
        "Nothing was changed. Set max_gears to 3."
    )
    both = failure(blocked("the first is full", "the second is full"))
    assert ": the first is full; the second is full. Nothing was changed. Set max_gears to 3." in both
    assert both.count("Set max_gears") == 1


def test_an_application_that_cannot_be_read_is_unchanged() -> None:
    text = observation_failure(REF, Maintenance("Down until 14:00 UTC.\n", 503, 0))
    assert text.startswith("acme/shop: could not be read: Down until 14:00 UTC (HTTP 503). Nothing was changed.")


def failed(name: str, reason: str = "no answer", effect: str = NOTHING, next_step: str = "Run again.") -> Failure:
    return Failure(f"acme/{name}", "failed to scale up", reason, effect, next_step)


def test_failures_with_the_same_reason_are_one_message() -> None:
    first, other = failed("a"), failed("b", "no gears left", next_step="Free gears.")
    assert summarize([first, other], 3, 10) == [str(first), str(other)]
    assert summarize([first, other, failed("c")], 3, 10) == [
        "Failed to scale up: no answer. Applications: acme/a, acme/c. Nothing was changed. Run again.",
        str(other),
    ]


def test_a_group_shows_only_an_effect_that_all_its_failures_have() -> None:
    (text,) = summarize([failed("a"), failed("b", effect="Done: make it HA.")], 3, 10)
    assert text.endswith("Applications: acme/a, acme/b. See results for what was changed. Run again.")


def test_a_group_is_about_each_of_its_applications() -> None:
    reason = "the application has 2 gears and its maximum is 2"
    (text,) = summarize([failed("a", reason), failed("b", reason)], 3, 10)
    assert "each application has 2 gears and its maximum is 2. Applications: acme/a, acme/b." in text


def test_a_reason_about_unusable_data_keeps_its_words() -> None:
    reason = "the broker's answer is not usable: the application has no valid 'name'"
    (text,) = summarize([failed("a", reason), failed("b", reason)], 3, 10)
    assert f"{reason}. Applications:" in text


def test_names_and_reference_ids_in_a_reason_do_not_split_a_group() -> None:
    missing = [failed(name, f"Application '{name}' in domain 'acme' is not accessible (HTTP 404)") for name in "ab"]
    node = [failed(name, f"No nodes available. Reference ID: {name * 32} (HTTP 500)") for name in "ab"]
    assert summarize([*missing, *node], 3, 10) == [
        "Failed to scale up: Application is not accessible (HTTP 404). Applications: acme/a, acme/b. "
        "Nothing was changed. Run again.",
        "Failed to scale up: No nodes available (HTTP 500). Applications: acme/a, acme/b. "
        "Nothing was changed. Run again.",
    ]
    assert summarize(node[:1], 3, 10) == [str(node[0])]


def test_only_the_first_reasons_and_names_are_listed() -> None:
    many = [failed(str(number)) for number in range(12)] + [failed(name, f"reason {name}") for name in "xyz"]
    first, *rest = summarize(many, 2, 3)
    assert "Applications: acme/0, acme/1, acme/2 and 9 more. " in first
    assert rest == [str(many[12]), "See results for 2 more applications with other reasons."]


def test_the_last_reason_is_listed_instead_of_counted() -> None:
    many = [failed(name, f"reason {name}") for name in "xyz"]
    assert summarize(many, 2, 3) == [str(each) for each in many]


def test_names_are_joined() -> None:
    assert join_first(["a", "b"], 2) == "a, b"
    assert join_first(["a", "b", "c"], 2) == "a, b, c"
    assert join_first(["a", "b", "c", "d"], 2) == "a, b and 2 more"


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, BrokerError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_has_a_next_step(kind: type[BrokerError]) -> None:
    assert observation_failure(REF, kind("text")).endswith(NEXT_STEPS[kind.kind])


def asked(error: BrokerError) -> BrokerError:
    error.address, error.account = "https://broker.example.com", "alice"
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unauthorized("Access denied.", 401), "Access denied (HTTP 401), at https://broker.example.com as alice. "),
        (Forbidden("No", 403, 1), "No (HTTP 403, exit code 1), at https://broker.example.com as alice. "),
        (Unreachable("No connection."), "No connection, at https://broker.example.com. "),
        (Unanswered("No answer."), "No answer, at https://broker.example.com. "),
    ],
    ids=lambda value: value.kind if isinstance(value, BrokerError) else "",
)
def test_the_broker_and_the_account_are_named_for_errors_of_the_connection(error: BrokerError, expected: str) -> None:
    assert expected in observation_failure(REF, asked(error))
    assert expected in failure(outcome(step(FAILED), error=asked(error)))


@pytest.mark.parametrize(
    "error",
    [WrongProtocol("It broke."), Misdirected("The server redirects.", 301), NoBroker("No broker there.", 404)],
    ids=lambda error: error.kind,
)
def test_a_wrong_address_is_the_first_thing_to_check(error: BrokerError) -> None:
    for text in (observation_failure(REF, asked(error)), failure(outcome(step(FAILED), error=asked(error)))):
        assert f"at https://broker.example.com. {NOTHING} Check broker_url" in text
        assert "Remove the cause" not in text
        assert "domain and name" not in text


def test_a_write_without_an_answer_has_an_unknown_outcome() -> None:
    text = failure(outcome(step(UNKNOWN), error=asked(Unanswered("The connection broke.")), changed=True))
    assert "The outcome is unknown. Run again: the application is checked first." in text


CAPABILITY = "'High Availability' is not an allowed feature for the account ('carol')"


@pytest.mark.parametrize(
    ("owner", "command"),
    [("carol", "-l carol --allowha true"), ("x; reboot", "-l 'x; reboot' --"), (None, "-l OWNER --")],
)
def test_the_command_for_the_administrator_names_the_owner(owner: str | None, command: str) -> None:
    app = replace(NOT_HA.shown(), owner=owner)
    text = failure(Outcome(app, app, (step(FAILED),), error=Refused(CAPABILITY, 422), asked=ASKED))
    assert f"oo-admin-ctl-user {command}" in text
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
def test_a_refusal_has_the_code_of_the_prediction(error: BrokerError, code: str) -> None:
    assert blockers_from(error) == (Blocker(code, error.text),)


@pytest.mark.parametrize("error", [Unanswered("…"), NodeFailed("…"), errors.Busy("…"), errors.Unauthorized("…")])
def test_other_errors_are_no_blockers(error: BrokerError) -> None:
    assert blockers_from(error) == ()


@pytest.mark.parametrize(("acting_as", "helps"), [("alice", "Raise the owner's gear limit"), ("bob", "Free gears of")])
def test_the_next_step_depends_on_the_account_without_remaining_gears(acting_as: str, helps: str) -> None:
    refused = Refused("Reached gear limit of 3", 422, 104)
    assert NOT_HA.shown().owner == "alice"
    assert helps in failure(outcome(step(FAILED), error=refused), acting_as)
    refused.account = acting_as
    assert helps in failure(outcome(step(FAILED), error=refused))
