# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose hosts and batches for the playbook enable_ha: only documentation, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_ha_batches
short_description: Choose the hosts and batches of a play that makes applications highly available
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Chooses which hosts of the inventory the playbook C(openshift_v2.apps.enable_ha) handles, and in which batches.
  - If there is nothing to do, it sets the statistics of the run, as M(ansible.builtin.set_stats) does.
  - Validates the variables of that playbook, and fails with all mistakes in one message.
  - Changes nothing and sends no request.
  - Reads the groups and hosts of the inventory from the play. With C(--limit), it chooses only hosts that the limit
    allows. Of the variables of hosts it considers only those of the first chosen host. Its C(enable_ha_max_changes),
    C(app_ha_max_changes) and C(enable_ha_dry_run) take precedence over O(max_changes), O(role_max_changes) and
    O(dry_run), unless the command line or the play sets them.
  - An empty text stands for the default of an option, as for an unanswered question of a survey.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  hosts:
    description:
      - Pattern of the hosts to handle, or a list of patterns.
      - By default, the hosts of the groups C(openshift_ha_standalone) and C(openshift_ha_degraded).
      - The default is C(localhost) if the inventory has no groups of the inventory plugin, or if
        C(app_ha_applications) or C(app_ha_select) is set for the whole run.
    type: raw
  domains:
    description:
      - Choose only applications in these domains. A list, or a text with spaces, commas or line breaks.
      - Each domain must have a group C(openshift_domain_<domain>) in the inventory.
      - Not allowed with O(hosts).
    type: raw
  names:
    description:
      - Choose only applications with these names. A name may contain the wildcards V(*) and V(?), and may be written as
        C(domain/name). A list, or a text with spaces, commas or line breaks.
      - Hosts must be named as the inventory plugin names them, C(<name>-<domain>).
      - Not allowed with O(hosts).
    type: raw
  canary:
    description: Hosts of the first batch, a number or a percentage. By default V(3).
    type: raw
  batch_size:
    description: Hosts of each following batch, a number or a percentage. By default V(25%).
    type: raw
  max_fail_percentage:
    description: Percentage of a batch that may fail without ending the play. By default V(0).
    type: raw
  max_changes:
    description:
      - Fail if more applications than this would change. By default there is no limit.
      - With C(app_ha_policy) for the whole run, or C(openshift_ha_desired) of the inventory, an ignored host does
        not count. A host whose HA would be disabled counts.
    type: raw
  role_max_changes:
    description:
      - The value of C(app_ha_max_changes), the same limit as a variable of the role.
      - If both limits are set, they must be equal.
    type: raw
  dry_run:
    description: V(yes) predicts the changes, as C(--check --diff) does. By default V(no).
    type: raw
  sliced:
    description:
      - V(yes) means that the inventory is a slice, as in a job of AWX with slices. Names that it does not have then
        cause a warning, because other slices may have them. By default V(no), and such names are an error.
    type: raw
seealso:
  - plugin: openshift_v2.apps.openshift_apps
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Choose the standalone and degraded applications of two domains
  openshift_v2.apps.openshift_ha_batches:
    domains: acme, pay
    canary: 1
    batch_size: 10%
    max_changes: 50
  register: batches
"""

RETURN = r"""
hosts:
  description:
    - The chosen hosts, in the order of the inventory. Empty if there is nothing to do.
    - If several hosts are the same application, only the first is chosen, with a warning. Hosts whose own variables
      differ may use different brokers, and are all chosen. Different variables of the role app_ha are an error.
  type: list
  elements: str
  returned: success
  sample: [shop-acme.example.com, crm-acme.example.com]
application_hosts:
  description: Those of RV(hosts) that are applications.
  type: list
  elements: str
  returned: success
  sample: [shop-acme.example.com, crm-acme.example.com]
list_hosts:
  description: The other ones, which handle a list or a selection.
  type: list
  elements: str
  returned: success
  sample: []
serial:
  description: The batches, a value for the play's keyword C(serial). In check mode, all hosts are in one batch.
  type: list
  elements: str
  returned: success
  sample: ["3", "25%"]
max_fail_percentage:
  description: A value for the play's keyword C(max_fail_percentage).
  type: float
  returned: success
  sample: 0.0
check_mode:
  description: A value for the play's keyword C(check_mode).
  type: bool
  returned: success
  sample: false
diff_mode:
  description: A value for the play's keyword C(diff).
  type: bool
  returned: success
  sample: false
list_limit:
  description:
    - A value for the variable C(app_ha_max_changes) of the role, if the host handles a list or a selection.
    - Empty if O(max_changes) is not set, or if the hosts are applications.
  type: str
  returned: success
  sample: ""
line:
  description: How the hosts are batched, or why there is nothing to do.
  type: str
  returned: success
  sample: >-
    40 applications in batches: 3 first, then 25% at a time. If an application fails, the next batch does not start.
"""
