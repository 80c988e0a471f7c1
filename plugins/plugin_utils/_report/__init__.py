# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on a fleet.

``inputs`` reads module results and variables, ``build`` makes the report (``model``) from them, ``text``, ``html`` and
``files`` present it. May import all of module_utils.
"""
