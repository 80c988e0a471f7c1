"""The inventory plugin, through ansible-inventory and through plays that use its hosts."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import ENVIRONMENT, connection_spec
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import TEMPLATE_MARKS
from tests.broker import EmbeddedBroker
from tests.harness import LOGIN, PASSWORD, Ansible, Platform

PLUGIN = "openshift_v2.apps.openshift_apps"
PROGRAMS = Path(sys.executable).parent
BEARS_NO_LOGIN = {"OPENSHIFT_BROKER_USERNAME": None, "OPENSHIFT_BROKER_PASSWORD": None}
ALL_APPLICATIONS = "/broker/rest/applications"


@dataclass(frozen=True)
class Answer:
    """What a program of Ansible's printed."""

    rc: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """The inventory, in the shape of ``ansible-inventory --list``."""
        assert self.rc == 0, self.stderr
        document: dict[str, Any] = json.loads(self.stdout)
        return document

    @property
    def hosts(self) -> dict[str, dict[str, Any]]:
        hosts: dict[str, dict[str, Any]] = self.document["_meta"]["hostvars"]
        return hosts

    def says(self, words: str) -> bool:
        """Whether the words are in what was told: older ansible-cores break its lines anywhere."""
        return "".join(words.split()) in "".join(self.stderr.split())

    def members(self, group: str) -> list[str]:
        return sorted(self.document.get(group, {}).get("hosts", []))


