# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings in the broker's configuration; how they get there without Python is in plugin_utils/conf_change.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf import SettingError, wished_from
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf_change import (
    ConfFile,
    DesiredSettings,
    change,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import remote_of

SPEC: dict[str, Any] = {
    "settings": {"type": "dict", "required": True},
    "path": {"type": "str", "default": "/etc/openshift/broker.conf"},
    "backup": {"type": "bool", "default": True},
    "restart": {"type": "str"},
    "check": {"type": "str"},
    "check_timeout": {"type": "float", "default": 120},
}


class ActionModule(NamedAction):
    """The action plugin of ``openshift_broker_config``; there is no module behind it."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        params = self.validate_options({"argument_spec": SPEC})
        wish = _wish(params)
        stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H%M%S.%fZ")
        return {**result, **change(ConfFile(remote_of(self), wish), wish, self._task.check_mode, stamp)}


def _wish(params: Mapping[str, Any]) -> DesiredSettings:
    """The options. Raises ``AnsibleActionFail`` for those that cannot be meant."""
    path = params["path"]
    if not path.startswith("/") or path.endswith("/") or not path.isprintable():
        raise AnsibleActionFail(f"path: {path!r} is not the absolute path of a file. Nothing was changed.")
    if params["check_timeout"] < 0:
        raise AnsibleActionFail("check_timeout: must be a number of seconds, not less than 0. Nothing was changed.")
    try:
        settings = wished_from(params["settings"])
    except SettingError as error:
        raise AnsibleActionFail(f"{error}. Nothing was changed.") from error
    return DesiredSettings(
        path,
        settings,
        params["backup"],
        (params["restart"] or "").strip(),
        (params["check"] or "").strip(),
        params["check_timeout"],
    )
