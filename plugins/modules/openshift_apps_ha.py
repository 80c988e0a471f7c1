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
  - Does for a whole fleet what M(openshift_v2.apps.openshift_app_ha) does for one application.
  - All applications are looked at with one request. Where any drifted, two more tell the room for gears of their
    owners,
    which is shared out beforehand. An application that there is no room for is left out and reported, and the plan,
    check mode and the real run name the same ones.
  - Applications that drifted are looked at once more, and the room for them where they need more than one change, and
    then repaired in parallel, the owners in turn. What needs gears of the account itself comes after what needs those
    of others, for the platform looks at the account's own limit in both cases.
  - Each application has its own outcome, and what fails with one stops none of the others, unless O(on_error=stop).
  - A run that is interrupted writes no more. Run again, it goes on where it stopped.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application.select
  - openshift_v2.apps.converge
  - openshift_v2.apps.converge.waiting
options:
  applications:
    description:
      - The applications. One that is not within reach, or not scalable, fails by itself.
      - An empty list is nothing to do, and costs no request.
      - Either this or O(select) is required. Applications of a selection that are not scalable are reported and left
        alone.
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
        choices: [scale_up, set_minimum, none]
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
      wait_timeout:
        description: As O(wait_timeout), for this application.
        type: float
      poll_interval:
        description: As O(poll_interval), for this application.
        type: float
  state:
    description:
      - V(present) makes the applications HA, with two HAProxy each (see O(scale_strategy)).
      - V(absent) makes them not HA. Their gears and HAProxy stay.
    type: str
    choices: [present, absent]
    default: present
  concurrency:
    description:
      - How many applications to repair at the same time.
    type: int
    default: 4
  max_changes:
    description:
      - Change nothing at all, and fail, if more applications than this would change. It guards against a slip in the
        selection, and counts in check mode as well.
    type: int
  on_error:
    description:
      - V(continue) goes on with the other applications after one failed.
      - V(stop) begins no further application then, and none at all where one fails already beforehand.
    type: str
    choices: [continue, stop]
    default: continue
attributes:
  check_mode:
    support: full
    details:
      - It predicts what becomes of each application, room for gears considered, and fails where the real run would
        fail.
      - That high availability is disabled on the whole platform is not seen beforehand.
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: All applications within reach, eight at a time, but never more than fifty changes in one night
  openshift_v2.apps.openshift_apps_ha:
    select: {}
    concurrency: 8
    max_changes: 50
    preserve_gear_count: true

- name: The applications of two domains, without the tests
  openshift_v2.apps.openshift_apps_ha:
    select:
      domains: [acme, globex]
      exclude: ["*test", "acme/sandbox"]
      scalable_only: true

- name: A list, with a wish of its own for one of them
  openshift_v2.apps.openshift_apps_ha:
    applications:
      - domain: acme
        name: shop
        min_gears: 3
      - domain: acme
        name: blog

- name: See what has drifted, and change nothing
  openshift_v2.apps.openshift_apps_ha:
    select: {}
  check_mode: true
  register: audit
"""

RETURN = r"""
results:
  description:
    - What became of each application, in the order of the list, or by domain and name.
    - Each has what M(openshift_v2.apps.openshift_app_ha) returns, RV(ignore:diff) only in diff mode, and what is
      listed here.
  type: list
  elements: dict
  returned: always, except for bad options
  contains:
    failed:
      description:
        - Whether the application is not what was wished. One that was not attempted any more after another had failed
          (O(on_error=stop)) has failed as well. Where the run as a whole was refused beforehand, only those have
          that something stands in the way of.
      type: bool
      sample: false
    msg:
      description: What happened, in words.
      type: str
      sample: "acme/shop: degraded -> highly_available (+1 gear)"
    gears_available:
      description:
        - The gears that the owner might still use when its turn came in the plan, null where that was not asked.
      type: int
      sample: 17
summary:
  description: Counts over all applications. The statuses are those that were found.
  type: dict
  returned: always, except for bad options and if the applications could not be looked at
  contains:
    total:
      description: Number of applications.
      type: int
      sample: 340
    highly_available:
      description: Applications that were found so.
      type: int
      sample: 301
    degraded:
      description: Applications that were found HA in name only.
      type: int
      sample: 12
    standalone:
      description: Applications that were found scalable, but not HA.
      type: int
      sample: 20
    not_scalable:
      description: Applications that cannot be HA.
      type: int
      sample: 7
    drifted:
      description: Applications that were not as wished.
      type: int
      sample: 32
    blocked:
      description: Drifted applications that cannot be changed, as was known beforehand.
      type: int
      sample: 2
    changed:
      description: Applications that were changed (in check mode, that would be).
      type: int
      sample: 30
    failed:
      description: Applications that failed, the blocked ones included.
      type: int
      sample: 2
    gears_needed:
      description: By owner, the gears that the drift needs in all, whether or not there is room for them.
      type: dict
      sample: {alice: 30, bob: 4}
    gears_available:
      description: By owner, the gears that may still be used. Empty if nothing drifted.
      type: dict
      sample: {alice: 120, bob: 2}
    after:
      description: The number of applications of each status at the end (in check mode, as it would be).
      type: dict
      sample: {highly_available: 331, degraded: 2, standalone: 0, not_scalable: 7}
    unmatched:
      description: Domains of O(select), and names in it without wildcards, that no application within reach has.
      type: list
      elements: str
      sample: []
diff:
  description: For each application that changed, its state before and after.
  type: list
  elements: dict
  returned: in diff mode
msg:
  description: How many applications failed, and what happened to the first of them.
  type: str
  returned: failure
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_apps_ha")


if __name__ == "__main__":
    main()
