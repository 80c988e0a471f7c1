"""The policy: its rules, which of them applies, and the mistakes in it."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.openshift_v2.apps.plugins.doc_fragments.policy import ModuleDocFragment
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    OptionError,
    desired_ha_from,
    patience_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.policies import PolicyOption
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import SPECS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import Unanswered
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.globs import Globs
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy import Facts, Policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import (
    SETTINGS,
    PolicyError,
    parse_policy,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.repeats import UniqueApp, unify
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import (
    Selection,
    find_unmatched,
    select,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.fleet_plan import FoundTarget, Target
from ansible_collections.openshift_v2.apps.plugins.module_utils._engine.waiter import Patience
from tests.unit.memory_broker import gears
from tests.unit.test_runtime_yml import ROOT

SHOP = replace(gears(2, ha=True).shown(), owner="alice")
WIKI = replace(gears(1).shown(), id="w", name="wiki", domain="docs", owner="bob@example.com")
UNREADABLE = Unreadable(AppRef("acme", "odd"), Unanswered("no JSON"))


def numbers(policy: Policy, facts: Facts) -> list[int | None]:
    return [rule.number if rule else None for rule in policy.find_rules(facts)]


@pytest.mark.parametrize(
    ("match", "shop", "wiki"),
    [
        ({}, True, True),
        (None, True, True),
        ("shop", True, False),
        (["docs/*", "none"], False, True),
        ({"domain": "ACME"}, True, False),
        ({"domain": ["ac*", "d?cs"]}, True, True),
        ({"name": "acme/shop"}, True, False),
        ({"name": "*/w[ij]ki"}, False, True),
        ({"owner": "alice"}, True, False),
        ({"owner": "*@example.com"}, False, True),
        ({"cartridge": "php-*"}, True, True),
        ({"cartridge": "haproxy-1.4"}, True, True),
        ({"cartridge": "jboss*"}, False, False),
        ({"claims_ha": True}, True, False),
        ({"claims_ha": "no"}, False, True),
        ({"domain": "acme", "claims_ha": False}, False, False),
    ],
)
def test_a_rule_applies_if_all_its_conditions_are_met(match: Any, shop: bool, wiki: bool) -> None:
    policy = parse_policy([{"match": match, "state": "absent"}])
    assert [policy.find_rule(Facts.of_app(app)) is not None for app in (SHOP, WIKI)] == [shop, wiki]


def test_the_first_match_counts() -> None:
    policy = parse_policy([{"match": "none"}, {"match": {"owner": "al*"}}, {"match": "shop"}, {}][:3])
    rule = policy.find_rule(Facts.of_app(SHOP))
    assert rule is not None
    assert (rule.number, str(rule)) == (2, "2")
    assert policy.find_rule(Facts.of_app(WIKI)) is None
    assert [str(rule) for rule in policy.find_unused({2})] == ["1", "3"]


def test_an_application_with_two_names_matches_with_both() -> None:
    moved = replace(SHOP, domain="new")
    (unique,) = unify([SHOP, moved])
    policy = parse_policy([{"match": {"domain": "new"}}])
    assert policy.find_rule(Facts.of_unique(unique)) is not None


def test_facts_that_are_not_known_decide_nothing() -> None:
    policy = parse_policy(
        [
            {"match": {"claims_ha": True, "domain": "other"}},
            {"match": {"owner": "alice"}},
            {"match": {"domain": "acme"}, "state": "ignore"},
            {"state": "absent"},
        ]
    )
    facts = Facts.of_unique(UniqueApp(UNREADABLE, (UNREADABLE.ref,)))
    assert numbers(policy, facts) == [2, 3]
    assert policy.find_rule(facts) is None
    # Without the rule about owners, the names are enough.
    by_names = Policy(policy.rules[:1] + policy.rules[2:])
    assert numbers(by_names, facts) == [3]


MISTAKES: dict[str, tuple[Any, str]] = {
    "text": ("policy", "must be a list of rules, not 'policy'."),
    "dictionary": ({"state": "present"}, "must be a list of rules, not a dictionary."),
    "null": (None, "must be a list of rules, not null."),
    "rule": ([1], "rule 1: must be a dictionary, not a number (1)."),
    "unknown key": ([{"sate": "absent"}], "rule 1: sate: unknown key. Did you mean state?"),
    "unknown match": ([{"match": {"domains": "a"}}], "rule 1: match: domains: unknown key. Did you mean domain?"),
    "match on the wrong level": (
        [{"domain": "acme", "state": "ignore"}],
        "rule 1: domain: is not a setting. Write it below match.",
    ),
    "state": (
        [{"name": "tests", "state": "gone"}],
        "rule 1 (tests): state: must be one of present, absent, ignore, not 'gone'.",
    ),
    "number": ([{"min_gears": 2.5}], "rule 1: min_gears: must be a whole number, not a number (2.5)."),
    "boolean number": ([{"max_gears": True}], "rule 1: max_gears: must be a whole number, not a boolean (true)."),
    "flag": ([{"relocate": "maybe"}], "rule 1: relocate: must be true or false, not 'maybe'."),
    "pattern": ([{"match": {"domain": 12}}], "must be a text, not a number (12). Put it in quotes."),
    "no pattern": ([{"match": {"owner": []}}], "rule 1: match.owner: is empty, so that the rule matches nothing."),
    "empty pattern": ([{"match": {"name": ["a", " "]}}], "rule 1: match.name: has an empty pattern."),
    "ignored with settings": (
        [{"state": "ignore", "verify": "count"}],
        "rule 1: verify: has no effect with state ignore.",
    ),
    "nothing": ([{"name": "only"}], "rule 1 (only): is empty. Set match, or one of state, "),
    "probe": ([{"probe": {"pth": "/"}}], "rule 1: probe: pth: unknown key. Did you mean path?"),
    "seconds": ([{"wait_timeout": "soon"}], "rule 1: wait_timeout: must be a number of seconds, not 'soon'."),
    "no seconds": (
        [{"poll_interval": float("nan")}],
        "rule 1: poll_interval: must be a number of seconds, not a number.",
    ),
    "similar": ([{"wait_timout": 5}], "rule 1: wait_timout: unknown key. Did you mean wait_timeout?"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_names_the_rule_and_the_key(case: str) -> None:
    data, text = MISTAKES[case]
    with pytest.raises(PolicyError) as caught:
        parse_policy(data)
    assert text in str(caught.value)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy([{"sate": "absent"}, {"state": "present"}, {"verify": "all", "match": {"owner": None, "x": 1}}])
    assert str(caught.value).count("rule 1: ") == 1
    assert "rule 2" not in str(caught.value)
    assert str(caught.value).count("rule 3: ") == 2


def test_a_rule_may_set_what_an_entry_of_a_list_may_set() -> None:
    entry = SPECS["openshift_apps_ha"]()["argument_spec"]["applications"]["options"]
    assert SETTINGS.keys() == entry.keys() - {"domain", "name"}
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]["policy"]["description"]
    assert [name for name in SETTINGS if f"C({name})" not in " ".join(documented)] == []


def test_a_rule_sets_the_patience_unless_an_application_has_its_own() -> None:
    params = {name: option.get("default") for name, option in SPECS["openshift_app_ha"]()["argument_spec"].items()}
    option = PolicyOption(parse_policy([{"match": "shop", "wait_timeout": "90", "poll_interval": 0.5}]), params)
    shop, wiki = Facts.of_app(SHOP), Facts.of_app(WIKI)
    assert option.decide(shop, {}).patience == Patience(90, 0.5)
    assert option.decide(shop, {"wait_timeout": 7.0}).patience == Patience(7, 0.5)
    assert option.decide(wiki, {}).patience == Patience(600, 5)
    target = Target(SHOP.ref, desired_ha_from(params), patience_from(params))
    assert option.settle(FoundTarget(target, UniqueApp(SHOP, (SHOP.ref,)))).target.patience == Patience(90, 0.5)
    with pytest.raises(OptionError, match=r"^policy: rule 1: wait_timeout: must be a number of seconds, at least 0"):
        PolicyOption(parse_policy([{"wait_timeout": -1}]), params)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["match", "name", "state", "verify", "min_gears", "probe", "relocate", "domain", "x"])


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4) | VALUES, max_size=4) | VALUES)
def test_no_data_raises_another_error(data: Any) -> None:
    message, rules = "", None
    try:
        rules = parse_policy(data).rules
    except PolicyError as error:
        message = str(error)
    assert message.isprintable()
    assert message if rules is None else len(rules) == len(data)


PATTERNS = st.text("ab*?[]!-./", min_size=1, max_size=6)


@given(st.lists(PATTERNS, min_size=1, max_size=4), st.text("abAB[]-.", min_size=1, max_size=6))
def test_compiled_patterns_match_as_single_ones(patterns: list[str], text: str) -> None:
    lower = [pattern.lower() for pattern in patterns]
    expected = any(text.lower() == pattern or fnmatchcase(text.lower(), pattern) for pattern in lower)
    assert Globs(tuple(patterns)).match(text) == expected


@given(st.lists(PATTERNS, min_size=1, max_size=4), st.text("ab", max_size=4), st.text("ab", max_size=4))
def test_patterns_of_names_compare_the_domain_after_a_slash(patterns: list[str], domain: str, name: str) -> None:
    pairs = ((f"{domain}/{name}" if "/" in pattern else name, pattern.lower()) for pattern in patterns)
    expected = any(text == pattern or fnmatchcase(text, pattern) for text, pattern in pairs)
    assert Globs(tuple(patterns)).match_ref(AppRef(domain.upper(), name)) == expected


RULES = st.lists(
    st.fixed_dictionaries(
        {"state": st.sampled_from(["present", "absent", "ignore"])},
        optional={"match": st.dictionaries(st.sampled_from(["domain", "name", "owner"]), PATTERNS.filter(str.strip))},
    ),
    max_size=5,
)


@given(RULES, st.text("ab", min_size=1, max_size=3), st.text("ab.", max_size=3))
def test_a_rule_that_is_not_certain_is_among_the_possible_ones(rules: list[Any], name: str, owner: str) -> None:
    policy, app = parse_policy(rules), replace(SHOP, domain="ab", name=name, owner=owner)
    (known,) = policy.find_rules(Facts.of_app(app))
    assert known in policy.find_rules(Facts.of_names(app.ref))
    # No earlier rule matches.
    earlier = policy.rules[: known.number - 1] if known else policy.rules
    assert not any(rule.match.test(Facts.of_app(app)) for rule in earlier)


# --- Examples ---------------------------------------------------------------------------------------------------------


def examples() -> dict[str, Any]:
    """The policies in the guides and in the examples of the plugins."""
    found = {"docs/examples/policy.yml": yaml.safe_load((ROOT / "docs/examples/policy.yml").read_text())}
    for path in ("docs/policy.md", "docs/inventory.md", "README.md", "roles/app_ha/README.md"):
        text = (ROOT / path).read_text(encoding="utf-8")
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)):
            if "match:" not in block:
                continue
            document = yaml.safe_load(block)
            if isinstance(document, dict):
                document = document.get("app_ha_policy", document.get("policy"))
            found[f"{path}, {number}"] = document
    return found


def test_the_examples_are_valid() -> None:
    found = examples()
    files = {name.partition(",")[0] for name in found}
    assert files >= {"docs/examples/policy.yml", "docs/policy.md", "docs/inventory.md", "roles/app_ha/README.md"}
    for example in found.values():
        parse_policy(example)


def test_the_example_for_all_rules() -> None:
    policy = parse_policy(examples()["docs/examples/policy.yml"])
    expected = {"sandbox": "tests", "pay": "money", "acme": "everyone who claims HA must have it"}
    for domain, name in expected.items():
        rule = policy.find_rule(Facts.of_app(replace(SHOP, domain=domain)))
        assert rule is not None
        assert rule.name == name


# --- Selections ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(claims_ha=True), ["odd", "shop"]),
        (Selection(claims_ha=False), ["odd", "wiki"]),
        (Selection(owners=("ALICE",)), ["odd", "shop"]),
        (Selection(owners=("*@example.*", "carol")), ["odd", "wiki"]),
        (Selection(owners=("alice",), claims_ha=False, domains=("docs",)), []),
    ],
)
def test_applications_are_selected_by_owner_and_claim(selection: Selection, names: list[str]) -> None:
    """An application that cannot be read may be meant, and is never left out silently."""
    assert sorted(unique.app.ref.name for unique in select([SHOP, WIKI, UNREADABLE], selection)) == names


def test_an_owner_without_applications_is_named() -> None:
    selection = Selection(owners=("alice", "acme", "x*"))
    assert find_unmatched([SHOP, WIKI], selection) == ("owner acme",)


def test_a_login_may_contain_brackets() -> None:
    odd = replace(SHOP, owner="al[ice]")
    assert select([odd], Selection(owners=("al[ice]",)))
