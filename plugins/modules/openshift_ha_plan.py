# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide for the role app_ha and the playbook audit_ha: only documentation, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_ha_plan
short_description: Decide which applications the role app_ha handles, and which hosts the playbook audit_ha audits
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Makes the decisions of the role P(openshift_v2.apps.app_ha#role) and of the playbook C(openshift_v2.apps.audit_ha)
    from their variables. Only these use it.
  - Answers one question for each task. If the variables name no applications, or if the inventory could not be read, it
    fails with the reason.
  - Changes nothing and sends no request.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  applications:
    description: Decide which applications the role handles on a host that is not an application.
    type: dict
    suboptions: &applications
      host:
        description: Name of the host.
        type: str
        required: true
      applications:
        description: The variable C(app_ha_applications).
        type: raw
      select:
        description: The variable C(app_ha_select).
        type: raw
      domain:
        description: The variable C(openshift_domain). A host with this variable alone is a mistake.
        type: raw
      all:
        description: Whether to handle all accessible applications if the variables name none.
        type: bool
        default: false
  audit:
    description: Decide which hosts the playbook audits.
    type: dict
    suboptions:
      prefixes:
        description: As in O(policy).
        type: list
        elements: str
        default: []
        choices: [app_ha, app_router, audit_ha, broker_ha, enable_ha]
      hosts:
        description:
          - The variable C(audit_ha_hosts), a pattern of hosts or a list of patterns.
          - By default, all hosts of the groups C(openshift_ha_*) of the inventory plugin. It is C(localhost) if there
            are no such groups, or if C(app_ha_applications) or C(app_ha_select) is set for the whole run.
        type: raw
      domains:
        description: The variable C(audit_ha_domains), a list or a text with spaces, commas or line breaks.
        type: raw
      names:
        description:
          - The variable C(audit_ha_names), names of applications, also as C(domain/name), with C(*) and C(?).
          - A name without wildcards that the inventory does not have is an error.
        type: raw
      sliced:
        description: The variable C(audit_ha_sliced). If the inventory is a slice, unknown names cause a warning.
        type: raw
      by_host:
        description: The variable C(audit_ha_by_host), whether the hosts that drifted fail instead of C(localhost).
        type: raw
  policy:
    description:
      - Find the policies of the hosts of the play's batch that are applications, from C(app_ha_policy), or else from
        C(openshift_ha_desired) of the inventory plugin.
      - Variables C(app_ha_*) of a host take precedence over its policy, so that the settings of the same name are left
        out of the rules. Variables that the command line or the play sets hold for all hosts, and take no precedence.
      - Fails with all mistakes in a policy.
    type: dict
    suboptions:
      prefixes:
        description:
          - First refuse unknown variables that begin with these prefixes, as
            M(openshift_v2.apps.openshift_variable_names) does.
        type: list
        elements: str
        default: []
        choices: [app_ha, app_router, audit_ha, broker_ha, enable_ha]
      audited:
        description:
          - The variable C(app_ha_audit_hosts), the hosts that one task audits. The names of their variables are
            checked, too.
          - Their policies are not found, because the task of the report reads them itself.
        type: list
        elements: str
      applications:
        description:
          - As the option O(applications), which this also answers if the play has a single host that is not an
            application.
        type: dict
        suboptions: *applications
seealso:
  - module: openshift_v2.apps.openshift_ha_batches
  - module: openshift_v2.apps.openshift_ha_outcome
"""

EXAMPLES = r"""
- name: Choose the hosts to audit
  openshift_v2.apps.openshift_ha_plan:
    audit:
      hosts: openshift_domain_acme
  register: plan
"""

RETURN = r"""
options:
  description: The options C(applications) or C(select) for M(openshift_v2.apps.openshift_apps_ha).
  type: dict
  returned: with O(applications), or with O(policy.applications) if there is a single host that is not an application
  sample: {select: {domains: [acme]}}
observe:
  description: The same options if the play has a single host, whose applications the task of the report reads itself.
  type: dict
  returned: with RV(options)
  sample: {select: {domains: [acme]}}
time:
  description: When the task began, in seconds since 1970.
  type: float
  returned: with O(policy)
  sample: 1764370000.5
policies:
  description: The different policies, each by its key.
  type: dict
  returned: with O(policy)
  sample: {"1": [{match: {claims_ha: true}}, {state: ignore}]}
of_host:
  description: The key in RV(policies) for each host that has a policy.
  type: dict
  returned: with O(policy)
  sample: {shop-acme: "1", crm-acme: "1"}
hosts:
  description:
    - The hosts of the play. It is C(localhost) for a single task, or the first host of the run if C(--limit) excludes
      C(localhost).
  type: list
  elements: str
  returned: with O(audit)
  sample: [localhost]
one_task:
  description: Whether one task audits RV(audited).
  type: bool
  returned: with O(audit)
  sample: true
audited:
  description: The hosts to audit in one task. Empty if there are none, or for a list, a selection or all applications.
  type: list
  elements: str
  returned: with O(audit)
  sample: [shop-acme, crm-acme]
by_host:
  description: Whether the hosts that drifted fail, instead of the host of the task.
  type: bool
  returned: with O(audit)
  sample: false
line:
  description: Why there is nothing to audit, or why each host audits itself. Empty otherwise.
  type: str
  returned: with O(audit)
  sample: ""
"""
