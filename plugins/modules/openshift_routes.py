# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute the routes of an external router: documentation only, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_routes
short_description: Compute the routes of an external router in front of OpenShift v2
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Turns the applications that M(openshift_v2.apps.openshift_app_info) returned into a list of routes for any kind of
    router. A route has the host names of an application, and the addresses and ports of all its HAProxy instances.
  - It sends no request, changes nothing and writes no file. The role P(openshift_v2.apps.app_router#role) writes the
    configuration of HAProxy or nginx from the routes. Templates of your own can do the same for any other router.
  - The order of the routes does not depend on the order in which the broker returns the applications.
  - All returned values are safe in a configuration. An invalid application, host name or endpoint is left out and named
    in a warning.
  - A highly available application with a single remaining endpoint is named in a warning, too. So is an application
    whose HAProxy instances are all on one node, or whose node does not answer the broker. Their instances are routed.
  - If the applications were read with O(openshift_v2.apps.openshift_app_info#module:verify=traffic), an instance that
    failed the HTTP request is left out, unless all instances of the application failed it.
  - An application that is not scalable is left out, because its gear exposes no port.
  - An application that the data contain more than once is routed once, and named in a warning.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  applications:
    description:
      - The applications, RV(openshift_v2.apps.openshift_app_info#module:applications), with their endpoints.
    type: list
    elements: dict
    required: true
  not_highly_available:
    description:
      - What to do with applications that are not highly available.
      - V(include) routes them, and names them in a warning.
      - V(exclude) leaves them out. An application with two HAProxy instances that is C(degraded) for another reason,
        for example because both are on one node, stays, see
        RV(openshift_v2.apps.openshift_app_info#module:applications[].problems).
    type: str
    choices: [include, exclude]
    default: include
  not_started:
    description:
      - What to do with endpoints of gears whose state is not C(started).
      - V(include) routes them. The health checks of the router decide whether they get requests. The state that the
        broker reports can be outdated.
      - V(exclude) leaves them out.
    type: str
    choices: [include, exclude]
    default: include
  ha_dns_prefix:
    description:
      - C(HA_DNS_PREFIX) of the broker. If C(MANAGE_HA_DNS) is set, the broker adds a name for each highly available
        application to the DNS, for example C(ha-shop-acme.example.com), which points to the router.
      - The application is routed under this name as well. If prefix and suffix are empty, it has no such name.
    type: str
    default: ha-
  ha_dns_suffix:
    description: C(HA_DNS_SUFFIX) of the broker.
    type: str
    default: ''
  passthrough:
    description:
      - Applications whose gears accept TLS themselves, as C(domain/name), with the wildcards C(*), C(?) and C([seq]).
      - The broker does not report this.
    type: list
    elements: str
    default: []
  needed:
    description: Applications, as C(domain/name), that must be routed. The module fails if one of them cannot be routed.
    type: list
    elements: str
    default: []
  present:
    description:
      - The present configuration of the router, for comparison. It serves an application if it has a backend with a
        name like RV(routes[].backend) that contains a server with a name like those in RV(routes[].servers). For nginx,
        the backend is an C(upstream), and the name is a comment after the address of the server.
      - In a foreign configuration that O(takeover) allows to be replaced, every backend with servers counts. It is
        removed if none of its addresses is in the routes.
    type: str
    default: ''
  present_base64:
    description:
      - The same in Base64, as M(ansible.builtin.slurp) returns it. It takes precedence over O(present), and preserves
        files that are not UTF-8.
    type: str
    default: ''
    version_added: 1.0.0
  present_paths:
    description: Path of the configuration and, if that is a symbolic link, path of its target.
    type: list
    elements: str
    default: []
    version_added: 1.0.0
  present_mark:
    description:
      - A text in the first line, a comment, of your own configurations.
      - If set, a configuration without it is foreign, and is only replaced with O(takeover). A file is not foreign if
        it is empty, contains only comments, or is unchanged since the distribution's package installed it, see
        O(packaged).
    type: str
    default: ''
    version_added: 1.0.0
  included:
    description:
      - The output of C(nginx -T), all files that the present configuration includes. If others wrote some of them, the
        configuration is only replaced with O(takeover), and their backends count as served now.
    type: str
    default: ''
    version_added: 1.0.0
  packaged:
    description:
      - What the package manager knows about the files that it installed, as lines of path and checksum. C(dpkg-query
        --show --showformat='${Conffiles}\n') prints such lines, and so does C(rpm --query --queryformat
        '[%{FILENAMES} %{FILEDIGESTS}\n]').
    type: list
    elements: str
    default: []
    version_added: 1.0.0
  problems:
    description:
      - The caller's own reasons not to change the router, each with C(reason) and C(advice). The module fails with
        them, and reports its own reasons in the same message.
    type: list
    elements: dict
    default: []
    version_added: 1.0.0
  takeover:
    description: Allow a foreign configuration to be replaced.
    type: bool
    default: false
    version_added: 1.0.0
  max_removed:
    description:
      - Fail if more applications than this, of those that O(present) serves now, would no longer have a server. On the
        first run, too.
      - A number, or a percentage. A percentage is rounded up, so at least one application may be removed.
    type: str
    default: 20%
  allow_empty:
    description:
      - Do not fail if no application has a server to route to. By default the module fails then, even if the router has
        no routes now.
    type: bool
    default: false
seealso:
  - module: openshift_v2.apps.openshift_app_info
  - module: openshift_v2.apps.openshift_apps_ha
"""

EXAMPLES = r"""
- name: Read the endpoints of the applications
  openshift_v2.apps.openshift_app_info:
    gather: [endpoints]
  register: info

- name: Compute the routes
  openshift_v2.apps.openshift_routes:
    applications: "{{ info.applications }}"
    not_highly_available: exclude
  register: router

- name: Show the summary
  ansible.builtin.debug:
    msg: "{{ router.headline }}"

- name: Write upstreams for nginx
  ansible.builtin.copy:
    dest: /etc/nginx/conf.d/upstreams.conf
    mode: "0644"
    content: |
      {% for route in router.routes if route.servers and not route.passthrough %}
      upstream {{ route.backend }} {
      {% for server in route.servers %}
          server {{ server.address }}:{{ server.port }}; # {{ server.name }}
      {% endfor %}
      }
      server {
          listen 80;
          server_name {{ route.hosts | join(' ') }};
          location / {
              proxy_pass http://{{ route.backend }};
              proxy_set_header Host $http_host;
          }
      }
      {% endfor %}
  delegate_to: router.example.com

- name: Give each route to a load balancer with a JSON API
  ansible.builtin.uri:
    url: "https://balancer.example.com/api/pools/{{ item.backend }}"
    method: PUT
    body_format: json
    body:
      name: "{{ item.backend }}"
      hosts: "{{ item.hosts }}"
      monitor: {path: /, host: "{{ item.host }}"}
      members: "{{ item.servers }}"
    status_code: [200, 201, 204]
  loop: "{{ router.routes }}"
  loop_control:
    label: "{{ item.domain }}/{{ item.name }}"
"""

RETURN = r"""
present_origin:
  description:
    - Origin of the configuration that the router has now.
    - V(none) if it does not exist or contains only comments; V(ours) if it has O(present_mark); V(package) if the
      package installed it; V(foreign) otherwise.
  type: str
  returned: success
  sample: ours
routes:
  description: The applications to route, sorted by domain and name.
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
      description: Its status, see RV(openshift_v2.apps.openshift_app_info#module:applications[].ha_status).
      type: str
      sample: highly_available
    backend:
      description: Name for the backend. With O(passthrough) it begins with C(openshift-tls_).
      type: str
      sample: openshift_acme_shop
    passthrough:
      description: Whether O(passthrough) names the application.
      type: bool
      sample: false
    host:
      description: The own host name of the application.
      type: str
      sample: shop-acme.example.com
    hosts:
      description:
        - All host names of the application, in lower case. A host name that several applications claim belongs to the
          application with this own name; otherwise to the application with this name for the router, see
          O(ha_dns_prefix); otherwise to the first application by domain and name.
      type: list
      elements: str
      sample: [shop-acme.example.com, ha-shop-acme.example.com, www.example.org]
    servers:
      description: Its HAProxy instances, sorted by gear, without duplicates. IPv6 addresses are in brackets.
      type: list
      elements: dict
      sample:
        - {name: gear-6b02f622686c820dac0000c2, address: 10.0.0.11, port: 35575}
        - {name: gear-6b02f622686c820dac0000c7, address: 10.0.0.12, port: 38081}
map:
  description: One line for each host name, with the name of its backend.
  type: str
  returned: success
  sample: |
    shop-acme.example.com openshift_acme_shop
    www.example.org openshift_acme_shop
summary:
  description: Number of applications that are routed, in total and by status, and of those left out, by reason.
  type: dict
  returned: success
  sample: {applications: 2, highly_available: 1, degraded: 1, standalone: 0, not_scalable: 0, without_endpoint: 0,
    servers: 3, hosts: 5, left_out: {not_scalable: 1}}
headline:
  description: The summary in one sentence.
  type: str
  returned: success
  sample: "2 applications with 5 host names routed to 3 HAProxy instances: 1 highly available, 1 not; not routed:
    1 not scalable."
"""
