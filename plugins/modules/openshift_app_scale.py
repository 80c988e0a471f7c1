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
  - Gives an application a number of web gears (O(gears)), or so many more or fewer than it has (O(by)), by the events
    C(scale-up) and C(scale-down), as C(rhc app-scale-up) and C(rhc app-scale-down) do.
  - The limits of the web cartridge are left as they are, and bind. See M(openshift_v2.apps.openshift_cartridge_scale).
  - A new gear of an HA application brings the second HAProxy where that is missing. Of an application that is not HA
    and has two HAProxy, the gears with HAProxy go first. A warning says so.
  - At most one event takes effect in a run, for however many gears. An event whose answer was lost is never sent again,
    as it could be done twice. The module waits until the broker is done with it, and looks. Where no effect is seen,
    the step is V(unknown) and the run fails, telling you to look again later.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application
  - openshift_v2.apps.converge.waiting
options:
  gears:
    description:
      - Number of web gears to have. Gears of databases and the like do not count.
      - It cannot be outside the limits of the web cartridge, and so never below 2 under HA.
      - If somebody else scales the application at the same time and it ends with another number, the run fails and says
        so. It does not scale again, for two operators that correct each other may take more than either wants, even a
        gear with HAProxy. Run again when that is over.
      - Either this or O(by) is required.
    type: int
  by:
    description:
      - Number of web gears to add, below zero to take away. It is the event itself and so B(not idempotent). Each run
        adds or takes away again.
      - It is sent again only where it was certainly not begun, that is if the broker was not reached, or answered that
        another operation is running on the application. After a failure on a node it is not tried again.
    type: int
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
    support: partial
    details:
      - With O(gears). With O(by) each run scales.
seealso:
  - module: openshift_v2.apps.openshift_app_ha
  - module: openshift_v2.apps.openshift_cartridge_scale
  - name: How the broker behaves
    description: What the events do and do not do, refusals and faults, with the reasons for this module's steps.
    link: https://github.com/openshift-v2-apps/openshift_v2.apps/blob/main/docs/broker.md
"""

EXAMPLES = r"""
- name: Ten web gears for the sale
  openshift_v2.apps.openshift_app_scale:
    domain: acme
    name: shop
    gears: 10

- name: Two more than there are, each time that this runs
  openshift_v2.apps.openshift_app_scale:
    domain: acme
    name: shop
    by: 2

- name: One less than there are, each time that this runs
  openshift_v2.apps.openshift_app_scale:
    domain: acme
    name: shop
    by: -1
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
      description: V(scale_up) or V(scale_down).
      type: str
      sample: scale_up
    detail:
      description: What it does, and what became of it where that needs words.
      type: str
      sample: scale up from 3 gears to 10 (HAProxy 1 -> 2)
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
        - V(not_scalable), V(maximum), V(minimum), V(scaled_meanwhile) (somebody else scales it at the same time),
          V(gear_limit), V(caller_gear_limit), V(permission), V(maintenance), V(upgrading), or V(refused) for anything
          else that the broker refuses.
      type: str
      sample: maximum
    message:
      description: The reason in words, and what can be done about it.
      type: str
      sample: >-
        acme/shop has 3 gears and its maximum is 8, so 2 more cannot be added: raise it with max_gears of
        openshift_cartridge_scale.
gears_needed:
  description: The most gears that the way to what is wished needs (or needed) beyond those that were there.
  type: int
  returned: always, except for bad options
  sample: 7
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
    acme/shop: not brought to what was wished. acme/shop has 3 gears and its maximum is 8, so 2 more cannot be added:
    raise it with max_gears of openshift_cartridge_scale. Nothing was changed.
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_app_scale")


if __name__ == "__main__":
    main()
