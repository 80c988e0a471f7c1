#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role broker_ha: documentation only, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_broker_plan
short_description: Decide what the role broker_ha changes and reports
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - The role P(openshift_v2.apps.broker_ha#role) asks this module for its decisions. Use the role; this module is not
    meant for playbooks, and changes together with the role.
  - Each call answers one question, the option that is set. It connects to no host, and changes nothing.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  variables:
    description: Are the variables of the role valid, and what do they mean? The module fails if they are not.
    type: dict
    suboptions:
      allow:
        description: The variable C(broker_ha_allow).
        type: bool
        required: true
      default_allow:
        description: The variable C(broker_ha_default_allow).
        type: bool
      multiplier:
        description: The variable C(broker_ha_multiplier).
        type: int
      manage_dns:
        description: The variable C(broker_ha_manage_dns).
        type: bool
      router_hostname:
        description: The variable C(broker_ha_router_hostname).
        type: str
      dns_prefix:
        description: The variable C(broker_ha_dns_prefix).
        type: str
      dns_suffix:
        description: The variable C(broker_ha_dns_suffix).
        type: str
      allow_multiple_haproxy_on_node:
        description: The variable C(broker_ha_allow_multiple_haproxy_on_node).
        type: bool
      accounts:
        description: The variable C(broker_ha_accounts), a list or a text with commas.
        type: raw
      accounts_without:
        description: The variable C(broker_ha_accounts_without), a list or a text with commas.
        type: raw
      spread:
        description: The variable C(broker_ha_spread), a list or a text with commas.
        type: raw
      accounts_host:
        description: The variable C(broker_ha_accounts_host).
        type: str
        required: true
      host:
        description: Name of the host in the inventory.
        type: str
        required: true
      hosts:
        description: Names of all hosts of the play.
        type: list
        elements: str
        required: true
  spread:
    description: Are the variables of the entry point C(spread) valid, and which gears does it move on this host?
    type: dict
    suboptions:
      gears:
        description: The variable C(broker_ha_spread), a list or a text with commas.
        type: raw
      accounts_host:
        description: The variable C(broker_ha_accounts_host).
        type: str
        required: true
      host:
        description: Name of the host in the inventory.
        type: str
        required: true
      hosts:
        description: Names of all hosts of the play.
        type: list
        elements: str
        required: true
  revocation:
    description:
      - Is it too late to revoke the capability, on a platform that no longer allows HA? The module fails if it is.
    type: dict
    suboptions:
      results:
        description: RV(openshift_v2.apps.openshift_user_capability#module:results) of a task in check mode.
        type: list
        elements: dict
        required: true
      command:
        description: Name of the program that changes accounts.
        type: str
        required: true
  success:
    description:
      - Was this result of M(openshift_v2.apps.openshift_user_capability) or M(openshift_v2.apps.openshift_gear_move) a
        success? The module fails with its message if it was not.
    type: dict
  report:
    description: What did the role do, or would it do in check mode?
    type: dict
    suboptions:
      path:
        description: Path of the broker's configuration.
        type: str
        required: true
      config:
        description: Result of M(openshift_v2.apps.openshift_broker_config), empty if it did not run.
        type: dict
        default: {}
      accounts:
        description: RV(openshift_v2.apps.openshift_user_capability#module:results) of granting.
        type: list
        elements: dict
        default: []
      accounts_without:
        description: RV(openshift_v2.apps.openshift_user_capability#module:results) of revoking.
        type: list
        elements: dict
        default: []
      observed:
        description: RV(openshift_v2.apps.openshift_user_capability#module:results) of reading only.
        type: list
        elements: dict
        default: []
      moves:
        description: RV(openshift_v2.apps.openshift_gear_move#module:results).
        type: list
        elements: dict
        default: []
seealso:
  - module: openshift_v2.apps.openshift_broker_config
  - module: openshift_v2.apps.openshift_user_capability
"""

EXAMPLES = r"""
- name: Build the report of the role
  openshift_v2.apps.openshift_broker_plan:
    report:
      path: /etc/openshift/broker.conf
      config: {}
  register: plan
"""

RETURN = r"""
allow:
  description: Whether the platform is to allow HA.
  type: bool
  returned: with O(variables)
  sample: true
settings:
  description: Settings for M(openshift_v2.apps.openshift_broker_config), only those that have a value.
  type: dict
  returned: with O(variables)
  sample: {ALLOW_HA_APPLICATIONS: true}
accounts:
  description: Logins of the accounts to grant the capability to.
  type: list
  elements: str
  returned: with O(variables)
  sample: [alice]
accounts_without:
  description: Logins of the accounts to revoke the capability from.
  type: list
  elements: str
  returned: with O(variables)
  sample: [mallory]
handles_accounts:
  description: Whether accounts are changed on this host.
  type: bool
  returned: with O(variables)
  sample: true
gears:
  description: The gears to move. Empty on other hosts than O(spread.accounts_host), with O(spread).
  type: list
  elements: dict
  returned: with O(variables) or O(spread)
  sample: [{gear: 5f0c2a9be4b0f1a2c3d4e5f6, node: node2.example.com}]
lines:
  description: What the role did, or would do in check mode, one line each.
  type: list
  elements: str
  returned: with O(report)
  sample: ["The broker was restarted."]
"""
