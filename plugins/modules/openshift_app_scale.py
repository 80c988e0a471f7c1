#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scale the web gears of one application."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_app_scale
short_description: Scale the web gears of an application on OpenShift v2
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Scales an application to a number of web gears (O(gears)), or adds or removes web gears (O(by)). It sends the events
    C(scale-up) and C(scale-down), like C(rhc app-scale-up) and C(rhc app-scale-down).
  - The number of gears must be within the limits of the web cartridge, which do not change. See
    M(openshift_v2.apps.openshift_cartridge_scale).
  - A new gear of an HA application gets the second HAProxy instance if that is missing. If an application without HA
    has two HAProxy instances, the broker removes gears with HAProxy first. A warning reports this.
  - Before gears are removed, the states of all gears are read. No gear is removed while a node does not answer, because
    the broker could remove the HAProxy instance that still works.
  - After a change of an HA application, the module reads where the HAProxy instances are. It fails if it cannot read
    this within O(wait_timeout), or if an HAProxy instance that the platform counts does not exist yet.
  - At most one event takes effect in a run, for any number of gears. An event without an answer is never sent again,
    because the application could be scaled twice. The module waits for the end of the operation and checks the
    application. If there is no effect, the step is V(unknown) and the run fails.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application
  - openshift_v2.apps.converge.waiting
options:
  gears:
    description:
      - Desired number of web gears. Gears of other cartridges, such as databases, do not count.
      - The number must be within the limits of the web cartridge. The minimum of an HA application is at least 2.
      - If another operator scales the application at the same time to another number, the run fails. It does not scale
        again, because two operators that correct each other can remove too many gears, even a gear with HAProxy. Run
        again when the other operator has finished.
      - One of O(gears) or O(by) is required.
    type: int
  by:
    description:
      - Number of web gears to add, or to remove if it is negative. This is B(not idempotent). Each run adds or removes
        gears again.
      - The event is sent again only if the broker certainly did not start it. That is the case if the broker was
        unreachable, or if another operation was in progress. It is not sent again after a failure on a node.
    type: int
attributes:
  check_mode:
    support: full
    details:
      - Predicts the result of the real run. Fails with the blockers if the real run would fail. For this it also reads
        the gear quota of the application's owner and of the account.
      - The API does not show the broker's HA multiplier, so a predicted RV(application.haproxy_count) of 2 means at
        least two.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Idempotent with O(gears). With O(by), each run scales again.
seealso:
  - module: openshift_v2.apps.openshift_app_ha
  - module: openshift_v2.apps.openshift_cartridge_scale
  - name: How the broker behaves
    description: What the events do, refusals and failures, and the reasons for the steps of this module.
    link: https://github.com/openshift-v2-apps/openshift_v2.apps/blob/main/docs/broker.md
"""

EXAMPLES = r"""
- name: Scale the shop to ten web gears
  openshift_v2.apps.openshift_app_scale:
    domain: acme
    name: shop
    gears: 10

- name: Add two web gears in each run
  openshift_v2.apps.openshift_app_scale:
    domain: acme
    name: shop
    by: 2

- name: Remove one web gear in each run
  openshift_v2.apps.openshift_app_scale:
    domain: acme
    name: shop
    by: -1
