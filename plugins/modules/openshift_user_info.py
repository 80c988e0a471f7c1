#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the capabilities of accounts, and how many gears they use."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_user_info
short_description: Read the capabilities of accounts on OpenShift v2, and how many gears they use
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Returns whether accounts may have highly available applications, how many gears they use, their gear limit, and
    their other capabilities. It changes nothing.
  - Without O(login) it returns the account of the credentials, with one request to the broker's API. The API does not
    expose other accounts.
  - With O(login) it returns any accounts. It runs the program C(oo-admin-ctl-user) on the host of the task, which must
    be a broker host. The command uses the task's connection, and B(the host needs no Python). The connection options
    of the API are not used.
  - Both ways return the same fields.
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
      - Logins of accounts. The task must run on a broker host, in most cases with C(become).
    type: list
    elements: str
    aliases: [logins]
  command:
    description:
      - Name or path of the program for O(login). A name is searched in the C(PATH), and always in folders such as
        C(/usr/sbin).
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
    details: Not supported with O(login).
seealso:
  - module: openshift_v2.apps.openshift_user_capability
"""

EXAMPLES = r"""
- name: Read your own account
  openshift_v2.apps.openshift_user_info:
    broker_url: https://broker.example.com
    username: alice
    password: "{{ vault_broker_password }}"
  register: me

- name: Show the capability and the remaining gears
  ansible.builtin.debug:
    msg: "HA {{ me.users[0].ha }}, {{ me.users[0].available_gears }} gears left"

- name: Read any accounts on a broker host
  openshift_v2.apps.openshift_user_info:
    login: [alice, bob@example.com]
  become: true
  delegate_to: broker1.example.com
"""

RETURN = r"""
users:
  description:
    - The accounts. If some could not be read, the task fails and returns the others.
  type: list
  elements: dict
  returned: success
  contains:
    login:
      description: Login of the account on the platform.
      type: str
      sample: alice
    ha:
      description: Whether the account may have highly available applications.
      type: bool
      sample: true
    consumed_gears:
      description: Number of gears that the account uses.
      type: int
      sample: 4
    max_gears:
      description: Maximum number of gears that the account may use.
      type: int
      sample: 100
    available_gears:
      description: Remaining gears.
      type: int
      sample: 96
    consumed_domains:
      description: Number of domains of the account. V(null) with the API, which does not return it.
      type: int
      sample: 1
    max_domains:
      description: Maximum number of domains.
      type: int
      sample: 10
    max_teams:
      description: Maximum number of teams.
      type: int
      sample: 0
    plan_id:
      description: Plan of the account. V(null) without a plan.
      type: str
      sample: null
    capabilities:
      description:
        - Capabilities of the account, named as in the API. RV(ignore:ha) is always returned; most platforms also return
          C(subaccounts), C(gear_sizes), C(view_global_teams) and C(private_ssl_certificates).
      type: dict
      sample:
        ha: true
        subaccounts: false
        gear_sizes: [small]
        view_global_teams: false
        private_ssl_certificates: false
    source:
      description: Source of the account, V(api) or V(broker_host).
      type: str
      sample: api
"""

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.entry import run_module


def main() -> None:
    """Run as a module."""
    run_module("openshift_user_info")


if __name__ == "__main__":
    main()
