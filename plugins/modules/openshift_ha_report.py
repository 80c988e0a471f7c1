# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the report of an audit: the documentation. The code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_ha_report
short_description: Write a report on the high availability of applications on OpenShift v2
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Writes a report about results of M(openshift_v2.apps.openshift_app_ha) and M(openshift_v2.apps.openshift_apps_ha),
    usually from check mode.
  - For each application, the report shows its status, its difference from the desired state, the planned steps, the
    gears that they need, and what blocks them. For each owner, it shows the gears needed and available.
  - An application that the results contain more than once is counted once, with a warning. The most urgent result
    counts. Applications of the same name with different ids, such as those of two brokers, are counted each.
  - The page C(report.html) works without other files and without a network connection. Readers can filter, sort and
    print it, also on a phone. C(report.json) and C(report.csv) have the same content for programs.
  - The module writes the files on the controller. It replaces each file as a whole, so nobody reads a partial file.
  - The role P(openshift_v2.apps.app_ha#role) uses this module in its entry point C(audit).
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  results:
    description:
      - The results to report on, one for each application, such as
        RV(openshift_v2.apps.openshift_apps_ha#module:results).
      - One of O(results) and O(registered) is required.
    type: list
    elements: dict
  registered:
    description:
      - Names of variables that tasks of these modules registered. Skipped tasks are ignored.
      - Unlike O(results), this also reports a task that could not check any application. Large results are faster this
        way, because they are not templated.
    type: list
    elements: str
  hosts:
    description:
      - Read the variables O(registered) of these hosts, for example C(ansible_play_hosts_all), instead of those of the
        host that runs the task.
      - A host with the variables C(openshift_domain) and C(openshift_app) is an application. It is always in the
        report, also if it failed or was unreachable in an earlier task.
      - A host whose application is not scalable is reported as skipped, not as blocked.
    type: list
    elements: str
  gears_available:
    description:
      - The remaining gears, by owner. For other owners, the module uses the numbers in the results.
    type: dict
  title:
    description: Title of the report.
    type: str
    default: High availability of applications
  broker_url:
    description:
      - The address of the broker to show in the report. Credentials in it are removed.
      - The default is the environment variable E(OPENSHIFT_BROKER_URL).
    type: str
  made_at:
    description:
      - The date and time of the report, for example V(2026-11-22T03:15:00+00:00). Without a zone, it is the local time
        of the controller. The same results with the same time give the same files.
      - The default is the current time.
    type: str
  directory:
    description:
      - The directory to write to. It is created if it is missing. A relative path begins at the working directory of
        Ansible.
      - By default, no file is written.
    type: path
  name:
    description:
      - The name of the files, without the extension and without a directory.
      - It must be a name that every operating system allows. Colons are allowed, so it can contain a time.
    type: str
    default: report
  formats:
    description: The files to write.
    type: list
    elements: str
    choices: [html, json, csv]
    default: [html, json, csv]
attributes:
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
    support: full
    details: To write the report in a run with C(--check), set C(check_mode=false) on this task.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: none
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
    support: partial
    details: Only if O(made_at) is set. Otherwise each report has its own time.
seealso:
  - module: openshift_v2.apps.openshift_apps_ha
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: Check all applications without changing them
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

- name: Show the summary
  ansible.builtin.debug:
    msg: "{{ report.summary.splitlines() }}"
"""

RETURN = r"""
headline:
  description: The outcome in a few sentences.
  type: str
  returned: success
  sample: "32 of 340 applications drifted: 30 can be repaired (30 gears needed), 2 blocked."
summary:
  description:
    - The outcome in a few lines. Applications with the same reason share a line, which names the first five.
  type: str
  returned: success
  sample: |-
    32 of 340 applications drifted: 30 can be repaired (30 gears needed), 2 blocked.
    Found: 301 highly available, 12 degraded, 20 standalone, 7 not scalable.
counts:
  description:
    - The number of applications. The keys C(total), C(highly_available), C(degraded), C(standalone), C(not_scalable),
      C(drifted), C(blocked) and C(failed) have the same meaning as in
      RV(openshift_v2.apps.openshift_apps_ha#module:summary).
    - C(unknown) counts applications that could not be checked. They count as C(failed), as do blocked applications.
  type: dict
  returned: success
  sample: {total: 340, highly_available: 301, degraded: 12, standalone: 20, not_scalable: 7, unknown: 0, drifted: 32,
    blocked: 2, failed: 2}
problems:
  description:
    - The number of applications with each problem, by its code, see
      RV(openshift_v2.apps.openshift_app_ha#module:application.problems).
  type: dict
  returned: success
  sample: {haproxy_missing: 12, haproxy_same_node: 2, haproxy_same_zone: 0, haproxy_not_started: 0,
    haproxy_unreachable: 0, haproxy_state_unknown: 0, haproxy_node_unknown: 0, operation_pending: 0}
levels:
  description: The number of applications that claim HA, by the level at which they were verified.
  type: dict
  returned: success
  sample: {count: 0, placement: 313, traffic: 0}
names:
  description: The names of the applications that RV(counts) counts as C(drifted), C(blocked) and C(failed).
  type: dict
  returned: success
  sample: {drifted: [acme/shop, acme/intranet], blocked: [acme/intranet], failed: [acme/intranet]}
stats:
  description:
    - RV(counts), RV(names), RV(problems) and RV(levels) as data for M(ansible.builtin.set_stats), which can add up the data of several reports.
    - The keys are C(app_ha_audit_total), C(app_ha_audit_drifted) and so on for the counts, and
      C(app_ha_audit_drifted_names) and so on for the names. RV(problems) are in C(app_ha_audit_haproxy_missing) and so
      on, RV(levels) in C(app_ha_audit_verified_count) and so on.
  type: dict
  returned: success
  sample: {app_ha_audit_total: 340, app_ha_audit_drifted: 32, app_ha_audit_blocked_names: [acme/intranet]}
error:
  description: Why some or all applications could not be checked. Empty if all of them were checked.
  type: str
  returned: success
  sample: ""
unmatched:
  description: Names of domains and applications in the selection that match nothing accessible to the account.
  type: list
  elements: str
  returned: success
  sample: []
paths:
  description: The path of each file, by format, also of files that did not change.
  type: dict
  returned: success
  sample: {html: /srv/www/ha/report.html, json: /srv/www/ha/report.json, csv: /srv/www/ha/report.csv}
"""
