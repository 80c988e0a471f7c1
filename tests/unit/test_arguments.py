"""What YAML and templates make of names, numbers, dictionaries and lists: refused, or accepted with a warning."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.action import (
    openshift_broker_config,
    openshift_broker_plan,
    openshift_router_plan,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.arguments import (
    ArgumentError,
    add_warnings,
    check_arguments,
    name_application,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.options import option_spec

FLEET = SPECS["openshift_apps_ha"]()["argument_spec"]
ONE = SPECS["openshift_app_ha"]()["argument_spec"]


def read(text: str) -> dict[str, Any]:
    """The arguments as YAML reads them."""
    arguments: dict[str, Any] = yaml.safe_load(text)
    return arguments


# --- Names -----------------------------------------------------------------------------------------------------------

#: A value without quotes, and what a message calls it.
NO_NAMES = [
    ("true", "a boolean (true)"),
    ("no", "a boolean (false)"),
    ("1.10", "a number (1.1)"),
    (".inf", "a number (inf)"),
    ("2026-11-29", "a date (2026-11-29)"),
    ("2026-11-29 10:00:00", "a date (2026-11-29 10:00:00)"),
]


@pytest.mark.parametrize(("value", "kind"), NO_NAMES)
@pytest.mark.parametrize(
    ("spec", "text", "path"),
    [
        (ONE, "{{domain: {}, name: shop}}", "domain"),
        (ONE, "{{domain: acme, name: {}}}", "name"),
        (ONE, "{{domain: acme, app: {}}}", "app"),
        (ONE, "{{username: {}}}", "username"),
        (FLEET, "{{applications: [{{domain: acme, name: x}}, {{domain: acme, name: {}}}]}}", "applications[1].name"),
        (FLEET, "{{applications: [{{domain: {}, name: x}}]}}", "applications[0].domain"),
        (FLEET, "{{select: {{domains: [acme, {}]}}}}", "select.domains[1]"),
        (FLEET, "{{select: {{names: {}}}}}", "select.names"),
        (FLEET, "{{select: {{exclude: [{}]}}}}", "select.exclude[0]"),
        (SPECS["openshift_cartridge_scale"]()["argument_spec"], "{{cartridge: {}}}", "cartridge"),
        (SPECS["openshift_user_info"]()["argument_spec"], "{{logins: [{}]}}", "logins[0]"),
        (option_spec(), "{{select: {{domains: [{}]}}}}", "select.domains[0]"),
    ],
)
def test_a_name_that_yaml_changed_is_refused(spec: dict[str, Any], text: str, path: str, value: str, kind: str) -> None:
    with pytest.raises(ArgumentError) as error:
        check_arguments(spec, read(text.format(value)))
    assert str(error.value).startswith(f"{path}: is {kind}, not a name.")
    assert str(error.value).endswith("Put the name in quotes.")


@pytest.mark.parametrize(
    ("text", "application"),
    [
        ("{domain: acme, name: shop}", "acme/shop"),
        ("{domain: acme, app: shop}", "acme/shop"),
        ("{domain: acme, name: 10}", "acme/10"),
        ("{domain: acme, name: true}", "acme"),
        ("{domain: 2026-11-29, name: shop}", "shop"),
        ("{domain: acme, name: [shop]}", "acme"),
        ('{domain: acme, name: "a\\nb"}', "acme/a\\nb"),
        ("{domain: acme, name: ''}", "acme"),
        ("{gears: 2}", ""),
    ],
)
def test_the_application_of_invalid_options(text: str, application: str) -> None:
    assert name_application(ONE, read(text)) == application


def test_only_tasks_for_one_application_have_its_name() -> None:
    assert name_application(FLEET, {"domain": "acme", "name": "shop"}) == ""
    assert name_application({"name": {}}, {"name": "report"}) == ""


@pytest.mark.parametrize("value", ["true", "2026-11-29", "null", "12"])
def test_a_name_in_quotes_is_accepted(value: str) -> None:
    quoted = read(f"{{applications: [{{domain: '{value}', name: '{value}'}}]}}")
    assert check_arguments(FLEET, quoted) == ()


@pytest.mark.parametrize(
    ("spec", "text", "path"),
    [
        (ONE, "{domain: acme, name: null}", "name"),
        (ONE, "{domain: ~, name: shop}", "domain"),
        (FLEET, "{applications: [{domain: acme, name: }]}", "applications[0].name"),
        (FLEET, "{select: {names: [null]}}", "select.names[0]"),
    ],
)
def test_a_name_without_a_value_is_refused(spec: dict[str, Any], text: str, path: str) -> None:
    with pytest.raises(ArgumentError, match=re.escape(f"{path}: has no value. Put the name in quotes")):
        check_arguments(spec, read(text))


def test_an_optional_name_without_a_value_is_not_set() -> None:
    assert check_arguments(SPECS["openshift_app_info"]()["argument_spec"], {"domain": None, "name": None}) == ()


def test_a_number_is_a_name_with_a_warning() -> None:
    (warning,) = check_arguments(ONE, read("{domain: acme, name: 012}"))
    assert warning == (
        "This name is a number, and is used as shown here: name (10). YAML may have changed it: for "
        "example, 012 becomes 10. Put the name in quotes."
    )


def test_all_numbers_are_in_one_warning() -> None:
    entries = [{"domain": "acme", "name": number} for number in range(2000)]
    (warning,) = check_arguments(FLEET, {"applications": entries})
    assert "applications[0].name (0), applications[1].name (1)" in warning
    assert "and 1,995 more" in warning
    assert len(warning) < 500


@pytest.mark.parametrize("value", [["acme"], {"acme": 1}])
def test_a_name_that_is_a_collection_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match="domain: must be a name, not a "):
        check_arguments(ONE, {"domain": value, "name": "shop"})


# --- Numbers ---------------------------------------------------------------------------------------------------------

NO_WHOLE_NUMBERS = [
    *("inf", "-inf", "nan", "1e400", "1_000", "\uff15", "\u0665", "", " ", "5.5", "0x10", "five", "5\n6", "- 5"),
    *(True, False, math.inf, -math.inf, math.nan, 5.5, [5], {"a": 5}),
]
NO_NUMBERS = [
    *("inf", "-inf", "nan", "infinity", "1_000", "\uff15", "\u0665.5", "", " ", "0x10", "soon", "1e"),
    *(True, False, math.inf, math.nan, [5], {"a": 5}),
]
SPECS_WITH_NUMBERS = [
    *(SPECS[name]()["argument_spec"] for name in SPECS),
    openshift_broker_config.SPEC,
    *openshift_broker_plan.QUESTIONS.values(),
    *openshift_router_plan.QUESTIONS.values(),
    option_spec(),
]
OPTIONS = [
    (spec, name, option["type"])
    for spec in SPECS_WITH_NUMBERS
    for name, option in spec.items()
    if option.get("type") in ("int", "float")
]


def test_there_are_options_with_numbers() -> None:
    assert {"min_gears", "gears", "by", "concurrency", "http_timeout", "wait_timeout", "multiplier"} <= {
        name for _spec, name, _kind in OPTIONS
    }


@pytest.mark.parametrize(("spec", "name", "kind"), OPTIONS, ids=lambda value: value if isinstance(value, str) else "")
def test_values_that_are_no_numbers_are_refused(spec: dict[str, Any], name: str, kind: str) -> None:
    for value in NO_WHOLE_NUMBERS if kind == "int" else NO_NUMBERS:
        with pytest.raises(ArgumentError, match=f"^{name}: must be a (whole |finite )?number, not "):
            check_arguments(spec, {name: value})
    for value in (10**30, -(10**30), "9" * 5000, 10**5000):
        with pytest.raises(ArgumentError, match=f"^{name}: must be a (whole )?number of at most 1,000,000,000"):
            check_arguments(spec, {name: value})


def test_numbers_in_entries_are_checked() -> None:
    with pytest.raises(ArgumentError, match=re.escape("applications[1].min_gears: must be a whole number, not '1_0'.")):
        check_arguments(FLEET, {"applications": [{"min_gears": "2"}, {"min_gears": "1_0"}]})


@pytest.mark.parametrize("value", [5, "5", " 5 ", "+5", "-1", -1, 5.0])
def test_whole_numbers_are_accepted_by_ansible_too(value: Any) -> None:
    assert check_arguments(FLEET, {"max_changes": value}) == ()
    validation = ArgumentSpecValidator(FLEET).validate({"max_changes": value})
    assert validation.validated_parameters["max_changes"] == int(value)


@given(st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9, allow_nan=False))
def test_every_number_is_accepted_as_a_number_and_as_text(value: float) -> None:
    for each in (value, str(value)):
        assert check_arguments(ONE, {"http_timeout": each}) == ()
        validation = ArgumentSpecValidator(ONE).validate({"domain": "a", "name": "b", "http_timeout": each})
        assert validation.validated_parameters["http_timeout"] == value


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(st.integers()))
def test_no_value_is_an_error_of_python(value: Any) -> None:
    for option in ("http_timeout", "max_changes", "name", "select", "applications"):
        message = f"{option}: fine"
        try:
            check_arguments(FLEET, {option: value})
        except ArgumentError as error:
            message = str(error)
        assert message.startswith(option)
        assert message.isprintable()


def test_all_problems_are_in_one_message() -> None:
    with pytest.raises(ArgumentError) as error:
        check_arguments(FLEET, {"select": True, "max_changes": "x", "applications": [{"name": 1.5}], "concurrency": 2})
    for path in ("select: ", "max_changes: ", "applications[0].name: "):
        assert path in str(error.value)
    assert error.value.options == {"select", "max_changes", "applications"}


# --- Dictionaries and lists ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"applications": [{"domain": "a", "name": "b"}, {"app": "c"}]}, "applications[1].domain: is missing."),
        ({"select": True}, "select: must be a dictionary, not a boolean (true)."),
        ({"select": False}, "select: must be a dictionary, not a boolean (false)."),
        ({"select": []}, "select: must be a dictionary, not a list."),
        ({"select": [{"domains": ["acme"]}]}, "select: must be a dictionary, not a list."),
        ({"select": 3}, "select: must be a dictionary, not a number (3)."),
        ({"applications": {"domain": "acme", "name": "x"}}, "applications: must be a list, not a dictionary."),
        ({"applications": True}, "applications: must be a list, not a boolean (true)."),
        ({"applications": [["acme", "x"]]}, "applications[0]: must be a dictionary, not a list."),
        ({"applications": [None]}, "applications[0]: must be a dictionary, not null."),
        (
            {"applications": [{"domain": "a", "name": "b"}, 3]},
            "applications[1]: must be a dictionary, not a number (3).",
        ),
        ({"select": {"names": {"a": 1}}}, "select.names: must be a list, not a dictionary."),
        ({"ciphers": {"a": 1}}, "ciphers: must be a list, not a dictionary."),
    ],
)
def test_a_value_of_another_kind_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        check_arguments(FLEET, arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"select": {}},
        {"select": None},
        {"applications": []},
        {"applications": [{"domain": "acme", "name": "x", "min_gears": None}]},
        {"select": {"names": "a,b"}},
        {"select": '{"names": ["a"]}'},
        {"unknown": 1.5},
        {"validate_certs": "no"},
    ],
)
def test_everything_else_is_left_to_ansible(arguments: dict[str, Any]) -> None:
    assert check_arguments(FLEET, arguments) == ()


def test_warnings_precede_those_of_the_result() -> None:
    assert add_warnings({"changed": False, "warnings": ["b"]}, ["a"]) == {"changed": False, "warnings": ["a", "b"]}
    assert add_warnings({"changed": False}, []) == {"changed": False}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{select: all}", "select: must be a dictionary, not 'all'."),
        ("{select: ''}", "select: must be a dictionary, not ''."),
        ("{select: '[1]'}", "select: must be a dictionary, not '[1]'."),
        ("""{select: '{"domains": [true]}'}""", "select.domains[0]: is a boolean (true), not a name."),
        ("{applications: acme/shop}", "applications: must be a dictionary, not 'acme/shop'."),
        (f"{{applications: [{{domain: acme, name: 1{'0' * 4299}}}]}}", "applications[0].name: is a number ("),
        ("{wait_timeout: }", "wait_timeout: has no value. Set one, or remove the option."),
        ("{concurrency: null}", "concurrency: has no value. Set one, or remove the option."),
        ("{validate_certs: ~}", "validate_certs: has no value. Set one, or remove the option."),
    ],
)
def test_a_text_that_is_no_dictionary_and_a_missing_value_are_refused(text: str, message: str) -> None:
    with pytest.raises(ArgumentError) as error:
        check_arguments(FLEET, read(text))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        "{select: '{}'}",
        "{select: domains=acme}",
        "{applications: domain=acme name=shop}",
        "{max_changes: null, min_gears: null}",
    ],
)
def test_a_text_that_ansible_reads_as_a_dictionary_is_accepted(text: str) -> None:
    assert check_arguments(FLEET, read(text)) == ()