@dataclass(frozen=True)
class Source:
    """An inventory file, and Ansible run with it; the credentials are in the environment."""

    directory: Path
    url: str
    environment: Mapping[str, str | None] = field(default_factory=dict)

    def file(self, text: str = "", **options: Any) -> Path:
        """The file with these options, and ``text`` behind them."""
        path = self.directory / "openshift_apps.yml"
        path.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}) + text, encoding="utf-8")
        return path

    def list(self, *arguments: str, env: Mapping[str, str | None] | None = None, **options: Any) -> Answer:
        return self.run("ansible-inventory", "-i", self.file(**options), "--list", "--export", *arguments, env=env)

    def run(self, program: str, *arguments: str | Path, env: Mapping[str, str | None] | None = None) -> Answer:
        settings = self.directory / "ansible.cfg"
        settings.touch()
        wished: dict[str, str | None] = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "OPENSHIFT_"))},
            "ANSIBLE_CONFIG": str(settings),
            "ANSIBLE_HOME": str(self.directory / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.directory / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
            "COLUMNS": "1000",
            "OPENSHIFT_BROKER_URL": self.url,
            **self.environment,
            **(env or {}),
        }
        done = subprocess.run(
            [PROGRAMS / program, *arguments],
            env={key: value for key, value in wished.items() if value is not None},
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


def credentials(login: str = LOGIN, password: str = PASSWORD) -> dict[str, str]:
    return {"OPENSHIFT_BROKER_USERNAME": login, "OPENSHIFT_BROKER_PASSWORD": password}


@pytest.fixture
def source(tmp_path: Path, platform: Platform) -> Source:
    """The broker with an application of each status, two of them not the account's own."""
    platform.broker.seed(
        {
            "users": [{"login": "bob@example.com", "max_gears": 7, "ha": True}],
            "domains": [{"name": "bobs", "owner": "bob@example.com", "members": [{"login": LOGIN, "role": "edit"}]}],
            "applications": [
                {"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "gears": 2, "haproxy": 1, "ha": True},
                {"domain": "acme", "name": "wiki", "cartridges": ["php-5.4"], "scalable": False},
                {"domain": "bobs", "name": "api", "cartridges": ["php-5.4"], "gears": 3},
                {"domain": "bobs", "name": "shop", "cartridges": ["php-5.4"], "gears": 2, "ha": True},
            ],
        }
    )
    return Source(tmp_path, platform.url, credentials())


def asked(platform: Platform) -> list[str]:
    """The paths of the requests since the last time."""
    paths = [request["path"].partition("?")[0] for request in platform.broker.requests()]
    platform.broker.clear_requests()
    return paths


# --- Hosts, variables, groups ----------------------------------------------------------------------------------------


def test_applications_are_hosts(source: Source, platform: Platform) -> None:
    platform.broker.clear_requests()
    seen = source.list()
    assert asked(platform) == [ALL_APPLICATIONS]
    assert sorted(seen.hosts) == [
        "api-bobs.example.com",
        "shop-acme.example.com",
        "shop-bobs.example.com",
        "wiki-acme.example.com",
    ]
    shop = seen.hosts["shop-acme.example.com"]
    assert isinstance(shop["openshift_application"].pop("id"), str)
    assert shop == {
        "ansible_connection": "local",
        "openshift_domain": "acme",
        "openshift_app": "shop",
        "openshift_ha_status": "degraded",
        "openshift_broker_url": platform.url,
        "openshift_application": {
            "name": "shop",
            "domain": "acme",
            "owner": LOGIN,
            "ha": True,
            "ha_status": "degraded",
            "haproxy_count": 1,
            "gear_count": 2,
            "web_gears": 2,
            "min_gears": 2,
            "max_gears": -1,
            "url": "http://shop-acme.example.com/",
        },
    }
    assert seen.members("openshift_ha_highly_available") == ["shop-bobs.example.com"]
    assert seen.members("openshift_ha_degraded") == ["shop-acme.example.com"]
    assert seen.members("openshift_ha_standalone") == ["api-bobs.example.com"]
    assert seen.members("openshift_ha_not_scalable") == ["wiki-acme.example.com"]
    assert seen.members("openshift_domain_bobs") == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert seen.members("openshift_owner_bob_example_com") == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert seen.members(f"openshift_owner_{LOGIN}") == ["shop-acme.example.com", "wiki-acme.example.com"]
    assert not seen.stderr


def test_a_thousand_applications_are_one_request(source: Source, platform: Platform) -> None:
    platform.broker.set_users({"login": LOGIN, "max_gears": 5000})
    apps = [{"domain": "acme", "name": f"app{number}", "cartridges": ["php-5.4"]} for number in range(1000)]
    platform.broker.seed({"applications": apps})
    platform.broker.clear_requests()
    seen = source.list()
    assert len(seen.hosts) == 1004
    assert asked(platform) == [ALL_APPLICATIONS]


def test_room_of_the_owners_is_one_request_more(source: Source, platform: Platform) -> None:
    platform.broker.clear_requests()
    seen = source.list(owner_gears=True)
    assert asked(platform) == [ALL_APPLICATIONS, "/broker/rest/domains"]
    rooms = {name: host["openshift_owner_gears_available"] for name, host in seen.hosts.items()}
    assert rooms == {
        "api-bobs.example.com": 2,
        "shop-acme.example.com": 97,
        "shop-bobs.example.com": 2,
        "wiki-acme.example.com": 97,
    }


@pytest.mark.parametrize(
    ("select", "taken"),
    [
        ({"domains": ["ACME"]}, ["shop-acme", "wiki-acme"]),
        ({"names": ["s*"]}, ["shop-acme", "shop-bobs"]),
        ({"names": ["bobs/*"], "exclude": ["*/shop"]}, ["api-bobs"]),
        ({"owned_only": True, "scalable_only": True}, ["shop-acme"]),
        ({"domains": ["nowhere"]}, []),
        ({}, ["api-bobs", "shop-acme", "shop-bobs", "wiki-acme"]),
    ],
    ids=str,
)
def test_a_selection(source: Source, select: dict[str, Any], taken: list[str]) -> None:
    seen = source.list(select=select)
    assert sorted(seen.document["_meta"].get("hostvars", {})) == [f"{name}.example.com" for name in taken]


def test_a_selection_that_fits_nothing_is_told(source: Source) -> None:
    some = source.list(select={"domains": ["acme", "nowhere"], "names": ["*", "shpo"]})
    assert some.says("select: no accessible application matches nowhere, shpo. Check the spelling")
    assert not some.says("No application")
    assert source.list(select={"names": ["x*"]}).says("No application that the account can reach fits select.")
    assert not source.list(select={"domains": ["acme"]}).says("select")


def test_an_account_that_reaches_nothing_is_told(tmp_path: Path, platform: Platform) -> None:
    platform.broker.seed({"users": [{"login": "nobody", "password": PASSWORD}]})
    seen = Source(tmp_path, platform.url, credentials("nobody")).list()
    assert seen.says("There is no application that the account can reach.")


def test_an_account_whose_applications_cannot_be_read_is_not_told_of_select(tmp_path: Path) -> None:
    with FakeBroker({"/applications": [{**application(name="odd"), "gear_count": "many"}]}) as broker:
        seen = Source(tmp_path, broker.url, credentials()).list()
    assert seen.says("1 of the applications cannot be read")
    assert not seen.says("select")


def test_an_application_that_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    shown = [application(), {**application(name="odd"), "gear_count": "many"}]
    with FakeBroker({"/applications": shown}) as broker:
        seen = Source(tmp_path, broker.url, credentials()).list()
    assert list(seen.hosts) == ["shop-acme.example.com"]
    assert seen.says("1 of the applications cannot be read and are left out. The first one is 'acme/odd'")
    assert seen.says("gear_count")


def test_logins_that_look_alike_have_groups_of_their_own(source: Source, platform: Platform) -> None:
    platform.broker.seed(
        {
            "users": [{"login": "bob.example.com"}],
            "domains": [{"name": "other", "owner": "bob.example.com", "members": [{"login": LOGIN, "role": "view"}]}],
            "applications": [{"domain": "other", "name": "x", "cartridges": ["php-5.4"]}],
        }
    )
    seen = source.list()
    assert seen.members("openshift_owner_bob_example_com") == []
    owners = {name: hosts["hosts"] for name, hosts in seen.document.items() if name.startswith("openshift_owner_bob")}
    assert sorted(owners.values()) == [["api-bobs.example.com", "shop-bobs.example.com"], ["x-other.example.com"]]
    assert seen.says("'bob@example.com' has openshift_owner_bob_example_com_")


def test_several_brokers_through_several_files(source: Source) -> None:
    fleet = {
        "users": [{"login": "bob.example.com", "password": "other"}],
        "domains": [{"name": "acme", "owner": "bob.example.com"}],
        "applications": [{"domain": "acme", "name": "mail", "cartridges": ["php-5.4"]}],
    }
    source.file()
    with EmbeddedBroker(fleet=fleet) as broker:
        other = {"broker_url": broker.url, "username": "bob.example.com", "password": "other"}
        file = source.directory / "other.openshift_apps.yaml"
        file.write_text(yaml.safe_dump({"plugin": PLUGIN, **other}), encoding="utf-8")
        both = ("-i", source.directory / "openshift_apps.yml", "-i", file)
        seen = source.run("ansible-inventory", *both, "--list", "--export")
        url = broker.url
    urls = {name: host["openshift_broker_url"] for name, host in seen.hosts.items()}
    assert len(urls) == 5
    assert urls["mail-acme.example.com"] == url
    assert urls["shop-acme.example.com"] == source.url
    assert seen.members("openshift_domain_acme") == [
        "mail-acme.example.com",
        "shop-acme.example.com",
        "wiki-acme.example.com",
    ]
    assert seen.members("openshift_owner_bob_example_com") == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert seen.says("'bob.example.com' has openshift_owner_bob_example_com_")


# --- Constructed -----------------------------------------------------------------------------------------------------


def test_constructed(source: Source) -> None:
    seen = source.list(
        compose={
            "gears": "openshift_application.gear_count",
            "label": "openshift_domain ~ '/' ~ openshift_app",
            "nested": "{'of': [openshift_application.owner]}",
            "broken": "nothing_of_the_kind.at_all",
        },
        groups={"small": "gears | int < 3", "shops": "openshift_app == 'shop'"},
        keyed_groups=[{"key": "openshift_application.gear_count | string", "prefix": "gears", "parent_group": "sized"}],
    )
    api = seen.hosts["api-bobs.example.com"]
    assert (int(api["gears"]), api["label"], api["nested"]) == (3, "bobs/api", {"of": ["bob@example.com"]})
    assert "broken" not in api
    assert seen.members("shops") == ["shop-acme.example.com", "shop-bobs.example.com"]
    assert seen.members("small") == ["shop-acme.example.com", "shop-bobs.example.com", "wiki-acme.example.com"]
    assert seen.members("gears_3") == ["api-bobs.example.com"]
    assert sorted(seen.document["sized"]["children"]) == ["gears_1", "gears_2", "gears_3"]
    assert "__ansible_unsafe" not in seen.stdout


def test_constructed_strictly(source: Source) -> None:
    seen = source.list(strict=True, compose={"broken": "nothing_of_the_kind.at_all"})
    assert seen.rc != 0
    assert seen.says("Could not set broken for host shop-acme.example.com")


# --- Cache -----------------------------------------------------------------------------------------------------------


def test_the_cache(source: Source, platform: Platform, tmp_path: Path) -> None:
    store = tmp_path / "cache"
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(store)}
    options = {**cache, "owner_gears": True, "compose": {"label": "openshift_app ~ '!'"}}
    first = source.list(**options)
    platform.broker.clear_requests()

    second = source.list(**options)
    assert asked(platform) == []
    assert second.document == first.document
    assert second.hosts["api-bobs.example.com"]["label"] == "api!"

    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False}]), encoding="utf-8")
    flushed = source.run("ansible-playbook", "-i", source.file(**options), playbook, "--flush-cache")
    assert flushed.rc == 0, flushed.stderr
    assert len(asked(platform)) == 2

    narrower = source.list(**options, select={"domains": ["bobs"]})
    assert len(asked(platform)) == 2
    assert sorted(narrower.hosts) == ["api-bobs.example.com", "shop-bobs.example.com"]

    platform.broker.set_users({"login": "carol", "password": "hers"})
    hers = source.list(**options, env=credentials("carol", "hers"))
    assert len(asked(platform)) == 2
    assert hers.document["_meta"].get("hostvars", {}) == {}

    files = sorted(store.iterdir())
    assert len(files) == 3
    secrets = {PASSWORD, "hers", *(base64.b64encode(pair).decode() for pair in (f"{LOGIN}:{PASSWORD}".encode(),))}
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not [secret for secret in secrets if secret in text]


