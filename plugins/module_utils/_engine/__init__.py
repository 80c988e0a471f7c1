# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine: observe applications, bring them to the desired state, repair a fleet, and stop when interrupted.

Imports ``_client`` and ``_core``.
"""
