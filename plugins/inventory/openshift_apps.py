# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory of the applications on a broker."""

# Most methods of Ansible's plugin classes have no annotations.
# mypy: allow-untyped-calls

from __future__ import annotations

DOCUMENTATION = r"""
name: openshift_apps
short_description: Applications on OpenShift v2 as hosts
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Adds every application that is accessible to the account as a host. The name of the host is the host name in the
    application's URL, for example V(shop-acme.example.com). An application without a URL is named by its name and
    domain, for example V(shop-acme).
  - Reads the applications in one request, regardless of their number. O(owner_gears=true) needs a second request.
  - The name of the inventory file must end in V(openshift_apps.yml) or V(openshift_apps.yaml).
  - Each host has the variables C(ansible_connection), C(openshift_domain), C(openshift_app), C(openshift_ha_status),
    C(openshift_broker_url) and C(openshift_application). No variable contains credentials.
  - C(ansible_connection) is V(local), because the modules connect to the broker and not to the application.
  - C(openshift_application) is the same dictionary as
    RV(openshift_v2.apps.openshift_app_ha#module:application).
  - The status is that of the level C(count), see O(openshift_v2.apps.openshift_app_ha#module:verify). The inventory
    does not read on which nodes the HAProxy instances are.
  - Each host is in the groups C(openshift_ha_<status>), C(openshift_domain_<name>) and C(openshift_owner_<login>).
  - The groups C(openshift_ha_highly_available), C(openshift_ha_degraded), C(openshift_ha_standalone) and
    C(openshift_ha_not_scalable) always exist, even without hosts.
  - With O(policy), each host has the variable C(openshift_ha_desired). It is a dictionary with the settings of the rule
    that applies, such as C(state) and C(min_gears). Its key C(rule) has the C(number) and the C(name) of the rule. It
    is null if no rule applies. The role P(openshift_v2.apps.app_ha#role) uses it unless C(app_ha_policy) is set.
  - With O(policy), the hosts that it ignores are also in the group C(openshift_ha_ignored).
  - In names of groups, every character except letters, digits and underscores is replaced by an underscore. If this
    gives two logins the same name, the name of each of the two groups ends in eight digits of the login's SHA-256 hash,
    and the plugin warns.
  - No version of Ansible evaluates text from the broker as a template.
  - A key of O(keyed_groups) can be a number or a boolean. In names from expressions, templates and characters that are
    not printable are replaced by underscores.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.application.select
  - openshift_v2.apps.policy
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: The name of this plugin. It marks the file as an inventory source for this plugin.
    type: str
    required: true
    choices: [openshift_v2.apps.openshift_apps]
  owner_gears:
    description:
      - Whether to read the remaining gears of the owners, which needs one more request. Each host then has the variable
        C(openshift_owner_gears_available). It is null if the broker does not report them.
    type: bool
    default: false
  broker_url:
    env:
      - name: OPENSHIFT_BROKER_URL
  username:
    env:
      - name: OPENSHIFT_BROKER_USERNAME
  password:
    description:
      - Password of O(username).
      - If not set, the environment variable E(OPENSHIFT_BROKER_PASSWORD) is used.
      - Do not write it into the file in plain text. Use the environment, a template or a vaulted value.
    env:
      - name: OPENSHIFT_BROKER_PASSWORD
  token:
    description:
      - Authorization token of the broker, instead of O(username) and O(password).
      - Credentials in the file take precedence over those in the environment. Both kinds in the same place are an
        error.
      - If not set, the environment variable E(OPENSHIFT_BROKER_TOKEN) is used.
    env:
      - name: OPENSHIFT_BROKER_TOKEN
  validate_certs:
    env:
      - name: OPENSHIFT_BROKER_VALIDATE_CERTS
  ca_path:
    env:
      - name: OPENSHIFT_BROKER_CA_PATH
  client_cert:
    env:
      - name: OPENSHIFT_BROKER_CLIENT_CERT
  client_key:
    env:
      - name: OPENSHIFT_BROKER_CLIENT_KEY
  tls_min_version:
    env:
      - name: OPENSHIFT_BROKER_TLS_MIN_VERSION
  max_response_size:
    env:
      - name: OPENSHIFT_BROKER_MAX_RESPONSE_SIZE
notes:
  - A relative path in O(policy) begins at the directory of the inventory file or at the current directory.
  - All connection options, O(select), O(policy) and O(owner_gears) can be templates, which can use extra variables and
    lookups.
  - For several brokers, write one file for each. Ansible merges hosts and groups of the same name.
  - The cache contains applications, never credentials. It is used only with the same broker, O(username), O(token),
    O(impersonate_user), O(client_cert), O(select), O(policy) and O(owner_gears).
  - A cache that is damaged, not readable or written by another version is not used. The plugin warns and reads the
    applications from the broker. Nothing is cached while the data of an application is invalid.
  - If an expression fails for a host and O(strict=true), no host is added.
"""

