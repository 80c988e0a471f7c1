"""Action plugins in the test's own process: the plugin is called, nothing of ansible-playbook is launched.

The plugin runs commands over Ansible's real local connection. Integration tests launch Ansible a few times for each
plugin; what the plugin itself does is tested in this way, which is much cheaper.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import become_loader, connection_loader
from ansible.template import Templar

COLLECTION = "ansible_collections.openshift_v2.apps.plugins.action"
#: Keywords of a task that a test may set.
KEYWORDS = ("check_mode", "become", "become_user")


def run_action(
    module: str, options: Mapping[str, Any], become_exe: str | None = None, **keywords: Any
) -> dict[str, Any]:
    """The result of the plugin of this module (short name), as a task with these keywords returns it."""
    assert keywords.keys() <= set(KEYWORDS)
    task = Task.load({"name": module, "action": "ansible.builtin.debug", **keywords})
    task.args = dict(options)
    task.check_mode = bool(keywords.get("check_mode"))
    context = PlayContext()
    connection = connection_loader.get("local", context, None)
    connection.set_options()
    if become_exe:
        become = become_loader.get("sudo")
        become.set_options(direct={"become_exe": become_exe, "become_user": keywords.get("become_user")})
        connection.set_become_plugin(become)
    loader = DataLoader()
    plugin = importlib.import_module(f"{COLLECTION}.{module}").ActionModule
    action = plugin(task, connection, context, loader, Templar(loader=loader), None)
    try:
        result: dict[str, Any] = action.run(task_vars={})
    except AnsibleActionFail as error:
        result = {**error.result, "failed": True, "msg": str(error)}
    # As a task returns it: tuples become lists, and only what JSON can represent is allowed.
    plain: dict[str, Any] = json.loads(json.dumps(result))
    return plain
