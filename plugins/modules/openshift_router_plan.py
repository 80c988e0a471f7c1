#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role app_router: documentation only, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_router_plan
short_description: Decide what the role app_router reads, writes and reports
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - The role P(openshift_v2.apps.app_router#role) asks this module for its decisions. Use the role; this module is not
    meant for playbooks, and changes together with the role.
  - Each call answers one question, the option that is set. The module gets what the role has read from the router. It
    connects to no host, and changes nothing.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  variables:
    description: What do the variables of the role mean?
    type: dict
    suboptions:
      applications:
        description: The variable C(app_router_applications), a list or a text with commas. Omit it if it is not set.
        type: raw
      select:
        description: The variable C(app_router_select).
        type: dict
        default: {}
      lists:
        description: Other variables that are lists, or texts with commas, by name.
        type: dict
        required: true
      log:
        description: The variable C(app_router_log). Items of a list stay whole.
        type: raw
      tls:
        description: The variable C(app_router_tls).
        type: str
        required: true
      config_path:
        description: The variable C(app_router_config_path).
        type: str
        required: true
  inventory:
    description: Does the inventory have routers? The module fails if not.
    type: dict
    suboptions:
      pattern:
        description: The pattern of hosts that are routers.
        type: str
        required: true
      hosts:
        description: Names of the hosts that match it.
        type: list
        elements: str
        required: true
  target:
    description: Which file does the role read and write? A symbolic link is kept, and its target is used.
    type: dict
    suboptions:
      config_path:
        description: The variable C(app_router_config_path).
        type: str
        required: true
      file:
        description: The C(stat) of this path, as M(ansible.builtin.stat) returns it.
        type: dict
        required: true
  selection:
    description: Were the applications of this router read? The module fails if not.
    type: dict
    suboptions:
      router:
        description: Name of the router.
        type: str
        required: true
      own:
        description: The selection of this router, RV(selection).
        type: dict
        required: true
      read:
        description: The selection that was read.
        type: dict
        required: true
  host:
    description: Is the host ready to be a router?
    type: dict
    suboptions:
      program:
        description: Path of HAProxy.
        type: str
        required: true
      minimum_version:
        description: The oldest version of HAProxy that is supported.
        type: str
        required: true
      version:
        description: Result of the command that prints the version of HAProxy.
        type: dict
        required: true
      config_path:
        description: Path of the configuration.
        type: str
        required: true
      target:
        description: The same path with symbolic links resolved.
        type: str
        required: true
      file:
        description: What M(ansible.builtin.stat) returned for the target.
        type: dict
        required: true
      folders:
        description: Results of M(ansible.builtin.stat) for the folders of the configuration and of the map.
        type: list
        elements: dict
        default: []
      rights:
        description: C(owner), C(group) and C(mode) that the user has set, empty where not set.
        type: dict
        required: true
      packages:
        description: Results of the package managers' commands that print the files that they installed.
        type: list
        elements: dict
        default: []
  files:
    description: Which files does the router get, and do they differ from the present ones?
    type: dict
    suboptions:
      template:
        description: The configuration with a placeholder for the path of the map.
        type: str
        required: true
      placeholder:
        description: The placeholder.
        type: str
        required: true
      first_line:
        description: First line of the map.
        type: str
        required: true
      map:
        description: The map, RV(openshift_v2.apps.openshift_routes#module:map).
        type: str
        required: true
      map_start:
        description: Folder and prefix of the path of the map.
        type: str
        required: true
      file:
        description: What M(ansible.builtin.stat) returned for the present configuration.
        type: dict
        required: true
      maps:
        description: What M(ansible.builtin.find) returned for the present maps.
        type: list
        elements: dict
        default: []
      origin:
        description: Origin of the present configuration, RV(openshift_v2.apps.openshift_routes#module:present_origin).
        type: str
        required: true
      backup:
        description: Whether to keep every former configuration.
        type: bool
        required: true
  validation:
    description: Does HAProxy accept the configuration? The module fails if not.
    type: dict
    suboptions:
      result:
        description: Result of the command that validates the configuration.
        type: dict
        required: true
      candidate:
        description: Path of the file that was validated.
        type: str
        required: true
      config:
        description: The configuration, to quote lines of it.
        type: str
        required: true
  takeover:
    description:
      - What is the difference between a foreign configuration and the new one?
      - The former content is not shown, because it may contain passwords.
    type: dict
    suboptions:
      path:
        description: Path of the configuration.
        type: str
        required: true
      backup:
        description: Path of the backup, empty in check mode.
        type: str
        default: ''
      config:
        description: The new configuration.
        type: str
        required: true
  reload:
    description: Does HAProxy have to reload its configuration?
    type: dict
    suboptions:
      changed:
        description: Whether each of the files was changed.
        type: list
        elements: bool
        required: true
      stale_maps:
        description: Maps of former configurations.
        type: list
        elements: str
        required: true
      socket:
        description: The socket at which HAProxy reports which configuration it runs with.
        type: str
        default: ''
      wait:
        description: Seconds to wait for that.
        type: int
        required: true
  failure:
    description: Why does HAProxy not run with the new configuration? The module always fails, with the answer.
    type: dict
    suboptions:
      task:
        description: Name of the task that failed.
        type: str
        required: true
      message:
        description: Message of that task.
        type: str
        default: failed
      output:
        description: What its command printed on standard error.
        type: str
        default: ''
      running:
        description: Result of the request that asks HAProxy which configuration it runs with.
        type: dict
        required: true
      wait:
        description: Seconds for which that was tried.
        type: int
        required: true
      installed:
        description: Result of the task that wrote the configuration.
        type: dict
        required: true
      restored:
        description: Result of the task that put the former configuration back.
        type: dict
        required: true
      file:
        description: What M(ansible.builtin.stat) returned for the former configuration.
        type: dict
        required: true
      target:
        description: Path of the configuration with symbolic links resolved.
        type: str
        required: true
attributes:
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: partial
    details: Only for O(takeover), whose task reports the change that another task has made.
seealso:
  - module: openshift_v2.apps.openshift_routes
"""

EXAMPLES = r"""
- name: Decide whether to reload HAProxy
  openshift_v2.apps.openshift_router_plan:
    reload:
      changed: ["{{ installed.changed }}"]
      stale_maps: []
      socket: /var/lib/haproxy/openshift-apps.sock
      wait: 30
  register: plan
"""

RETURN = r"""
path:
  description: The file to read and write.
  type: str
  returned: with O(target)
  sample: /etc/haproxy/haproxy.cfg
folder:
  description: The folder of this file.
  type: str
  returned: with O(target)
  sample: /etc/haproxy
selection:
  description: The selection for M(openshift_v2.apps.openshift_app_info).
  type: dict
  returned: with O(variables)
  sample: {names: [acme/shop]}
read:
  description: Whether to read applications; V(false) for an empty list.
  type: bool
  returned: with O(variables)
  sample: true
lists:
  description: All variables that are lists, as lists of texts, by name.
  type: dict
  returned: with O(variables)
  sample: {http_bind: ["*:80"]}
map_prefix:
  description: How names of the router's map files begin.
  type: str
  returned: with O(variables)
  sample: openshift-apps-1f0c3a55-
problems:
  description: Why the host is not ready, for the option O(openshift_v2.apps.openshift_routes#module:problems).
  type: list
  elements: dict
  returned: with O(host)
  sample: []
version:
  description: Version of HAProxy, V(0) if it is unknown.
  type: str
  returned: with O(host)
  sample: 2.6.12
paths:
  description: Path of the configuration and, if that is a symbolic link, path of the target.
  type: list
  elements: str
  returned: with O(host)
  sample: [/etc/haproxy/haproxy.cfg]
packaged:
  description:
    - What the package managers know about installed files, for the option
      O(openshift_v2.apps.openshift_routes#module:packaged).
  type: list
  elements: str
  returned: with O(host)
  sample: ["/etc/haproxy/haproxy.cfg 61fb5b3ba9ba3e4ddc5b3eb9d25b4a1f"]
owner:
  description: Owner of the files, empty if the system decides.
  type: str
  returned: with O(host)
  sample: "0"
group:
  description: Group of the files, empty if the system decides.
  type: str
  returned: with O(host)
  sample: "0"
mode:
  description: Mode of the files.
  type: str
  returned: with O(host)
  sample: "0644"
config:
  description: The configuration with the path of its map.
  type: str
  returned: with O(files)
map:
  description: The map with its first line.
  type: str
  returned: with O(files)
map_path:
  description: Path of the map.
  type: str
  returned: with O(files)
  sample: /etc/haproxy/openshift-apps-1f0c3a55-0123456789ab.map
differs:
  description: Whether the present configuration or map is different.
  type: bool
  returned: with O(files)
  sample: true
stale_maps:
  description: Paths of the maps of former configurations.
  type: list
  elements: str
  returned: with O(files)
  sample: []
note:
  description: Path of an empty map, whose only purpose is to record that a reload is due.
  type: str
  returned: with O(files)
  sample: /etc/haproxy/openshift-apps-1f0c3a55-none.map
needs_note:
  description: Whether to write that map, because no stale map records it.
  type: bool
  returned: with O(files)
  sample: true
obsolete:
  description: Paths of the maps to remove after the reload.
  type: list
  elements: str
  returned: with O(files)
  sample: [/etc/haproxy/openshift-apps-1f0c3a55-none.map]
takeover:
  description: Whether a foreign configuration is replaced.
  type: bool
  returned: with O(files)
  sample: false
keep_backup:
  description: Whether to keep the copy of the former configuration.
  type: bool
  returned: with O(files)
  sample: false
reload:
  description: Whether HAProxy has to reload its configuration.
  type: bool
  returned: with O(reload)
  sample: true
confirm:
  description: Whether to ask HAProxy afterwards which configuration it runs with.
  type: bool
  returned: with O(reload)
  sample: true
"""
