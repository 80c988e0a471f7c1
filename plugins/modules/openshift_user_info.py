#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what accounts may do, and how many gears they use."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_user_info
short_description: Tell what accounts on OpenShift v2 may do, and how many gears they use
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Tells of accounts whether they may have highly available applications, how many gears they use and may use, and
    what else they may do. It changes nothing.
  - Without O(login) it tells of the one account that the credentials stand for, and asks the broker's API with one
    request. The API tells nobody about other accounts.
  - With O(login) it tells of any accounts, and asks the program C(oo-admin-ctl-user) on the host of the task, which
    must be a broker host then. It runs over the task's connection, and B(no Python is needed there). The connection
    options of the API are not used then.
  - Both return the same.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.broker.in_process
options:
  broker_url:
    description:
      - Address of the broker, for example V(https://broker.example.com), with or without C(/broker/rest). It is
        required without O(login).
      - If not set, the environment variable E(OPENSHIFT_BROKER_URL) is used.
    type: str
    required: false
  login:
    description:
      - Logins of the accounts to tell of, or of one. The task must run on a broker host, most often with C(become).
    type: list
    elements: str
    aliases: [logins]
  command:
    description:
      - Name or path of the program, for O(login). A name is searched in the C(PATH), and in C(/usr/sbin) and its like
        in any case.
    type: str
    default: oo-admin-ctl-user
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: It changes nothing.
  idempotent:
    support: N/A
    details: It changes nothing.
  async:
    support: partial
    details: Not with O(login).
seealso:
  - module: openshift_v2.apps.openshift_user_capability
"""

EXAMPLES = r"""
- name: May I, and how many gears are left to me?
  openshift_v2.apps.openshift_user_info:
    broker_url: https://broker.example.com
    username: alice
    password: "{{ vault_broker_password }}"
  register: me

- name: Say so
  ansible.builtin.debug:
    msg: "HA {{ me.users[0].ha }}, {{ me.users[0].available_gears }} gears left"

- name: The same of any accounts, on a broker host
  openshift_v2.apps.openshift_user_info:
    login: [alice, bob@example.com]
  become: true
  delegate_to: broker1.example.com
"""

RETURN = r"""
users:
  description:
    - The accounts. If some could not be looked at, the task fails, and these are the others.
  type: list
  elements: dict
  returned: success
  contains:
    login:
      description: Login of the account, as the platform has it.
      type: str
      sample: alice
    ha:
      description: Whether it may have highly available applications.
      type: bool
      sample: true
    consumed_gears:
      description: Gears that its applications use.
      type: int
      sample: 4
    max_gears:
      description: Gears that they may use.
      type: int
      sample: 100
    available_gears:
      description: Gears that they may still use.
      type: int
      sample: 96
    consumed_domains:
      description: Domains that it has. V(null) if the API was asked, which does not tell.
      type: int
      sample: 1
    max_domains:
      description: Domains that it may have.
      type: int
      sample: 10
    max_teams:
      description: Teams that it may have.
      type: int
      sample: 0
    plan_id:
      description: Its plan, V(null) if it has none.
      type: str
      sample: null
    capabilities:
      description:
        - What it may do, by the names of the API. There is RV(ignore:ha) at least, most often also C(subaccounts),
          C(gear_sizes), C(view_global_teams) and C(private_ssl_certificates).
      type: dict
      sample:
        ha: true
        subaccounts: false
        gear_sizes: [small]
        view_global_teams: false
        private_ssl_certificates: false
    source:
      description: Who told, V(api) or V(broker_host).
      type: str
      sample: api
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_user_info")


if __name__ == "__main__":
    main()
