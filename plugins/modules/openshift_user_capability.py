#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grant accounts the capability HA: documentation only, all else is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_user_capability
short_description: Grant accounts of OpenShift v2 the capability to have highly available applications
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Allows accounts to make applications highly available (HA), or takes that from them, with the program
    C(oo-admin-ctl-user) on a broker host.
  - It runs over the task's connection, on the host of the task. B(No Python is needed there), a POSIX shell is
    enough, and nothing is left behind. So it works on brokers with Red Hat Enterprise Linux 6.
  - Each account is looked at first, and set only if it differs. What the program prints afterwards, the account as it
    is then, decides what is reported.
  - Each account has its turn, whatever became of the others. In the end the task fails if one of them failed. Only
    what would be the same for all ends it at once, the program that is missing for example.
  - To take the capability away changes nothing about applications that are HA already.
options:
  login:
    description:
      - Logins of the accounts, or of one.
      - An account that does not exist fails. It comes into being when its user asks the broker for anything for the
        first time.
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
      - Name or path of the program. A name is searched in the C(PATH), and in C(/usr/sbin) and its like in any case.
    type: str
    default: oo-admin-ctl-user
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
    details: There is no module. The action plugin runs commands on the host itself.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
    support: full
    details:
      - It only reads. Whether the platform allows HA at all shows only when the capability is set, and so not in
        check mode. The role P(openshift_v2.apps.broker_ha#role) sees to that setting.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: full
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
    support: full
notes:
  - The program reads the broker's configuration and takes root on most installations, so use C(become).
  - The program takes some seconds, for it loads the whole broker. It runs once for each account, twice where
    something is set.
  - The accounts are in the broker's database. On a platform with several broker hosts, one of them is enough.
  - It does not belong to the action group C(openshift_v2.apps.all), for it does not talk to the API.
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

- name: Take it from one, from a play for localhost
  openshift_v2.apps.openshift_user_capability:
    login: mallory
    ha: false
  become: true
  delegate_to: broker1.example.com
"""

RETURN = r"""
results:
  description: What became of each account, in the order of O(login).
  type: list
  elements: dict
  returned: always
  contains:
    login:
      description: Login as it was given.
      type: str
      sample: alice
    ha:
      description: Whether the account may now. In check mode, whether it would. V(null) if that is not known.
      type: bool
      sample: true
    before:
      description: Whether the account might before. V(null) if that is not known.
      type: bool
      sample: false
    changed:
      description: Whether it was changed, in check mode whether it would be.
      type: bool
      sample: true
    failed:
      description: Whether it is not as wished.
      type: bool
      sample: false
    status:
      description:
        - One of V(unchanged), V(changed), V(planned) (in check mode), V(failed) (it is not as wished), V(unknown)
          (the command was interrupted, it may have taken effect or yet will), V(not_attempted).
      type: str
      sample: changed
    msg:
      description: What became of it, in words.
      type: str
      sample: "alice: HA allowed false -> true"
    consumed_gears:
      description: Gears that the account's applications use. Missing if the account could not be looked at.
      type: int
      sample: 4
    max_gears:
      description:
        - Gears that they may use. Missing if the account could not be looked at. More is returned, as by
          M(openshift_v2.apps.openshift_user_info).
      type: int
      sample: 100
msg:
  description: What became of all, in words. If some failed, which and why.
  type: str
  returned: always
  sample: "alice: HA allowed false -> true"
"""
