# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options for the second HAProxy instance, for limits, and for waiting."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(converge) and C(converge.waiting)."""

    DOCUMENTATION = r"""
options:
  scale_strategy:
    description:
      - How to add a missing HAProxy instance. The C(make-ha) event adds one only on a gear that it creates. An
        application with two or more gears then has the HA flag and still one HAProxy instance.
      - V(scale_up) sends the scale-up event. The application has one more gear afterwards.
      - V(set_minimum) sets the minimum of the web cartridge to the current number of gears plus one. The minimum stays
        there unless O(min_gears) or O(preserve_gear_count) is set, and scale-downs cannot go below it. If two operators
        run at the same time, they add one gear, while two scale-up events add two.
      - V(none) adds nothing. The application stays C(degraded), with a warning.
    type: str
    choices: [scale_up, set_minimum, none]
    default: scale_up
  preserve_gear_count:
    description:
      - Remove the gear that this run added for the second HAProxy instance, as soon as that instance exists. The broker
        removes a gear without HAProxy. The application then has its previous number of gears and two HAProxy instances.
      - The run needs the quota for one more gear for a short time.
      - If something else, such as an autoscaler, changes the number of gears during the run, the gear stays, with a
        warning. It also stays if the run is killed.
      - A minimum that this run raised is restored first. The second gear stays, because high availability needs it.
    type: bool
    default: false
  min_gears:
    description:
      - Also set the minimum number of gears of the web cartridge. For a highly available application, a minimum below 2
        counts as 2.
      - A minimum above the current number of gears creates gears, and with them the missing HAProxy instance.
      - If not set, the minimum does not change.
    type: int
  max_gears:
    description:
      - Also set the maximum number of gears of the web cartridge, V(-1) for no limit.
      - The module raises a maximum that blocks the second HAProxy instance only if this option is set.
      - If not set, the maximum does not change.
    type: int
  allow_gear_removal:
    description:
      - Allow O(max_gears) below the current number of gears, which removes gears immediately.
    type: bool
    default: false
"""

    WAITING = r"""
options:
  wait_timeout:
    description:
      - How long to wait and retry while another operation is in progress or an outcome is unknown, in seconds. The time
        starts with the first request for the application.
      - The limit does not interrupt a write request that the broker is still processing.
    type: float
    default: 600
  poll_interval:
    description:
      - Time between two checks while waiting, in seconds. It varies at random, and grows up to 30 seconds.
    type: float
    default: 5
notes:
  - If the platform itself refuses a request for one application, because it does not accept the credentials, is in
    maintenance, or has a certificate that is not trusted, the other hosts or loop items of the same task send no
    request with the same credentials. They fail as not attempted. This protects the account from being locked. Hosts
    that run at the same time may each send one. A retry with C(until) sends its request again. This holds for modules
    for one application that run in the Ansible process.
"""
