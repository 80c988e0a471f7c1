#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set the minimum and the maximum of gears of one cartridge."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_cartridge_scale
short_description: Limit the gears of a cartridge on OpenShift v2
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Sets the minimum and the maximum number of gears of a cartridge of an application, as C(rhc cartridge-scale) does.
  - A minimum above the present number of gears makes gears at once. Under HA the first of them brings the second
    HAProxy where that is missing.
  - A maximum below the present number of gears removes gears at once, so it needs O(allow_gear_removal). Of an
    application that is not HA and has two HAProxy, the gears with HAProxy go first. A warning says so.
  - Both limits are set with one request. Cartridges on the same gears share their limits.
  - After a lost answer, or a failure on a node, the module waits until the broker is done with it, looks, and goes on
    from what it finds.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application
  - openshift_v2.apps.converge.waiting
options:
  cartridge:
    description:
      - Name of the cartridge, with or without its version, for example V(php-5.4) or V(php). The application must have
        it.
      - HAProxy cannot be scaled, nor can cartridges that ride on the web gears, such as C(cron). Scale the web
        cartridge then.
      - Most databases are made for one gear.
    type: str
    required: true
  min_gears:
    description:
      - Fewest gears that the cartridge is to have.
      - Under HA the web cartridge has a minimum of 2 at least, and one below it counts as 2.
      - If not set, the minimum is left as it is. One of the two limits is required.
    type: int
  max_gears:
    description:
      - Most gears that the cartridge may have, V(-1) for no limit.
      - Under HA the maximum of the web cartridge cannot be 1.
      - If not set, the maximum is left as it is. One of the two limits is required.
    type: int
  allow_gear_removal:
    description:
      - Allow a O(max_gears) below the present number of gears, which removes gears at once.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - It predicts what the real run would return and fails with the blockers where that would fail. For this it also
        reads the room for gears of the application's owner and of the account used.
      - The API does not show the broker's HA multiplier, so RV(application.haproxy_count) is a lower bound once it is
        2.
  diff_mode:
    support: full
  idempotent:
    support: full
seealso:
  - module: openshift_v2.apps.openshift_app_ha
  - module: openshift_v2.apps.openshift_app_scale
  - name: How the broker behaves
    description: What limits do and do not do, refusals and faults, with the reasons for this module's steps.
    link: https://github.com/openshift-v2-apps/openshift_v2.apps/blob/main/docs/broker.md
"""

EXAMPLES = r"""
- name: Never fewer than three gears for PHP, nor more than ten
  openshift_v2.apps.openshift_cartridge_scale:
    domain: acme
    name: shop
    cartridge: php-5.4
    min_gears: 3
    max_gears: 10

- name: As many as the traffic asks for, whichever version of PHP it is
  openshift_v2.apps.openshift_cartridge_scale:
    domain: acme
    name: shop
    cartridge: php
    max_gears: -1

- name: No more than four gears, and if there are more now, remove them
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
cartridge:
  description:
    - The cartridge at the end, as it was seen; in check mode, as it would be.
    - If the application could not be looked at, or has no such cartridge, only RV(cartridge.name), as it was given.
  type: dict
  returned: always, except for bad options
  contains: &cartridge
    name:
      description: Full name of the cartridge.
      type: str
      sample: php-5.4
    gears:
      description: Number of its gears.
      type: int
      sample: 3
    min_gears:
      description: Fewest gears that it has to have.
      type: int
      sample: 3
    max_gears:
      description: Most gears that it may have, V(-1) for any number.
      type: int
      sample: 10
cartridge_before:
  description: The cartridge before, of the same shape as RV(cartridge).
  type: dict
  returned: always, except for bad options
  contains: *cartridge
steps:
  description:
    - The requests that changed something, or tried to, in order; after a failure also those that were not sent.
  type: list
  elements: dict
  returned: always, except for bad options
  contains:
    action:
      description: V(set_limits).
      type: str
      sample: set_limits
    detail:
      description: What it does, and what became of it where that needs words.
      type: str
      sample: "set the limits of php-5.4: minimum 1 -> 3, maximum none -> 10, 2 gears added"
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
        - V(no_cartridge), V(not_scalable), V(maximum), V(minimum), V(gear_removal), V(gear_limit), V(permission),
          V(maintenance), V(upgrading), or V(refused) for anything else that the broker refuses.
      type: str
      sample: gear_removal
    message:
      description: The reason in words, and what can be done about it.
      type: str
      sample: >-
        max_gears 4 is below the 6 gears of php-5.4 of acme/shop: 2 would be removed at once. Say
        allow_gear_removal: true if that is meant.
gears_needed:
  description: The most gears that the way to what is wished needs (or needed) beyond those that were there.
  type: int
  returned: always, except for bad options
  sample: 2
gears_available:
  description:
    - Gears that the owner of the domain could still use beforehand.
    - V(null) where nobody looked. That is so if nothing is to be done, outside check mode for a single request, and
      where the account may not see it.
  type: int
  returned: always, except for bad options
  sample: 12
diff:
  description: RV(before) and RV(cartridge_before) against RV(application) and RV(cartridge).
  type: dict
  returned: always, except for bad options and applications that could not be looked at
msg:
  description: What happened, to which application, what was and was not changed, and what to do next.
  type: str
  returned: failure
  sample: >-
    acme/shop: not brought to what was wished. max_gears 4 is below the 6 gears of php-5.4 of acme/shop: 2 would be
    removed at once. Say allow_gear_removal: true if that is meant. Nothing was changed.
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_cartridge_scale")


if __name__ == "__main__":
    main()
