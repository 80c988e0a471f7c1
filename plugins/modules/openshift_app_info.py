#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what applications are, and where their HAProxy listen."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_app_info
short_description: Tell whether applications on OpenShift v2 are truly highly available
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Tells of one application, of those of a domain, of a selection, or of all that the account can reach, what they
    really
    are, with their cartridges, and on request with the endpoints of their HAProxy.
  - However many applications they are, one request is enough, with O(gather=endpoints) one more for each application.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application.select
options:
  domain:
    description:
      - Domain (namespace) of the application, or without O(name) of all the applications to tell of. Not together with
        O(select).
    type: str
  name:
    description:
      - Name of the application. It needs O(domain).
    type: str
    aliases: [app]
  gather:
    description:
      - What to tell besides. V(endpoints) adds the gears and the endpoints of the HAProxy.
    type: list
    elements: str
    choices: [endpoints]
    default: []
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: It changes nothing.
  idempotent:
    support: N/A
    details: It changes nothing.
seealso:
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: Where do the HAProxy of the shop listen?
  openshift_v2.apps.openshift_app_info:
    domain: acme
    name: shop
    gather: [endpoints]
  register: shop

- name: Everything within reach
  openshift_v2.apps.openshift_app_info:
  register: fleet

- name: Name those that are HA in name only
  ansible.builtin.debug:
    msg: "{{ fleet.applications | selectattr('ha_status', 'eq', 'degraded') | map(attribute='name') }}"
"""

RETURN = r"""
applications:
  description: The applications, by domain and name.
  type: list
  elements: dict
  returned: success
  contains:
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
    aliases:
      description: Other host names that the application answers to.
      type: list
      elements: str
      sample: [www.example.org]
    members:
      description: Who may do what with the application, teams left out.
      type: list
      elements: dict
      sample: [{login: alice, role: admin, owner: true}]
    cartridges:
      description:
        - Its cartridges. Of HAProxy (tag C(web_proxy)) RV(ignore:current_scale) counts the instances, of others the
          gears.
      type: list
      elements: dict
      sample: [{name: haproxy-1.4, tags: [web_proxy, scales, embedded], current_scale: 2, scales_from: 1, scales_to: 1}]
    gears:
      description: Its gears. Which cartridges a gear has is known by group only.
      type: list
      elements: dict
      returned: with O(gather=endpoints)
      sample: [{id: 6b02f622686c820dac0000c2, state: started, cartridges: [haproxy-1.4, php-5.4]}]
    endpoints:
      description:
        - Where an external router sends traffic, that is the address and port of each HAProxy, its gear, and the
          gear's state.
      type: list
      elements: dict
      returned: with O(gather=endpoints)
      sample: [{address: 10.0.0.11, port: 35575, gear: 6b02f622686c820dac0000c2, state: started}]
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_app_info")


if __name__ == "__main__":
    main()
