# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse misspelt variables of roles and playbooks: only documentation, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_variable_names
short_description: Refuse misspelt variables of the roles and playbooks of this collection
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Fails if a variable of the run or of one of its hosts begins like a variable of a role or playbook of this
    collection, but has no meaning. The message names all such variables, and the name that was probably meant.
  - The roles and playbooks use it before their first change.
  - Reads only the names of variables, from extra variables, the play, the role, facts and the inventory. With
    C(run_once), the first batch of a play checks the names of all hosts of the play.
  - Variables that list other names, such as C(app_ha_ignore_variables), allow names of the user's own.
  - Changes nothing and sends no request.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  prefixes:
    description:
      - Check the variables that begin with these words and an underscore.
    type: list
    elements: str
    required: true
    choices: [app_ha, app_router, audit_ha, broker_ha, enable_ha]
  hosts:
    description: More hosts whose variables to check, besides those of the play.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse misspelt variables before other tasks use them
  openshift_v2.apps.openshift_variable_names:
    prefixes: [app_ha]
  run_once: true
"""

RETURN = r"""
defined:
  description:
    - The names of all defined variables that begin with O(prefixes), and C(openshift_ha_desired) if a host has it.
  type: list
  elements: str
  returned: success
  sample: [app_ha_policy, app_ha_state]
time:
  description:
    - When the check was made, in seconds since 1970. The role P(openshift_v2.apps.app_ha#role) measures its audits with
      it.
  type: float
  returned: success
  sample: 1780000000.5
msg:
  description: The unknown names, and what to do.
  type: str
  returned: failure
  sample: >-
    Unknown variable: app_ha_preserve_gears (did you mean app_ha_preserve_gear_count?). Correct the names, or list names
    of your own in app_ha_ignore_variables. Documentation: ansible-doc -t role openshift_v2.apps.app_ha. Nothing was
    changed.
"""
