# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the option that gives each application its desired state."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment C(policy)."""

    DOCUMENTATION = r"""
options:
  policy:
    description:
      - Which desired state each application has, as a list of rules, or as the path of a file in YAML or JSON on the
        controller that contains this list. A relative path begins at the directory of the playbook or at the current
        directory.
      - The first rule that matches an application applies to it, and no other rule. Its settings take precedence over
        the options of the same name. These options apply where the rule sets nothing, and where no rule matches.
      - A rule is a dictionary. C(match) has the conditions C(domain), C(name), C(owner), C(cartridge) (each a text or a
        list of texts) and C(claims_ha) (V(true) or V(false), the value of the platform's HA flag). All of them must be
        met. The texts may contain the wildcards C(*), C(?) and C([seq]), and their case is ignored. A C(name) with a
        slash is compared with C(domain/name). A text or a list as C(match) stands for C(name). Without C(match), the
        rule matches every application.
      - A rule may set C(state) (V(present), V(absent) or V(ignore)), C(scale_strategy), C(preserve_gear_count),
        C(min_gears), C(max_gears), C(allow_gear_removal), C(verify), C(spread), C(probe), C(relocate), C(wait_timeout)
        and C(poll_interval). They have the same meaning as the options.
      - An application with C(state=ignore) is reported, and never changed. It is neither drifted nor failed, and its
        placement is not read.
      - C(name) of a rule is its label in results, reports and messages.
      - An unknown key, or a value that is not allowed, is an error. All mistakes are reported at once, before the first
        request.
      - An application whose data cannot be read matches a rule only if its domain and name alone decide this. Otherwise
        it fails, so that it is never ignored by mistake.
    type: raw
    version_added: 1.0.0
"""