def test_without_a_cache_every_run_asks(source: Source, platform: Platform) -> None:
    source.list()
    platform.broker.clear_requests()
    source.list()
    assert asked(platform) == [ALL_APPLICATIONS]


# --- Credentials -----------------------------------------------------------------------------------------------------


def test_credentials_from_templates(source: Source) -> None:
    options = {
        "broker_url": "{{ lookup('ansible.builtin.env', 'MY_URL') }}/broker/rest/",
        "username": "{{ who }}",
        "password": "{{ lookup('ansible.builtin.env', 'MY_PASSWORD') }}",
        "validate_certs": "{{ true }}",
        "select": {"domains": "{{ wished }}"},
        "token": "{{ lookup('ansible.builtin.env', 'NOT_SET') }}",
    }
    env = {**BEARS_NO_LOGIN, "OPENSHIFT_BROKER_URL": None, "MY_URL": source.url, "MY_PASSWORD": PASSWORD}
    extra = json.dumps({"who": LOGIN, "wished": ["bobs"]})
    seen = source.list("-e", extra, env=env, **options)
    assert sorted(seen.hosts) == ["api-bobs.example.com", "shop-bobs.example.com"]
    assert seen.hosts["api-bobs.example.com"]["openshift_broker_url"] == source.url
    assert "__ansible_unsafe" not in seen.stdout
    assert PASSWORD not in seen.stdout + seen.stderr