EXAMPLES = r"""
---
# The minimum. The address and the credentials are in the environment.
# File: openshift_apps.yml
plugin: openshift_v2.apps.openshift_apps

---
# With a policy: everyone who claims to be highly available must be so, and all others are ignored.
# File: claims.openshift_apps.yml
plugin: openshift_v2.apps.openshift_apps
policy:
  - name: tests
    match: {domain: "*test"}
    state: ignore
  - name: everyone who claims HA must have it
    match: {claims_ha: true}
  - name: all others
    state: ignore

---
# Two domains without the canaries, with more variables and groups, and a cache for ten minutes.
# File: production.openshift_apps.yml
plugin: openshift_v2.apps.openshift_apps
broker_url: https://broker.example.com
username: deploy
password: "{{ lookup('ansible.builtin.env', 'BROKER_PASSWORD') }}"
select:
  domains: [shop, pay]
  exclude: ["*canary"]
  scalable_only: true
owner_gears: true
compose:
  gears: openshift_application.gear_count
groups:
  no_gears_left: openshift_owner_gears_available == 0
keyed_groups:
  - key: openshift_application.gear_count
    prefix: gears
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/openshift_apps
cache_timeout: 600
"""

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.group import to_safe_group_name
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import observation_failure
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    OptionError,
    connection_from,
    selection_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.connection import Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.session import HAS_REQUESTS
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.policy_parser import parse_policy
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.text import to_line, to_lines
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.broker_data import (
    UnusableCache,
    fingerprint,
    from_cache,
    read_applications,
    to_cache,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.failures import remember_failure
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import (
    IGNORED_GROUP,
    OWNER_PREFIX,
    STATUS_GROUPS,
    Host,
    InventoryData,
    find_renamed,
    make_hosts,
    name_owner_groups,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.options import (
    InvalidOptions,
    read_rules,
    validate_options,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.staging import (
    Staging,
    name_keys,
    sanitize_group_name,
)
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.templates import (
    protect,
    unmark,
    unmark_plain,
)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Adds the applications as hosts."""

    NAME = "openshift_v2.apps.openshift_apps"
    inventory: Any

    def __init__(self) -> None:
        super().__init__()
        #: The options besides those of Ansible itself, validated as in the modules.
        self._params: dict[str, Any] = {}
        #: The groups that exist even without hosts.
        self._own_groups: tuple[str, ...] = STATUS_GROUPS
        #: Whether ``_compose`` evaluates names of groups.
        self._keys_are_names = False

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(("openshift_apps.yml", "openshift_apps.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        with remember_failure(path):
            self._parse(inventory, loader, path, cache)

    def _parse(self, inventory: Any, loader: Any, path: str, cache: bool) -> None:
        super().parse(inventory, loader, path, cache)
        if not HAS_REQUESTS:
            raise AnsibleParserError(
                "The Python library requests is missing. Install it for the Python of Ansible: pip install requests"
            )
        try:
            self._read_config_data(path)
            connection = connection_from(self._params, os.environ)
            data = self._load(connection, path, cache)
        except (OptionError, InvalidOptions) as error:
            raise AnsibleParserError(to_lines(str(error))) from None
        except BrokerError as error:
            raise AnsibleParserError(to_lines(observation_failure("The applications", error))) from None
        owners = name_owner_groups(data, self._known_owners())
        self._warn_of_renamed(find_renamed(OWNER_PREFIX, owners))
        self._add_hosts(make_hosts(data, connection.address, owners))

    # --- Options

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Set the options as Ansible does, but evaluate and validate those of this plugin as in the modules.

        Raises ``OptionError`` or ``InvalidOptions``.
        """
        if direct is not None:
            self.templar.available_variables = self._vars or {}
            self._params = validate_options(direct, self.templar, self._warn)
            direct = {**direct, **self._params}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        for option in sorted(set(direct or ()) - set(self._options)):
            raise OptionError(str(option), "unknown option")

    # --- Applications

    def _load(self, connection: Connection, path: str, cache: bool) -> InventoryData:
        """The applications: from the cache if it is enabled and has them, else from the broker."""
        selection, owner_gears = selection_from(self._params), self._params["owner_gears"]
        rules = read_rules(self._params["policy"], path)
        self._own_groups = STATUS_GROUPS if rules is None else (*STATUS_GROUPS, IGNORED_GROUP)
        caching = self.get_option("cache")
        key = f"{self.get_cache_key(path)}_{fingerprint(connection, self._params['select'], owner_gears, rules)}"
        data = self._load_cached(key) if caching and cache else None
        if data is None:
            policy = None if rules is None else parse_policy(rules)
            data = read_applications(connection, selection, owner_gears, policy)
            if caching:
                self._cache[key] = to_cache(data)
        for text in data.warnings:
            self._warn(text)
        return data

    def _load_cached(self, key: str) -> InventoryData | None:
        """The applications in the cache, or ``None`` if it does not have them or must not be used."""
        try:
            return from_cache(self._cache[key])
        except KeyError:
            return None
        except UnusableCache as error:
            reason = str(error)
        except (TypeError, LookupError):
            # The cache plugin accepts any JSON as its data.
            reason = "it is damaged"
        except Exception as error:
            # Cache plugins raise errors of any kind for files that are damaged or not readable.
            reason = f"it cannot be read: {to_line(str(error))}"
        self._warn(f"The cache is not used: {reason.rstrip('.')}. The applications are read from the broker.")
        return None

    def _warn(self, text: str) -> None:
        self.display.warning(to_lines(text))

    # --- Hosts

    def _known_owners(self) -> dict[str, str]:
        """The groups of owners that earlier inventory sources added, with the login of each."""
        known = {}
        for name, group in self.inventory.groups.items():
            if name.startswith(OWNER_PREFIX) and group.hosts:
                owner = group.hosts[0].vars.get("openshift_application", {}).get("owner")
                known.update({name: unmark(owner)} if owner else {})
        return known

    def _warn_of_renamed(self, groups: Mapping[str, str]) -> None:
        if groups:
            names = ", ".join(f"{login!r} has {group}" for login, group in groups.items())
            self._warn(f"Some logins differ only in characters that are not allowed in names of groups: {names}")

    def _add_hosts(self, hosts: tuple[Host, ...]) -> None:
        """Add all hosts, or none if an expression fails."""
        if not any(self.get_option(option) for option in ("compose", "groups", "keyed_groups")):
            self._add_applications(hosts)
            return
        target, staging = self.inventory, Staging(self.inventory)
        self.inventory = staging
        try:
            self._add_applications(hosts)
            for host in hosts:
                self._construct(host.name)
        except AnsibleError as error:
            remedy = "Correct the expression, or set strict to false." if self.get_option("strict") else "Correct it."
            reason = to_line(str(error)).rstrip(".")
            raise AnsibleParserError(
                f"compose, groups or keyed_groups: {reason}. No host was added. {remedy}"
            ) from None
        finally:
            self.inventory = target
        staging.commit()

    def _add_applications(self, hosts: tuple[Host, ...]) -> None:
        """Add the hosts with the variables and groups that each of them has."""
        for group in dict.fromkeys([*self._own_groups, *(group for host in hosts for group in host.groups)]):
            self.inventory.add_group(group)
        for host in hosts:
            self.inventory.add_host(host.name)
            for name, value in host.variables.items():
                self.inventory.set_variable(host.name, name, protect(value))
            for group in host.groups:
                self.inventory.add_child(group, host.name)

    def _construct(self, name: str) -> None:
        """Add the variables and groups of the options ``compose``, ``groups`` and ``keyed_groups``."""
        host = self.inventory.get_host(name)
        strict = self.get_option("strict")
        compose = self.get_option("compose") or {}
        self._set_composite_vars(compose, host.get_vars(), name, strict=strict)
        for variable in compose:
            if variable in host.vars:
                self.inventory.set_variable(name, variable, unmark_plain(host.vars[variable]))
        variables = host.get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._keys_are_names = True
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)
        self._keys_are_names = False

    def _compose(self, template: Any, variables: Any, *arguments: Any, **keywords: Any) -> Any:
        """Evaluate an expression of ``compose`` or a key of ``keyed_groups``."""
        value = super()._compose(template, variables, *arguments, **keywords)
        return name_keys(value) if self._keys_are_names else value

    @staticmethod
    def _sanitize_group_name(name: Any) -> str:
        return sanitize_group_name(name, to_safe_group_name)
