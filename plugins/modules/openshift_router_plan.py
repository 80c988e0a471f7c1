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
    description:
      - What do the variables of the role mean? Most of them are taken from the variables of the host.
      - Names that the role no longer documents still have an effect.
    type: dict
    suboptions:
      applications:
        description: The variable C(app_router_applications), a list or a text with commas. Omit it if it is not set.
        type: raw
      select:
        description: The variable C(app_router_select).
        type: dict
        default: {}
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
      settings:
        description: The settings, RV(settings).
        type: dict
        required: true
      version:
        description: Result of the command that prints the version of the program.
        type: dict
        required: true
      target:
        description: Path of the configuration with symbolic links resolved.
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
      others:
        description: What M(ansible.builtin.find) returned for the other files in the folder of a fragment.
        type: list
        elements: dict
        default: []
      packages:
        description: Results of the package managers' commands that print the files that they installed.
        type: list
        elements: dict
        default: []
  files:
    description: Which files does the router get, and do they differ from the present ones?
    type: dict
    suboptions:
      settings:
        description: The settings, RV(settings).
        type: dict
        required: true
      routes:
        description: The routes, RV(openshift_v2.apps.openshift_routes#module:routes).
        type: list
        elements: dict
        required: true
      version:
        description: Version of the program, RV(version).
        type: str
        required: true
      map:
        description: The map, RV(openshift_v2.apps.openshift_routes#module:map).
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
  validation:
    description:
      - Does the program accept the configuration, and does a fragment take no requests from the files beside it?
      - The module fails if not.
    type: dict
    suboptions:
      settings:
        description: The settings, RV(settings).
        type: dict
        required: true
      result:
        description: Result of the command that validates the configuration.
        type: dict
        required: true
      folder:
        description: The temporary folder with the file that was validated.
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
  state:
    description: Which state of its servers does HAProxy keep across a reload?
    type: dict
    suboptions:
      result:
        description: Result of the command that prints the state of all servers.
        type: dict
        required: true
      routes:
        description: The routes, RV(openshift_v2.apps.openshift_routes#module:routes).
        type: list
        elements: dict
        required: true
  reload:
    description: Does the program have to reload its configuration?
    type: dict
    suboptions:
      settings:
        description: The settings, RV(settings).
        type: dict
        required: true
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
  failure:
    description: Why does the program not run with the new configuration? The module always fails, with the answer.
    type: dict
    suboptions:
      settings:
        description: The settings, RV(settings).
        type: dict
        required: true
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
        description: Result of the request that asks the program which configuration it runs with.
        type: dict
        required: true
      installed:
        description: Result of the task that wrote the configuration.
        type: dict
        required: true
      restored:
        description: Result of the task that put the former configuration back.
        type: dict
        required: true
      removed:
        description: Result of the task that removed a fragment that was not there before.
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
  drill:
    description: Which applications are drilled on this router, and how?
    type: dict
    suboptions:
      settings:
        description: The settings, RV(settings).
        type: dict
        required: true
      applications:
        description: The applications, as M(openshift_v2.apps.openshift_app_info) verified them by placement.
        type: list
        elements: dict
        default: []
      present_base64:
        description: The configuration of the router, in Base64.
        type: str
        default: ''
      seconds:
        description: How long each instance gets no requests.
        type: int
        required: true
  outcome:
    description: What is the outcome of the drill of one application?
    type: dict
    suboptions:
      router:
        description: Name of the router.
        type: str
        required: true
      step:
        description: The application, one of RV(steps).
        type: dict
        required: true
      result:
        description: Result of the command that drilled it.
        type: dict
        required: true
      earlier:
        description: The outcomes of the applications before.
        type: list
        elements: dict
        default: []
      path:
        description: The file of last drills on the controller, to which the outcome is added. If empty, there is none.
        type: path
        default: ''
  drilled:
    description: What is the result of the whole drill?
    type: dict
    suboptions:
      router:
        description: Name of the router.
        type: str
        required: true
      outcomes:
        description: The outcomes, RV(outcomes).
        type: list
        elements: dict
        default: []
      skipped:
        description: The applications that were not drilled, RV(skipped_applications).
        type: list
        elements: dict
        default: []
attributes:
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: partial
    details: Only for O(takeover), whose task reports the change that another task has made.
seealso:
  - module: openshift_v2.apps.openshift_routes
"""

EXAMPLES = r"""
- name: Interpret the variables of the role
  openshift_v2.apps.openshift_router_plan:
    variables:
      select: {domains: [acme]}
  register: variables

- name: Decide whether to reload the program
  openshift_v2.apps.openshift_router_plan:
    reload:
      settings: "{{ variables.settings }}"
      changed: [true]
      stale_maps: []
  register: plan
"""

RETURN = r"""
path:
  description: The file to read and write.
  type: str
  returned: with O(target)
  sample: /etc/haproxy/haproxy.cfg
folder:
  description: The folder of this file, and of the router's other files.
  type: str
  returned: with O(target) and O(variables)
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
settings:
  description: All settings, with the defaults of the software.
  type: dict
  returned: with O(variables)
title:
  description: Name of the software.
  type: str
  returned: with O(variables)
  sample: HAProxy
applications:
  description: The applications that must be routed.
  type: list
  elements: str
  returned: with O(variables)
  sample: [acme/shop]
passthrough:
  description: Patterns of the applications whose gears accept TLS.
  type: list
  elements: str
  returned: with O(variables)
  sample: []
start:
  description: How paths of the router's other files begin.
  type: str
  returned: with O(variables)
  sample: /etc/haproxy/openshift-apps-1f0c3a55-
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
  description: Version of the program, V(0) if it is unknown.
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
  description: Whether the program has to reload its configuration.
  type: bool
  returned: with O(reload)
  sample: true
confirm:
  description: Whether to ask the program afterwards which configuration it runs with.
  type: bool
  returned: with O(reload)
  sample: true
keep_state:
  description: Whether to keep the state of HAProxy's servers.
  type: bool
  returned: with O(reload)
  sample: true
url:
  description: Where to ask.
  type: str
  returned: with O(reload)
  sample: http://localhost/
unix_socket:
  description: The socket to ask at, empty if the URL has an address.
  type: str
  returned: with O(reload)
  sample: /var/lib/haproxy/openshift-apps.sock
state:
  description: The state to keep, a file for HAProxy.
  type: str
  returned: with O(state)
links:
  description: C(path) and C(src) of the symbolic links for certificates with separate keys.
  type: list
  elements: dict
  returned: with O(files)
  sample: []
state_path:
  description: Path of the file with the state of HAProxy's servers.
  type: str
  returned: with O(files)
  sample: /etc/haproxy/openshift-apps-1f0c3a55-servers.state
steps:
  description: The applications to drill, each as the script of the role reads it.
  type: list
  elements: dict
  returned: with O(drill)
  sample: []
skipped_applications:
  description: The applications that are not drilled, with C(application), C(status) and C(reason).
  type: list
  elements: dict
  returned: with O(drill)
  sample: [{application: acme/crm, status: skipped, reason: it is not highly available (degraded)}]
headline:
  description: The plan, or the result, in a sentence.
  type: str
  returned: with O(drill) and O(drilled)
  sample: "1 of 1 applications passed, 0 failed, 0 skipped: 180 requests, 0 of them failed."
outcomes:
  description:
    - The outcomes so far, each with C(application), C(servers), C(status), C(requests), C(failed_requests), C(reason)
      and C(restored).
  type: list
  elements: dict
  returned: with O(outcome)
  sample: []
stopped:
  description: Whether an application failed, so that no other one is drilled.
  type: bool
  returned: with O(outcome)
  sample: false
summary:
  description: Numbers and outcomes of all applications, the fact C(app_router_drill).
  type: dict
  returned: with O(drilled)
failure:
  description: Why the drill failed, empty if it passed.
  type: str
  returned: with O(drilled)
  sample: ''
"""
