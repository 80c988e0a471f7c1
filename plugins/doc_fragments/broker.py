# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the connection options, shared by all that talk to the broker."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(broker) and C(broker.in_process)."""

    DOCUMENTATION = r"""
options:
  broker_url:
    description:
      - Address of the broker, for example V(https://broker.example.com), with or without C(/broker/rest).
      - If not set, the environment variable E(OPENSHIFT_BROKER_URL) is used. One of the two is needed.
    type: str
  username:
    description:
      - Login of the account to act as, with O(password).
      - If not set, the environment variable E(OPENSHIFT_BROKER_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the environment variable E(OPENSHIFT_BROKER_PASSWORD) is used.
      - Ansible prints what is written in a task when the task fails. Take secrets from the environment, a credential
        or a vault variable, never write them in the task.
    type: str
  token:
    description:
      - Authorization token of the broker, instead of O(username) and O(password).
      - Credentials given in the task go before those of the environment. Both kinds at once
        in the same place are refused.
      - If not set, the environment variable E(OPENSHIFT_BROKER_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether to verify the broker's certificate. Set it to V(false) only where a man in the middle does not matter.
      - If not set, the environment variable E(OPENSHIFT_BROKER_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates of the authorities to trust, instead of the system's.
      - If not set, the environment variable E(OPENSHIFT_BROKER_CA_PATH) is used.
    type: path
  client_cert:
    description:
      - File with a client certificate in PEM format, with its key or with O(client_key) beside it.
      - If not set, the environment variable E(OPENSHIFT_BROKER_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - File with the key of O(client_cert) in PEM format.
      - If not set, the environment variable E(OPENSHIFT_BROKER_CLIENT_KEY) is used.
    type: path
  ciphers:
    description:
      - Ciphers to offer, in OpenSSL's notation, as in M(ansible.builtin.uri). Old brokers may need ones that a new
        OpenSSL does not offer by itself.
    type: list
    elements: str
  impersonate_user:
    description:
      - Login of a sub-account to act for. The account needs the capability C(subaccounts).
    type: str
  http_timeout:
    description:
      - How long the broker may take to accept a connection and to answer a request that only reads, in seconds.
      - Such requests are tried three times before they fail.
    type: float
    default: 30
  operation_timeout:
    description:
      - How long the broker may take to answer a request that changes something, in seconds. Making a gear takes
        seconds to minutes, and the broker answers when it is done.
      - A request that was not answered in time is never sent again blindly. The application is looked at first.
    type: float
    default: 300
requirements:
  - requests
notes:
  - The broker needs REST API 1.6 or later (OpenShift Enterprise 2.x, OpenShift Origin 2 to 4).
"""

    IN_PROCESS = r"""
options: {}
notes:
  - With a C(local) connection, without C(become), C(async) and C(environment), the module runs inside the Ansible
    process, which saves starting a Python interpreter for every application. Anywhere else it runs as any module does.
    Options and results are the same. C(ansible_python_interpreter) matters only in the latter case.
  - If C(requests) is missing beside Ansible itself, the module runs as any module does.
  - All connection options can be set once for a play with C(module_defaults) and the action group
    C(openshift_v2.apps.all). Do not write O(broker_url) and its like with a C(default) that is C(omit) in a task then,
    that erases the play's default.
attributes:
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
  action_group:
    description: Use C(group/openshift_v2.apps.all) in C(module_defaults) to set the connection options for all modules.
    support: full
    membership:
      - openshift_v2.apps.all
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: full
"""
