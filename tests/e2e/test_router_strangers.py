"""The role app_router meets configurations of others, with both programs, in both modes: it changes no byte of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.router_parts import Nginx, Router, free_port
from tests.harness import Ansible, Platform
from tests.programs import required

pytestmark = pytest.mark.thorough

ROLE = "openshift_v2.apps.app_router"
HAPROXY = """# Of somebody else.\r
global
    maxconn 40
defaults own
    mode http
    timeout connect 1s
    timeout client 9s
    timeout server 9s
frontend caf\u00e9
    bind 127.0.0.1:{port}
    default_backend live
backend live
    server a 127.0.0.1:{port}"""
NGINX_SERVER = """# Of somebody else.\r
upstream live {{ server 127.0.0.1:{port}; }}
server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://live; }} }}"""
NGINX = "pid {folder}-pid;\nerror_log stderr;\nevents {{ }}\nhttp {{\n{paths}{server}\n}}"
FAILING = {"app_router_takeover": True, "app_router_max_removed": "100%"}
#: What the role is asked for. All of it must fail, and leave everything as it was.
ATTEMPTS: dict[str, dict[str, Any]] = {
    "without a word": {},
    "with nothing to route": {**FAILING, "app_router_select": {"domains": ["nowhere"]}},
    "taken over with too much lost": {"app_router_takeover": True, "app_router_max_removed": "0"},
    "taken over with nonsense": {**FAILING, "app_router_extra_backend": "NONSENSE;"},
    "taken over with a reload that fails": {**FAILING, "app_router_reload_command": "false"},
}
#: A fragment does not replace what others serve, so that only these are refused there.
UNSAFE_IN_FRAGMENT = [name for name in ATTEMPTS if name != "taken over with too much lost"]


def write_stranger(folder: Path, software: str, mode: str) -> dict[str, Any]:
    """Files of somebody else: a link to the configuration, with a mode of its own. Returns the role's variables."""
    port = free_port()
    (folder / "real").mkdir(parents=True)
    (folder / "conf.d").mkdir()
    # The check of nginx makes these folders.
    paths = "".join(f"{kind}_temp_path {folder}-{kind};\n" for kind in ("client_body", "proxy"))
    server = NGINX_SERVER.format(port=port)
    whole = (
        NGINX.format(folder=folder, paths=paths, server=server) if software == "nginx" else HAPROXY.format(port=port)
    )
    if mode == "file":
        real, link, main = folder / "real" / "router.cfg", folder / "router.cfg", None
        real.write_text(whole, encoding="utf-8")
    else:
        real, link, main = folder / "real" / "part.cfg", folder / "conf.d" / "zz-part.cfg", folder / "main.cfg"
        include = f"include {folder}/conf.d/*.cfg;"
        own = NGINX.format(folder=folder, paths=paths, server=include) if software == "nginx" else whole
        main.write_text(own, encoding="utf-8")
        other = (
            NGINX_SERVER if software == "nginx" else HAPROXY.replace("defaults own", "defaults").replace("live", "part")
        )
        real.write_text(other.format(port=free_port()), encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(f"../real/{real.name}" if main else f"real/{real.name}")
    return {"app_router_config_path": str(link), **({"app_router_main_config": str(main)} if main else {})}


def snapshot(folder: Path, *, times: bool) -> dict[str, tuple[Any, ...]]:
    """Mode, owner and content of each file, and target of each link; with the time of the last change, if asked for."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.lstat().st_uid,
            path.lstat().st_gid,
            path.lstat().st_mtime_ns if times and not path.is_dir() else 0,
            str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("mode", ["file", "fragment"])
@pytest.mark.parametrize("software", ["haproxy", "nginx"])
def test_the_files_of_others_stay_as_they_are(
    ansible: Ansible, platform: Platform, tmp_path: Path, software: str, mode: str
) -> None:
    application = {"domain": "acme", "name": "shop", "cartridges": ["php-5.4"], "endpoints": ["127.0.0.1:9"]}
    platform.broker.seed({"applications": [application]})
    router = (Nginx if software == "nginx" else Router)(required(software, package=software), tmp_path)
    of_program = {**router.variables, "app_router_running_socket": "", "app_router_mode": mode}
    if mode == "fragment":
        of_program = {k: v for k, v in of_program.items() if k not in ("app_router_extra_global", "app_router_user")}
    names = list(ATTEMPTS) if mode == "file" else UNSAFE_IN_FRAGMENT
    before, tasks = {}, []
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        variables = {**of_program, **write_stranger(folder, software, mode), **ATTEMPTS[name]}
        # A configuration that was replaced and restored has another time.
        before[name] = snapshot(folder, times="reload" not in name)
        role = {"name": name, "ansible.builtin.include_role": {"name": ROLE}, "vars": variables}
        done = {"name": f"succeeded {name}", "ansible.builtin.debug": {}}
        refused = {"name": f"refused {name}", "ansible.builtin.debug": {"var": "ansible_failed_result.msg"}}
        tasks.append({"block": [role, done], "rescue": [refused]})
    play = {"hosts": "localhost", "gather_facts": False, "vars": {"ansible_pipelining": True}, "tasks": tasks}
    run = ansible.playbook([play])
    refused_names = [task.task.removeprefix("refused ") for task in run.tasks if task.task.startswith("refused ")]
    assert refused_names == names, run.output
    for number, name in enumerate(names):
        after = snapshot(tmp_path / str(number), times="reload" not in name)
        kept = {path: after.get(path) for path in before[name]}
        assert kept == before[name], (name, run.output)
        # A copy of a configuration that was taken over stays.
        if "reload" not in name:
            assert after == before[name], (name, run.output)
