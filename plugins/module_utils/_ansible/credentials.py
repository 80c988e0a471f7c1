# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pass credentials to a module in a separate file that the module removes, never in its arguments.

Ansible shows, logs and stores arguments in many places. It also masks their values in everything that a module returns:
with the password ``wiki``, the application of that name would be returned under another name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import MASKED_VALUE

#: The options whose values are secret.
SECRET_OPTIONS = ("password", "token")
#: The environment variable with the path of the credentials file.
FILE_VARIABLE = "OPENSHIFT_V2_APPS_CREDENTIALS_FILE"


def without_secrets(options: Mapping[str, Any]) -> dict[str, Any]:
    """``options`` without the secret options."""
    return {option: value for option, value in options.items() if option not in SECRET_OPTIONS}


def split_secrets(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """``options`` without the secret options, and the secret options that have a value, as text."""
    secrets = {option: str(options[option]) for option in SECRET_OPTIONS if options.get(option) is not None}
    return without_secrets(options), secrets


def dump(secrets: Mapping[str, str]) -> str:
    """The content of a credentials file."""
    return json.dumps(dict(secrets))


def receive(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Read and remove the credentials file of the action plugin. Without a file, the result is empty.

    Raises ``OSError`` or ``ValueError`` if the file cannot be read.
    """
    path = environ.pop(FILE_VARIABLE, None)
    if not path:
        return {}
    file = Path(path)
    secrets: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    # A user with read permission only cannot remove the file. Ansible or the action plugin removes it after the run.
    with suppress(OSError):
        file.unlink()
    return secrets


def mask_secrets(params: Mapping[str, Any]) -> dict[str, Any]:
    """Options that may be shown: secrets are masked, and a ``broker_url`` with credentials too."""
    shown = {option: MASKED_VALUE if option in SECRET_OPTIONS and value else value for option, value in params.items()}
    if "@" in str(shown.get("broker_url") or ""):
        shown["broker_url"] = MASKED_VALUE
    return shown
