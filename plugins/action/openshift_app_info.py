# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run openshift_app_info inside the Ansible process; see plugin_utils/_action/in_process.py."""

from __future__ import annotations

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action plugin of ``openshift_app_info``."""

    module = "openshift_app_info"
