# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a task shows progress lines and lines about long waits.

They go to standard error, like the warnings of Ansible: a callback may write a document, such as JSON, to standard
output. The output of a job in AWX contains both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean

#: The variable of the environment and the variable of a host. Either one can turn the lines off.
ENVIRONMENT_VARIABLE, VARIABLE = "OPENSHIFT_PROGRESS", "app_ha_progress"


def shows_progress(value: Any, environ: Mapping[str, str]) -> bool:
    """``value`` is the evaluated variable. Without values, lines are shown. Raises ``AnsibleActionFail``."""
    settings = {VARIABLE: value, ENVIRONMENT_VARIABLE: environ.get(ENVIRONMENT_VARIABLE)}
    answers = {_parse(name, setting) for name, setting in settings.items() if setting not in (None, "")}
    return False not in answers


def _parse(name: str, setting: Any) -> bool:
    try:
        return bool(boolean(setting))
    except TypeError:
        problem = f"{name}: {setting!r} is neither true nor false"
        raise AnsibleActionFail(f"{problem}. Nothing was changed. Set it to true or false.") from None
