# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory of applications.

``options`` validates the options, ``broker_data`` reads the broker and defines what the cache holds, ``hosts`` makes
hosts and groups from it, ``templates`` keeps text from the broker from being evaluated. May import all of module_utils.
"""
