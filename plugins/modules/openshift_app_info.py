#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the status of applications, and the addresses of their HAProxy instances."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_app_info
short_description: Show whether applications on OpenShift v2 are truly highly available
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Returns the true status and the cartridges of one application, of the applications of a domain, of a selection, or
    of all accessible applications. On request it also returns the endpoints of their HAProxy instances.
  - It sends one request for any number of applications. With O(gather=endpoints), it sends one more for each
    application. With O(verify=placement), it sends one more for each application that claims HA.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
  - openshift_v2.apps.application.select
  - openshift_v2.apps.verification
options:
  domain:
    description:
      - Domain (namespace) of the application. Without O(name), the module returns all applications of the domain.
        Mutually exclusive with O(select).
    type: str
  name:
    description:
      - Name of the application. Requires O(domain).
    type: str
    aliases: [app]
  gather:
    description:
      - Additional information. V(endpoints) adds the gears and the endpoints of the HAProxy instances.
    type: list
    elements: str
    choices: [endpoints]
    default: []
  concurrency:
    description:
      - How many applications to verify at the same time.
    type: int
    default: 4
    version_added: 1.0.0
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: This module changes nothing.
  idempotent:
    support: N/A
    details: This module changes nothing.
seealso:
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: Get the endpoints of the HAProxy instances of the shop
  openshift_v2.apps.openshift_app_info:
    domain: acme
    name: shop
    gather: [endpoints]
  register: shop

- name: Verify that the two HAProxy instances of the shop are on different nodes and answer
  openshift_v2.apps.openshift_app_info:
    domain: acme
    name: shop
    verify: traffic
    probe:
      path: /health
  register: verified_shop

- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ verified_shop.applications[0].problems | map(attribute='message') }}"

- name: Get all accessible applications
  openshift_v2.apps.openshift_app_info:
  register: fleet

- name: Show the applications that are HA in name only
  ansible.builtin.debug:
    msg: "{{ fleet.applications | selectattr('ha_status', 'eq', 'degraded') | map(attribute='name') }}"
"""

RETURN = r"""
applications:
  description: The applications, sorted by domain and name.
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
    instances:
      description:
        - The HAProxy instances, if their placement was read.
      type: list
      elements: dict
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
    aliases:
      description: Further host names of the application.
      type: list
      elements: str
      sample: [www.example.org]
    members:
      description: The users with access to the application, without teams.
      type: list
      elements: dict
      contains:
        login:
          description: Login of the user.
          type: str
          sample: alice
        role:
          description: V(view), V(edit) or V(admin).
          type: str
          sample: admin
        owner:
          description: Whether the user owns the domain.
          type: bool
          sample: true
    cartridges:
      description: The cartridges of the application.
      type: list
      elements: dict
      contains:
        name:
          description: Full name of the cartridge.
          type: str
          sample: haproxy-1.4
        tags:
          description: Tags of the cartridge. HAProxy has the tag C(web_proxy).
          type: list
          elements: str
          sample: [web_proxy, scales, embedded]
        current_scale:
          description: Number of gears of the cartridge. For HAProxy, the number of instances.
          type: int
          sample: 2
        scales_from:
          description: Minimum number of gears.
          type: int
          sample: 1
        scales_to:
          description: Maximum number of gears, V(-1) for no limit.
          type: int
          sample: 1
    gears:
      description: The gears of the application.
      type: list
      elements: dict
      returned: with O(gather=endpoints)
      contains:
        id:
          description: Identifier of the gear.
          type: str
          sample: 6b02f622686c820dac0000c2
        state:
          description: State of the gear, for example V(started). V(unknown) if its node does not answer.
          type: str
          sample: started
        zone:
          description: Region and zone of the gear. Empty if the platform has no zones.
          type: str
          sample: east/z1
        cartridges:
          description: The cartridges of the gear's group. The API does not show the cartridges of a single gear.
          type: list
          elements: str
          sample: [haproxy-1.4, php-5.4]
    endpoints:
      description: The HAProxy instances, which are the targets of an external router.
      type: list
      elements: dict
      returned: with O(gather=endpoints), if they could be read
      contains:
        address:
          description: Address of the HAProxy instance.
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
          description: State of its gear.
          type: str
          sample: started
        zone:
          description: Region and zone of its gear. Empty if the platform has no zones.
          type: str
          sample: east/z1
        answered:
          description: Whether it answered the HTTP request of O(verify=traffic). V(null) if no request was sent.
          type: bool
          sample: true
    endpoints_error:
      description:
        - Why the endpoints could not be read. The broker shows no endpoint of an application while the node of one of
          its gears does not answer.
      type: str
      returned: with O(gather=endpoints), instead of RV(applications[].endpoints)
      sample: >-
        The endpoints could not be read, because the nodes of these gears did not answer: 6b02f622686c820dac0000c2.
msg:
  description: What could not be read, the reason, and the next step.
  type: str
  returned: failure
  sample: >-
    acme/shop: could not be read: Application 'shop' not found (HTTP 404, exit code 101), at https://broker.example.com
    as deploy. Nothing was changed. Check domain and name, and that the account is a member of the domain.
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_app_info")


if __name__ == "__main__":
    main()
