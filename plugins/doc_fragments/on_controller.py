# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the attributes of modules that only decide: their action plugins run on the controller."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(on_controller)."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
    details: There is no module. Everything is done on the controller.
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
"""
