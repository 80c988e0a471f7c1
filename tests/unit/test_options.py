"""Options: what they are converted into, and the errors for invalid ones, which begin with the option's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    OptionError,
    connection_from,
    desired_gears_from,
    desired_ha_from,
    desired_limits_from,
    patience_from,
    ref_from,
    rest_url,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import (
    app_ha_spec,
    app_scale_spec,
    cartridge_scale_spec,
    fill_from_environment,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import AppRef
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_gears import DesiredGears, GearChange
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_ha import AUTO, DesiredHa
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.desired_limits import DesiredLimits

MINE = {"domain": "acme", "name": "shop", "broker_url": "https://broker.example.com"}
LOGGED_IN = {**MINE, "username": "alice", "password": "secret"}


def validated(options: dict[str, Any]) -> dict[str, Any]:
    """The options as Ansible validates them. Raises ``ValueError`` for those that Ansible rejects."""
    result = ArgumentSpecValidator(app_ha_spec()).validate(options)
    if result.error_messages:
        raise ValueError(" ".join(result.error_messages))
    parameters: dict[str, Any] = result.validated_parameters
    return parameters


def refusal(options: dict[str, Any], environ: dict[str, str] | None = None) -> str:
    """The error for these options, from Ansible or from the collection."""
    try:
        params = validated(options)
        ref_from(params), desired_ha_from(params), patience_from(params), connection_from(params, environ or {})
    except (OptionError, ValueError) as error:
        return str(error)
    pytest.fail("not refused")


# --- Valid options


def test_required_options_are_enough() -> None:
    params = validated(LOGGED_IN)
    assert ref_from(params) == AppRef("acme", "shop")
    assert desired_ha_from(params) == DesiredHa(ha=True, scale_strategy=AUTO)
    connection = connection_from(params, {})
    assert (connection.username, connection.password, connection.token) == ("alice", "secret", None)
    assert (connection.verify, connection.http_timeout, connection.operation_timeout) == (True, 30, 300)
    patience = patience_from(params)
    assert (patience.wait_timeout, patience.poll_interval) == (600, 5)


def test_all_options_of_the_desired_state() -> None:
    params = validated(
        {
            **LOGGED_IN,
            "state": "absent",
            "scale_strategy": "set_minimum",
            "preserve_gear_count": True,
            "min_gears": 3,
            "max_gears": -1,
            "allow_gear_removal": True,
        }
    )
    assert desired_ha_from(params) == DesiredHa(False, "set_minimum", True, 3, -1, True)


def test_app_is_an_alias_of_name() -> None:
    assert ref_from(validated({"domain": "acme", "app": "shop", "broker_url": "https://b"})).name == "shop"


@pytest.mark.parametrize(
    "given",
    [
        "https://broker.example.com",
        "https://broker.example.com/",
        "https://broker.example.com/broker/rest",
        "https://broker.example.com/broker/rest/",
        " https://broker.example.com\n",
    ],
)
def test_the_address_may_have_the_path_of_the_api(given: str) -> None:
    assert rest_url(given) == "https://broker.example.com/broker/rest"


@pytest.mark.parametrize(
    "given", ["http://127.0.0.1:8080", "https://[::1]:8443", "https://big_host", "https://bücher.example"]
)
def test_other_valid_addresses(given: str) -> None:
    assert rest_url(given) == f"{given}/broker/rest"


def test_ca_path_verifies_the_certificate(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(ca))
    params = validated({**LOGGED_IN, "ca_path": str(ca)})
    assert connection_from(params, {}).verify == str(ca)
    assert connection_from({**params, "validate_certs": False}, {}).verify is False


def test_ciphers_are_joined_for_openssl() -> None:
    params = validated({**LOGGED_IN, "ciphers": ["ECDHE+AESGCM", "@SECLEVEL=0"]})
    assert connection_from(params, {}).ciphers == "ECDHE+AESGCM:@SECLEVEL=0"


@pytest.mark.parametrize("option", ["ca_path", "client_cert"])
def test_files_that_are_not_used_are_not_read(option: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    params = validated({**LOGGED_IN, "broker_url": "http://broker.example.com", option: str(file)})
    assert connection_from(params, {}).url == "http://broker.example.com/broker/rest"


def test_the_environment_sets_the_oldest_version_of_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSHIFT_BROKER_TLS_MIN_VERSION", "TLSv1")
    assert connection_from(validated(LOGGED_IN), {}).tls_min_version == "TLSv1"
    monkeypatch.setenv("OPENSHIFT_BROKER_TLS_MIN_VERSION", "SSLv3")
    assert "tls_min_version" in refusal(LOGGED_IN)


def test_a_client_certificate_needs_no_other_credentials(tmp_path: Path) -> None:
    cert = tmp_path / "cert.pem"
    trustme.CA().issue_cert("alice@example.com").private_key_and_cert_chain_pem.write_to_path(str(cert))
    connection = connection_from(validated({**MINE, "client_cert": str(cert)}), {})
    assert (connection.client_cert, connection.username, connection.token) == (str(cert), None, None)


# --- The environment


def test_the_environment_replaces_options_that_are_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSHIFT_BROKER_URL", "https://from.example.com")
    monkeypatch.setenv("OPENSHIFT_BROKER_USERNAME", "eve")
    monkeypatch.setenv("OPENSHIFT_BROKER_PASSWORD", "hers")
    monkeypatch.setenv("OPENSHIFT_BROKER_VALIDATE_CERTS", "no")
    connection = connection_from(validated({"domain": "acme", "name": "shop"}), {})
    assert (connection.url, connection.verify) == ("https://from.example.com/broker/rest", False)
    assert (connection.username, connection.password) == ("eve", "hers")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSHIFT_BROKER_CA_PATH", "")
    assert connection_from(validated(LOGGED_IN), {}).verify is True


ENVIRON_BASIC = {"OPENSHIFT_BROKER_USERNAME": "eve", "OPENSHIFT_BROKER_PASSWORD": "hers"}
ENVIRON_TOKEN = {"OPENSHIFT_BROKER_TOKEN": "t0k3n"}


@pytest.mark.parametrize(
    ("own", "environ", "expected"),
    [
        ({"token": "mine"}, ENVIRON_BASIC, (None, None, "mine")),
        ({"username": "alice", "password": "secret"}, ENVIRON_TOKEN, ("alice", "secret", None)),
        ({"username": "alice"}, {**ENVIRON_TOKEN, "OPENSHIFT_BROKER_PASSWORD": "p"}, ("alice", "p", None)),
        ({}, ENVIRON_TOKEN, (None, None, "t0k3n")),
    ],
    ids=["token", "both", "username", "environment"],
)
def test_credentials_of_the_task_take_precedence_over_the_environment(
    own: dict[str, str],
    environ: dict[str, str],
    expected: tuple[str | None, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    connection = connection_from(validated({**MINE, **own}), environ)
    assert (connection.username, connection.password, connection.token) == expected


def test_a_module_on_another_host_gets_the_environment_of_the_controller() -> None:
    given = fill_from_environment({"domain": "acme", "validate_certs": False}, {**ENVIRON_BASIC, "HOME": "/root"})
    assert given == {"domain": "acme", "validate_certs": False, "username": "eve", "password": "hers"}


def test_credentials_of_the_task_are_not_mixed_with_those_of_the_environment() -> None:
    assert "token" not in fill_from_environment({"username": "alice"}, ENVIRON_TOKEN)
    assert fill_from_environment({"token": "mine"}, ENVIRON_BASIC) == {"token": "mine"}


# --- Invalid options


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("broker_url", ""),
        ("broker_url", "broker.example.com"),
        ("broker_url", "ftp://broker.example.com"),
        ("broker_url", "https://"),
        ("broker_url", "https://broker.example.com:99999"),
        ("broker_url", "https://broker.example.com:0"),
        ("broker_url", "https://[::1"),
        ("broker_url", "https://a..b"),
        ("broker_url", "https://*.example.com"),
        ("broker_url", "https://.example.com"),
        ("broker_url", f"https://{'a' * 64}.example.com"),
        ("broker_url", "https://broker.example.com/?"),
        ("broker_url", "https://broker.example.com/?a=b"),
        ("broker_url", "https://broker.example.com/#x"),
        ("broker_url", "https://broker.example.com/a b"),
        ("domain", ""),
        ("domain", "../acme"),
        ("name", "shop/1"),
        ("name", "shöp"),
        ("name", "shop\n"),
        ("state", "here"),
        ("scale_strategy", "up"),
        ("min_gears", 0),
        ("min_gears", "many"),
        ("max_gears", 0),
        ("max_gears", -2),
        ("max_gears", 1),
        ("wait_timeout", -1),
        ("wait_timeout", "nan"),
        ("wait_timeout", "inf"),
        ("poll_interval", 0),
        ("poll_interval", "nan"),
        ("http_timeout", 0),
        ("http_timeout", "inf"),
        ("http_timeout", 1e12),
        ("operation_timeout", -5),
        ("operation_timeout", "nan"),
        ("validate_certs", "perhaps"),
        ("ca_path", "/no/such/file"),
        ("ca_path", "a" * 5000),
        ("ca_path", "/etc/x\0y"),
        ("ca_path", "/etc/passwd"),
        ("ca_path", "/usr"),
        ("ca_path", "/dev/zero"),
        ("client_cert", "a" * 5000),
        ("client_cert", "/etc/x\0y"),
        ("client_cert", "/etc/passwd"),
        ("client_cert", "/usr"),
        ("ciphers", ["AES\0"]),
        ("ciphers", ["\udcff"]),
        ("tls_min_version", "SSLv3"),
        ("tls_min_version", "1.0"),
        ("client_cert", "/no/such/file"),
        ("client_key", "/no/such/file"),
        ("ciphers", ["NONSENSE"]),
        ("impersonate_user", "bob\n"),
        ("impersonate_user", "b€b"),
        ("username", ""),
        ("password", ""),
        ("nonsense", "x"),
    ],
)
def test_the_error_names_the_invalid_option(option: str, value: object) -> None:
    assert option in refusal({**LOGGED_IN, option: value})


@pytest.mark.parametrize("option", ["domain", "name", "broker_url"])
def test_the_error_names_the_missing_option(option: str) -> None:
    assert option in refusal({key: value for key, value in LOGGED_IN.items() if key != option})


USER, WORD = "OPENSHIFT_BROKER_USERNAME", "OPENSHIFT_BROKER_PASSWORD"


@pytest.mark.parametrize(
    ("missing", "variables"),
    [
        (("broker_url",), ("OPENSHIFT_BROKER_URL",)),
        (("broker_url", "username", "password"), ("OPENSHIFT_BROKER_URL",)),
        (("username",), (USER,)),
        (("password",), (WORD,)),
        (("username", "password"), (USER, WORD, "OPENSHIFT_BROKER_TOKEN")),
    ],
    ids=" ".join,
)
def test_the_error_names_the_variables_that_can_replace_the_option(
    missing: tuple[str, ...], variables: tuple[str, ...]
) -> None:
    text = refusal({key: value for key, value in LOGGED_IN.items() if key not in missing})
    assert text.startswith(f"{missing[0]}: ")
    assert [variable for variable in variables if variable not in text] == []
    assert "in the environment" in text


def test_a_minimum_above_the_maximum_is_refused() -> None:
    text = refusal({**LOGGED_IN, "min_gears": 4, "max_gears": 3})
    assert "min_gears" in text
    assert "max_gears" in text


def test_a_maximum_of_one_is_valid_without_ha() -> None:
    assert desired_ha_from(validated({**LOGGED_IN, "state": "absent", "max_gears": 1})).max_gears == 1


def test_no_limit_is_above_any_minimum() -> None:
    assert desired_ha_from(validated({**LOGGED_IN, "min_gears": 5, "max_gears": -1})).max_gears == -1


def test_a_key_without_its_certificate_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.touch()
    assert refusal({**LOGGED_IN, "client_key": str(key)}).startswith("client_key: requires client_cert")


@pytest.mark.parametrize(
    ("credentials", "named"),
    [
        ({}, "username"),
        ({"username": "alice"}, "password"),
        ({"password": "secret"}, "username"),
        ({"username": "alice", "password": "secret", "token": "mine"}, "token"),
    ],
    ids=["none", "no password", "no username", "both kinds"],
)
def test_incomplete_credentials_are_refused(credentials: dict[str, str], named: str) -> None:
    assert refusal({**MINE, **credentials}).startswith(f"{named}: ")


def test_both_kinds_in_the_environment_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {**ENVIRON_BASIC, **ENVIRON_TOKEN}
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    assert refusal(MINE, environ).startswith("token: ")


@pytest.mark.parametrize("token", ["s3cr3t\n", "s3 cr3t", "s3crét"])
def test_an_invalid_token_is_refused_and_not_quoted(token: str) -> None:
    text = refusal({**MINE, "token": token})
    assert text.startswith("token: ")
    assert token.strip() not in text


@pytest.mark.parametrize(
    "url",
    [
        "https://alice:s3cr3t@broker.example.com",
        "https://s3cr3t@broker.example.com",
        "https://alice:12/s3cr3t@broker.example.com",
        "https://alice:s3cr3t/@broker.example.com",
        "https://alice:12?s3cr3t@broker.example.com",
    ],
)
def test_credentials_in_the_address_are_refused_and_not_quoted(url: str) -> None:
    text = refusal({**LOGGED_IN, "broker_url": url})
    assert text.startswith("broker_url: ")
    assert "s3cr3t" not in text


# --- Scaling


def scaling(spec: dict[str, Any], **options: Any) -> dict[str, Any]:
    parameters: dict[str, Any] = ArgumentSpecValidator(spec).validate({**MINE, **options}).validated_parameters
    return parameters


def test_valid_scaling_options() -> None:
    assert desired_gears_from(scaling(app_scale_spec(), gears=3)) == DesiredGears(3)
    assert desired_gears_from(scaling(app_scale_spec(), by=-2)) == GearChange(-2)
    params = scaling(cartridge_scale_spec(), cartridge="php-5.4", min_gears=2, max_gears=-1, allow_gear_removal=True)
    assert desired_limits_from(params) == DesiredLimits("php-5.4", 2, -1, True)


@pytest.mark.parametrize("options", [{"gears": 0}, {"gears": -1}, {"gears": 10**9}, {"by": 0}, {"by": -(10**9)}])
def test_invalid_numbers_of_gears_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(OptionError, match=f"^{next(iter(options))}: "):
        desired_gears_from(scaling(app_scale_spec(), **options))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"min_gears": 0}, "min_gears"),
        ({"max_gears": 0}, "max_gears"),
        ({"max_gears": -2}, "max_gears"),
        ({"min_gears": 3, "max_gears": 2}, "min_gears"),
        ({"cartridge": "", "min_gears": 1}, "cartridge"),
        ({"cartridge": "php 5.4", "min_gears": 1}, "cartridge"),
        ({"cartridge": "../events", "min_gears": 1}, "cartridge"),
    ],
)
def test_invalid_limits_are_refused(options: dict[str, Any], named: str) -> None:
    with pytest.raises(OptionError, match=f"^{named}: "):
        desired_limits_from(scaling(cartridge_scale_spec(), **{"cartridge": "php-5.4", **options}))


@pytest.mark.parametrize("name", ["x" * 256, "x" * 10_240, "\u202e" * 10_240, "a/" * 5_000])
def test_the_error_for_a_long_name_is_short(name: str) -> None:
    text = refusal({**LOGGED_IN, "name": name})
    assert text.startswith("name: '")
    assert "is not a valid name" in text
    assert len(text) < 300
