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
    M(openshift_v2.apps.openshift_ha_report) returned, and decides whether it is a failure. A task with O(summary) then
    shows a summary, and a task with O(verdict) fails if necessary.
  - The summary fits on a screen. It groups applications with the same change or the same reason, and states once for
    each reason what to do.
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
      - If so, it is also a failure if a selected name matched none.
    type: bool
    default: false
  allow_empty:
    description: Do not treat a report without applications, or unmatched names, as a failure.
    type: bool
    default: false
  by_host:
    description: With O(report), whether the hosts that drifted fail, instead of the host of the task.
    type: bool
    default: false
  hosts:
    description: With O(report) and O(by_host), the hosts that can still fail. By default, all.
    type: list
    elements: str
  audit_verdict:
    description: Fail with a failure of RV(failures), or show the headline.
    type: dict
    suboptions:
      headline:
        description: The outcome to show.
        type: str
        required: true
      failure:
        description: Why the host fails.
        type: str
        default: ""
  outcome:
    description:
      - The statistic C(openshift_ha_outcome) of an earlier job in a workflow. The task fails unless it is V(no_drift).
    type: str
  headline:
    description: With O(outcome), what the earlier job found, for the message.
    type: str
    default: ""
  summary:
    description:
      - Name of the registered result of this module on each host. The task shows a summary for all hosts of the play
        that have such a result. Use it with C(run_once).
      - With a strategy such as P(ansible.builtin.free#strategy), it shows a summary for each host.
    type: str
  stats:
    description:
      - Name of the registered result of this module on each host. The task sets statistics of the run, as
        M(ansible.builtin.set_stats) does, for the same hosts as O(summary). Use it with C(run_once).
      - These are the counts C(app_ha_enable_total) and so on, at most 100 names in each of the lists
        C(app_ha_enable_changed_names) and so on, and a short message in C(app_ha_enable_notification_text).
    type: str
  verdict:
    description:
      - Name of the registered result of this module. The task fails if this contains a failure. If other hosts of the
        batch have failed too, the message only refers to the summary.
    type: str
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

- name: Decide whether the applications are in the desired state
  openshift_v2.apps.openshift_ha_outcome:
    applications: fleet
  register: outcome

- name: Show the summary
  openshift_v2.apps.openshift_ha_outcome:
    summary: outcome

- name: Fail if an application is not in the desired state
  openshift_v2.apps.openshift_ha_outcome:
    verdict: outcome
"""

RETURN = r"""
msg:
  description: The lines of the summary, or the reason of a failure.
  type: list
  elements: str
  returned: with O(summary), and with O(verdict) after a failure
  sample:
    - "340 applications: 38 changed, 2 blocked, 300 unchanged."
    - "Changed (38), +38 gears:"
    - "  37 standalone -> highly_available: acme/api, acme/blog, acme/cart and 34 more"
    - "  acme/shop: degraded -> highly_available, HAProxy 1 -> 2, web gears 3 -> 4"
    - "Blocked (2):"
    - "  Not enough gears: needs 1, alice has 0 left."
    - "    2 applications: pay/till, pay/wiki"
    - "    Raise the owner's gear limit, or free gears."
    - "Unchanged (300): 290 highly_available, 10 not scalable"
results:
  description: The results, one for each application, as the modules return them. Each has C(failed).
  type: list
  elements: dict
  returned: with O(application) or O(applications)
  sample: [{changed: true, failed: false, application: {domain: acme, name: shop, ha_status: highly_available}}]
note:
  description: Why a list or a selection was refused as a whole. Empty if it was not.
  type: str
  returned: with O(application) or O(applications)
  sample: ""
play:
  description: The ID of the play.
  type: str
  returned: with O(application) or O(applications)
  sample: 0242ac11-0002-5c9f-1d8e-00000000000a
headline:
  description: The outcome of a report in a few sentences.
  type: str
  returned: with O(report)
  sample: "32 of 340 applications drifted: 30 can be repaired (30 gears needed), 2 blocked."
failures:
  description: The message of each host that fails. Without O(by_host), it is the host of the task.
  type: dict
  returned: with O(report)
  sample: {}
verdict_hosts:
  description: The hosts that fail, or the host of the task if none fails.
  type: list
  elements: str
  returned: with O(report)
  sample: [localhost]
stats:
  description:
    - The statistics that the task sets, as M(ansible.builtin.set_stats) with C(aggregate) set to false
      does. C(openshift_ha_outcome) is C(no_drift), C(drift) or C(could_not_observe).
  type: dict
  returned: with O(report)
  sample: {openshift_ha_outcome: no_drift}
lines:
  description: The summary of a report, and its files. At most 50 applications are named.
  type: list
  elements: str
  returned: with O(report)
  sample: ["340 applications: 2 drifted, 338 in the desired state.", /www/ha-report/report.html]
failure:
  description:
    - Why the applications could not reach the desired state, or why the audit fails. It names at most ten applications.
    - Empty if nothing failed.
  type: str
  returned: with O(application), O(applications) or O(report)
  sample: ""
"""