ODD_PASSWORDS = ["[1, 2]", '"quoted"', "{'a': 1}", "True", "a{{b", "007", "ä ü", "#jinja2:x"]


def test_passwords_are_taken_as_they_are(source: Source, platform: Platform) -> None:
    """Each is that of an account of its own, and none is taken for a list, a number or a template."""
    files = source.directory / "files"
    files.mkdir()
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
        options = {"username": login, "password": f"{{{{ lookup('ansible.builtin.env', 'PASSWORD_{number}') }}}}"}
        file = files / f"{number}.openshift_apps.yml"
        file.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}), encoding="utf-8")
    seen = source.run("ansible-inventory", "-i", files, "--list", "--export", env={**BEARS_NO_LOGIN, **env})
    assert sorted(seen.hosts) == [f"app-user{number}.example.com" for number in range(len(ODD_PASSWORDS))], seen.stderr
    assert len(source.list(env=credentials("user4", "a{{b")).hosts) == 1


def test_a_vaulted_password(source: Source) -> None:
    key = source.directory / "key"
    key.write_text("vault", encoding="utf-8")
    vaulted = source.run(
        "ansible-vault", "encrypt_string", "--vault-password-file", key, PASSWORD, "--name", "password"
    )
    file = source.file(vaulted.stdout, username=LOGIN)
    arguments = ("--vault-password-file", key, "--list", "--export")
    seen = source.run("ansible-inventory", "-i", file, *arguments, env=BEARS_NO_LOGIN)
    assert len(seen.hosts) == 4
    assert PASSWORD not in seen.stdout + seen.stderr


