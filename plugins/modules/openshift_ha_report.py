# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the report of an audit: documentation only, all else is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_ha_report
short_description: Write a report on the high availability of applications on OpenShift v2
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Makes a report of what M(openshift_v2.apps.openshift_app_ha) and M(openshift_v2.apps.openshift_apps_ha) returned, of
    their check mode above all. It says for each application what it is, what is missing, what would be done, what that
    costs in gears and what is in the way, and for each owner the gears needed and available.
  - The page C(report.html) needs no other file and no network. It can be filtered and sorted, read on a phone and
    printed. C(report.json) and C(report.csv) have the same content for programs.
  - The files are written on the controller, each of them at once or not at all.
  - The role P(openshift_v2.apps.app_ha#role) uses it in its entry point C(audit).
options:
  results:
    description:
      - Results to report on, each of one application, such as RV(openshift_v2.apps.openshift_apps_ha#module:results).
      - Either this or O(registered) is required.
    type: list
    elements: dict
  registered:
    description:
      - Names of variables in which tasks of the modules registered what they returned. One that was skipped does not
        count.
      - Other than with O(results), a failure to look at any application is reported as well, and thousands of results
        need not pass through a template.
    type: list
    elements: str
  hosts:
    description:
      - Take the variables O(registered) from these hosts, C(ansible_play_hosts_all) for example, instead of from the
        task's own. Those of one application each are told by their C(openshift_domain) and C(openshift_app).
      - None is left out. One that failed or could not be reached before is reported so.
      - A host that is not scalable is reported as left alone, not as blocked.
    type: list
    elements: str
  gears_available:
    description:
      - By owner, the gears that may still be used. Owners that are not named here are taken from the results.
    type: dict
  title:
    description: Title of the report.
    type: str
    default: High availability of applications
  broker_url:
    description:
      - Address of the broker, to be shown. Credentials in it are left out.
      - If not set, the environment variable E(OPENSHIFT_BROKER_URL) is shown.
    type: str
  made_at:
    description:
      - Date and time that the report bears, for example V(2026-11-22T03:15:00+00:00). The same results with the same
        time give the same files.
      - If not set, it is now.
    type: str
  directory:
    description:
      - Directory to write to, which is made if it is missing. A relative one begins where Ansible
        was started.
      - If not set, nothing is written.
    type: path
  name:
    description: Name of the files, without what follows the dot.
    type: str
    default: report
  formats:
    description: Which files to write.
    type: list
    elements: str
    choices: [html, json, csv]
    default: [html, json, csv]
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
    details: There is no module, all is done on the controller.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
    support: full
    details: To have the report of a run in check mode, give this task C(check_mode=false).
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: none
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
    support: partial
    details: Only with O(made_at), otherwise every report has its own time.
seealso:
  - module: openshift_v2.apps.openshift_apps_ha
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: See what has drifted, and change nothing
  openshift_v2.apps.openshift_apps_ha:
    select: {}
  check_mode: true
  register: audit
  failed_when: false

- name: Write the report
  openshift_v2.apps.openshift_ha_report:
    registered: audit
    directory: /srv/www/ha
  check_mode: false
  register: report

- name: Say it in a few lines
  ansible.builtin.debug:
    msg: "{{ report.summary.splitlines() }}"
"""

RETURN = r"""
headline:
  description: The outcome in a sentence.
  type: str
  returned: success
  sample: "32 of 340 applications drifted: 30 can be repaired (30 gears needed), 2 blocked."
summary:
  description: The outcome in a few lines. Of each kind the first ten applications are named.
  type: str
  returned: success
  sample: |-
    32 of 340 applications drifted: 30 can be repaired (30 gears needed), 2 blocked.
    Found: 301 highly available, 12 degraded, 20 standalone, 7 not scalable.
counts:
  description:
    - Counts over all applications, with the meaning of RV(openshift_v2.apps.openshift_apps_ha#module:summary).
    - Keys are C(total), C(highly_available), C(degraded), C(standalone), C(not_scalable), C(unknown) (could not be
      looked at), C(drifted), C(blocked) (of those) and C(failed) (blocked, unknown, or not repaired).
  type: dict
  returned: success
  sample: {total: 340, highly_available: 301, degraded: 12, standalone: 20, not_scalable: 7, unknown: 0, drifted: 32,
    blocked: 2, failed: 2}
names:
  description: Names of the applications that RV(counts) counts as C(drifted), C(blocked) and C(failed).
  type: dict
  returned: success
  sample: {drifted: [acme/shop, acme/intranet], blocked: [acme/intranet], failed: [acme/intranet]}
stats:
  description:
    - RV(counts) and RV(names) as data for M(ansible.builtin.set_stats), which adds up those of several reports. The
      keys are C(app_ha_audit_total) and so on, and C(app_ha_audit_drifted_names) and so on.
  type: dict
  returned: success
  sample: {app_ha_audit_total: 340, app_ha_audit_drifted: 32, app_ha_audit_blocked_names: [acme/intranet]}
error:
  description: Why nothing, or not everything, could be looked at. Empty if it was not so.
  type: str
  returned: success
  sample: ""
unmatched:
  description: What was selected by its name, a domain or an application, and is not within reach.
  type: list
  elements: str
  returned: success
  sample: []
paths:
  description: The files by their format, those that were written already included.
  type: dict
  returned: success
  sample: {html: /srv/www/ha/report.html, json: /srv/www/ha/report.json, csv: /srv/www/ha/report.csv}
"""
