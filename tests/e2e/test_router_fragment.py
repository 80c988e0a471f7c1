"""The role app_router beside frontends that it does not know: a fragment for real routers, validated with the whole."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.router_parts import HAPROXY_DEFAULTS, Gear, Nginx, Router, free_port, until
from tests.harness import Ansible, Platform, PlayRun
from tests.programs import required

pytestmark = pytest.mark.thorough

ROLE = "openshift_v2.apps.app_router"
HAPROXY_MAIN = f"""global
    maxconn 400
{HAPROXY_DEFAULTS}frontend own
    bind 127.0.0.1:{{port}}
    http-request return status 200 content-type text/plain string "own"
"""
NGINX_MAIN = """daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    include {include};
    server {{ listen 127.0.0.1:{port}; location / {{ include parts/answer.inc; }} }}
}}
"""


@dataclass
class Beside(Router):
    """HAProxy with a configuration of its own, and a folder of fragments."""

    own_port: int = field(default_factory=free_port)

    @property
    def main(self) -> Path:
        return self.directory / "main.cfg"

    @property
    def config(self) -> Path:
        return self.directory / "conf.d" / "zz-openshift.cfg"

    @property
    def variables(self) -> dict[str, object]:
        given = super().variables
        del given["app_router_extra_global"]
        return {**given, "app_router_mode": "fragment", "app_router_main_config": str(self.main)}

    def prepare(self) -> None:
        self.config.parent.mkdir()
        self.main.write_text(HAPROXY_MAIN.format(port=self.own_port), encoding="utf-8")

    def start(self) -> None:
        command = [self.program, "-W", "-f", str(self.main), "-f", str(self.config.parent)]
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        until(lambda: self.worker != 0)


@dataclass
class NginxBeside(Nginx):
    """nginx with a configuration of its own, and a folder of fragments that it includes by a relative path."""

    own_port: int = field(default_factory=free_port)

    @property
    def main(self) -> Path:
        return self.directory / "nginx.conf"

    @property
    def config(self) -> Path:
        return self.directory / "conf.d" / "openshift.conf"

    @property
    def variables(self) -> dict[str, object]:
        given = super().variables
        user = given.pop("app_router_user")
        del given["app_router_extra_global"], given["app_router_extra_defaults"]
        assert isinstance(user, str)
        return {**given, "app_router_mode": "fragment", "app_router_main_config": str(self.main)}

    def prepare(self) -> None:
        self.config.parent.mkdir()
        (self.directory / "parts").mkdir()
        (self.directory / "parts" / "answer.inc").write_text("return 200 own;\n", encoding="utf-8")
        user = super().variables["app_router_user"]
        line = f"user {user};" if user else ""
        text = NGINX_MAIN.format(port=self.own_port, folder=self.directory, user=line, include="conf.d/*.conf")
        self.main.write_text(text, encoding="utf-8")

    def start(self) -> None:
        command = [self.program, "-c", str(self.main)]
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        until(self._answers)


@dataclass(frozen=True)
class Site:
    ansible: Ansible
    router: Beside | NginxBeside

    def run(self, **variables: Any) -> PlayRun:
        play = {"hosts": "localhost", "gather_facts": False, "roles": [ROLE]}
        return self.ansible.playbook([play], extra_vars={**self.router.variables, **variables})

    def own_answer(self) -> str:
        other = Router("", self.router.directory, port=self.router.own_port)
        return other.answer("anything")[1]


@pytest.fixture(params=[Beside, pytest.param(NginxBeside, marks=pytest.mark.thorough)])
def site(request: pytest.FixtureRequest, ansible: Ansible, platform: Platform) -> Iterator[Site]:
    gear = Gear("shop1")
    application = {"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "endpoints": [gear.endpoint]}
    platform.broker.seed({"applications": [application]})
    name = "nginx" if request.param is NginxBeside else "haproxy"
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="router")))
        router = request.param(required(name, package=name), directory)
        router.prepare()
        stack.callback(gear.kill)
        gear.start()
        stack.callback(router.stop)
        yield Site(ansible, router)


def test_a_fragment_beside_the_frontends_of_others(site: Site) -> None:
    router = site.router
    main = router.main.read_bytes()
    wrong = site.run(app_router_extra_backend="NONSENSE;")
    assert wrong.rc == 2, wrong.output
    assert "rejects the new configuration" in [task for task in wrong.tasks if task.failed][-1].result["msg"]
    assert list(router.config.parent.iterdir()) == []

    first = site.run()
    assert first.rc == 0, first.output
    router.start()
    assert router.answer("shop-acme.example.com")[0] == 200
    assert site.own_answer().strip() == "own"

    # The main configuration is part of what is validated.
    before = router.config.read_bytes()
    router.main.write_bytes(main + b"NONSENSE\n")
    whole = site.run(app_router_unknown_text="Nothing.")
    assert whole.rc == 2, whole.output
    assert "rejects the new configuration" in [task for task in whole.tasks if task.failed][-1].result["msg"]
    assert router.config.read_bytes() == before
    router.main.write_bytes(main)

    changed = site.run(app_router_unknown_text="Nothing new.")
    assert changed.rc == 0, changed.output
    assert router.config.read_bytes() != before
    router.until_answers("nowhere", 404, "Nothing new.\n")
    assert router.main.read_bytes() == main
    assert site.own_answer().strip() == "own"


@pytest.mark.thorough
def test_a_first_fragment_that_does_not_run_is_removed(site: Site) -> None:
    router = site.router
    router.config.write_text("# nothing yet\n", encoding="utf-8")
    command = {"app_router_reload_command": "false", "app_router_reload_wait": 1}
    kept = site.run(**command)
    assert kept.rc == 2, kept.output
    assert router.config.read_text(encoding="utf-8") == "# nothing yet\n"
    router.config.unlink()
    removed = site.run(**command)
    assert removed.rc == 2, removed.output
    assert "was removed again" in [task for task in removed.tasks if task.failed][-1].result["msg"]
    assert not router.config.exists()
