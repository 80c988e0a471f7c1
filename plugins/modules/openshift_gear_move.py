#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Move gears to other nodes: documentation only, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_gear_move
short_description: Move gears of OpenShift v2 to other nodes
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Moves gears to other nodes with the program C(oo-admin-move) on a broker host. Use it if both HAProxy instances of
    an application run on one node, and would fail together. Move the gear of one of them.
  - It runs over the task's connection, on the host of the task. B(The host needs no Python), only a POSIX shell, and
    the module creates no files there. It therefore works on brokers with Red Hat Enterprise Linux 6.
  - The program stops the gear, copies it to the other node, and starts it there. The other gears of the application
    continue to serve requests. A move takes minutes.
  - Gears are moved one after the other. A failed move does not stop the others. The task fails at the end. Only a
    failure that affects all gears stops the task immediately, for example a missing program.
  - A move is sent only once, even if the connection is lost.
options:
  gears:
    description:
      - The gears to move. Each is the ID of a gear, or a dictionary with C(gear) and C(node).
      - C(gear) is the ID of the gear. M(openshift_v2.apps.openshift_app_info) with C(gather=endpoints) shows the IDs,
        and the address of the node of each HAProxy instance.
      - C(node) is the server identity of the node on which the gear should be, in most cases its host name. If the gear
        is there already, nothing changes. Choose a node without another HAProxy instance of the application. The
        program does not check this.
      - Without C(node), the platform chooses another node in the same district, and each run moves the gear again.
    type: list
    elements: raw
    required: true
  command:
    description:
      - Name or path of the program. A name is searched in the C(PATH), and always in folders such as C(/usr/sbin).
    type: str
    default: oo-admin-move
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
    support: partial
    details: It shows the commands and runs none of them. It cannot detect that a gear is on its node already.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: none
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
    support: partial
    details: Only for gears with C(node).
notes:
  - The program reads the broker's configuration. Most installations require root for that, so use C(become).
  - The address of a moved HAProxy instance changes. Run the role P(openshift_v2.apps.app_router#role) afterwards.
  - Newer versions of the broker may lose the endpoints of a moved gear. Check the application afterwards, with
    M(openshift_v2.apps.openshift_app_info).
  - It does not belong to the action group C(openshift_v2.apps.all), because it does not use the API.
seealso:
  - module: openshift_v2.apps.openshift_app_info
  - module: openshift_v2.apps.openshift_user_capability
"""

EXAMPLES = r"""
- name: Move the gear of the second HAProxy instance to another node
  openshift_v2.apps.openshift_gear_move:
    gears:
      - gear: 5f0c2a9be4b0f1a2c3d4e5f6
        node: node2.example.com
  become: true
"""

RETURN = r"""
results:
  description: The outcome for each gear, in the order of O(gears).
  type: list
  elements: dict
  returned: always
  contains:
    gear:
      description: The ID of the gear.
      type: str
      sample: 5f0c2a9be4b0f1a2c3d4e5f6
    node:
      description: The node on which the gear should be. Empty if the platform chooses it.
      type: str
      sample: node2.example.com
    source:
      description: The node before the move, as the program reported it. Empty if unknown.
      type: str
      sample: node1.example.com
    target:
      description: The node after the move, as the program reported it. Empty if unknown.
      type: str
      sample: node2.example.com
    changed:
      description: Whether the gear was moved, or would be in check mode.
      type: bool
      sample: true
    failed:
      description: Whether the move failed, or its outcome is unknown.
      type: bool
      sample: false
    status:
      description:
        - One of V(unchanged) (it is on its node already), V(changed), V(planned) (in check mode), V(failed), V(unknown)
          (the program was interrupted, or its output is not as expected), V(not_attempted).
      type: str
      sample: changed
    command:
      description: The command.
      type: str
      sample: oo-admin-move --gear_uuid 5f0c2a9be4b0f1a2c3d4e5f6 -i node2.example.com
    msg:
      description: The outcome in one sentence.
      type: str
      sample: "5f0c2a9be4b0f1a2c3d4e5f6: moved from node1.example.com to node2.example.com"
msg:
  description: Summary of all outcomes, first those that failed.
  type: str
  returned: always
  sample: "5f0c2a9be4b0f1a2c3d4e5f6: moved from node1.example.com to node2.example.com."
"""
