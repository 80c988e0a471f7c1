# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that name one application, or select many."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(application) and C(application.select)."""

    DOCUMENTATION = r"""
options:
  domain:
    description:
      - Domain (namespace) of the application.
      - Put a name in quotes if YAML reads it as something else, as V(true), V(1.10), V(2026-11-29) or V(012). Booleans,
        dates and numbers with a decimal point are refused. A whole number is used with a warning.
    type: str
    required: true
  name:
    description:
      - Name of the application. The same rules apply as to O(domain).
    type: str
    required: true
    aliases: [app]
"""

    SELECT = r"""
options:
  select:
    description:
      - Which of the accessible applications to use. An application must match all conditions. V({}) selects all
        accessible applications.
      - Put names in quotes that YAML reads as booleans, numbers or dates.
    type: dict
    suboptions:
      domains:
        description: Only applications in these domains.
        type: list
        elements: str
      names:
        description:
          - Only applications with these names. The wildcards C(*), C(?) and C([seq]) are allowed. A pattern with a
            slash is compared with C(domain/name).
        type: list
        elements: str
      exclude:
        description: Not these applications. The patterns are the same as in O(select.names).
        type: list
        elements: str
      owned_only:
        description: Only applications in domains that the account owns.
        type: bool
        default: false
      scalable_only:
        description: Only scalable applications.
        type: bool
        default: false
      owners:
        description:
          - Only applications of these owners. The wildcards C(*), C(?) and C([seq]) are allowed, and case is ignored.
        type: list
        elements: str
        version_added: 1.0.0
      claims_ha:
        description:
          - The value that the platform's HA flag must have. V(true) selects only applications that claim HA, truly
            highly available or not. V(false) selects only those that do not.
          - By default, both are selected.
        type: bool
        version_added: 1.0.0
"""
