"""The inventory's options, the key of its cache, and the marks against templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import OptionError, connection_from
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.broker_data import (
    UnusableCache,
    fingerprint,
    from_cache,
    to_cache,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import InventoryData
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.options import (
    InvalidOptions,
    option_spec,
    validate_options,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.templates import (
    protect,
    unmark,
    unmark_plain,
)

URL = "https://broker.example.com"
PASSWORD = "correct-horse-battery"


def refuse_warning(text: str) -> None:
    raise AssertionError(text)


class Templar:
    """Evaluates ``{{ x }}`` to ``value``, and fails for other templates."""

    def template(self, value: Any, **_options: Any) -> Any:
        if value == "{{ x }}":
            return "value"
        if isinstance(value, str) and "{{" in value:
            raise ValueError(f"cannot evaluate {value}")
        return value


# --- Options ---------------------------------------------------------------------------------------------------------


def test_templates_are_evaluated_before_validation() -> None:
    params = validate_options({"broker_url": URL, "username": "{{ x }}", "select": None}, Templar(), refuse_warning)
    assert (params["broker_url"], params["username"], params["select"]) == (URL, "value", {})
    assert set(params) == set(option_spec())


@pytest.mark.parametrize("empty", ["", None])
def test_empty_values_count_as_not_set(empty: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSHIFT_BROKER_USERNAME", "alice")
    params = validate_options({"username": empty, "validate_certs": empty}, Templar(), refuse_warning)
    assert (params["username"], params["validate_certs"]) == ("alice", True)


def test_failing_template_of_a_secret_is_not_quoted() -> None:
    with pytest.raises(OptionError, match=r"^username: the template cannot be evaluated: cannot evaluate a{{b$"):
        validate_options({"username": "a{{b"}, Templar(), refuse_warning)
    with pytest.raises(OptionError, match=r"^password: the template cannot be evaluated\. ") as error:
        validate_options({"password": f"{PASSWORD}{{{{"}, Templar(), refuse_warning)
    assert PASSWORD not in str(error.value)


def test_all_invalid_options_are_reported() -> None:
    with pytest.raises(InvalidOptions) as error:
        validate_options(
            {"http_timeout": "soon", "owner_gears": "perhaps", "select": {"domain": []}}, Templar(), refuse_warning
        )
    for words in ("http_timeout", "owner_gears", "Unknown option: select.domain"):
        assert words in str(error.value)


# --- Cache -----------------------------------------------------------------------------------------------------------


def key(select: dict[str, Any] | None = None, owner_gears: bool = False, **options: Any) -> str:
    given = {"broker_url": URL, "username": "alice", "password": PASSWORD, **options}
    connection = connection_from(validate_options(given, Templar(), refuse_warning), {})
    return fingerprint(connection, select or {}, owner_gears)


def test_each_account_and_selection_has_a_cache_of_its_own() -> None:
    keys = [
        key(),
        key(broker_url="https://other.example.com"),
        key(username="bob"),
        key(impersonate_user="bob"),
        key(select={"domains": ["acme"]}),
        key(owner_gears=True),
    ]
    assert len(set(keys)) == len(keys)
    assert key(password="another", http_timeout=3) == key()


def test_each_token_has_a_cache_of_its_own_without_the_token() -> None:
    def of(token: str) -> str:
        return key(username=None, password=None, token=token)

    assert of("a" * 64) == of("a" * 64) != of("b" * 64)
    assert len(of("a" * 64)) == 12


SHOP = InventoryData(({"name": "shop", "owner": "alice"},), {"acme": None}, ("Beware.",))


def test_cache_returns_what_it_was_given() -> None:
    for data in (SHOP, InventoryData((), None)):
        assert from_cache(to_cache(data)) == data
        assert from_cache(json.loads(json.dumps(to_cache(data)))) == data


def test_incomplete_data_is_not_cached() -> None:
    entry = to_cache(replace(SHOP, complete=False))
    assert "shop" not in json.dumps(entry)
    assert from_cache(entry) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda entry: entry.update(format=1), "another version"),
        (lambda entry: entry.pop("format"), "another version"),
        (lambda entry: entry.pop("digest"), "damaged"),
        (lambda entry: entry.pop("warnings"), "damaged"),
        (lambda entry: entry.update(gears_available={"acme": 3}), "damaged"),
        (lambda entry: entry["applications"].clear(), "damaged"),
        (lambda entry: entry["applications"][0].update(name="other"), "damaged"),
        (lambda entry: entry.update(applications=None), "damaged"),
        (lambda entry: entry.update(applications={"shop": 1}), "damaged"),
    ],
)
def test_a_damaged_cache_is_refused(change: Callable[[dict[str, Any]], object], reason: str) -> None:
    entry = json.loads(json.dumps(to_cache(SHOP)))
    change(entry)
    with pytest.raises(UnusableCache, match=reason):
        from_cache(entry)


@pytest.mark.parametrize("entry", [None, [], "text", 3, {}, {"applications": [], "gears_available": None}])
def test_anything_else_in_the_cache_is_refused(entry: Any) -> None:
    with pytest.raises(UnusableCache):
        from_cache(entry)


@pytest.mark.parametrize("mask", ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "a********b"])
def test_a_cache_with_masked_data_is_refused(mask: str) -> None:
    entry = to_cache(replace(SHOP, applications=({"name": mask},)))
    with pytest.raises(UnusableCache, match="masked"):
        from_cache(entry)


# --- Templates -------------------------------------------------------------------------------------------------------

NESTED = {"plain": "a", "list": ["{{ x }}", ("b", 1, None)], "dict": {"mark": "#jinja2:x"}}


@pytest.mark.parametrize("treat", [protect, unmark, unmark_plain])
def test_treated_values_are_equal(treat: Any) -> None:
    assert treat(NESTED) == {"plain": "a", "list": ["{{ x }}", ["b", 1, None]], "dict": {"mark": "#jinja2:x"}}


def test_unmarked_strings_are_ordinary() -> None:
    unmarked = unmark(protect(NESTED))
    assert {type(text) for text in (unmarked["plain"], unmarked["list"][0], unmarked["dict"]["mark"])} == {str}
