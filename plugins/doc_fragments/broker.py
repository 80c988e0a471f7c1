# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the connection options, for everything that uses the broker's API."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(broker) and C(broker.in_process)."""

    DOCUMENTATION = r"""
options:
  broker_url:
    description:
      - Address of the broker, for example V(https://broker.example.com), with or without C(/broker/rest).
      - If not set, the environment variable E(OPENSHIFT_BROKER_URL) is used. One of the two is required.
    type: str
  username:
    description:
      - Login of the account that sends the requests. Requires O(password).
      - If not set, the environment variable E(OPENSHIFT_BROKER_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the environment variable E(OPENSHIFT_BROKER_PASSWORD) is used.
      - Ansible prints the text of a task that fails. Never write secrets in a task. Take them from the environment, a
        credential or a vault variable.
    type: str
  token:
    description:
      - Authorization token of the broker, instead of O(username) and O(password).
      - Credentials in the task take precedence over those in the environment. It is an error to set a token and a
        username in the same place.
      - The module reads the scopes of the token from the broker's answers. It refuses a change that no scope allows
        before the first write, in check mode too.
      - If not set, the environment variable E(OPENSHIFT_BROKER_TOKEN) is used.
    type: str
  validate_certs:
    description:
      - Whether to verify the broker's certificate. With V(false), an attacker on the network can read and change
        everything, including the credentials.
      - If not set, the environment variable E(OPENSHIFT_BROKER_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates of the trusted authorities, in PEM format, or a directory that C(openssl rehash) has
        prepared. It replaces all other authorities.
      - Without this option, the environment variables E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) do the same. If these
        are not set either, the authorities of the system and those of the Python library C(certifi) are trusted.
        E(SSL_CERT_FILE) and E(SSL_CERT_DIR) replace those of the system.
      - If not set, the environment variable E(OPENSHIFT_BROKER_CA_PATH) is used.
    type: path
  client_cert:
    description:
      - File with a client certificate in PEM format. It also contains the key, unless O(client_key) is set.
      - If not set, the environment variable E(OPENSHIFT_BROKER_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - File with the key of O(client_cert), in PEM format and not encrypted.
      - If not set, the environment variable E(OPENSHIFT_BROKER_CLIENT_KEY) is used.
    type: path
  ciphers:
    description:
      - Ciphers to offer, in OpenSSL's notation, as in M(ansible.builtin.uri). An old broker may need ciphers that a new
        OpenSSL does not offer by default, for example V(DEFAULT:@SECLEVEL=0).
      - They apply to the connection to the broker, also through a proxy, but not to the connection to an HTTPS proxy.
    type: list
    elements: str
  tls_min_version:
    description:
      - The oldest version of TLS that the connection to the broker may use. By default, it is TLS 1.2, or what the
        Python libraries of the host choose.
      - A broker on RHEL 6 may need V(TLSv1).
      - V(TLSv1) and V(TLSv1.1) also lower the security level of OpenSSL to 0, unless O(ciphers) contains C(@SECLEVEL).
        OpenSSL 3 does not use these versions otherwise. Servers without secure renegotiation, and certificates without
        the extensions that Python 3.13 demands, are then accepted, too. The cryptographic policy of the host may still
        forbid these versions.
      - These versions of TLS are insecure. Update the broker if you can.
      - If not set, the environment variable E(OPENSHIFT_BROKER_TLS_MIN_VERSION) is used.
    type: str
    choices: [TLSv1, TLSv1.1, TLSv1.2, TLSv1.3]
    version_added: 1.0.0
  impersonate_user:
    description:
      - Login of a sub-account to act as. The account needs the capability C(subaccounts).
    type: str
  http_timeout:
    description:
      - Time limit for a whole read request, in seconds. It starts with the connection and ends with the last byte of
        the answer. It includes the name resolution, the proxy and TLS.
      - The same limit applies to the time until a write request is connected.
      - A read request without an answer is tried three times. Each try has the full limit.
    type: float
    default: 30
  operation_timeout:
    description:
      - Time limit for a whole write request, in seconds. It starts with the connection and ends with the last byte of
        the answer. The broker answers at the end of the operation. The creation of a gear takes seconds to minutes.
      - A write request without an answer is never simply sent again. The module checks the application first.
    type: float
    default: 300
  max_response_size:
    description:
      - The largest answer to accept, as a number of bytes or as a size like V(512M) or V(1G). The units are powers of
        1024.
      - The limit is for the unpacked answer. A larger answer is an error, and is not read to its end.
      - The data of an answer needs about four times its size in memory. An answer that needs more memory than six times
        this option is an error, too.
      - If a write request gets a larger answer, its outcome is unknown. The module checks the application first.
      - If not set, the environment variable E(OPENSHIFT_BROKER_MAX_RESPONSE_SIZE) is used.
    type: str
    default: 512M
requirements:
  - requests
notes:
  - The broker needs REST API 1.6 or later with the attribute C(ha) of applications. OpenShift Enterprise has it since
    version 2.2, and OpenShift Origin since the end of 2014.
  - Proxies are taken from the environment (E(https_proxy), E(http_proxy), E(all_proxy), E(no_proxy)).
"""

    IN_PROCESS = r"""
options: {}
notes:
  - With a C(local) connection, and without C(become), C(async) and C(environment), the module runs in the Ansible
    process. This saves the start of a Python interpreter for every task. Otherwise it runs like any other module, with
    C(ansible_python_interpreter). Options and results are the same.
  - If the Python of Ansible has no C(requests), the module also runs like any other module.
  - When the time in the keyword C(timeout) or C(async) is over, the module ends a write request in progress. It returns
    what was done and what is unknown. A module that does not run in the Ansible process ends up to five seconds
    earlier, so that its result arrives in time.
  - On the controller, a module with C(async) ends when Ansible ends, for example after Ctrl-C. With C(poll=0) it
    continues.
  - In the Ansible process, the module shows its progress on standard error, so that callbacks for standard output, such
    as C(ansible.posix.json), are not disturbed. The output of a job in AWX contains standard error. A long wait shows a
    line for each application every 30 seconds, with the reason, the time so far and the limit. Like any other module,
    a module that does not run in the Ansible process shows nothing before its end.
  - Set the variable C(app_ha_progress) of the play or the host, or E(OPENSHIFT_PROGRESS) in the environment
    of Ansible, to V(false) to turn these lines off. With C(no_log), there are none.
  - Set the connection options once for a play, with C(module_defaults) and the action group C(openshift_v2.apps.all).
    Do not repeat them in a task with V(default(omit\)), which removes the default of the play.
attributes:
  check_mode:
    description: Can run in C(check_mode) and return the predicted result without changing anything.
  diff_mode:
    description: Returns the changes, or in C(check_mode) the predicted changes, for C(diff) mode.
  idempotent:
    description: A second run with the same options changes nothing.
  action_group:
    description: Use C(group/openshift_v2.apps.all) in C(module_defaults) to set the connection options of all modules.
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
