#!/usr/bin/python
# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold settings of the broker's configuration: documentation only, all else is in the action plugin."""

from __future__ import annotations

DOCUMENTATION = r"""
module: openshift_broker_config
short_description: Hold settings in the configuration of a broker of OpenShift v2
version_added: 0.1.0
author:
  - The openshift_v2.apps maintainers (@openshift-v2-apps)
description:
  - Holds settings in C(/etc/openshift/broker.conf) on a broker host as wished, and restarts the broker if something
    changed.
  - It runs over the task's connection. B(No Python is needed on the host), a POSIX shell and the usual commands
    (cksum, cp, grep, ls, mv, readlink, rm, sed, tail) are enough. So it works on brokers with Red Hat Enterprise
    Linux 6.
  - Only the wished settings are touched. Comments, order, quotes, ends of lines and all else stay as they are. A
    setting that is there only as a comment gets a line of its own below it, one that is nowhere is added at the end.
    Of a setting that is there several times the last is set, which is the one that counts for the broker, and a
    warning tells of the others. A comment behind a changed value loses a quote at its end if the broker would take it
    for a part of the value.
  - The new file is made beside the old one, with the same owner, mode and SELinux context, and takes its place at
    once. If the old one was changed meanwhile, it is left alone and the task fails. The new one is looked at again
    afterwards.
  - Values of other settings, which hold secrets, never leave the host.
options:
  settings:
    description:
      - Names of settings and their values. Of a setting that is V(true) or V(false), all words that mean the same to
        the broker are as good. Anything else is compared as text.
      - Names that look like secrets (passwords, salts, keys) are refused, for what is set passes through a command line
        that sudo may log. So are values with quotes, C(#), C($), C(\\) or backquotes.
    type: dict
    required: true
  path:
    description: Path of the file. If it is a symbolic link, the file that it leads to is changed.
    type: str
    default: /etc/openshift/broker.conf
  backup:
    description: Whether to keep the old file, beside it, with the time (UTC) in its name.
    type: bool
    default: true
  restart:
    description:
      - The command that restarts the broker, C(service openshift-broker restart) for example. It is run only if
        something changed.
      - Until it has succeeded, and O(check) too if there is one, a file beside the configuration whose name ends with
        C(.restart-due) remembers that it is due, and the name of the backup. So a restart that failed is made up for by
        the next run.
      - If not set, nothing is restarted, and the broker goes on with the settings that it has read before.
    type: str
  check:
    description:
      - A command that succeeds once the broker is there again after the restart,
        C(curl -m 5 -sfko /dev/null https://localhost/broker/rest/api) for example. It is tried for O(check_timeout).
      - A try under way is waited for, so give it a limit of its own, as C(-m 5) does here.
    type: str
  check_timeout:
    description: How long the broker may take to be there again, in seconds. No try is begun after that.
    type: float
    default: 120
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options can be executed on the controller.
    support: full
    details: There is no module. The action plugin runs commands on the host itself.
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Can run in C(check_mode), then predicts what it would do, and changes nothing.
    support: full
  diff_mode:
    description: Returns what has changed, or in C(check_mode) would change, for C(diff) mode to show.
    support: full
    details: Values of other settings near the changed ones are masked, and so are comments that may tell secrets.
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
  description: The file, at the end of symbolic links.
  type: str
  returned: when it could be read
  sample: /etc/openshift/broker.conf
before:
  description: The values that the wished settings had, V(null) for one that was not set.
  type: dict
  returned: when it could be read
  sample: {ALLOW_HA_APPLICATIONS: "false", DEFAULT_HA_MULTIPLIER: null}
settings:
  description:
    - The values that they have now. In check mode those that they would have. Empty if that is not known.
  type: dict
  returned: when it could be read
  sample: {ALLOW_HA_APPLICATIONS: "true", DEFAULT_HA_MULTIPLIER: "0"}
backup_file:
  description: The old file, V(null) if there is none.
  type: str
  returned: when it could be read
  sample: /etc/openshift/broker.conf.2026-11-22T184512.120394Z.bak
restarted:
  description: Whether the broker was restarted. In check mode whether it would be.
  type: bool
  returned: when it could be read
  sample: true
msg:
  description: What was done, in words, or why it failed.
  type: str
  returned: always
  sample: "/etc/openshift/broker.conf: ALLOW_HA_APPLICATIONS 'false' -> 'true'"
"""
