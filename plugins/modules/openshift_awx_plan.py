# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate the variables of the playbook awx_setup: only documentation, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_awx_plan
short_description: Validate the variables of the playbook awx_setup
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Validates all variables of the playbook C(openshift_v2.apps.awx_setup) before its first request. Only this playbook
    uses it.
  - Reads the variables that begin with C(awx_setup_) itself, so that their secrets are not options of a task.
  - Changes nothing and sends no request.
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  options:
    description: The argument specification of the variables.
    type: dict
    required: true
  secret_inputs:
    description: The keys of a broker that are secrets.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Validate the variables
  openshift_v2.apps.openshift_awx_plan:
    options: "{{ awx_setup.options }}"
    secret_inputs: "{{ awx_setup.secret_inputs }}"
  register: plan
"""

RETURN = r"""
brokers:
  description: The brokers without empty values. Secrets are replaced by C((given\)).
  type: list
  elements: dict
  returned: success
  sample: [{name: east, url: https://broker.example.com, username: auditor, password: (given)}]
"""
