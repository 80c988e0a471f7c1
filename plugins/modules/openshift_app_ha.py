#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one application truly highly available."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_app_ha
short_description: Make an application on OpenShift v2 truly highly available
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Enables or disables the high availability (HA) of an application, and verifies the result.
  - On OpenShift v2, C(rhc app enable-ha) reports that the application is now HA, but does not always add a second
    HAProxy instance. An application that already has two or more gears keeps a single instance, and the platform does
    not report this. This module counts the HAProxy instances and adds the missing one.
  - An application in the desired state costs one request. O(verify=placement) adds one request.
  - After its own write requests, the module always reads on which nodes the HAProxy instances are, and whether they are
    started. It repeats this until the result is proven, or until O(wait_timeout) is over. If this cannot be read, the
    run fails. With O(verify=count), the run also fails if an instance is missing or an operation has not ended. Other
    problems, such as two instances on one node, are then only warnings.
  - No gear is removed while a node of the application does not answer.
  - The module never simply repeats a write request. After a missing answer or a failure on a node, it waits for the end
    of the operation. It then checks the application and continues from its current state.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application
  - openshift_v2.apps.converge
  - openshift_v2.apps.converge.waiting
  - openshift_v2.apps.verification
  - openshift_v2.apps.policy
options:
  state:
    description:
      - V(present) makes the application HA, with two HAProxy instances (see O(scale_strategy)).
      - V(absent) disables HA. Gears and HAProxy instances stay. O(scale_strategy) and O(preserve_gear_count) have no
        effect.
    type: str
    choices: [present, absent]
    default: present
  relocate:
    description:
      - Whether to replace one of two HAProxy instances that are on the same node. It has an effect with
        O(verify=placement) and O(verify=traffic).
      - The run disables HA, removes the gear of the instance that is not on the head gear (the first gear of the
        application), and enables HA again. If the application had two gears, this creates a new gear with the second
        instance. Otherwise, a raised minimum then adds that gear. The head gear's instance runs all the time. A minimum
        that prevents the removal is lowered first, and restored at the end.
      - Nothing is changed unless it is certain that HA can be enabled again. The account must own the application and
        have the HA capability. The application must have exactly two instances, both started, one of them on the head
        gear. Otherwise the run fails with the blocker C(relocation).
      - Whether another node has enough capacity cannot be read in advance. If none has, the run fails, and leaves the
        application with one HAProxy instance. If the platform allows several instances on a node, the new one can be on
        the same node again, and the run fails.
      - A run that is killed in between leaves the application without HA, or with fewer gears or a lower minimum. The
        next run enables HA and adds the instance again. A lowered minimum stays lowered, and with
        O(preserve_gear_count) the removed gear is not added again.
      - Without this option, or if the replacement is not possible, the run fails with the blocker C(relocation), and
        shows the command with which an administrator moves a gear.
    type: bool
    default: false
    version_added: 1.0.0
attributes:
  check_mode:
    support: full
    details:
      - Predicts the result of the real run. Fails with the blockers if the real run would fail. For this it also reads
        the gear quota of the application's owner and of the account.
      - The API does not expose another user's capabilities. If the owner is not the account, a warning reports this.
      - The API does not show the broker's HA multiplier, so a predicted RV(application.haproxy_count) of 2 means at
        least two.
      - An HA application has a minimum of at least 2 gears. The API does not show whether this minimum was set by a
        user, so with O(state=absent) the prediction is a minimum of 1. For the same reason, the steps that lower and
        restore a minimum of 2 can be missing in the prediction for O(relocate).
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - name: How the broker behaves
    description: What make-ha does, refusals and failures, and the reasons for the steps of this module.
    link: https://github.com/openshift-v2-apps/openshift_v2.apps/blob/main/docs/broker.md
"""

EXAMPLES = r"""
# Configure the connection once per play. The password comes from the environment (OPENSHIFT_BROKER_PASSWORD).
- name: Make the shop highly available
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/openshift_v2.apps.all:
      broker_url: https://broker.example.com
      username: deploy
  tasks:
    - name: Ensure that the shop has two HAProxy instances
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop

    - name: Ensure two HAProxy instances with the current number of gears
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        preserve_gear_count: true

    - name: Ensure two HAProxy instances, and three to ten gears
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        min_gears: 3
        max_gears: 10

    - name: Enable HA, and leave the second HAProxy instance to the next scale-up
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        scale_strategy: none

    - name: Raise a maximum of two, which blocks the second HAProxy instance
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: intranet
        max_gears: 3
        preserve_gear_count: true

    - name: Disable HA, and keep the gears
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        state: absent

