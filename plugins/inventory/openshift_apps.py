# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory of the applications on a broker."""

# Most methods of Ansible's plugins bear no annotations.
# mypy: allow-untyped-calls

from __future__ import annotations

DOCUMENTATION = r"""
name: openshift_apps
short_description: Applications on OpenShift v2 as hosts
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Makes every application that the account can reach a host, named by the host part of its address, for example
    V(shop-acme.example.com), or where it has none by its name and domain (V(shop-acme)).
  - Reads them all, or those of O(select), in one request, however many they are, and another one with
    O(owner_gears=true).
  - The inventory file's name ends in V(openshift_apps.yml) or V(openshift_apps.yaml).
  - Each host has the variables C(ansible_connection) (V(local), the modules talk to the broker and not to the
    application), C(openshift_domain), C(openshift_app), C(openshift_ha_status), C(openshift_broker_url) and
    C(openshift_application), which is what M(openshift_v2.apps.openshift_app_ha) returns as
    RV(openshift_v2.apps.openshift_app_ha#module:application). None of them holds credentials.
  - Each host is in the groups C(openshift_ha_<status>), C(openshift_domain_<name>) and C(openshift_owner_<login>).
    The four groups C(openshift_ha_highly_available), C(openshift_ha_degraded), C(openshift_ha_standalone) and
    C(openshift_ha_not_scalable) are there even when they are empty.
  - In names of groups all but letters, digits and underscores become underscores. Two logins that would
    share a group get a group each, with eight digits of their SHA-256 behind the name, and a warning.
  - What the broker says is never evaluated as a template, in no version of Ansible.
extends_documentation_fragment:
  - openshift_v2.apps.broker
  - openshift_v2.apps.application.select
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Says that the file is one for this plugin.
    type: str
    required: true
    choices: [openshift_v2.apps.openshift_apps]
  owner_gears:
    description:
      - Whether to ask as well how many gears the owners may still use, with a request more. Each host then has the
        variable C(openshift_owner_gears_available), which is null where the broker does not tell.
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
      - Leave it to the environment, or take it from elsewhere with a template or as a vaulted value.
    env:
      - name: OPENSHIFT_BROKER_PASSWORD
  token:
    description:
      - Authorization token of the broker, instead of O(username) and O(password).
      - Credentials given in the file go before those of the environment. Both kinds at once in the same place are
        refused.
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
notes:
  - All connection options, O(select) and O(owner_gears) may be templates, which see extra variables and lookups.
  - With several brokers, write a file for each. Hosts and groups of the same name are merged, as Ansible always does.
  - The cache holds applications, never credentials. It knows the broker, the login, O(impersonate_user), O(select) and
    O(owner_gears) that its content is for, but not whose a token is.
"""

