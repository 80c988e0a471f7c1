# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work out what an external router routes: documentation only, all else is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_routes
short_description: Work out what an external router in front of OpenShift v2 has to route
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Makes of what M(openshift_v2.apps.openshift_app_info) returned a list of routes for any kind of router. For each
    application it has the host names that lead to it, and all its HAProxy with their addresses and ports.
  - It asks nobody, changes nothing and writes no file. The role P(openshift_v2.apps.app_router#role) makes the
    configuration of HAProxy from it.
  - The same applications give the same routes, in the same order, whatever order the broker answers in.
  - All that it returns is safe to stand in a configuration. An application, host name or endpoint that is not what it
    should be is left out, and named in a warning.
  - What is highly available but has a single endpoint left to send requests to is named in a warning too.
  - An application that is not scalable cannot be routed, for its gear exposes no port. It is left out.
options:
  applications:
    description:
      - The applications, RV(openshift_v2.apps.openshift_app_info#module:applications) with their endpoints.
    type: list
    elements: dict
    required: true
  not_highly_available:
    description:
      - What to do with applications that are not truly highly available.
      - V(include) routes them, and names them in a warning.
      - V(exclude) leaves them out.
    type: str
    choices: [include, exclude]
    default: include
  not_started:
    description:
      - What to do with endpoints of gears whose state is not C(started).
      - With V(include) it is left to the router's own health checks whether they get requests. The state is what the
        broker could find out from the nodes, which may be less than what is so.
      - V(exclude) leaves them out.
    type: str
    choices: [include, exclude]
    default: include
  ha_dns_prefix:
    description:
      - C(HA_DNS_PREFIX) of the broker. It enters the name of each highly available application that points to the
        router into the DNS, if C(MANAGE_HA_DNS) is set, for example C(ha-shop-acme.example.com).
      - This name leads to the application too. If prefix and suffix are empty, there is no such name.
    type: str
    default: ha-
  ha_dns_suffix:
    description: C(HA_DNS_SUFFIX) of the broker.
    type: str
    default: ''
  passthrough:
    description:
      - Applications whose gears speak TLS themselves, with the wildcards C(*), C(?) and C([seq]), as C(domain/name).
      - The broker does not tell it.
    type: list
    elements: str
    default: []
  needed:
    description: Applications, as C(domain/name). It fails if one of them is not to be routed.
    type: list
    elements: str
    default: []
  present:
    description:
      - The configuration that the router has now, to compare with. What counts are the backends that are named as in
        RV(routes[].backend) and have servers that are named as in RV(routes[].servers).
    type: str
    default: ''
  present_base64:
    description:
      - The same in Base64, as M(ansible.builtin.slurp) returns it. It takes precedence over O(present), and keeps files
        that are not UTF-8 intact.
    type: str
    default: ''
    version_added: 1.0.0
  present_paths:
    description: The path of the configuration and, if that is a symbolic link, the path of the file it leads to.
    type: list
    elements: str
    default: []
    version_added: 1.0.0
  present_mark:
    description:
      - A text that stands in the first line, a comment, of configurations that are your own.
      - If set, a configuration without it is foreign, and is only replaced with O(takeover). A file that is empty, that
        only has comments, or that is as the distribution's package installed it (O(packaged)) is not foreign.
    type: str
    default: ''
    version_added: 1.0.0
  packaged:
    description:
      - What the package manager knows of the files that it installed, as lines of path and checksum. C(dpkg-query
        --show --showformat='${Conffiles}\n') prints such lines, and so does C(rpm --query --queryformat
        '[%{FILENAMES} %{FILEDIGESTS}\n]').
    type: list
    elements: str
    default: []
    version_added: 1.0.0
  takeover:
    description: Do not fail because the configuration is foreign.
    type: bool
    default: false
    version_added: 1.0.0
  max_removed:
    description:
      - Fail if more applications than this, of those in O(present), would have no server any longer.
      - A number, or a percentage, which is rounded up, so that one at least may go.
    type: str
    default: 20%
  allow_empty:
    description:
      - Do not fail if no application has a server to route to. By default it fails then, whatever the router has now.
    type: bool
    default: false
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
    details: There is no module, all is done on the controller.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
    support: full
    details: It changes nothing in either mode.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: N/A
    details: It changes nothing.
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
    support: N/A
    details: It changes nothing.
seealso:
  - module: openshift_v2.apps.openshift_app_info
  - module: openshift_v2.apps.openshift_apps_ha
"""

EXAMPLES = r"""
- name: Where do the HAProxy of our applications listen?
  openshift_v2.apps.openshift_app_info:
    gather: [endpoints]
  register: seen

- name: What does a router have to send where?
  openshift_v2.apps.openshift_routes:
    applications: "{{ seen.applications }}"
    not_highly_available: exclude
  register: plan

- name: Say it
  ansible.builtin.debug:
    msg: "{{ plan.headline }}"
"""

RETURN = r"""
present_origin:
  description:
    - Whose the configuration is that the router has now.
    - V(none) if there is none, or only comments; V(ours) with O(present_mark); V(package) as the package installed it;
      V(foreign) otherwise.
  type: str
  returned: success
  sample: ours
routes:
  description: The applications to route, by domain and name.
  type: list
  elements: dict
  returned: success
  contains:
    domain:
      description: Domain of the application.
      type: str
      sample: acme
    name:
      description: Name of the application.
      type: str
      sample: shop
    ha_status:
      description: What it is, see RV(openshift_v2.apps.openshift_app_info#module:applications[].ha_status).
      type: str
      sample: highly_available
    backend:
      description: Name for the backend. With O(passthrough) it begins with C(openshift-tls_).
      type: str
      sample: openshift_acme_shop
    passthrough:
      description: Whether O(passthrough) names it.
      type: bool
      sample: false
    host:
      description: Its own host name.
      type: str
      sample: shop-acme.example.com
    hosts:
      description:
        - All host names that lead to it, in lower case. A name that two applications claim leads to the one that it is
          the own name of, else to the one that the broker enters it for, see O(ha_dns_prefix), else to the first by
          domain and name.
      type: list
      elements: str
      sample: [shop-acme.example.com, ha-shop-acme.example.com, www.example.org]
    servers:
      description: Its HAProxy, in order of their gears, each once. An IPv6 address has brackets.
      type: list
      elements: dict
      sample:
        - {name: gear-6b02f622686c820dac0000c2, address: 10.0.0.11, port: 35575}
        - {name: gear-6b02f622686c820dac0000c7, address: 10.0.0.12, port: 38081}
map:
  description: A line for each host name, with the name of the backend.
  type: str
  returned: success
  sample: |
    shop-acme.example.com openshift_acme_shop
    www.example.org openshift_acme_shop
summary:
  description: Counts of the applications that are routed, by their status too, and of those left out, by the reason.
  type: dict
  returned: success
  sample: {applications: 2, highly_available: 1, degraded: 1, standalone: 0, not_scalable: 0, without_endpoint: 0,
    servers: 3, hosts: 5, left_out: {not_scalable: 1}}
headline:
  description: The summary in a sentence.
  type: str
  returned: success
  sample: "2 applications routed by 5 host names to 3 HAProxy: 1 highly available, 1 not; left out: 1 not scalable."
"""