def test_empty_environment_variables_count_as_none(tmp_path: Path) -> None:
    """As AWX hands over empty fields: an empty one must not switch off the check of certificates."""
    with EmbeddedBroker(tls=True) as broker:
        broker.set_users({"login": LOGIN, "password": PASSWORD})
        source = Source(tmp_path, broker.url, {**credentials(), "OPENSHIFT_BROKER_VALIDATE_CERTS": ""})
        seen = source.list(env={"OPENSHIFT_BROKER_TOKEN": ""})
        trusting = source.list(env={"OPENSHIFT_BROKER_VALIDATE_CERTS": "no"})
    assert seen.rc != 0
    assert seen.says("certificate is not trusted")
    assert trusting.rc == 0, trusting.stderr


def test_credentials_are_nowhere_to_be_seen(source: Source) -> None:
    token = "0123456789abcdef" * 4
    seen = [
        source.list("-vvvv"),
        source.list("-vvvv", token=token, env=BEARS_NO_LOGIN),
        source.list("-vvvv", username=LOGIN, password="wrong-but-secret", env=BEARS_NO_LOGIN),
    ]
    assert [answer.rc == 0 for answer in seen] == [True, False, False]
    for answer in seen:
        for secret in (PASSWORD, token, "wrong-but-secret"):
            assert secret not in answer.stdout + answer.stderr


# --- Errors ----------------------------------------------------------------------------------------------------------


BAD_OPTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"http_timeout": "soon"}, ["'http_timeout'", "float"]),
    ({"operation_timeout": 0}, ["operation_timeout: must be a number of seconds"]),
    ({"owner_gears": "perhaps"}, ["'owner_gears'", "bool"]),
    ({"select": {"domain": ["acme"]}}, ["There is no such option: select.domain", "domains"]),
    ({"onwed_only": True}, ["onwed_only: there is no such option"]),
    ({"broker_url": "https://me:pass-word@broker.example.com"}, ["broker_url: must not hold credentials"]),
    ({"ca_path": "/no/such/file"}, ["ca_path: /no/such/file does not exist"]),
    ({"username": "{{ nobody }}"}, ["username: the template cannot be evaluated", "nobody"]),
    ({"password": "pass-word{{"}, ["password: the template cannot be evaluated: a value that is none needs !unsafe"]),
    ({"token": "pass-word", "username": "me", "password": "pass-word"}, ["token: cannot be combined"]),
]


