# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that state how high availability is verified."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(verification)."""

    DOCUMENTATION = r"""
options:
  verify:
    description:
      - How to verify that an application is highly available. An application that claims HA is C(highly_available) only
        if two HAProxy instances count at this level.
      - V(count) counts the instances that the platform reports, without a further request. This count is ahead of the
        truth while an operation is in progress, and after an operation that failed.
      - V(placement) sends one more request for each application that claims HA. An instance counts if it has an
        endpoint, its gear is started, and no other counted instance is on the same node.
      - Before HA is enabled, V(placement) also reads whether gears are stopped or instances are on the same node.
        C(openshift_apps_ha) does this only before the change, not in check mode.
      - V(traffic) also sends an HTTP request to each instance, from the host on which the module runs, see O(probe). An
        instance counts if it also answered.
      - While a node does not answer, the platform shows no endpoint of the applications with gears on it. Their
        instances do not count at V(placement), because their nodes are not known. The first of these applications take
        13 seconds or more, and each further one 3 seconds. That is 375 seconds for 1,000 of them, 8 at a time.
    type: str
    choices: [count, placement, traffic]
    default: count
    version_added: 1.0.0
  spread:
    description:
      - What two HAProxy instances must not share.
      - With V(node), two instances in the same zone cause a warning. With V(zone), they are a problem.
      - It has no effect with O(verify=count).
    type: str
    choices: [node, zone]
    default: node
    version_added: 1.0.0
  probe:
    description:
      - The HTTP request of O(verify=traffic). It goes directly to the address of each instance, with the host name of
        the application, without credentials and without a proxy. Redirects are answers and are not followed.
      - To verify what an external router sees, run the module there, with C(delegate_to).
    type: dict
    version_added: 1.0.0
    suboptions:
      path:
        description: Path of the page, with a query if necessary.
        type: str
        default: /
      timeout:
        description: How long to wait for the beginning of the answer, in seconds.
        type: float
        default: 5
      statuses:
        description:
          - HTTP statuses of an instance that works, as numbers and ranges. HAProxy answers 503 if it has no working
            gear.
        type: list
        elements: str
        default: [200-499]
"""
