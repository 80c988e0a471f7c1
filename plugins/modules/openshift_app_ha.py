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
  - Makes an application highly available (HA), or no longer so, and proves it by looking at it afterwards.
  - On OpenShift v2, C(rhc app enable-ha) answers that the application is now HA, whether or not there is a second
    HAProxy. An application that had two gears or more still has one, and nothing shows it. This module counts them,
    and brings the second one where it is missing.
  - An application that is as wished costs one request.
  - A request that changes something is never blindly sent again. After a lost answer, or a failure on a node, the
    module waits until the broker is done with it, looks, and goes on from what it finds.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application
  - openshift_v2.apps.converge
  - openshift_v2.apps.converge.waiting
options:
  state:
    description:
      - V(present) makes the application HA, with two HAProxy (see O(scale_strategy)).
      - V(absent) makes it not HA. Its gears and HAProxy stay, and O(scale_strategy) and O(preserve_gear_count) mean
        nothing.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    support: full
    details:
      - It predicts what the real run would return and fails with the blockers where that would fail. For this it also
        reads the room for gears of the application's owner and of the account used.
      - The API does not show the capability of an owner who is not the account used. A warning says so.
      - It does not show the broker's HA multiplier either, so RV(application.haproxy_count) is a lower bound once it is
        2. Nor does it show whether the minimum of 2 gears of an HA application is its own, so with O(state=absent) it
        predicts a minimum of 1 then.
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - name: How the broker behaves
    description: What make-ha does and does not do, refusals and faults, with the reasons for this module's steps.
    link: https://github.com/openshift-v2-apps/openshift_v2.apps/blob/main/docs/broker.md
"""

EXAMPLES = r"""
# The connection once for the play; the password comes from the environment (OPENSHIFT_BROKER_PASSWORD).
- name: Make the shop highly available
  hosts: localhost
  gather_facts: false
  module_defaults:
    group/openshift_v2.apps.all:
      broker_url: https://broker.example.com
      username: deploy
  tasks:
    - name: Two HAProxy, whatever it takes
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop

    - name: The same, without a gear more in the end
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        preserve_gear_count: true

    - name: The same, and never fewer than three gears nor more than ten
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        min_gears: 3
        max_gears: 10

    - name: Say HA and leave the second HAProxy to the next scale-up
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        scale_strategy: none

    - name: A maximum of two is in the way of the second HAProxy, so raise it
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: intranet
        max_gears: 3
        preserve_gear_count: true

    - name: No longer highly available; the gears stay
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
        state: absent

- name: Fail where an application is highly available in name only, and change nothing
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Look
      openshift_v2.apps.openshift_app_ha:
        domain: acme
        name: shop
      check_mode: true
      register: shop

    - name: Complain
      ansible.builtin.assert:
        that: shop.before.ha_status == 'highly_available'
        fail_msg: "{{ shop.before.domain }}/{{ shop.before.name }} is {{ shop.before.ha_status }}"
"""

RETURN = r"""
application:
  description:
    - The application at the end, as it was seen; in check mode, as it would be.
    - If it could not be looked at, only RV(application.domain) and RV(application.name), as they were given.
  type: dict
  returned: always, except for bad options
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
      description: What the platform says, whether or not there is a second HAProxy.
      type: bool
      sample: true
    ha_status:
      description:
        - What the application is. V(highly_available) (HA and two HAProxy or more), V(degraded) (HA, but fewer than
          two HAProxy), V(standalone) (scalable, not HA) or V(not_scalable).
      type: str
      sample: highly_available
    haproxy_count:
      description: Number of HAProxy instances. In check mode a lower bound once it is 2.
      type: int
      sample: 2
    gear_count:
      description: Number of gears, those of other cartridges (databases, say) included.
      type: int
      sample: 4
    web_gears:
      description: Number of gears of the web cartridge.
      type: int
      sample: 4
    min_gears:
      description: Minimum of the web cartridge.
      type: int
      sample: 2
    max_gears:
      description: Maximum of the web cartridge, V(-1) for none.
      type: int
      sample: -1
    url:
      description: Address of the application.
      type: str
      sample: http://shop-acme.example.com/
before:
  description: The application before, of the same shape as RV(application).
  type: dict
  returned: always, except for bad options
  contains: *application
steps:
  description:
    - The requests that changed something, or tried to, in order; after a failure also those that were not sent.
  type: list
  elements: dict
  returned: always, except for bad options
  contains:
    action:
      description: V(make_ha), V(disable_ha), V(scale_up), V(scale_down) or V(set_limits).
      type: str
      sample: scale_up
    detail:
      description: What it does, and what became of it where that needs words.
      type: str
      sample: scale up from 3 gears to 4 (HAProxy 1 -> 2)
    status:
      description:
        - V(done), V(planned) (not sent), V(failed) (without effect), or V(unknown) (it may have taken effect, or may
          yet).
      type: str
      sample: done
    seconds:
      description: How long the broker took to answer; null if nothing was sent.
      type: float
      sample: 14.2
blockers:
  description: Why the platform refuses, or would refuse, what is wished. Empty if it does not.
  type: list
  elements: dict
  returned: always, except for bad options
  contains:
    code:
      description:
        - V(not_scalable), V(maximum), V(minimum), V(gear_removal), V(capability), V(ha_disabled), V(gear_limit),
          V(caller_gear_limit), V(permission), V(maintenance), V(upgrading), or V(refused) for anything else that the
          broker refuses.
      type: str
      sample: maximum
    message:
      description: The reason in words, and what can be done about it.
      type: str
      sample: >-
        acme/intranet has 2 gears and its maximum is 2, but the second HAProxy comes only with a new gear: raise it
        with max_gears: 3 (or more, or -1 for no limit).
gears_needed:
  description: The most gears that the way to what is wished needs (or needed) beyond those that were there.
  type: int
  returned: always, except for bad options
  sample: 1
gears_available:
  description:
    - Gears that the owner of the domain could still use beforehand.
    - V(null) where nobody looked. That is so if nothing is to be done, outside check mode for a single request, and
      where the account may not see it.
  type: int
  returned: always, except for bad options
  sample: 12
diff:
  description: RV(before) against RV(application).
  type: dict
  returned: always, except for bad options and applications that could not be looked at
msg:
  description: What happened, to which application, what was and was not changed, and what to do next.
  type: str
  returned: failure
  sample: >-
    acme/intranet: not brought to what was wished. acme/intranet has 2 gears and its maximum is 2, but the second
    HAProxy comes only with a new gear: raise it with max_gears: 3 (or more, or -1 for no limit). Nothing was changed.
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_app_ha")


if __name__ == "__main__":
    main()