- name: Fail if an application is highly available in name only, and change nothing
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Check the shop
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
      check_mode: true
      register: shop

    - name: Fail if the shop is not highly available
      ansible.builtin.assert:
        that: shop.before.ha_status == 'highly_available'
        fail_msg: "{{ shop.before.domain }}/{{ shop.before.name }} is {{ shop.before.ha_status }}"
"""

RETURN = r"""
broker_url:
  description: The address of the broker, as in O(broker_url).
  type: str
  returned: always, except for invalid options
  sample: https://broker.example.com
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
instances:
  description:
    - The HAProxy instances, as they were read last. Empty if their placement was not read.
  type: list
  elements: dict
  returned: always, except for invalid options
  contains:
    address:
      description: Address of the HAProxy instance, which is the address of its node.
      type: str
      sample: 10.0.0.11
    port:
      description: Port of the HAProxy instance.
      type: int
      sample: 35575
    gear:
      description: Identifier of its gear.
      type: str
      sample: 6b02f622686c820dac0000c2
    state:
      description: State of its gear. V(unknown) if the node does not answer.
      type: str
      sample: started
    zone:
      description: Region and zone of its gear. Empty if the platform has no zones.
      type: str
      sample: east/z1
    answered:
      description: Whether it answered the HTTP request. V(null) if no request was sent.
      type: bool
      sample: true
    counts:
      description: Whether it counts at the requested level.
      type: bool
      sample: true
policy_rule:
  description:
    - The rule of O(policy) that applies to the application. V(null) if no rule applies.
  type: dict
  returned: with O(policy), if the application could be read
  contains:
    number:
      description: The place of the rule in the policy, from 1.
      type: int
      sample: 2
    name:
      description: The label of the rule. Empty if it has none.
      type: str
      sample: tests
ignored:
  description: Whether the policy ignores the application. Such an application is not changed.
  type: bool
  returned: with O(policy), if the application could be read
  sample: false
steps:
  description:
    - The write requests of the run, in order. After a failure, also those that were not sent.
  type: list
  elements: dict
  returned: always, except for invalid options
  contains:
    action:
      description:
        - V(make_ha), V(disable_ha), V(scale_up), V(scale_down), V(set_limits), V(start) (starts the gears that are not
          started), or V(wait) (waits for the end of operations that are in progress or queued).
        - V(unknown) if the module did not return its result before the task ended (C(timeout)).
      type: str
      sample: set_limits
    detail:
      description: What the step does, and an explanation of its result if one is needed.
      type: str
      sample: "set the limits of php-5.4: minimum 2 -> 4, 1 gear added (HAProxy 1 -> 2)"
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
        - V(not_scalable), V(maximum), V(minimum), V(gear_removal), V(capability), V(ha_disabled), V(gear_limit),
          V(caller_gear_limit), V(permission) (of the role or of the token), V(maintenance), V(upgrading), or
          V(refused) for any other refusal by the broker.
        - V(node_unreachable) if a node does not answer, so that the instances cannot be verified, or no gear may be
          removed; V(stopped) if no gear of the application is started; V(relocation) if the HAProxy instances are on
          the same node; otherwise the code of a problem that this module cannot solve, see RV(application.problems).
      type: str
      sample: maximum
    message:
      description: The reason, and what to do about it.
      type: str
      sample: >-
        acme/intranet: the second HAProxy instance needs a new gear, but the application has 2 gears and its maximum is
        2. Set max_gears to 3 or more (-1: no limit).
gears_needed:
  description: The largest number of additional gears that the run needs at any time to reach the desired state.
  type: int
  returned: always, except for invalid options
  sample: 1
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
    acme/intranet: the desired state cannot be reached: the second HAProxy instance needs a new gear, but the
    application has 2 gears and its maximum is 2. Nothing was changed. Set max_gears to 3 or more (-1: no limit).
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_app_ha")


if __name__ == "__main__":
    main()
