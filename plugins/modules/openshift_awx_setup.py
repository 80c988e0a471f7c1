# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set up AWX for the playbook awx_setup: only documentation, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_awx_setup
short_description: Set up AWX for the playbook awx_setup
version_added: 1.0.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Makes the objects of AWX what the variables of the playbook C(openshift_v2.apps.awx_setup) describe, or removes
    them. Only this playbook uses it.
  - Reads the variables that begin with C(awx_setup_) itself, so that their secrets are not options of a task. It
    validates all of them before the first request.
  - Reads all objects of a type with one request, compares every property that can change what an audit covers or what
    a job does, and sends a request only for what differs. In check mode, it sends no request that changes AWX.
  - Address and account of AWX come from the environment variables C(CONTROLLER_HOST), and C(CONTROLLER_OAUTH_TOKEN) or
    both C(CONTROLLER_USERNAME) and C(CONTROLLER_PASSWORD).
extends_documentation_fragment:
  - openshift_v2.apps.on_controller
options:
  definitions:
    description:
      - The file of variables of the playbook, with the credential type, the survey and the argument specification.
    type: dict
    required: true
attributes:
  check_mode:
    support: full
    details: Predicts all changes, also of objects that do not exist yet.
  diff_mode:
    support: full
    details: Shows each property before and after, without secrets.
  idempotent:
    support: full
    details: Only what differs is written.
"""

EXAMPLES = r"""
- name: Set up AWX
  openshift_v2.apps.openshift_awx_setup:
    definitions: "{{ awx_setup }}"
  register: result
"""

RETURN = r"""
changes:
  description:
    - Each object that was created or removed, and each property that was changed, with its value before and after.
      Secrets are not shown. In check mode, what would change.
  type: list
  elements: str
  returned: always
  sample: ["job template 'OpenShift HA east - audit': limit: shop-acme.example.com -> (empty)"]
msg:
  description: The result and the next step.
  type: str
  returned: always
  sample: AWX is set up for east. Nothing was changed.
"""
