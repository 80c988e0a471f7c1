# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all action plugins of the collection share."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class NamedAction(ActionBase):
    """An action plugin whose errors about options name the module as people do."""

    def validate_argument_spec(self, *args: Any, **kwargs: Any) -> Any:
        """As Ansible does it, which would name the module by the path of the action plugin's file."""
        self._load_name = str(self.ansible_name)
        return super().validate_argument_spec(*args, **kwargs)  # type: ignore[no-untyped-call]