"""

RETURN = r"""
application:
  description:
    - The application at the end of the run. In check mode, the predicted application.
    - If the application could not be read, only RV(application.domain) and RV(application.name), as in the options.
  type: dict
  returned: always, except for invalid options
  contains: &application
    name:
      description: Name of the application.
      type: str
      sample: shop
    domain:
      description: Domain of the application.
      type: str
      sample: acme
    id:
      description: Identifier of the application.
      type: str
      sample: 6b02f61a686c820dac000076
    owner:
      description: Login of the owner of the domain, whose gears the application uses.
      type: str
      sample: alice
    ha:
      description: The platform's HA flag. It does not show whether a second HAProxy instance exists.
      type: bool
      sample: true
    ha_status:
      description:
        - Status of the application. V(highly_available) has the HA flag and at least two HAProxy instances that count
          at the requested level. V(degraded) has the HA flag, but fewer than two such instances. V(standalone) is
          scalable and has no HA flag. V(not_scalable) cannot be highly available.
      type: str
      sample: highly_available
    verified:
      description:
        - The level at which its status was verified, see O(openshift_v2.apps.openshift_app_ha#module:verify).
        - V(count) if the application does not claim HA, or if the placement of its HAProxy instances could not be read.
      type: str
      sample: placement
    problems:
      description:
        - Why an application that claims HA is not highly available. Empty if it is.
      type: list
      elements: dict
      contains:
        code:
          description:
            - V(haproxy_missing) if the platform counts fewer than two HAProxy instances; V(haproxy_same_node) or
              V(haproxy_same_zone) if they share a node or a zone; V(haproxy_not_started) if the gear of one is stopped
              or idle; V(haproxy_state_unknown) if a node does not answer, or if the instances could not be read;
              V(haproxy_unreachable) if an instance did not answer the HTTP request; V(operation_pending) if a counted
              instance has no endpoint, because an operation is in progress, queued or has failed;
              V(haproxy_node_unknown) if it has none although no operation is in progress.
          type: str
          sample: haproxy_same_node
        message:
          description: The reason, and what to do about it.
          type: str
          sample: >-
            acme/shop: the HAProxy instances on gears 6b02f61a686c820dac000076, 6b02f622686c820dac0000c2 are on the same
            node (10.0.0.11). Set relocate: true, or ask an administrator to move one to another node: oo-admin-move
            --gear_uuid 6b02f622686c820dac0000c2 -i NODE.
        repairable:
          description: Whether M(openshift_v2.apps.openshift_app_ha) can solve it.
          type: bool
          sample: true
    haproxy_count:
      description: Number of HAProxy instances. In check mode, 2 means at least two.
      type: int
      sample: 2
    gear_count:
      description: Number of gears, including those of other cartridges such as databases.
      type: int
      sample: 4
    web_gears:
      description: Number of gears of the web cartridge.
      type: int
      sample: 4
    min_gears:
      description: Minimum number of gears of the web cartridge.
      type: int
      sample: 2
    max_gears:
      description: Maximum number of gears of the web cartridge, V(-1) for no limit.
      type: int
      sample: -1
    url:
      description: Address of the application.
      type: str
      sample: http://shop-acme.example.com/
before:
  description: The application before the run, with the same keys as RV(application).
  type: dict
  returned: always, except for invalid options
  contains: *application
steps:
  description:
    - The write requests of the run, in order. After a failure, also those that were not sent.
  type: list
  elements: dict
  returned: always, except for invalid options
  contains:
    action:
      description:
        - V(scale_up) or V(scale_down). V(unknown) if the module did not return its result before the task ended
          (C(timeout)).
      type: str
      sample: scale_up
    detail:
      description: What the step does, and an explanation of its result if one is needed.
      type: str
      sample: scale up from 3 gears to 10 (HAProxy 1 -> 2)
    status:
      description:
        - V(done), V(planned) (not sent), V(failed) (no effect), or V(unknown) (it may have taken effect, or may still
          do so).
      type: str
      sample: done
    seconds:
      description: Time until the broker answered, in seconds. V(null) if nothing was sent.
      type: float
      sample: 14.2
blockers:
  description: Why the platform refuses, or would refuse, the desired state. Empty if nothing blocks it.
  type: list
  elements: dict
  returned: always, except for invalid options
  contains:
    code:
      description:
        - V(not_scalable), V(maximum), V(minimum), V(scaled_meanwhile) (another operator scales it at the same time),
          V(node_unreachable) (gears would be removed while a node does not answer), V(gear_limit),
          V(caller_gear_limit), V(permission) (of the role or of the token), V(maintenance), V(upgrading), or
          V(refused) for any other refusal by the broker.
      type: str
      sample: maximum
    message:
      description: The reason, and what to do about it.
      type: str
      sample: >-
        acme/shop: 10 gears would be above the maximum of 8. Raise the maximum with max_gears of
        openshift_cartridge_scale.
gears_needed:
  description: The largest number of additional gears that the run needs at any time to reach the desired state.
  type: int
  returned: always, except for invalid options
  sample: 7
gears_available:
  description:
    - Number of gears that the owner of the domain could still use before the run.
    - V(null) if the gear quota was not read. It is not read if nothing has to change, or if the account has no access
      to it. Outside of check mode, it is also not read before a single write request.
  type: int
  returned: always, except for invalid options
  sample: 12
diff:
  description: A short comparison of RV(before) with RV(application), as C(--diff) shows it. Empty without changes.
  type: dict
  returned: always, except for invalid options and applications that could not be read
  sample:
    prepared: |
      acme/shop: degraded -> highly_available
        HAProxy 1 -> 2, web gears 3 -> 4
failure:
  description: The parts of RV(msg), each at most one sentence, so that failures with the same reason can be grouped.
  type: dict
  returned: failure, except for invalid options
  contains:
    problem:
      description: What failed.
      type: str
      sample: the desired state cannot be reached
    reason:
      description: Why, without the name of the application.
      type: str
      sample: "not enough gears: needs 1, alice has 0 left"
    effect:
      description: What was and was not changed.
      type: str
      sample: Nothing was changed.
    next_step:
      description: What to do about it.
      type: str
      sample: Raise the owner's gear limit, or free gears.
msg:
  description: The application, what failed, the reason, the effect, and the next step.
  type: str
  returned: failure
  sample: >-
    acme/shop: the desired state cannot be reached: 10 gears would be above the maximum of 8. Nothing was changed. Raise
    the maximum with max_gears of openshift_cartridge_scale.
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_app_scale")


if __name__ == "__main__":
    main()
