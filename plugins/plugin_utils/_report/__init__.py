# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report on a fleet.

``inputs`` reads module results and variables, ``build`` and ``several`` make the report (``model``) from them,
``history`` compares it with earlier audits, ``publish`` writes it. ``text``, ``html``, ``files``, ``prom``, ``junit``
and ``notification`` present it. May import all of module_utils.
"""
