#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change settings of a broker: documentation only, the code is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_broker_config
short_description: Change settings in the configuration of an OpenShift v2 broker
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Changes settings in C(/etc/openshift/broker.conf) on a broker host, and restarts the broker if something changed.
  - It runs over the task's connection. B(The host needs no Python), only a POSIX shell and the usual commands (cksum,
    cp, grep, ls, mv, readlink, rm, sed, tail). It therefore works on brokers with Red Hat Enterprise Linux 6.
  - Only the given settings are changed. Comments, order, quotes, line ends and everything else are kept. A setting that
    exists only as a comment gets a new line below the comment. A setting that does not exist is added at the end.
  - If a setting exists several times, the last line is changed, because the broker uses that one. A warning names the
    others. If a comment after a changed value ends with a quote that the broker would read as part of the value, the
    quote is removed.
  - The new file is written beside the old one, with the same owner, mode and SELinux context, and then replaces it at
    once. If the old file has changed meanwhile, it is not replaced and the task fails. Afterwards the new file is read
    again.
  - Values of other settings, which may be secrets, never leave the host.
options:
  settings:
    description:
      - Names of settings and their values. V(true) and V(false) match every present value that the broker reads as true
        or false. All other values are compared as text.
      - Names that look like secrets (passwords, salts, keys) are refused, because the value is part of a command line
        that sudo may log. Values with quotes, backquotes, C(#), C($) or C(\) are refused as well.
    type: dict
    required: true
  path:
    description: Path of the file. If it is a symbolic link, its target is changed.
    type: str
    default: /etc/openshift/broker.conf
  backup:
    description: Whether to keep the old file beside the new one, with the time (UTC) in its name.
    type: bool
    default: true
  restart:
    description:
      - The command that restarts the broker, for example C(service openshift-broker restart). It runs only if something
        changed.
      - A file beside the configuration, with the suffix C(.restart-due), records that a restart is due, and the name of
        the backup. It is removed when the command, and O(check) if set, have succeeded. So the next run repeats a
        failed restart.
      - If not set, nothing is restarted, and the broker continues with the old settings.
    type: str
  check:
    description:
      - A command that succeeds when the broker is available again after the restart, for example
        C(curl -m 5 -sfko /dev/null https://localhost/broker/rest/api). It is retried for O(check_timeout) seconds.
      - Give the command its own time limit, such as C(-m 5). The module waits for the end of each attempt.
    type: str
  check_timeout:
    description: Time limit in seconds for the broker to be available again. No check starts after that.
    type: float
    default: 120
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
    details: There is no module. The action plugin itself runs commands on the host.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
    support: full
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: full
    details: Values of other settings are masked, and so are comments that may contain secrets.
  idempotent:
    description: Run a second time with the same arguments, it changes nothing.
    support: full
seealso:
  - module: openshift_v2.apps.openshift_user_capability
"""

EXAMPLES = r"""
- name: Allow applications to be highly available
  openshift_v2.apps.openshift_broker_config:
    settings:
      ALLOW_HA_APPLICATIONS: true
      DEFAULT_HA_MULTIPLIER: 0
    restart: service openshift-broker restart
    check: curl -m 5 -sfko /dev/null https://localhost/broker/rest/api
  become: true
"""

RETURN = r"""
path:
  description: Path of the file, with symbolic links resolved.
  type: str
  returned: when the file could be read
  sample: /etc/openshift/broker.conf
before:
  description: The values of these settings before the change. V(null) for a setting that did not exist.
  type: dict
  returned: when the file could be read
  sample: {ALLOW_HA_APPLICATIONS: "false", DEFAULT_HA_MULTIPLIER: null}
settings:
  description:
    - The values now, or in check mode the values after the change. Empty if unknown.
  type: dict
  returned: when the file could be read
  sample: {ALLOW_HA_APPLICATIONS: "true", DEFAULT_HA_MULTIPLIER: "0"}
backup_file:
  description: Path of the old file. V(null) if it was not kept.
  type: str
  returned: when the file could be read
  sample: /etc/openshift/broker.conf.2026-11-22T184512.120394Z.bak
restarted:
  description: Whether the broker was restarted, or would be in check mode.
  type: bool
  returned: when the file could be read
  sample: true
msg:
  description: What was changed, or why the task failed.
  type: str
  returned: always
  sample: "/etc/openshift/broker.conf: ALLOW_HA_APPLICATIONS 'false' -> 'true'"
"""
