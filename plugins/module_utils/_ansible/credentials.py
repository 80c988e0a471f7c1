# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How credentials reach a real module: in a file of their own that the module removes, never in its arguments.

Ansible shows, logs and keeps arguments in many places, and masks their values in everything a module returns: with the
password ``wiki`` the application of that name would come back under another name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.masking import MASKED_VALUE

#: The options that hold a secret.
SECRET_OPTIONS = ("password", "token")
#: The environment variable that tells a module where its credentials are.
FILE_VARIABLE = "OPENSHIFT_V2_APPS_CREDENTIALS_FILE"


def without_secrets(options: Mapping[str, Any]) -> dict[str, Any]:
    """``options`` without the secret ones."""
    return {option: value for option, value in options.items() if option not in SECRET_OPTIONS}


def split_secrets(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """``options`` without the secret ones, and those that have a value, as text."""
    secrets = {option: str(options[option]) for option in SECRET_OPTIONS if options.get(option) is not None}
    return without_secrets(options), secrets


def dump(secrets: Mapping[str, str]) -> str:
    """The content of the file that hands ``secrets`` over."""
    return json.dumps(dict(secrets))


def receive(environ: MutableMapping[str, str]) -> dict[str, str]:
    """The credentials that the action plugin handed over, or none; the file is removed.

    Raises ``OSError`` or ``ValueError`` if the file cannot be read.
    """
    path = environ.pop(FILE_VARIABLE, None)
    if not path:
        return {}
    file = Path(path)
    secrets: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    # A user who may only read here cannot remove it: Ansible or the action plugin does after the run.
    with suppress(OSError):
        file.unlink()
    return secrets


def mask_secrets(params: Mapping[str, Any]) -> dict[str, Any]:
    """Options as they may be shown: secrets masked, credentials in ``broker_url`` too."""
    shown = {option: MASKED_VALUE if option in SECRET_OPTIONS and value else value for option, value in params.items()}
    if "@" in str(shown.get("broker_url") or ""):
        shown["broker_url"] = MASKED_VALUE
    return shown
