# Copyright (c) 2026, The openshift_v2.apps maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of notifications: templates that AWX renders with a job and its artifacts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The defaults are needed because AWX tests each template with a sample job of its own, which has no artifacts.
_SUBJECT = "job.artifacts.app_ha_audit_notification_subject"
_SUBJECT_OF_ENABLE = "job.artifacts.app_ha_enable_notification_subject"
_SUMMARY = (
    f"({_SUBJECT_OF_ENABLE} | default({_SUBJECT}"
    " | default(job_friendly_name ~ ' ' ~ (job.status | default('ended')), true), true))"
)
_TEXT = (
    "(job.artifacts.app_ha_enable_notification_text | default(job.artifacts.app_ha_audit_notification_text"
    " | default('The job has reported nothing about the applications. Open it for the reason.', true), true))"
)
MESSAGE = f"{{{{ job.name }}}}: {{{{ {_SUMMARY} }}}} {{{{ url }}}}"
BODY = f"{{{{ job.name }}}}: {{{{ job.status }}}}\n{{{{ {_TEXT} }}}}\n{{{{ url }}}}"
_WEBHOOK = {
    "name": "job.name",
    "status": "job.status",
    "url": "url",
    "summary": _SUMMARY,
    "text": _TEXT,
    "artifacts": "job.artifacts | default({})",
}
_MEMBERS = (f'"{name}": {{{{ {value} | tojson }}}}' for name, value in _WEBHOOK.items())
WEBHOOK = f"{{{', '.join(_MEMBERS)}}}"


#: Stands for AWX's own text. AWX keeps what it has unless each text is sent.
_AWX_TEXT: Mapping[str, None] = {"message": None, "body": None}
_APPROVALS = ("running", "approved", "timed_out", "denied")


def render(notification_type: str) -> dict[str, Any]:
    """The messages of a notification template. Those for the start of a job and for approvals are AWX's own."""
    body = WEBHOOK if notification_type == "webhook" else BODY
    message = None if notification_type == "webhook" else MESSAGE
    text = {"message": message, "body": body}
    approvals = {event: {**_AWX_TEXT} for event in _APPROVALS}
    return {"started": {**_AWX_TEXT}, "success": text, "error": {**text}, "workflow_approval": approvals}
