# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the options that say which application, or which applications."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(application) and C(application.select)."""

    DOCUMENTATION = r"""
options:
  domain:
    description:
      - Domain (namespace) of the application.
    type: str
    required: true
  name:
    description:
      - Name of the application.
    type: str
    required: true
    aliases: [app]
"""

    SELECT = r"""
options:
  select:
    description:
      - Which applications, of all that the account can reach. Each condition leaves fewer of them, and V({}) is all.
    type: dict
    suboptions:
      domains:
        description: Names of the domains, those of other domains are left out.
        type: list
        elements: str
      names:
        description:
          - Names of the applications, with the wildcards C(*), C(?) and C([seq]). One with a slash means
            C(domain/name).
        type: list
        elements: str
      exclude:
        description: Applications to leave out, written like O(select.names).
        type: list
        elements: str
      owned_only:
        description: Only applications in domains that the account owns.
        type: bool
        default: false
      scalable_only:
        description: Only applications that are scalable.
        type: bool
        default: false
"""
