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
  - With O(applications) or O(select), it reads the applications itself, as M(openshift_v2.apps.openshift_apps_ha) does
    in check mode, and changes none of them. The results then never pass through variables of Ansible, so an audit of
    thousands of applications takes less time and memory. Options such as O(verify) and O(state) only apply to
    applications that the module reads itself.
  - For each application, the report shows its status, its difference from the desired state, the planned steps, the
    gears that they need, and what blocks them. For each owner, it shows the gears needed and available.
  - If the modules had a policy, the report shows which rule applied to each application. An application that the policy
    ignores has the finding C(ignored), and is neither drifted nor failed.
  - An application that the results contain more than once is counted once, with a warning. The most urgent result
    counts. Applications of the same name with different ids, such as those of two brokers, are counted separately.
  - If the applications were verified at V(placement) or V(traffic), the report also shows the nodes and zones of their
    HAProxy instances, and what is wrong with them.
  - Equal reasons are shown once, with their applications and owners, and with commands that solve them.
  - The page C(report.html) works without other files and without a network connection. Readers can filter, sort and
    print it, also on a phone. C(report.json) and C(report.csv) have the same content for programs.
  - The module writes the files on the controller. It replaces each file as a whole, so nobody reads a partial file.
  - The module keeps a history in the file C(history.jsonl) beside the report, with a line for each audit. The report
    shows the trend, since when each application has drifted, and what is new or repaired since the last audit. If the
    history cannot be read or written, the report is still written, and a warning names the reason. Damaged lines are
    skipped, with a warning.
  - If no application could be checked, for example because the broker could not be reached, the files C(html), C(json),
    C(csv) and C(prom) of the last good report are kept. C(report.html), C(report.json) and C(report.prom) are marked as
    outdated. The next audit that succeeds replaces them. Without a good report, the files report the failure.
    If the reason is an invalid option of the observation, such as a policy with a mistake, the task fails after that.
  - Results of several brokers become one report, with a section for each broker. See O(brokers).
  - The role P(openshift_v2.apps.app_ha#role) uses this module in its entry point C(audit).
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
  - openshift_v2.apps.broker
  - openshift_v2.apps.application.select
  - openshift_v2.apps.converge
  - openshift_v2.apps.converge.waiting
  - openshift_v2.apps.verification
  - openshift_v2.apps.policy
options:
  applications:
    description:
      - Read these applications for the report. The suboptions are those of
        O(openshift_v2.apps.openshift_apps_ha#module:applications).
      - The requests to the broker are sent by the host of the task.
    type: list
    elements: dict
    version_added: 1.0.0
  state:
    description: The desired state of O(applications) or O(select).
    type: str
    choices: [present, absent]
    default: present
    version_added: 1.0.0
  relocate:
    description:
      - Whether a repair may replace one of two HAProxy instances on the same node. Without this, the report shows such
        an application as blocked.
    type: bool
    default: false
    version_added: 1.0.0
  concurrency:
    description: How many applications of O(applications) or O(select) to verify at the same time.
    type: int
    default: 4
    version_added: 1.0.0
  results:
    description:
      - The results to report on, one for each application, such as
        RV(openshift_v2.apps.openshift_apps_ha#module:results).
      - One of O(results), O(registered), O(brokers), O(applications) and O(select) is required.
      - Results with different values of C(broker_url) are of several brokers.
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
      - With O(registered), read the variables of these hosts, for example C(ansible_play_hosts_all), instead of those
        of the host that runs the task.
      - Without O(registered), read the applications of these hosts in one task, each with its own variables C(app_ha_*)
        of the role P(openshift_v2.apps.app_ha#role), and with C(openshift_ha_desired) unless O(policy) is set. It is an
        error if a host has a variable that cannot differ within one task, such as C(app_ha_delegate_to).
      - A host with the variables C(openshift_domain) and C(openshift_app) is an application. It is always in the
        report, also if it failed or was unreachable in an earlier task.
      - A host whose application is not scalable is reported as skipped, not as blocked.
    type: list
    elements: str
  brokers:
    description:
      - The results of several brokers, for a report with a section for each of them.
      - The other options also report on several brokers if the results contain different addresses. Results of
        M(openshift_v2.apps.openshift_app_ha) and M(openshift_v2.apps.openshift_apps_ha) have the address as
        C(broker_url). For hosts without a result, it is the variable C(openshift_broker_url).
    type: list
    elements: dict
    suboptions:
      broker_url:
        description: The address of the broker. Credentials in it are removed.
        type: str
        required: true
      results:
        description: As O(results), for this broker. One of this and O(brokers[].registered) is required.
        type: list
        elements: dict
      registered:
        description: As O(registered), for this broker.
        type: list
        elements: str
      gears_available:
        description: As O(gears_available), for this broker.
        type: dict
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
      - Address of the broker of O(applications) or O(select), for example V(https://broker.example.com). The report
        shows it, without credentials.
      - For results of other tasks, it is only the address that the report shows. By default, this is the address in the
        results. With several brokers, it is the address of the results that have none.
      - If not set, the environment variable E(OPENSHIFT_BROKER_URL) is used.
    type: str
  shown_broker_url:
    description: The address of the broker to show in the report, instead of O(broker_url).
    type: str
    version_added: 1.0.0
  made_at:
    description:
      - The date and time of the report, for example V(2026-11-22T03:15:00+00:00). Without a zone, it is the local time
        of the controller. The same results with the same time give the same files.
      - The default is the current time.
    type: str
  duration:
    description:
      - How long the audit took, in seconds, for the format C(prom).
      - With O(applications) or O(select), it is by default the time that the module needed to read and plan them.
    type: float
  drill_path:
    description:
      - A file on the controller with the last drill of each application, which the entry point C(drill) of the role
        P(openshift_v2.apps.app_router#role) writes (C(app_router_drill_path)). The report shows for each application
        when its last drill was, its requests, and how many failed. Of several routers, a failed drill counts first,
        then the latest.
      - A file that is missing or damaged is a warning. The report is written without it.
    type: path
    version_added: 1.0.0
  drill_results:
    description:
      - The same as O(drill_path) as a list, such as the statistic C(app_router_drill_results) of an earlier job in AWX.
        With both, the latest drill of each application on a router counts.
    type: list
    elements: raw
    version_added: 1.0.0
  drill_max_age:
    description: Warn about applications whose last drill is more than this number of days ago. V(0) for no warning.
    type: int
    default: 90
    version_added: 1.0.0
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
      - The history has the name without dates and times, so that the reports of all days belong together.
    type: str
    default: report
  formats:
    description:
      - The files to write. With V([]), no file is written.
      - V(prom) writes metrics to C(report.prom), for the textfile collector of node_exporter. It requires the Python
        package C(prometheus-client) on the controller.
      - V(junit) writes C(report.xml), in which each application is a test case, for CI servers.
      - V(txt) and V(md) write a short message, the same as in RV(notification).
    type: list
    elements: str
    choices: [html, json, csv, prom, junit, txt, md]
    default: [html, json, csv]
  history_limit:
    description:
      - How many audits the history keeps, for each broker and O(name).
      - The newest ten lines name all drifted applications, older ones the first 100.
      - With V(0), there is no history.
    type: int
    default: 400
  report_url:
    description: The address of the page, for the link in RV(notification).
    type: str
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
    details: Only if O(made_at) is set. Otherwise each report has its own time, and the history has another line.
seealso:
  - module: openshift_v2.apps.openshift_apps_ha
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: Audit all accessible applications with the nodes of their HAProxy instances, and write the report
  openshift_v2.apps.openshift_ha_report:
    select: {}
    verify: placement
    concurrency: 8
    directory: /srv/www/ha

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

- name: Check the applications of another broker
  openshift_v2.apps.openshift_apps_ha:
    broker_url: https://west.example.com
    select: {}
  check_mode: true
  register: audit_west
  failed_when: false

- name: Write one report about two brokers
  openshift_v2.apps.openshift_ha_report:
    brokers:
      - {broker_url: "https://east.example.com", registered: [audit]}
      - {broker_url: "https://west.example.com", registered: [audit_west]}
    directory: /srv/www/ha
  check_mode: false
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
    - C(ignored) counts applications that the policy ignores. It is only there if a rule of a policy applied.
  type: dict
  returned: success
  sample: {total: 340, highly_available: 301, degraded: 12, standalone: 20, not_scalable: 7, unknown: 0, drifted: 32,
    blocked: 2, failed: 2}
problems:
  description:
    - The number of applications with each problem, by its code as in
      RV(openshift_v2.apps.openshift_app_ha#module:application.problems).
  type: dict
  returned: success
  sample: {haproxy_missing: 9, haproxy_same_node: 3, haproxy_same_zone: 0, haproxy_not_started: 0,
    haproxy_unreachable: 0, haproxy_state_unknown: 1, haproxy_node_unknown: 0, operation_pending: 0}
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
hosts:
  description: Why the application of a host is not in the desired state, or could not be checked, for each such host.
  type: dict
  returned: success
  sample: {shop-acme: "acme/shop: not in the desired state: 1 of 2 HAProxy instances."}
stats:
  description:
    - RV(counts), RV(names), RV(problems) and RV(levels) as data for M(ansible.builtin.set_stats), which can add up the
      data of several reports. A list has at most 100 names, and the numbers are exact.
    - The keys are C(app_ha_audit_total), C(app_ha_audit_drifted) and so on for the counts,
      C(app_ha_audit_haproxy_same_node) and so on for the problems, C(app_ha_audit_verified_count) and so on for the
      levels, and C(app_ha_audit_drifted_names) and so on for the names.
    - The keys C(app_ha_audit_notification_subject), C(app_ha_audit_notification_text) and
      C(app_ha_audit_notification_markdown) have the message of RV(notification).
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
last_audit:
  description:
    - The time of the last audit before this one that did not fail, in ISO 8601, from the history. V(null) if there is
      none. With several brokers, the latest of them.
  type: str
  returned: success
  sample: "2026-11-21T03:15:00+00:00"
new:
  description:
    - The applications that drifted since the last audit. Empty without an earlier audit.
  type: list
  elements: str
  returned: success
  sample: [acme/shop]
repaired:
  description: The applications that had drifted at the last audit or before this run, and are in the desired state now.
  type: list
  elements: str
  returned: success
  sample: [acme/api]
drifted_since:
  description:
    - For each application that is not in the desired state, the time of the audit that first found this. It is reset
      when an audit finds the application in the desired state.
  type: dict
  returned: success
  sample: {acme/shop: "2026-11-22T03:15:00+00:00", acme/intranet: "2026-11-03T03:15:00+00:00"}
notification:
  description: A short message with what is new, repaired and still drifted, for mail, a chat or AWX.
  type: dict
  returned: success
  contains:
    has_news:
      description:
        - Whether anything drifted or was repaired since the last audit, whether anything could not be checked, or
          whether there was no application.
        - The first audit has news if anything has drifted.
      type: bool
      sample: true
    subject:
      description: The subject of the message.
      type: str
      sample: "High availability of applications: 2 drifted, 1 new, 1 repaired"
    text:
      description: The message as plain text.
      type: str
    markdown:
      description: The message in Markdown.
      type: str
outdated:
  description: Whether the audit failed, and files of the last good report were kept.
  type: bool
  returned: success
  sample: false
history:
  description: The path of the history. Empty if there is none.
  type: str
  returned: success
  sample: /srv/www/ha/history.jsonl
paths:
  description: The path of each file, by format, also of files that did not change.
  type: dict
  returned: success
  sample: {html: /srv/www/ha/report.html, json: /srv/www/ha/report.json, csv: /srv/www/ha/report.csv}
"""
