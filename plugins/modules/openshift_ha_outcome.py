# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Summarize the results of the role app_ha: only documentation, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_ha_outcome
short_description: Summarize results about the high availability of applications, and decide whether they are a failure
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Reads what M(openshift_v2.apps.openshift_app_ha), M(openshift_v2.apps.openshift_apps_ha) or
    M(openshift_v2.apps.openshift_ha_report) returned, and returns a few lines to show, and one failure message.
  - It never fails because of the results. A following task, such as M(ansible.builtin.assert), shows the lines or fails
    with the message. If the module failed itself, Ansible would print every result.
  - The role P(openshift_v2.apps.app_ha#role) uses it in both of its entry points.
  - One of O(application), O(applications) and O(report) is required. Each is the name of a variable, not its value, so
    that thousands of results do not pass through a template.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  application:
    description:
      - Name of the variable in which a task of M(openshift_v2.apps.openshift_app_ha) registered its result.
      - An application that is not scalable is not a failure.
      - The result of a skipped task is ignored. The module then summarizes O(applications).
    type: str
  applications:
    description: Name of the variable in which a task of M(openshift_v2.apps.openshift_apps_ha) registered its result.
    type: str
  report:
    description: Name of the variable in which a task of M(openshift_v2.apps.openshift_ha_report) registered its result.
    type: str
  select:
    description: The variable C(app_ha_select). The audit fails if a domain in it has no accessible application.
    type: raw
  fail_on_drift:
    description:
      - Whether drift, or an application that could not be checked, is a failure of a report.
      - If so, it is also a failure if the report has no application, or if a selected name matched none.
    type: bool
    default: false
  allow_empty:
    description: With O(fail_on_drift), do not treat a report without applications as a failure.
    type: bool
    default: false
  batch:
    description:
      - Name of the registered result of this module on each host. The failures of all hosts of the batch are grouped by
        reason if more than five hosts failed.
    type: str
  show:
    description: Name of a registered result of this module. The task shows its lines, or fails with its failure.
    type: str
  brief:
    description: With O(show), fail with a short message that refers to the groups of O(batch).
    type: bool
    default: false
seealso:
  - module: openshift_v2.apps.openshift_apps_ha
  - module: openshift_v2.apps.openshift_app_ha
  - module: openshift_v2.apps.openshift_ha_report
"""

EXAMPLES = r"""
- name: Make all applications highly available
  openshift_v2.apps.openshift_apps_ha:
    select: {}
  register: fleet
  failed_when: false

- name: Summarize the results
  openshift_v2.apps.openshift_ha_outcome:
    applications: fleet
  register: outcome

- name: Show what changed, or what failed
  openshift_v2.apps.openshift_ha_outcome:
    show: outcome
"""

RETURN = r"""
brief:
  description: Whether the failures were grouped, so that each host can refer to them.
  type: bool
  returned: with O(batch)
  sample: false
msg:
  description: The groups of failures, or the lines that are shown.
  type: list
  elements: str
  returned: with O(batch), if failures were grouped, and with O(show)
  sample: ["acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4"]
results:
  description:
    - The results, one for each application, as the modules return them. Each has C(failed).
    - Empty for a report.
  type: list
  elements: dict
  returned: success
  sample: [{changed: true, failed: false, application: {domain: acme, name: shop, ha_status: highly_available}}]
lines:
  description: What changed or would change. For a report, its summary and its files. At most 50 applications are named.
  type: list
  elements: str
  returned: success
  sample:
    - "acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4"
    - "nothing to change: 339 other applications"
failure:
  description:
    - Why the applications could not reach the desired state, or why the audit fails. It names at most ten applications.
    - Empty if nothing failed.
  type: str
  returned: success
  sample: ""
"""