def test_bad_options(source: Source) -> None:
    """Each in a file of its own; all of them are told, by name and without secrets."""
    files = source.directory / "files"
    files.mkdir()
    for number, (options, _told) in enumerate(BAD_OPTIONS):
        file = files / f"{number}.openshift_apps.yml"
        file.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}), encoding="utf-8")
    seen = source.run("ansible-inventory", "-i", files, "--list", env={"ANSIBLE_INVENTORY_UNPARSED_FAILED": "false"})
    assert [words for _options, told in BAD_OPTIONS for words in told if not seen.says(words)] == []
    assert "pass-word" not in seen.stderr
    assert "Traceback" not in seen.stderr


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"OPENSHIFT_BROKER_URL": None}, "broker_url: is missing: set the option, or OPENSHIFT_BROKER_URL in the env"),
        ({"OPENSHIFT_BROKER_URL": ""}, "broker_url: is missing: set the option, or OPENSHIFT_BROKER_URL in the env"),
        ({"OPENSHIFT_BROKER_VALIDATE_CERTS": "perhaps"}, "'validate_certs'"),
        (BEARS_NO_LOGIN, "username: credentials are missing"),
    ],
    ids=str,
)
def test_bad_environments(source: Source, env: dict[str, str | None], told: str) -> None:
    """With this plugin alone enabled, nothing but its own message is told."""
    seen = source.list(env={**env, "ANSIBLE_INVENTORY_ENABLED": PLUGIN})
    assert seen.rc != 0
    assert seen.says(told)
    assert "'ini' plugin" not in seen.stderr
    assert "Traceback" not in seen.stderr


@pytest.mark.parametrize(
    ("settings", "faults", "env", "told"),
    [
        ({}, [], credentials(LOGIN, "pass-word"), "HTTP Basic: Access denied (HTTP 401), at http://127.0.0.1:"),
        ({}, [], credentials("nobody", "pass-word"), " as nobody. Nothing was changed. Check username and password"),
        ({"maintenance": "Back at noon."}, [], {}, "Back at noon (HTTP 503)"),
        ({}, [{"do": "html"}], {}, "the answer is not the broker's JSON"),
        ({}, [], {"OPENSHIFT_BROKER_URL": "http://127.0.0.1:9"}, "cannot connect to the broker: Connection refused"),
    ],
    ids=["unauthorized", "account", "maintenance", "html", "unreachable"],
)
def test_errors_of_the_broker(
    source: Source,
    platform: Platform,
    settings: dict[str, Any],
    faults: list[dict[str, Any]],
    env: dict[str, str | None],
    told: str,
) -> None:
    platform.broker.settings(**settings)
    platform.broker.faults(*faults)
    seen = source.list(env=env)
    assert seen.rc != 0
    assert seen.says("The applications: could not be read: ")
    assert seen.says(told)
    assert "pass-word" not in seen.stderr
    assert "Traceback" not in seen.stderr


def test_only_files_of_the_right_name_are_taken(source: Source) -> None:
    text = source.file().read_text(encoding="utf-8")
    for name, taken in (("my.openshift_apps.yaml", True), ("openshift.yml", False)):
        file = source.directory / name
        file.write_text(text, encoding="utf-8")
        assert (source.run("ansible-inventory", "-i", file, "--list").rc == 0) == taken


# --- What the broker says is never evaluated -------------------------------------------------------------------------


