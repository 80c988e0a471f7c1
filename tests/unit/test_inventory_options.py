"""The inventory's options, the key of its cache, and the marks against templates."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import OptionError, connection_from
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.broker_data import (
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
    params = validate_options({"broker_url": URL, "username": "{{ x }}", "select": None}, Templar())
    assert (params["broker_url"], params["username"], params["select"]) == (URL, "value", {})
    assert set(params) == set(option_spec())


@pytest.mark.parametrize("empty", ["", None])
def test_empty_values_count_as_not_set(empty: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSHIFT_BROKER_USERNAME", "alice")
    params = validate_options({"username": empty, "validate_certs": empty}, Templar())
    assert (params["username"], params["validate_certs"]) == ("alice", True)


def test_failing_template_of_a_secret_is_not_quoted() -> None:
    with pytest.raises(OptionError, match=r"^username: the template cannot be evaluated: cannot evaluate a{{b$"):
        validate_options({"username": "a{{b"}, Templar())
    with pytest.raises(OptionError, match=r"^password: the template cannot be evaluated\. ") as error:
        validate_options({"password": f"{PASSWORD}{{{{"}, Templar())
    assert PASSWORD not in str(error.value)


def test_all_invalid_options_are_reported() -> None:
    with pytest.raises(InvalidOptions) as error:
        validate_options({"http_timeout": "soon", "owner_gears": "perhaps", "select": {"domain": []}}, Templar())
    for words in ("http_timeout", "owner_gears", "Unknown option: select.domain"):
        assert words in str(error.value)


# --- Cache -----------------------------------------------------------------------------------------------------------


def key(select: dict[str, Any] | None = None, owner_gears: bool = False, **options: Any) -> str:
    given = {"broker_url": URL, "username": "alice", "password": PASSWORD, **options}
    connection = connection_from(validate_options(given, Templar()), {})
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


def test_cache_returns_what_it_was_given() -> None:
    for data in (InventoryData(({"name": "shop"},), {"acme": None}), InventoryData((), None)):
        assert from_cache(to_cache(data)) == data


# --- Templates -------------------------------------------------------------------------------------------------------

NESTED = {"plain": "a", "list": ["{{ x }}", ("b", 1, None)], "dict": {"mark": "#jinja2:x"}}


@pytest.mark.parametrize("treat", [protect, unmark, unmark_plain])
def test_treated_values_are_equal(treat: Any) -> None:
    assert treat(NESTED) == {"plain": "a", "list": ["{{ x }}", ["b", 1, None]], "dict": {"mark": "#jinja2:x"}}


def test_unmarked_strings_are_ordinary() -> None:
    unmarked = unmark(protect(NESTED))
    assert {type(text) for text in (unmarked["plain"], unmarked["list"][0], unmarked["dict"]["mark"])} == {str}
