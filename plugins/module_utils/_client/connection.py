# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the broker: its address, the credentials and the settings of the connection. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.openshift_v2.apps.plugins.module_utils._client.envelope import REST_PATH


class SettingError(Exception):
    """A setting of the connection is unusable. ``name``: the option, or the environment variable."""

    def __init__(self, name: str, problem: str, remedy: str | None = None) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True)
class Connection:
    """The broker's address, credentials and settings. ``verify`` is as in ``requests``.

    The time-outs are the seconds for a whole request: a read or a write. ``max_response_size`` is in bytes.
    """

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    verify: bool | str = True
    client_cert: str | None = None
    client_key: str | None = None
    ciphers: str | None = None
    tls_min_version: str | None = None
    impersonate_user: str | None = None
    http_timeout: float = 30.0
    operation_timeout: float = 300.0
    max_response_size: int = 512 * 1024 * 1024

    @property
    def address(self) -> str:
        """The broker's address as ``broker_url`` accepts it."""
        return self.url[: -len(REST_PATH)] if self.url.endswith(REST_PATH) else self.url

    @property
    def account(self) -> str:
        """The account that requests act as, for messages. Contains no secrets."""
        login = self.username or ("the account of the token" if self.token else "the account of the client certificate")
        return f"{login} for {self.impersonate_user}" if self.impersonate_user else login