EXAMPLES = r"""
---
# The smallest one. Address and credentials are in the environment.
# File: openshift_apps.yml
plugin: openshift_v2.apps.openshift_apps

---
# Production only, without the canaries, further groups, and a cache of ten minutes.
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
  no_room: openshift_owner_gears_available == 0
keyed_groups:
  - key: openshift_application.gear_count
    prefix: gears
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/openshift_apps
cache_timeout: 600
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import AnsibleValidationError, UnsupportedError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.fleet_results import unmatched_warnings
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.messages import observation_failure
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.options import (
    OptionError,
    connection_from,
    selection_from,
)
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.specs import connection_spec, selection_spec
from ansible_collections.openshift_v2.apps.plugins.module_utils._ansible.views import view
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.api import Broker
from ansible_collections.openshift_v2.apps.plugins.module_utils._client.transport import HAS_REQUESTS, Connection
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.application import Application, Unreadable
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.errors import BrokerError
from ansible_collections.openshift_v2.apps.plugins.module_utils._core.selection import Selection, find_unmatched, select
from ansible_collections.openshift_v2.apps.plugins.plugin_utils._inventory.hosts import (
    OWNER_PREFIX,
    STATUS_GROUPS,
    Host,
    InventoryData,
    find_renamed,
    hosts_from,
    may_be_template,
    owner_groups,
)

Treatment = Callable[[str], Any]
try:
    from ansible.template import trust_as_template
except ImportError:
    # Up to ansible-core 2.18, every string is evaluated that is not marked as unsafe, and what a template gives is
    # taken for a list where it looks like one.
    from ansible.utils.unsafe_proxy import wrap_var

    _plain: Treatment = str.__str__
    _unsafe: Treatment = wrap_var
    _AS_TEXT: dict[str, Any] = {"convert_data": False}
else:
    # From ansible-core 2.19 on, only trusted strings are evaluated, and those that are not are exported as unsafe.
    _plain = trust_as_template
    _unsafe = str.__str__
    _AS_TEXT = {}

#: Another one whenever the shape of what is cached changes.
CACHE_FORMAT = 1


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Makes applications hosts."""

    NAME = "openshift_v2.apps.openshift_apps"
    inventory: Any

    def __init__(self) -> None:
        super().__init__()
        #: The options of our own, validated as the modules' are.
        self._params: dict[str, Any] = {}

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(("openshift_apps.yml", "openshift_apps.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        if not HAS_REQUESTS:
            raise AnsibleParserError("The Python library requests is needed beside Ansible: pip install requests")
        try:
            self._read_config_data(path)
            connection, selection = connection_from(self._params, os.environ), selection_from(self._params)
            found = self._found(connection, selection, path, cache)
        except OptionError as error:
            raise AnsibleParserError(str(error)) from None
        except BrokerError as error:
            raise AnsibleParserError(observation_failure("The applications", error)) from None
        owners = owner_groups(found, self._known_owners())
        self._warn_of_renamed(find_renamed(OWNER_PREFIX, owners))
        self._populate(hosts_from(found, connection.address, owners))

    # --- Options

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Ansible's own way, but for our own options: templates first, then what the modules do.

        So an empty environment variable counts as none, and errors are told as the modules tell them. Raises
        ``OptionError``.
        """
        if direct is not None:
            self._params = self._validated(direct)
            direct = {**direct, **self._params}
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        for option in sorted(set(direct or ()) - set(self._options)):
            raise OptionError(str(option), "there is no such option")

    def _validated(self, config: Mapping[str, Any]) -> dict[str, Any]:
        spec = _own_spec()
        self.templar.available_variables = self._vars or {}
        given = {option: self._templated(option, config[option]) for option in spec if option in config}
        result = ArgumentSpecValidator(spec).validate({o: v for o, v in given.items() if v not in (None, "")})
        if result.errors.errors:
            raise AnsibleParserError(". ".join(_told(error) for error in result.errors.errors))
        params = dict(result.validated_parameters)
        params["select"] = params["select"] or {}
        return params

    def _templated(self, option: str, value: Any) -> Any:
        spec = _own_spec()[option]
        try:
            result = self.templar.template(value, **(_AS_TEXT if spec["type"] in ("str", "path") else {}))
            if getattr(result, "__ENCRYPTED__", False):
                # A vaulted value, which up to ansible-core 2.18 is no string.
                result = str(result)
        except Exception as error:
            # The error quotes the template, and a password that happens to look like one is no template.
            hint = "a value that is none needs !unsafe before it, a vaulted one the right vault password"
            reason = hint if spec.get("no_log") else str(error)
            raise OptionError(option, f"the template cannot be evaluated: {reason}") from None
        return _walked(result, str.__str__, str.__str__)

    # --- Applications

    def _found(self, connection: Connection, selection: Selection, path: str, cache: bool) -> InventoryData:
        """The applications: from the cache where that is wished and possible."""
        caching = self.get_option("cache")
        key = f"{self.get_cache_key(path)}_{self._fingerprint(connection)}"
        if caching and cache:
            try:
                cached = self._cache[key]
            except KeyError:
                pass
            else:
                return InventoryData(tuple(cached["applications"]), cached["gears_available"])
        found = self._look(connection, selection)
        if caching:
            self._cache[key] = {"applications": list(found.applications), "gears_available": found.gears_available}
        return found

    def _fingerprint(self, connection: Connection) -> str:
        """Whose applications, and which: a cache for others is not ours. Secrets have no part in it."""
        account = [connection.username, connection.impersonate_user, connection.client_cert]
        what = [CACHE_FORMAT, connection.url, account, self._params["select"], self._params["owner_gears"]]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:12]

    def _look(self, connection: Connection, selection: Selection) -> InventoryData:
        """One ``GET`` for all applications, and one for the owners' room where that is wished."""
        broker = Broker(connection)
        try:
            seen = broker.applications(selection.owned_only)
            domains = broker.domains() if self._params["owner_gears"] else None
        finally:
            broker.close()
        self._warn_of_unreadable([app for app in seen if isinstance(app, Unreadable)])
        apps = [app for app in select(seen, selection) if isinstance(app, Application)]
        names = find_unmatched(seen, selection)
        if names or not apps:
            self._warn_of_nothing(names, seen)
        available = None if domains is None else {domain.name.lower(): domain.available_gears for domain in domains}
        return InventoryData(tuple(view(app) for app in apps), available)

    def _warn_of_unreadable(self, unreadable: list[Unreadable]) -> None:
        if unreadable:
            first = unreadable[0]
            self.display.warning(
                f"{len(unreadable)} of the applications cannot be read and are left out. "
                f"The first one is {str(first.ref)!r}: {first.error.text}"
            )

    def _warn_of_nothing(self, names: tuple[str, ...], seen: tuple[Application | Unreadable, ...]) -> None:
        """``names``: those of the selection that nothing has. Without any it fits nothing at all."""
        for text in unmatched_warnings(names):
            self.display.warning(text)
        if not seen:
            self.display.warning("There is no application that the account can reach.")
        elif not names and not any(isinstance(app, Unreadable) for app in seen):
            self.display.warning("No application that the account can reach fits select.")

    # --- Hosts

    def _warn_of_renamed(self, groups: Mapping[str, str]) -> None:
        if groups:
            told = ", ".join(f"{login!r} has {group}" for login, group in groups.items())
            self.display.warning(f"Different logins would share a group's name, so their groups have others: {told}")

    def _known_owners(self) -> dict[str, str]:
        """The owners' groups that earlier sources have made, and whose they are."""
        known = {}
        for name, group in self.inventory.groups.items():
            if name.startswith(OWNER_PREFIX) and group.hosts:
                owner = group.hosts[0].vars.get("openshift_application", {}).get("owner")
                known.update({name: str.__str__(owner)} if owner else {})
        return known

    def _populate(self, hosts: tuple[Host, ...]) -> None:
        for group in dict.fromkeys([*STATUS_GROUPS, *(group for host in hosts for group in host.groups)]):
            self.inventory.add_group(group)
        constructed = any(self.get_option(option) for option in ("compose", "groups", "keyed_groups"))
        for host in hosts:
            self.inventory.add_host(host.name)
            for name, value in host.variables.items():
                self.inventory.set_variable(host.name, name, _walked(value, _plain, _unsafe))
            for group in host.groups:
                self.inventory.add_child(group, host.name)
            if constructed:
                self._construct(host.name)

    def _construct(self, name: str) -> None:
        host = self.inventory.get_host(name)
        strict = self.get_option("strict")
        compose = self.get_option("compose") or {}
        self._set_composite_vars(compose, host.get_vars(), name, strict=strict)
        for variable in compose:
            if variable in host.vars:
                # What Ansible itself made of the others stays as it is.
                self.inventory.set_variable(name, variable, _walked(host.vars[variable], _plain, lambda text: text))
        variables = host.get_vars()
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)


def _own_spec() -> dict[str, dict[str, Any]]:
    """The options that are not Ansible's own, specified as those of the modules."""
    own: dict[str, dict[str, Any]] = {"select": selection_spec(), "owner_gears": {"type": "bool", "default": False}}
    return {**connection_spec(), **own}


def _told(error: AnsibleValidationError) -> str:
    """Ansible leaves it to its callers to say what it is about options that it does not know."""
    return f"There is no such option: {error.msg}" if isinstance(error, UnsupportedError) else str(error.msg)


def _walked(value: Any, harmless: Treatment, other: Treatment) -> Any:
    """The value with every string in it treated by one of the two: ``other`` those that may be templates."""
    if isinstance(value, str):
        return other(value) if may_be_template(value) else harmless(str.__str__(value))
    if isinstance(value, Mapping):
        return {key: _walked(item, harmless, other) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_walked(item, harmless, other) for item in value]
    return value
