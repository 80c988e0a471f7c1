#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set the minimum and the maximum number of gears of a cartridge."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_cartridge_scale
short_description: Limit the gears of a cartridge on OpenShift v2
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Sets the minimum and the maximum number of gears of a cartridge of an application, like C(rhc cartridge-scale).
  - A minimum above the current number of gears creates gears immediately. If the application is HA and its second
    HAProxy instance is missing, the first new gear gets it.
  - A maximum below the current number of gears removes gears immediately, so it requires O(allow_gear_removal). If an
    application without HA has two HAProxy instances, the broker removes gears with HAProxy first. A warning reports
    this.
  - Before gears are removed, the states of all gears are read. No gear is removed while a node does not answer, because
    the broker could remove the HAProxy instance that still works.
  - After a change of an HA application, the module reads where the HAProxy instances are. It fails if it cannot read
    this within O(wait_timeout), or if an HAProxy instance that the platform counts does not exist yet.
  - Both limits are set with one request. Cartridges on the same gears share their limits.
  - After a missing answer or a failure on a node, the module waits for the end of the operation. It then checks the
    application and continues from its current state.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application
  - openshift_v2.apps.converge.waiting
options:
  cartridge:
    description:
      - Name of a cartridge of the application, with or without its version, for example V(php-5.4) or V(php).
      - HAProxy and cartridges that share the web gears, such as C(cron), have no limits of their own. Set the limits of
        the web cartridge instead.
      - Most databases support only one gear.
    type: str
    required: true
  min_gears:
    description:
      - Minimum number of gears of the cartridge.
      - For the web cartridge of an HA application, a minimum below 2 counts as 2.
      - If not set, the minimum does not change. One of O(min_gears) or O(max_gears) is required.
    type: int
  max_gears:
    description:
      - Maximum number of gears of the cartridge, V(-1) for no limit.
      - For the web cartridge of an HA application, the maximum must be at least 2.
      - If not set, the maximum does not change. One of O(min_gears) or O(max_gears) is required.
    type: int
  allow_gear_removal:
    description:
      - Allow O(max_gears) below the current number of gears, which removes gears immediately.
    type: bool
    default: false
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
    support: full
seealso:
  - module: openshift_v2.apps.openshift_app_ha
  - module: openshift_v2.apps.openshift_app_scale
  - name: How the broker behaves
    description: What limits do, refusals and failures, and the reasons for the steps of this module.
    link: https://github.com/openshift-v2-apps/openshift_v2.apps/blob/main/docs/broker.md
"""

EXAMPLES = r"""
- name: Limit PHP to three to ten gears
  openshift_v2.apps.openshift_cartridge_scale:
    domain: acme
    name: shop
    cartridge: php-5.4
    min_gears: 3
    max_gears: 10

- name: Remove the maximum of PHP, for any version of it
  openshift_v2.apps.openshift_cartridge_scale:
    domain: acme
    name: shop
    cartridge: php
    max_gears: -1

- name: Limit PHP to four gears, and remove any further gears
  openshift_v2.apps.openshift_cartridge_scale:
    domain: acme
    name: shop
    cartridge: php-5.4
    max_gears: 4
    allow_gear_removal: true
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
cartridge:
  description:
    - The cartridge at the end of the run. In check mode, the predicted cartridge.
    - If the application could not be read, or has no such cartridge, only RV(cartridge.name), as in the options.
  type: dict
  returned: always, except for invalid options
  contains: &cartridge
    name:
      description: Full name of the cartridge.
      type: str
      sample: php-5.4
    gears:
      description: Number of gears of the cartridge.
      type: int
      sample: 3
    min_gears:
      description: Minimum number of gears of the cartridge.
      type: int
      sample: 3
    max_gears:
      description: Maximum number of gears of the cartridge, V(-1) for no limit.
      type: int
      sample: 10
cartridge_before:
  description: The cartridge before the run, with the same keys as RV(cartridge).
  type: dict
  returned: always, except for invalid options
  contains: *cartridge
steps:
  description:
    - The write requests of the run, in order. After a failure, also those that were not sent.
  type: list
  elements: dict
  returned: always, except for invalid options
  contains:
    action:
      description:
        - V(set_limits), or V(unknown) if the module did not return its result before the task ended (C(timeout)).
      type: str
      sample: set_limits
    detail:
      description: What the step does, and an explanation of its result if one is needed.
      type: str
      sample: "set the limits of php-5.4: minimum 1 -> 3, maximum none -> 10, 2 gears added"
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
        - V(no_cartridge), V(not_scalable), V(maximum), V(minimum), V(gear_removal), V(node_unreachable) (gears would be
          removed while a node does not answer), V(gear_limit), V(permission) (of the role or of the token),
          V(maintenance), V(upgrading), or V(refused) for any other refusal by the broker.
      type: str
      sample: gear_removal
    message:
      description: The reason, and what to do about it.
      type: str
      sample: >-
        acme/shop: 2 gears would be removed at once (set the limits of php-5.4: maximum none -> 4, 2 gears removed). Set
        allow_gear_removal: true if that is intended.
gears_needed:
  description: The largest number of additional gears that the run needs at any time to reach the desired state.
  type: int
  returned: always, except for invalid options
  sample: 2
gears_available:
  description:
    - Number of gears that the owner of the domain could still use before the run.
    - V(null) if the gear quota was not read. It is not read if nothing has to change, or if the account has no access
      to it. Outside of check mode, it is also not read before a single write request.
  type: int
  returned: always, except for invalid options
  sample: 12
diff:
  description:
    - A short comparison of RV(before) and RV(cartridge_before) with RV(application) and RV(cartridge), as C(--diff)
      shows it. Empty without changes.
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
    acme/shop: the desired state cannot be reached: 2 gears would be removed at once (set the limits of php-5.4: maximum
    none -> 4, 2 gears removed). Nothing was changed. Set allow_gear_removal: true if that is intended.
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_cartridge_scale")


if __name__ == "__main__":
    main()
