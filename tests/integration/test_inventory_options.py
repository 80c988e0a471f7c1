"""The options of the inventory plugin: credentials, invalid options, and errors of the broker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import OptionError, connection_from
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import connection_spec
from tests import direct
from tests.broker import EmbeddedBroker
from tests.harness import LOGIN, PASSWORD, Platform
from tests.inventory_source import NO_LOGIN, PLUGIN, Source, credentials, seeded_source
from tests.parts import thorough


@pytest.fixture
def source(tmp_path: Path, platform: Platform) -> Source:
    return seeded_source(tmp_path, platform)


# --- Credentials -----------------------------------------------------------------------------------------------------


def test_credentials_from_templates(source: Source) -> None:
    options = {
        "broker_url": "{{ lookup('ansible.builtin.env', 'MY_URL') }}/broker/rest/",
        "username": "{{ who }}",
        "password": "{{ lookup('ansible.builtin.env', 'MY_PASSWORD') }}",
        "validate_certs": "{{ true }}",
        "select": {"domains": "{{ my_domains }}"},
        "token": "{{ lookup('ansible.builtin.env', 'NOT_SET') }}",
    }
    env = {**NO_LOGIN, "OPENSHIFT_BROKER_URL": None, "MY_URL": source.url, "MY_PASSWORD": PASSWORD}
    extra = json.dumps({"who": LOGIN, "my_domains": ["bobs"]})
    listed = source.list("-e", extra, env=env, **options)
    assert sorted(listed.hosts) == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert listed.hosts["api-bobs.example.com"]["openshift_broker_url"] == source.url
    assert "__ansible_unsafe" not in listed.stdout
    assert PASSWORD not in listed.stdout + listed.stderr


ODD_PASSWORDS = ["[1, 2]", '"quoted"', "{'a': 1}", "True", "a{{b", "007", "ä ü", "#jinja2:x"]


def test_passwords_stay_as_they_are(source: Source, platform: Platform) -> None:
    """Each belongs to an account of its own. None of them turns into a list, a number or a template."""
    files: list[dict[str, str]] = []
    env: dict[str, str | None] = {}
    for number, password in enumerate(ODD_PASSWORDS):
        login = f"user{number}"
        platform.broker.set_users({"login": login, "password": password})
        platform.broker.seed(
            {
                "domains": [{"name": login, "owner": login}],
                "applications": [{"domain": login, "name": "app", "cartridges": ["php-5.4"]}],
            }
        )
        env[f"PASSWORD_{number}"] = password
        lookup = f"{{{{ lookup('ansible.builtin.env', 'PASSWORD_{number}') }}}}"
        files.append({"username": login, "password": lookup})
    directory = source.files(*files)
    listed = source.run("ansible-inventory", "-i", directory, "--list", "--export", env={**NO_LOGIN, **env})
    expected = [f"app-user{number}.example.com" for number in range(len(ODD_PASSWORDS))]
    assert sorted(listed.hosts) == expected, listed.stderr
    assert len(source.list(env=credentials("user4", "a{{b")).hosts) == 1


def test_vaulted_password(source: Source) -> None:
    key = source.directory / "key"
    key.write_text("vault", encoding="utf-8")
    encrypt = ("encrypt_string", "--vault-password-file", key, PASSWORD, "--name", "password")
    vaulted = source.run("ansible-vault", *encrypt)
    file = source.file(vaulted.stdout, username=LOGIN)
    arguments = ("--vault-password-file", key, "--list", "--export")
    listed = source.run("ansible-inventory", "-i", file, *arguments, env=NO_LOGIN)
    assert len(listed.hosts) == 4
    assert PASSWORD not in listed.stdout + listed.stderr


def test_empty_environment_variables_count_as_not_set(tmp_path: Path) -> None:
    """AWX passes empty fields like this. An empty one must not disable the verification of certificates."""
    with EmbeddedBroker(tls=True) as broker:
        broker.set_users({"login": LOGIN, "password": PASSWORD})
        source = Source(tmp_path, broker.url, {**credentials(), "OPENSHIFT_BROKER_VALIDATE_CERTS": ""})
        verifying = source.list(env={"OPENSHIFT_BROKER_TOKEN": ""})
        trusting = source.list(env={"OPENSHIFT_BROKER_VALIDATE_CERTS": "no"})
    assert verifying.rc != 0
    assert verifying.warns("certificate is not trusted")
    assert trusting.rc == 0, trusting.stderr


def test_no_output_has_credentials(source: Source) -> None:
    token = "0123456789abcdef" * 4
    by_token, wrong = {"token": token}, {"username": LOGIN, "password": "wrong-but-secret"}
    answers = [
        source.run("ansible-inventory", "-i", source.file(), "--list", "-vvvv", as_program=True),
        source.list("-vvvv", env=NO_LOGIN, **by_token),
        source.list("-vvvv", env=NO_LOGIN, **wrong),
    ]
    assert [answer.rc == 0 for answer in answers] == [True, False, False]
    for answer in answers:
        for secret in (PASSWORD, token, "wrong-but-secret"):
            assert secret not in answer.stdout + answer.stderr


# --- Invalid options -------------------------------------------------------------------------------------------------


def refusal(**options: Any) -> str:
    """The message of the modules for these connection options."""
    login = {} if "token" in options else {"username": "me", "password": "x"}
    given = {"broker_url": "https://broker.example.com", **login, **options}
    validation = ArgumentSpecValidator(connection_spec()).validate({k: v for k, v in given.items() if v is not None})
    with pytest.raises(OptionError) as error:
        connection_from(validation.validated_parameters, {})
    return str(error.value)


BOTH = {"token": "pass-word", "username": "me", "password": "pass-word"}
WITH_PASSWORD = {"broker_url": "https://me:pass-word@broker.example.com"}
TEMPLATE_FAILS = "the template cannot be evaluated"
INVALID_OPTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"http_timeout": "soon"}, ["http_timeout: must be a number, not"]),
    ({"operation_timeout": 0}, ["operation_timeout: ", refusal(operation_timeout=0)]),
    ({"owner_gears": "perhaps"}, ["'owner_gears'", "bool"]),
    ({"select": {"domain": ["acme"]}}, ["Unknown option: select.domain", "domains"]),
    ({"onwed_only": True}, ["onwed_only: unknown option"]),
    (WITH_PASSWORD, ["broker_url: ", refusal(**WITH_PASSWORD)]),
    ({"ca_path": "/no/such/file"}, ["ca_path: /no/such/file", refusal(ca_path="/no/such/file")]),
    ({"username": "{{ nobody }}"}, [f"username: {TEMPLATE_FAILS}: ", "nobody"]),
    ({"password": "pass-word{{"}, [f"password: {TEMPLATE_FAILS}. If the value is not a template, put !unsafe before"]),
    (BOTH, ["token: ", refusal(**BOTH)]),
]


def test_invalid_options(source: Source) -> None:
    """Each in a file of its own. Every message names the option, and none has secrets."""
    files = source.files(*(options for options, _words in INVALID_OPTIONS))
    listed = source.run("ansible-inventory", "-i", files, "--list", env={"ANSIBLE_INVENTORY_UNPARSED_FAILED": "false"})
    assert [words for _options, texts in INVALID_OPTIONS for words in texts if not listed.warns(words)] == []
    assert "pass-word" not in listed.stderr
    assert "Traceback" not in listed.stderr


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"OPENSHIFT_BROKER_URL": None}, refusal(broker_url=None)),
        thorough({"OPENSHIFT_BROKER_URL": ""}, refusal(broker_url=None)),
        thorough({"OPENSHIFT_BROKER_VALIDATE_CERTS": "perhaps"}, "'validate_certs'"),
        thorough(NO_LOGIN, refusal(username=None, password=None)),
    ],
    ids=str,
)
def test_invalid_environments(source: Source, env: dict[str, str | None], message: str) -> None:
    """If only this plugin is enabled, only its message is printed."""
    listed = source.list(env={**env, "ANSIBLE_INVENTORY_ENABLED": PLUGIN})
    assert listed.rc != 0
    assert listed.warns(message)
    assert "'ini' plugin" not in listed.stderr
    assert "Traceback" not in listed.stderr


# --- Errors of the broker --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "faults", "env", "reason"),
    [
        ({}, [], credentials(LOGIN, "pass-word"), "HTTP Basic: Access denied (HTTP 401), at http://127.0.0.1:"),
        thorough({}, [], credentials("nobody", "pass-word"), " as nobody"),
        thorough({"maintenance": "Back at noon."}, [], {}, "Back at noon (HTTP 503)"),
        thorough({}, [{"do": "html"}], {}, "JSON"),
        ({}, [], {"OPENSHIFT_BROKER_URL": "http://127.0.0.1:9"}, "Connection refused"),
    ],
    ids=["unauthorized", "account", "maintenance", "html", "unreachable"],
)
def test_errors_of_the_broker(
    source: Source,
    platform: Platform,
    settings: dict[str, Any],
    faults: list[dict[str, Any]],
    env: dict[str, str],
    reason: str,
) -> None:
    """The same message as that of the module that reads all applications."""
    platform.broker.settings(**settings)
    platform.broker.faults(*faults)
    listed = source.list(env=env)
    assert listed.rc != 0
    assert listed.warns(reason)
    with direct.environment({"OPENSHIFT_BROKER_URL": source.url, **source.environment, **env}):
        module = direct.run_task({"openshift_v2.apps.openshift_apps_ha": {"select": {}}, "check_mode": True})
    assert module.result["msg"].startswith("The applications could not be read: ")
    assert listed.warns(module.result["msg"])
    assert "pass-word" not in listed.stderr
    assert "Traceback" not in listed.stderr
