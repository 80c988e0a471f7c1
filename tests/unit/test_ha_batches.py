"""The playbook enable_ha: which hosts it handles, in which batches, and which variables it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import PolicyError, parse_policy
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.answers import Answers, parse_list, parse_text
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.batches import (
    Batches,
    FirstHost,
    Inventory,
    choose,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.host_policies import (
    find_own_settings,
    predict_state,
    read_desired,
    without_settings,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._app_ha.same_hosts import UniqueHosts, unify_hosts

CRM, SHOP, SHOPPING, PAY, WIKI = (
    "crm-acme",
    "shop-acme.example.com",
    "shopping-acme",
    "shop-pay.example.com",
    "wiki-acme",
)
PLAIN = "plain-acme"
GROUPS = {
    "openshift_ha_standalone": [CRM, SHOP],
    "openshift_ha_degraded": [SHOPPING, PAY],
    "openshift_ha_highly_available": [WIKI],
    "openshift_ha_not_scalable": [PLAIN],
    "openshift_domain_acme": [CRM, SHOP, SHOPPING, WIKI, PLAIN],
    "openshift_domain_pay": [PAY],
    "openshift_domain_My_Own": [],
}
OF_PLUGIN = Inventory(GROUPS)
NO_PLUGIN = Inventory({"all": ["shop"], "ungrouped": ["shop"]})
ONE_BATCH = ("100%", "100%")
#: What a host shows: an application, a list of them, or neither.
APPLICATION = FirstHost(is_application=True, has_domain=True)
LIST = FirstHost(has_list=True)
NEITHER = FirstHost()


def answers(**variables: Any) -> Answers:
    """The variables as a user sets them, by their names without ``enable_ha_``."""
    lists = {name: parse_list(variables.pop(name, None)) for name in ("domains", "names")}
    hosts = variables.pop("hosts", "")
    return Answers(hosts=hosts, **lists, **{name: parse_text(value) for name, value in variables.items()})


def batches(inventory: Inventory = OF_PLUGIN, first: FirstHost | None = None, **variables: Any) -> Batches:
    """The batches; the answers must be valid."""
    check_mode = variables.pop("check_mode", False)
    chosen, refusals = choose(answers(**variables), inventory, lambda host: first or host_named(host), check_mode)
    assert refusals == []
    return chosen


def host_named(name: str) -> FirstHost:
    return NEITHER if name == "localhost" else APPLICATION


def refusals(inventory: Inventory = OF_PLUGIN, first: FirstHost | None = None, **variables: Any) -> list[str]:
    """Why the answers are refused; nothing is chosen then."""
    chosen, refused = choose(answers(**variables), inventory, lambda host: first or host_named(host))
    assert refused
    assert chosen.hosts == ()
    return refused


# --- Which hosts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "hosts"),
    [
        ({}, [CRM, SHOP, SHOPPING, PAY]),
        ({"domains": "pay"}, [PAY]),
        ({"domains": ["pay", "ACME"]}, [CRM, SHOP, SHOPPING, PAY]),
        ({"domains": [["pay"], "acme"]}, [CRM, SHOP, SHOPPING, PAY]),
        ({"domains": "my.own"}, []),
        ({"domains": "\n acme,\npay \n", "names": "shop"}, [SHOP, PAY]),
        ({"names": "shop"}, [SHOP, PAY]),
        ({"names": "Shop*\nc?m"}, [CRM, SHOP, SHOPPING, PAY]),
        ({"names": ["acme/shop", "*/crm"]}, [CRM, SHOP]),
        ({"names": "shop", "domains": "acme", "max_changes": 1}, [SHOP]),
        ({"names": "wiki"}, []),
        ({"names": "sho?"}, [SHOP, PAY]),
        ({"names": "sh?"}, []),
        ({"names": "acme/(shop)|.*"}, []),
        (dict.fromkeys(Answers.__dataclass_fields__, ""), [CRM, SHOP, SHOPPING, PAY]),
    ],
    ids=str,
)
def test_only_the_chosen_applications_that_need_it_are_chosen(variables: dict[str, Any], hosts: list[str]) -> None:
    assert list(batches(**variables).hosts) == hosts


def test_hosts_are_chosen_by_a_pattern() -> None:
    inventory = Inventory(NO_PLUGIN.groups, matched=["one", "two"])
    assert batches(inventory, hosts="all").hosts == ("one", "two")


def test_only_hosts_within_the_limit_are_chosen() -> None:
    limited = Inventory(GROUPS, allowed=[PAY, WIKI, CRM])
    assert batches(limited).hosts == (CRM, PAY)
    assert batches(limited, names="shop*").hosts == (PAY,)
    assert batches(limited, max_changes=2).hosts == (CRM, PAY)


@pytest.mark.parametrize("inventory", [NO_PLUGIN, Inventory(GROUPS, list_for_run=True)], ids=["no plugin", "plugin"])
def test_a_list_is_handled_by_localhost(inventory: Inventory) -> None:
    assert batches(inventory, first=LIST).hosts == ("localhost",)


def test_a_list_of_a_host_does_not_replace_the_hosts_of_the_plugin() -> None:
    assert batches(first=FirstHost(is_application=True, has_domain=True, has_list=True)).hosts == (
        CRM,
        SHOP,
        SHOPPING,
        PAY,
    )


def test_one_application_needs_no_inventory() -> None:
    assert batches(Inventory({}), first=APPLICATION).hosts == ("localhost",)


# --- Nothing to do ---------------------------------------------------------------------------------------------------

NOTHING = "Nothing to do: the inventory has no standalone or degraded application"


@pytest.mark.parametrize(
    ("inventory", "variables", "line"),
    [
        (Inventory({"openshift_ha_highly_available": [WIKI]}), {}, f"{NOTHING}."),
        (OF_PLUGIN, {"names": "wiki,blog*"}, f"{NOTHING} with the names wiki, blog*."),
        (OF_PLUGIN, {"names": "wiki", "domains": "acme"}, f"{NOTHING} in the domain acme with the name wiki."),
        (OF_PLUGIN, {"hosts": "nosuch"}, "Nothing to do: enable_ha_hosts (nosuch) matches no host of the inventory."),
        (Inventory(GROUPS, allowed=[WIKI]), {}, "Nothing to do: --limit excludes all chosen hosts."),
    ],
    ids=str,
)
def test_nothing_to_do_is_explained_and_not_refused(inventory: Inventory, variables: dict[str, Any], line: str) -> None:
    chosen = batches(inventory, **variables)
    assert (chosen.hosts, chosen.line) == ((), line)


# --- Refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("canary", "drei", "neither a number of hosts (1 or more) nor a percentage"),
        ("canary", 0, "neither a number of hosts (1 or more) nor a percentage"),
        ("canary", "0", "neither a number of hosts (1 or more) nor a percentage"),
        ("batch_size", "25 percent", "neither a number of hosts (1 or more) nor a percentage"),
        ("batch_size", "-1", "neither a number of hosts (1 or more) nor a percentage"),
        ("max_fail_percentage", "viele", "not a percentage"),
        ("max_changes", "viele", "not a number (0 or more)"),
        ("max_changes", -1, "not a number (0 or more)"),
        ("max_changes", True, "not a number (0 or more)"),
        ("dry_run", "ja", "neither yes nor no"),
    ],
    ids=str,
)
def test_an_invalid_value_is_refused(variable: str, value: str | int, expected: str) -> None:
    assert refusals(**{variable: value}) == [f"enable_ha_{variable}: {value} is {expected}."]


def test_all_mistakes_are_reported_at_once() -> None:
    given = {"canary": "drei", "batch_size": "vier", "max_changes": "viele", "domains": "acne"}
    beginnings = [refusal.partition(":")[0] for refusal in refusals(**given)]
    assert beginnings == ["enable_ha_canary", "enable_ha_batch_size", "enable_ha_max_changes", "enable_ha_domains"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("shpo, crm", "the application shpo (did you mean shop?)."),
        ("acme/shpo", "the application acme/shpo (did you mean acme/shop?)."),
        ("shop-acme", "the application shop-acme (did you mean shop?)."),
        ("pay/crm wiki zzz", "the applications pay/crm (did you mean acme/crm?), zzz."),
    ],
)
def test_unknown_names_are_refused(names: str, expected: str) -> None:
    """Also those of applications in another domain. wiki is known, although nothing is to be done."""
    assert refusals(names=names) == [f"enable_ha_names: the inventory does not have {expected}"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('["shop", "acme/crm"]', ("shop", "acme/crm")),
        ('[\n  "Shop",\n  "crm, wiki"\n]', ("shop", "crm", "wiki")),
        ("[]", ()),
        ("[sc]hop", ("[sc]hop",)),
        ("[ " * 9000, ("[",) * 9000),
        ("\t shop\r\n\n,,crm ", ("shop", "crm")),
    ],
)
def test_the_answer_of_a_survey_may_be_a_list_in_json(text: str, words: tuple[str, ...]) -> None:
    """ansible-core up to 2.18 makes a list of such a text, and newer ones do not."""
    assert parse_list(text) == words


def test_messages_name_a_few_of_many_names() -> None:
    many = " ".join(f"x{number}" for number in range(5000))
    named = "x0, x1, x2, x3, x4, x5, x6, x7, x8, x9 and 4,990 more"
    assert refusals(names=many) == [f"enable_ha_names: the inventory does not have the applications {named}."]
    (refusal,) = refusals(domains=many)
    assert f"the domains {named}. It has" in refusal
    (warning,) = batches(names=many, sliced="yes").warnings
    assert warning == f"enable_ha_names: this slice of the inventory does not have the applications {named}."
    nothing = batches(names=many.replace(" ", "* "), sliced="yes").line
    assert nothing.endswith(
        "application with the names x0*, x1*, x2*, x3*, x4*, x5*, x6*, x7*, x8*, x9* and 4,990 more."
    )


def test_a_slice_does_not_have_every_name() -> None:
    chosen = batches(names="crm, blog", sliced="yes")
    assert chosen.hosts == (CRM,)
    assert chosen.warnings == ("enable_ha_names: this slice of the inventory does not have the application blog.",)
    nothing = batches(Inventory({group: [] for group in GROUPS}), sliced="yes")
    assert nothing.line == "Nothing to do: the inventory has no standalone or degraded application."
    assert refusals(sliced="perhaps") == ["enable_ha_sliced: perhaps is neither yes nor no."]


def test_an_unknown_domain_is_refused() -> None:
    expected = "enable_ha_domains: the inventory has no application in the domain acne."
    (refusal,) = refusals(domains="acme, acne")
    assert refusal == f"{expected} It has applications in the domains acme, my_own, pay."
    (refusal,) = refusals(Inventory({"openshift_ha_degraded": []}), domains="acne")
    assert refusal == f"{expected} It has no applications at all."


def test_hosts_cannot_be_combined_with_a_choice_among_those_of_the_plugin() -> None:
    """Otherwise the choice would be ignored, and all hosts would be changed."""
    inventory = Inventory(GROUPS, matched=[CRM, SHOP, WIKI])
    (refusal,) = refusals(inventory, hosts="all", names="shop")
    assert refusal.startswith("enable_ha_hosts cannot be combined with enable_ha_domains or enable_ha_names")


@pytest.mark.parametrize("variables", [{}, {"names": "shop"}, {"domains": "acme"}], ids=str)
def test_without_any_applications_the_message_explains_how_to_name_them(variables: dict[str, Any]) -> None:
    (refusal,) = refusals(NO_PLUGIN, **variables)
    assert "-e enable_ha_hosts=all" in refusal
    assert "app_ha_applications" in refusal
    assert refusal.endswith("see the warnings above.")


def test_a_choice_by_name_needs_an_inventory_of_the_plugin() -> None:
    (refusal,) = refusals(NO_PLUGIN, first=LIST, names="shop")
    assert refusal.startswith("enable_ha_domains and enable_ha_names choose from the groups of the inventory plugin")


# --- Limits of changes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, "0", 3, " 3\n"], ids=repr)
@pytest.mark.parametrize(
    ("variable", "name"), [("max_changes", "enable_ha_max_changes"), ("role_max_changes", "app_ha_max_changes")]
)
def test_a_limit_may_be_a_number_or_a_text(variable: str, name: str, limit: int | str) -> None:
    (refusal,) = refusals(**{variable: limit})
    assert refusal.startswith(f"4 applications would change, more than {name}: {str(limit).strip()}. ")
    assert batches(**{variable: 4}).hosts


def test_applications_that_will_not_change_do_not_count() -> None:
    inventory = Inventory(GROUPS, matched=[CRM, WIKI, PLAIN, "unknown"])
    assert batches(inventory, hosts="all", max_changes=2).hosts == (CRM, WIKI, PLAIN, "unknown")
    assert refusals(inventory, hosts="all", max_changes=1)


def test_a_limit_has_no_effect_if_there_is_nothing_to_do() -> None:
    assert batches(Inventory({"openshift_ha_highly_available": [WIKI]}), max_changes=0).hosts == ()


def test_a_list_is_limited_by_the_role() -> None:
    assert batches(NO_PLUGIN, first=LIST, max_changes="3").list_limit == "3"
    assert batches(NO_PLUGIN, first=LIST, role_max_changes="3").list_limit == ""
    assert batches(max_changes="4").list_limit == ""


def test_one_limit_cannot_hold_for_the_lists_of_several_hosts() -> None:
    inventory = Inventory(NO_PLUGIN.groups, matched=["one", "two"])
    (refusal,) = refusals(inventory, first=LIST, hosts="all", max_changes=4)
    assert refusal.startswith(
        "enable_ha_max_changes limits one list or selection, but each of 2 hosts may have its own."
    )
    assert batches(inventory, first=LIST, hosts="all", role_max_changes=4).hosts == ("one", "two")


def test_two_different_limits_are_refused() -> None:
    (refusal,) = refusals(max_changes=9, role_max_changes=8)
    assert refusal == "enable_ha_max_changes is 9 and app_ha_max_changes is 8: set only one of them."
    assert batches(max_changes="4", role_max_changes=4).hosts


# --- Batches ---------------------------------------------------------------------------------------------------------


def test_by_default_three_hosts_come_first_and_none_may_fail() -> None:
    chosen = batches()
    assert (chosen.serial, chosen.max_fail_percentage) == (("3", "25%"), "0")


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({}, "3 first, then 25% at a time. If an application fails"),
        ({"canary": 1, "batch_size": 1}, "1 first, then 1 at a time. If an application fails"),
        (
            {"canary": "1", "max_fail_percentage": "20", "batch_size": "50%"},
            "1 first, then 50% at a time. If more than 20% of the applications of a batch fail",
        ),
        (
            {"canary": "50%", "max_fail_percentage": "100%"},
            "50% first, then 25% at a time. If all applications of a batch fail",
        ),
    ],
    ids=str,
)
def test_the_batches_are_described(variables: dict[str, Any], text: str) -> None:
    assert batches(**variables).line == f"4 applications in batches: {text}, the next batch does not start."


@pytest.mark.parametrize(
    "variables", [{"canary": 4}, {"canary": "100%"}, {"dry_run": True}, {"check_mode": True}], ids=str
)
def test_a_single_batch_is_described(variables: dict[str, Any]) -> None:
    assert batches(**variables).line == "4 applications in one batch."


def test_a_list_is_described() -> None:
    assert batches(NO_PLUGIN, LIST).line == "The applications of a list or a selection, in one task."


@pytest.mark.parametrize("variables", [{"dry_run": "Yes"}, {"dry_run": 1}, {"check_mode": True}], ids=str)
def test_a_prediction_is_one_batch_in_which_all_may_fail(variables: dict[str, Any]) -> None:
    chosen = batches(canary=1, **variables)
    assert (chosen.serial, chosen.max_fail_percentage) == (ONE_BATCH, "100")


@pytest.mark.parametrize("no", ["no", "False", 0, ""], ids=repr)
def test_no_prediction_is_no_prediction(no: Any) -> None:
    assert not answers(dry_run=no).predicts
    assert batches(dry_run=no).serial == ("3", "25%")


# --- Variables of hosts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["max_changes", "role_max_changes"])
def test_a_limit_in_the_variables_of_the_first_host_holds(option: str) -> None:
    first = FirstHost(is_application=True, has_domain=True, answers={option: "3"})
    (refusal,) = refusals(first=first)
    assert refusal.startswith("4 applications would change, more than ")


def test_a_prediction_for_the_first_host_is_one_for_all_hosts() -> None:
    chosen = batches(first=FirstHost(is_application=True, has_domain=True, answers={"dry_run": "yes"}))
    assert chosen.predicts
    assert chosen.serial == ONE_BATCH


def test_invalid_variables_of_the_first_host_are_refused() -> None:
    first = FirstHost(is_application=True, has_domain=True, answers={"dry_run": "maybe"})
    assert refusals(first=first) == ["enable_ha_dry_run: maybe is neither yes nor no."]


# --- Hosts that are the same application

SHOP_VARIABLES = {"openshift_domain": "acme", "openshift_app": "shop", "inventory_hostname": "a"}


def unique(*variables: dict[str, Any]) -> UniqueHosts:
    """Hosts a, b, ... with these variables; the first has those of acme/shop."""
    hosts = {name: {**SHOP_VARIABLES, **each} for name, each in zip("abc", ({}, *variables), strict=False)}
    refs = {name: AppRef(each["openshift_domain"], each["openshift_app"]) for name, each in hosts.items()}
    return unify_hosts(hosts, refs.get, hosts.__getitem__)


@pytest.mark.parametrize(
    "second",
    [
        {},
        {"openshift_app": "Shop", "openshift_domain": "ACME"},
        {"inventory_hostname": "b", "ansible_host": "10.0.0.1", "group_names": ["other"]},
        {"openshift_application": {"gear_count": 2}},
    ],
)
def test_a_second_host_of_the_same_application_is_skipped(second: dict[str, Any]) -> None:
    found = unique(second)
    assert found.hosts == ("a",)
    assert found.warnings == ("Hosts that are the same application as another host are skipped: b (a).",)


@pytest.mark.parametrize(
    "second",
    [
        {"openshift_app": "crm"},
        {"openshift_domain": "pay"},
        {"openshift_broker_url": "https://other.example.com"},
        {"my_broker": "https://other.example.com"},
    ],
)
def test_hosts_of_different_applications_or_brokers_are_kept(second: dict[str, Any]) -> None:
    assert unique(second) == UniqueHosts(("a", "b"))


def test_different_settings_for_the_same_application_are_refused() -> None:
    (refusal,) = unique({"app_ha_min_gears": 3}).refusals
    assert refusal == "a and b are the same application (acme/shop), with different settings (app_ha_min_gears)."
    _batches, refusals = choose(
        answers(), OF_PLUGIN, host_named, unify=lambda hosts: UniqueHosts(hosts, refusals=(refusal,))
    )
    assert refusals == [refusal]


def test_hosts_without_an_application_are_kept() -> None:
    assert unify_hosts(["a", "b"], lambda _host: None, lambda _host: {}) == UniqueHosts(("a", "b"))


# --- The policy ------------------------------------------------------------------------------------------------------


def test_hosts_that_the_inventory_ignores_are_not_chosen() -> None:
    inventory = Inventory({**GROUPS, "openshift_ha_ignored": [CRM, WIKI]})
    assert batches(inventory).hosts == (SHOP, SHOPPING, PAY)
    assert batches(inventory, names="crm").hosts == ()


@pytest.mark.parametrize(
    ("states", "changes"),
    [
        ({}, 4),
        ({CRM: "ignore", SHOP: "ignore"}, 2),
        ({WIKI: "absent"}, 5),
        ({CRM: "absent", PLAIN: "absent"}, 3),
        ({WIKI: "uncertain", PLAIN: "uncertain"}, 6),
    ],
)
def test_what_the_policy_changes_counts_in_the_limit(states: dict[str, str], changes: int) -> None:
    inventory = Inventory(GROUPS, matched=[CRM, SHOP, SHOPPING, PAY, WIKI, PLAIN])
    given = answers(hosts="all", max_changes=0)
    state_of = {name: states.get(name, "present") for name in inventory.matched}.__getitem__
    _batches, refusals = choose(given, inventory, lambda _host: APPLICATION, state_of=state_of)
    too_many = f"{changes} applications would change, more than enable_ha_max_changes: 0."
    assert refusals == [f"{too_many} Find out why before you raise the limit."]


@pytest.mark.parametrize(
    ("rules", "application", "state"),
    [
        ([{"match": "shop", "state": "absent"}], None, "absent"),
        ([{"match": "other", "state": "absent"}], None, "present"),
        ([{"match": {"owner": "al*"}, "state": "ignore"}], {"owner": "alice", "ha": True}, "ignore"),
        ([{"match": {"owner": "al*"}, "state": "ignore"}], None, "uncertain"),
        ([{"match": {"claims_ha": False}, "state": "ignore"}], {"owner": None, "ha": True}, "present"),
        ([{"match": {"claims_ha": True}}, {"match": {"cartridge": "php*"}}], None, "present"),
        ([{"match": {"cartridge": "php*"}, "state": "absent"}], {"owner": "alice", "ha": True}, "uncertain"),
    ],
)
def test_the_state_of_a_host_before_it_is_read(rules: list[Any], application: Any, state: str) -> None:
    assert predict_state(parse_policy(rules), AppRef("acme", "shop"), application) == state


def test_a_host_whose_application_is_not_known_is_uncertain() -> None:
    assert predict_state(parse_policy([]), None, None) == "uncertain"


@pytest.mark.parametrize("desired", [{"state": "absent"}, {"rule": 1}, "ignore", {"rule": {"number": 1}, "sate": "x"}])
def test_a_desired_state_that_the_plugin_did_not_set_is_refused(desired: Any) -> None:
    with pytest.raises(PolicyError):
        read_desired(desired)


def test_the_rule_of_the_inventory_keeps_its_number() -> None:
    (rule,) = parse_policy(read_desired({"state": "ignore", "rule": {"number": 7, "name": "tests"}})).rules
    assert (str(rule), rule.ignores) == ("7 (tests)", True)
    assert read_desired(None) == []


def test_settings_of_a_host_are_left_out_of_the_rules() -> None:
    own = find_own_settings(["app_ha_state", "app_ha_policy", "app_ha_verify", "other"], ["app_ha_verify"])
    assert own == {"state"}
    rules = without_settings([{"match": "a", "state": "ignore"}, {"state": "absent", "min_gears": 3}], own)
    assert [dict(rule.settings) for rule in parse_policy(rules).rules] == [{}, {"min_gears": 3}]
