#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make many applications truly highly available."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_apps_ha
short_description: Make many applications on OpenShift v2 truly highly available
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Does for many applications what M(openshift_v2.apps.openshift_app_ha) does for one application.
  - One request reads all applications. If any of them drifted, two more requests read the gear quotas of the owners.
    The module assigns the remaining gears in advance. An application without enough gears is not attempted. Check mode
    and the real run report the same applications.
  - Drifted applications are read again before they are changed, with the quota if they need more than one change. They
    are then repaired in parallel, with the owners in turn. Applications that need gears of the account itself are
    repaired last, because the platform also checks the account's own limit for applications of other owners.
  - O(verify=placement) and O(verify=traffic) send one more request for each application that claims HA, with
    O(concurrency) at a time.
  - Each application has its own outcome. A failure does not affect the others, unless O(on_error=stop).
  - If the platform itself refuses a request, no further repair starts. This is the case if the broker does not accept
    the credentials, is in maintenance, or has a certificate that is no longer trusted. Repeated requests with invalid
    credentials would lock the account. If the platform does not allow high availability, no further repair that needs
    it starts. Repairs in progress are completed. The remaining applications are reported as failed and not attempted.
  - An application that is listed more than once is repaired and counted once, with a warning. Upper and lower case make
    no difference. The same applies if the broker lists it twice, for example because its domain was renamed meanwhile.
  - An interrupted run sends no further write requests. The next run continues from there.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application.select
  - openshift_v2.apps.converge
  - openshift_v2.apps.converge.waiting
  - openshift_v2.apps.verification
  - openshift_v2.apps.policy