class FakeBroker:
    """Answers each path (``/applications``) with the data that it is given, whatever a real broker would accept."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        envelope = {"status": "ok", "type": "x", "messages": [], "version": "1.7", "api_version": 1.7}
        bodies = {path: json.dumps({**envelope, "data": shown}).encode() for path, shown in data.items()}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = bodies.get(self.path.partition("?")[0].removeprefix("/broker/rest"), b"")
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FakeBroker:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def application(owner: str = LOGIN, **changes: Any) -> dict[str, Any]:
    """An application as the broker shows it."""
    name, domain = changes.get("name", "shop"), changes.get("domain_id", "acme")
    web = {"name": "php-5.4", "tags": ["web_framework"], "current_scale": 1, "scales_from": 1, "scales_to": -1}
    return {
        "id": "6b02f61a686c820dac000076",
        "name": name,
        "domain_id": domain,
        "app_url": f"http://{name}-{domain}.example.com/",
        "ha": False,
        "scalable": True,
        "gear_count": 1,
        "framework": "php-5.4",
        "members": [{"login": owner, "role": "admin", "owner": True, "type": "user"}],
        "cartridges": [web],
        **changes,
    }


COMMAND = "lookup('ansible.builtin.pipe', 'touch \"$MARK\"')"
HOSTILE = {
    "expression": f"{{{{ {COMMAND} }}}}",
    "statement": f"{{% set x = {COMMAND} %}}",
    "comment": f"{{# #}}{{{{{COMMAND}}}}}",
    "header": f"#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ {COMMAND} ]]",
}
USES = [
    {"ansible.builtin.debug": {"var": "hostvars[inventory_hostname]"}},
    {"ansible.builtin.debug": {"msg": "{{ hostvars[inventory_hostname] }} {{ group_names }} {{ groups }}"}},
    {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} {{ openshift_domain }} {{ openshift_app | upper }}"}},
    {"ansible.builtin.debug": {"msg": "{{ openshift_application.url ~ openshift_application['owner'] }} {{ copied }}"}},
    {"ansible.builtin.debug": {"msg": "{{ openshift_application | to_json }} {{ joined }} {{ inside }}"}},
    {"ansible.builtin.debug": {"msg": "{{ openshift_application.values() | list }}"}},
    {
        "ansible.builtin.debug": {"msg": "{{ item.key }} {{ item.value }}"},
        "loop": "{{ openshift_application | dict2items }}",
    },
    {"ansible.builtin.set_fact": {"kept": "{{ openshift_application }}"}},
    {"ansible.builtin.debug": {"msg": "{{ kept }} {{ kept.owner }}"}},
    {"ansible.builtin.debug": {"msg": "seen"}, "when": "openshift_application.owner != 'x' and openshift_app != 'x'"},
    {
        f"{PLUGIN.rpartition('.')[0]}.openshift_app_ha": {
            "domain": "{{ openshift_domain }}",
            "name": "{{ openshift_app }}",
        }
    },
]


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "evaluated"


@pytest.fixture
def hostile(tmp_path: Path, mark: Path) -> Iterator[Source]:
    """A broker that puts what looks like a template into every text."""
    shown = []
    for text in HOSTILE.values():
        shown += [
            application(owner=text, app_url=f"http://{text}/", id=text),
            application(owner=LOGIN, name=text, app_url=""),
            application(owner=f"x{text}", domain_id=text, app_url=text),
        ]
    domains = [{"name": app["domain_id"], "available_gears": 1, "members": app["members"]} for app in shown]
    with FakeBroker({"/applications": shown, "/domains": domains}) as broker:
        yield Source(tmp_path, broker.url, {**credentials(), "MARK": str(mark)})


def constructed(tmp_path: Path) -> dict[str, Any]:
    """All that builds something from what the broker says."""
    return {
        "compose": {
            "copied": "openshift_application.url",
            "joined": "'x' ~ openshift_application.owner ~ (openshift_app | upper)",
            "inside": "{'a': [openshift_application.owner, openshift_application], 'b': openshift_domain}",
        },
        "groups": {"owned": "openshift_application.owner != 'x'"},
        "keyed_groups": [
            {"key": "openshift_application.owner", "prefix": "by"},
            {"key": "copied", "separator": ""},
            {"key": "[openshift_app, openshift_domain]", "parent_group": "parents"},
        ],
        "owner_gears": True,
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }


def test_templates_of_the_broker_are_never_evaluated(hostile: Source, mark: Path, tmp_path: Path) -> None:
    file = hostile.file(**constructed(tmp_path))
    fresh = hostile.run("ansible-inventory", "-i", file, "--list", "--export")
    cached = hostile.run("ansible-inventory", "-i", file, "--list", "--export")
    assert cached.document == fresh.document
    assert len(fresh.hosts) == 3 * len(HOSTILE)
    for arguments in (("--list",), ("--list", "--yaml", "--export"), ("--graph", "--vars"), ("--host", "shop-acme")):
        assert hostile.run("ansible-inventory", "-i", file, *arguments).rc == 0
    play = [{"hosts": "all", "gather_facts": False, "ignore_errors": True, "tasks": USES}]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump(play, sort_keys=False), encoding="utf-8")
    run = hostile.run("ansible-playbook", "-i", file, playbook, "-vv")
    assert run.stdout.count("TASK [") == len(USES), run.stdout + run.stderr
    assert not mark.exists()
    names = [name for name in fresh.document if name != "_meta"] + list(fresh.hosts)
    assert not [name for name in names if any(sign in name for sign in TEMPLATE_MARKS)]
    for host in fresh.hosts.values():
        assert no_template_is_plain(host)


def no_template_is_plain(value: Any) -> bool:
    """Whether in an export just the strings that hold marks of templates are told as unsafe."""
    if isinstance(value, dict) and "__ansible_unsafe" in value:
        return any(sign in value["__ansible_unsafe"] for sign in TEMPLATE_MARKS)
    if isinstance(value, dict):
        return all(no_template_is_plain(item) for item in value.values())
    if isinstance(value, list):
        return all(no_template_is_plain(item) for item in value)
    return not (isinstance(value, str) and any(sign in value for sign in TEMPLATE_MARKS))


@pytest.mark.parametrize("kind", ["expression", "statement", "header"])
def test_the_same_text_in_a_file_of_the_users_own_is_evaluated(
    source: Source, mark: Path, tmp_path: Path, kind: str
) -> None:
    """What the test above would see, were it so."""
    play = [{"hosts": "localhost", "gather_facts": False, "vars": {"mine": HOSTILE[kind]}, "tasks": [USES_MINE]}]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(yaml.safe_dump(play), encoding="utf-8")
    assert source.run("ansible-playbook", "-i", "localhost,", playbook, env={"MARK": str(mark)}).rc == 0
    assert mark.exists()


USES_MINE = {"ansible.builtin.debug": {"msg": "{{ mine }}"}}


# --- Plays -----------------------------------------------------------------------------------------------------------


def test_a_play_repairs_what_the_inventory_shows(source: Source, platform: Platform, ansible: Ansible) -> None:
    task = {
        "openshift_v2.apps.openshift_app_ha": {
            "broker_url": "{{ openshift_broker_url }}",
            "domain": "{{ openshift_domain }}",
            "name": "{{ openshift_app }}",
        }
    }
    play = {"hosts": "openshift_ha_standalone:openshift_ha_degraded", "gather_facts": False, "tasks": [task]}
    again = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.meta": "refresh_inventory"}]}
    file = source.file()
    run = ansible.playbook([play, again, play], "-i", str(file), env={"OPENSHIFT_BROKER_URL": source.url})
    assert run.rc == 0, run.output
    tasks = run.of("openshift_app_ha")
    assert sorted(task.host for task in tasks) == ["api-bobs.example.com", "shop-acme.example.com"]
    assert all(task.result["application"]["ha_status"] == "highly_available" for task in tasks)
    assert platform.shown("acme", "shop")[2] == platform.shown("bobs", "api")[2] == 2
    # Nothing is left for the last play, whose groups are there and empty.
    assert "no hosts matched" in run.output
    assert "Could not match supplied host pattern" not in run.output
    assert "WARNING" not in run.output


# --- Documentation ---------------------------------------------------------------------------------------------------


def test_the_documentation_is_that_of_the_modules(source: Source) -> None:
    shown = json.loads(source.run("ansible-doc", "-t", "inventory", "-j", PLUGIN).stdout)[PLUGIN]["doc"]["options"]
    for name, spec in connection_spec().items():
        documented = shown[name]
        for what, usual in (("type", None), ("default", None), ("elements", None), ("required", False)):
            assert documented.get(what, usual) == spec.get(what, usual), (name, what)
        assert [entry["name"] for entry in documented.get("env", [])] == list(filter(None, [ENVIRONMENT.get(name)]))


def test_the_selection_is_documented_as_in_the_modules(source: Source) -> None:
    inventory = source.run("ansible-doc", "-t", "inventory", "-j", PLUGIN)
    module = source.run("ansible-doc", "-j", "openshift_v2.apps.openshift_app_info")
    options = [next(iter(json.loads(a.stdout).values()))["doc"]["options"]["select"] for a in (inventory, module)]
    assert options[0]["suboptions"] == options[1]["suboptions"]
