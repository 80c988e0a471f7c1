#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grant the HA capability to accounts: documentation only, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_user_capability
short_description: Grant accounts of OpenShift v2 the capability to have highly available applications
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Grants accounts the capability to make applications highly available (HA), or revokes it, with the program
    C(oo-admin-ctl-user) on a broker host.
  - It runs over the task's connection, on the host of the task. B(The host needs no Python), only a POSIX shell, and
    the module creates no files there. It therefore works on brokers with Red Hat Enterprise Linux 6.
  - Each account is read first, and changed only if it differs. The program prints the account after the change. The
    module reports success only if that output shows the desired value.
  - A failed account does not stop the others. The task fails at the end. Only a failure that affects all accounts stops
    the task immediately, for example a missing program.
  - Revoking the capability does not change applications that are already HA.
options:
  login:
    description:
      - Login of one account, or a list of logins.
      - An account that does not exist fails. The broker creates an account with the first request of its user.
    type: list
    elements: str
    required: true
    aliases: [logins]
  ha:
    description:
      - Whether the accounts may make applications highly available.
    type: bool
    required: true
  command:
    description:
      - Name or path of the program. A name is searched in the C(PATH), and always in folders such as C(/usr/sbin).
    type: str
    default: oo-admin-ctl-user
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
    details: There is no module. The action plugin itself runs commands on the host.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
    support: full
    details:
      - It only reads. Check mode cannot detect that the platform does not allow HA, because the program reports this
        only when it sets the capability. The role P(openshift_v2.apps.broker_ha#role) manages that setting.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: full
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
    support: full
notes:
  - The program reads the broker's configuration. Most installations require root for that, so use C(become).
  - The program takes some seconds, because it loads the whole broker. It runs once for each account, and twice for an
    account that is changed.
  - The accounts are in the broker's database. On a platform with several broker hosts, run it on one of them.
  - It does not belong to the action group C(openshift_v2.apps.all), because it does not use the API.
seealso:
  - module: openshift_v2.apps.openshift_user_info
  - module: openshift_v2.apps.openshift_broker_config
  - module: openshift_v2.apps.openshift_app_ha
"""

EXAMPLES = r"""
- name: Allow two accounts to have highly available applications
  openshift_v2.apps.openshift_user_capability:
    login: [alice, bob@example.com]
    ha: true
  become: true

- name: Revoke the capability, in a play for localhost
  openshift_v2.apps.openshift_user_capability:
    login: mallory
    ha: false
  become: true
  delegate_to: broker1.example.com
"""

RETURN = r"""
results:
  description: The outcome for each account, in the order of O(login).
  type: list
  elements: dict
  returned: always
  contains:
    login:
      description: The login, as in O(login).
      type: str
      sample: alice
    ha:
      description: Whether the account has the capability now, or would have it in check mode. V(null) if unknown.
      type: bool
      sample: true
    before:
      description: Whether the account had the capability before. V(null) if unknown.
      type: bool
      sample: false
    changed:
      description: Whether the account was changed, or would be in check mode.
      type: bool
      sample: true
    failed:
      description: Whether the account is not in the desired state.
      type: bool
      sample: false
    status:
      description:
        - One of V(unchanged), V(changed), V(planned) (in check mode), V(failed) (not in the desired state), V(unknown)
          (the command was interrupted and may still take effect), V(not_attempted).
      type: str
      sample: changed
    msg:
      description: The outcome in one sentence.
      type: str
      sample: "alice: HA allowed false -> true"
    consumed_gears:
      description: Number of gears that the account uses. Missing if the account could not be read.
      type: int
      sample: 4
    max_gears:
      description:
        - Maximum number of gears that the account may use. Missing if the account could not be read. The other fields
          are those of M(openshift_v2.apps.openshift_user_info).
      type: int
      sample: 100
msg:
  description: Summary of all outcomes. After failures, the accounts and the reasons.
  type: str
  returned: always
  sample: "alice: HA allowed false -> true"
"""