options:
  applications:
    description:
      - The applications. An application that is not accessible or not scalable fails, without an effect on the others.
      - With an empty list, the module does nothing and sends no request.
      - An application that is listed twice with different settings is an error, and nothing is changed.
      - With O(policy), an option that is set here takes precedence over the rule that matches the application.
      - One of O(applications) or O(select) is required. Applications of O(select) that are not scalable are reported
        and skipped.
    type: list
    elements: dict
    suboptions:
      domain:
        description: Domain (namespace) of the application.
        type: str
        required: true
      name:
        description: Name of the application.
        type: str
        required: true
        aliases: [app]
      state:
        description: As O(state), for this application.
        type: str
        choices: [present, absent]
      scale_strategy:
        description: As O(scale_strategy), for this application.
        type: str
        choices: [auto, scale_up, set_minimum, none]
      preserve_gear_count:
        description: As O(preserve_gear_count), for this application.
        type: bool
      min_gears:
        description: As O(min_gears), for this application.
        type: int
      max_gears:
        description: As O(max_gears), for this application.
        type: int
      allow_gear_removal:
        description: As O(allow_gear_removal), for this application.
        type: bool
      verify:
        description: As O(verify), for this application.
        type: str
        choices: [count, placement, traffic]
        version_added: 1.0.0
      spread:
        description: As O(spread), for this application.
        type: str
        choices: [node, zone]
        version_added: 1.0.0
      probe:
        description: As O(probe), for this application. It replaces O(probe) as a whole.
        type: dict
        version_added: 1.0.0
        suboptions:
          path:
            description: As O(probe.path).
            type: str
            default: /
          timeout:
            description: As O(probe.timeout).
            type: float
            default: 5
          statuses:
            description: As O(probe.statuses).
            type: list
            elements: str
            default: [200-499]
      relocate:
        description: As O(relocate), for this application.
        type: bool
        version_added: 1.0.0
      wait_timeout:
        description: As O(wait_timeout), for this application.
        type: float
      poll_interval:
        description: As O(poll_interval), for this application.
        type: float
  state:
    description:
      - V(present) makes the applications HA, each with two HAProxy instances (see O(scale_strategy)).
      - V(absent) disables HA. Gears and HAProxy instances stay.
    type: str
    choices: [present, absent]
    default: present
  relocate:
    description:
      - Whether to replace one of two HAProxy instances that are on the same node, see
        O(openshift_v2.apps.openshift_app_ha#module:relocate).
    type: bool
    default: false
    version_added: 1.0.0
  concurrency:
    description:
      - How many applications to repair, or to verify, at the same time.
    type: int
    default: 4
  max_changes:
    description:
      - Fail without any change if more applications than this would change. This protects against a wrong selection,
        and also applies in check mode. Applications whose HA would be disabled by O(policy) count, too.
    type: int
  unknown_domains:
    description:
      - What to do if a domain of O(select) has no accessible application, because its name may be misspelt.
      - V(warn) reports a warning. V(fail) fails without any change, also in check mode.
    type: str
    choices: [warn, fail]
    default: warn
  on_error:
    description:
      - V(continue) continues with the other applications after a failure.
      - V(stop) starts no further application after a failure. If the plan already contains a failure, no application is
        changed.
    type: str
    choices: [continue, stop]
    default: continue
attributes:
  check_mode:
    support: full
    details:
      - Predicts the result for each application, and takes the gear quotas into account. Fails if the real run would
        fail.
      - Does not detect that high availability is disabled on the whole platform.
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: Repair all accessible applications, eight at a time, with at most fifty changes
  openshift_v2.apps.openshift_apps_ha:
    select: {}
    concurrency: 8
    max_changes: 50
    preserve_gear_count: true

- name: Repair the applications of two domains, except for the tests
  openshift_v2.apps.openshift_apps_ha:
    select:
      domains: [acme, globex]
      exclude: ["*test", "acme/sandbox"]
      scalable_only: true

- name: Repair the applications in a list, one of them with a minimum of three gears
  openshift_v2.apps.openshift_apps_ha:
    applications:
      - domain: acme
        name: shop
        min_gears: 3
      - domain: acme
        name: blog

- name: Repair every application that claims to be highly available, and disable HA for the tests of one owner
  openshift_v2.apps.openshift_apps_ha:
    select: {}
    max_changes: 50
    policy:
      - name: tests
        match: {domain: "*test", owner: alice}
        state: absent
      - name: money
        match: {domain: [pay, till]}
        verify: placement
        min_gears: 3
      - name: everyone who claims HA must have it
        match: {claims_ha: true}
      - name: all others
        state: ignore

- name: Find the applications that drifted, and change nothing
  openshift_v2.apps.openshift_apps_ha:
    select: {}
  check_mode: true
  register: audit
"""

RETURN = r"""
broker_url:
  description: The address of the broker, as in O(broker_url).
  type: str
  returned: always, except for invalid options
  sample: https://broker.example.com
results:
  description:
    - The result for each application, in the order of O(applications), or sorted by domain and name.
    - Each entry has the keys that M(openshift_v2.apps.openshift_app_ha) returns, without RV(ignore:broker_url), and
      those listed here. It has RV(ignore:diff) only in diff mode.
  type: list
  elements: dict
  returned: always, except for invalid options
  contains:
    failed:
      description:
        - Whether the application is not in the desired state. Applications that were not attempted because of
          O(on_error=stop), or because the platform itself refused an earlier request, have also failed. If the whole
          run was refused, only the blocked applications have failed.
      type: bool
      sample: false
    msg:
      description: What happened to the application.
      type: str
      sample: "acme/shop: degraded -> highly_available (+1 gear)"
    gears_available:
      description:
        - Number of gears that were left for the owner when this application was planned. V(null) if the quota was not
          read.
      type: int
      sample: 17
summary:
  description: Counts over all applications. Statuses are those before the run.
  type: dict
  returned: always, except for invalid options and if the applications could not be read
  contains:
    total:
      description: Number of applications.
      type: int
      sample: 340
    highly_available:
      description: Applications that were highly available before the run.
      type: int
      sample: 301
    degraded:
      description: Applications that were HA in name only before the run.
      type: int
      sample: 12
    standalone:
      description: Applications that were scalable, but not HA, before the run.
      type: int
      sample: 20
    not_scalable:
      description: Applications that cannot be highly available.
      type: int
      sample: 7
    drifted:
      description: Applications that were not in the desired state.
      type: int
      sample: 32
    blocked:
      description: Drifted applications that the platform would refuse to change.
      type: int
      sample: 2
    changed:
      description: Applications that changed, or in check mode would change.
      type: int
      sample: 30
    failed:
      description: Applications that failed, including the blocked ones.
      type: int
      sample: 2
    ignored:
      description: Applications that O(policy) ignores. They are neither drifted nor failed.
      type: int
      returned: with O(policy)
      sample: 0
    gears_needed:
      description: Number of gears per owner that all drifted applications need, even beyond the quota.
      type: dict
      sample: {alice: 30, bob: 4}
    gears_available:
      description: Number of remaining gears per owner. Empty if nothing drifted.
      type: dict
      sample: {alice: 120, bob: 2}
    after:
      description: Number of applications per status at the end of the run. In check mode, the predicted numbers.
      type: dict
      sample: {highly_available: 331, degraded: 2, standalone: 0, not_scalable: 7}
    unmatched:
      description:
        - Domains in O(select), and names and owners without wildcards, that no accessible application has. An owner is
          written as C(owner LOGIN).
      type: list
      elements: str
      sample: []
    unused_rules:
      description: The rules of O(policy) that apply to none of the applications. The module also warns of them.
      type: list
      elements: str
      returned: with O(policy)
      sample: ["3 (old tests)"]
diff:
  description: For each application that changed, what changed, in two lines, as C(--diff) shows it.
  type: list
  elements: dict
  returned: in diff mode
  sample: [{prepared: "acme/shop: degraded -> highly_available\n  HAProxy 1 -> 2, web gears 3 -> 4\n"}]
msg:
  description:
    - How many applications failed, and a line for each of the first reasons. Applications with the same reason are
      listed together. The last line lists the applications that did not fail.
  type: str
  returned: failure
  sample: |-
    3 of 340 applications failed. The desired state cannot be reached: not enough gears: needs 1, alice has 0 left.
    Applications: acme/blog, acme/shop. Nothing was changed. Raise the owner's gear limit, or free gears.
    acme/wiki: could not be read: application 'wiki' in domain 'acme' is not accessible. Nothing was changed. Check
    domain and name, and that the account is a member of the domain.
    Successful: 1 with changes (acme/pay), 336 without changes.
blockers:
  description: Why the platform refused to return the applications.
  type: list
  elements: dict
  returned: if the applications could not be read
  contains:
    code:
      description: V(permission) or V(maintenance).
      type: str
      sample: maintenance
    message:
      description: The reason, in the broker's words.
      type: str
      sample: The broker is in maintenance until 14:00 UTC.
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_apps_ha")


if __name__ == "__main__":
    main()
