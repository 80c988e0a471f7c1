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
      - V(auto) raises the minimum of the web cartridge to the current number of gears plus one, which adds the gear. It
        then restores the minimum and the maximum from before. Any number of operators at the same time add one gear,
        and the owner's limits are in place at the end. The raised minimum needs a remaining gear of the owner only,
        whereas a scale-up event also needs one of the account.
      - V(scale_up) sends the scale-up event. The application has one more gear afterwards. Two operators at the same
        time add two gears.
      - V(set_minimum) sets the minimum of the web cartridge to the current number of gears plus one. The minimum stays
        there unless O(min_gears) or O(preserve_gear_count) is set, and scale-downs cannot go below it. With
        O(preserve_gear_count), it is the same as V(auto).
      - V(none) adds nothing. The application stays C(degraded), with a warning.
      - While the minimum is above the number of gears, another operation is adding gears. The run then waits for its
        end, because the limits of that moment are not the owner's. This applies in check mode, too.
      - A run that is killed after it raised the minimum leaves the raised minimum. With O(preserve_gear_count), it
        leaves both limits one above the former number of gears, or a maximum that equals the former number of gears.
        Nothing shows that these are not the owner's limits. Restore the limits with
        M(openshift_v2.apps.openshift_cartridge_scale). If the minimum was 1 before, set O(min_gears) to 1. It shows as
        2, even after high availability is disabled later. Set it again then.
      - With V(auto), a change that fails on a node and is rolled back is sent up to four times. With the other choices,
        it is sent up to twice.
      - If a run is interrupted or fails after it raised the limits, RV(ignore:msg) names the limits from before.
    type: str
    choices: [auto, scale_up, set_minimum, none]
    default: auto
  preserve_gear_count:
    description:
      - Remove the gear that this run added for the second HAProxy instance, as soon as that instance exists. The broker
        removes a gear without HAProxy. The application then has its previous number of gears and two HAProxy instances.
      - For a short time, the run needs one more gear of the owner's quota.
      - If something else, such as an autoscaler, changes the number of gears during the run, the gear stays, with a
        warning. It also stays if the run is killed.
      - With O(scale_strategy=auto), the run sets the maximum to the previous number of gears, which removes the gear,
        and then restores the maximum. So it also works if the maximum equals the number of gears. With
        O(scale_strategy=scale_up), a scale-down event removes the gear.
      - An application that had one gear keeps two, because high availability needs them.
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
      - After a write without an answer, the outcome is only certain 56 seconds after it was sent, because the broker
        may let it wait for the application's lock that long. With a shorter time, the outcome stays unknown.
      - The limit does not interrupt a write request that the broker is still processing.
    type: float
    default: 600
  poll_interval:
    description:
      - Time between two checks while waiting, in seconds. It varies at random, and grows up to 30 seconds.
    type: float
    default: 5
notes:
  - The platform itself may refuse a request, because it does not accept the credentials, is in maintenance, or has a
    certificate that is not trusted. The other hosts or loop items of the same task then send no request with the same
    credentials, and fail as not attempted. This protects the account from being locked. Hosts that run at the same time
    may each send one request. A retry with C(until) sends its request again. This applies to modules for one
    application that run in the Ansible process.
"""
