# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options of bringing the second HAProxy, and of waiting."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(converge) and C(converge.waiting)."""

    DOCUMENTATION = r"""
options:
  scale_strategy:
    description:
      - How a missing HAProxy is brought. C(make-ha) itself puts one only on a gear that it makes, so an application
        that had two gears or more says HA afterwards and still has one HAProxy.
      - V(scale_up) sends the scale-up event. The application has one gear more then.
      - V(set_minimum) sets the web cartridge's minimum to the present number of gears plus one, where it stays unless
        O(min_gears) or O(preserve_gear_count) says otherwise. Scale-downs cannot go below it. Two operators at the same
        time add one gear with it, where two scale-up events would add two.
      - V(none) leaves it. The application stays C(degraded), with a warning.
    type: str
    choices: [scale_up, set_minimum, none]
    default: scale_up
  preserve_gear_count:
    description:
      - Take away again the gear that this run added for the second HAProxy, once that is there. The broker takes a
        gear without HAProxy, so the application has its old number of gears then and two HAProxy.
      - It needs a gear's room for a while. If the number of gears is no longer what this run left (an autoscaler?),
        the gear stays, with a warning. A run that is killed in between leaves it as well.
      - A minimum that this run raised is put back first. A gear that HA itself needs (the second one) stays.
    type: bool
    default: false
  min_gears:
    description:
      - Minimum of the web cartridge to hold as well. Under HA a minimum below 2 counts as 2.
      - A minimum above the present number of gears makes gears, and so brings the HAProxy by itself.
      - If not set, the minimum is left as it is.
    type: int
  max_gears:
    description:
      - Maximum of the web cartridge to hold as well, V(-1) for none.
      - A maximum that leaves no room for the second HAProxy is raised only if this says so.
      - If not set, the maximum is left as it is.
    type: int
  allow_gear_removal:
    description:
      - Allow a O(max_gears) below the present number of gears, which removes gears at once.
    type: bool
    default: false
"""

    WAITING = r"""
options:
  wait_timeout:
    description:
      - How long to go on trying, in seconds from the first request for the application, where another operation
        runs on it or where an answer left open what happened.
      - Writes that are answered as they should be are not cut short by it.
    type: float
    default: 600
  poll_interval:
    description:
      - How long to rest before another look while waiting, in seconds. It is jittered, and grows up to 30 seconds.
    type: float
    default: 5
"""
