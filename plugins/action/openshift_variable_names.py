# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse misspelt variables of roles and playbooks. The decisions are in plugin_utils/_variables."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.plugin_utils._action.controller_action import ControllerAction
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.known import read_families
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._variables.search import search_names

# The parent reads them once for all its workers.
FAMILIES = read_families()
SPEC: dict[str, Any] = {
    "prefixes": {"type": "list", "elements": "str", "required": True, "choices": sorted(FAMILIES)},
    "hosts": {"type": "list", "elements": "str", "default": []},
}


class ActionModule(ControllerAction):
    """The action plugin of ``openshift_variable_names``; there is no module behind it."""

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        params = self.validate_options({"argument_spec": SPEC})
        families = [FAMILIES[prefix] for prefix in params["prefixes"]]
        search = search_names(families, self.evaluate, variables, not self.is_lockstep, params["hosts"])
        review = search.review(FAMILIES)
        result: dict[str, Any] = {"defined": sorted(search.defined), "time": time.time()}
        if review.warnings:
            result["warnings"] = list(review.warnings)
        if review.refusal:
            return {**result, "failed": True, "msg": f"{review.refusal} Nothing was changed."}
        return result
