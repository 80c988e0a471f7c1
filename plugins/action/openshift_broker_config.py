# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change settings of a broker on a host without Python. The steps are in plugin_utils/_broker_host/conf_change.py."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.named_action import NamedAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf import SettingError, parse_settings
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.conf_change import (
    ConfFile,
    DesiredSettings,
    apply_settings,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._broker_host.shell import get_remote

SPEC: dict[str, Any] = {
    "settings": {"type": "dict", "required": True},
    "path": {"type": "str", "default": "/etc/openshift/broker.conf"},
    "backup": {"type": "bool", "default": True},
    "restart": {"type": "str"},
    "check": {"type": "str"},
    "check_timeout": {"type": "float", "default": 120},
}


class ActionModule(NamedAction):
    """The action plugin of ``openshift_broker_config``; it has no module behind it."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        del tmp
        params = self.validate_options({"argument_spec": SPEC})
        desired = _parse_options(params)
        stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H%M%S.%fZ")
        return {**result, **apply_settings(ConfFile(get_remote(self), desired), desired, self._task.check_mode, stamp)}


def _parse_options(params: Mapping[str, Any]) -> DesiredSettings:
    """The options. Raises ``AnsibleActionFail`` for invalid ones."""
    path = params["path"]
    if not path.startswith("/") or path.endswith("/") or not path.isprintable():
        raise AnsibleActionFail(f"path: must be the absolute path of a file, not {path!r}. Nothing was changed.")
    if params["check_timeout"] < 0:
        raise AnsibleActionFail("check_timeout: must be 0 or more seconds. Nothing was changed.")
    try:
        settings = parse_settings(params["settings"])
    except SettingError as error:
        raise AnsibleActionFail(f"{error}. Nothing was changed.") from None
    return DesiredSettings(
        path,
        settings,
        params["backup"],
        (params["restart"] or "").strip(),
        (params["check"] or "").strip(),
        params["check_timeout"],
    )
