"""A complete use of awx_setup.yml: its variables, and what they need in AWX."""

from __future__ import annotations

from typing import Any

from tests.awx import StandIn

SLACK_TOKEN = "slack-secret-token"
VARIABLES: dict[str, Any] = {
    "awx_setup_execution_environment": "HA",
    "awx_setup_execution_environment_image": "registry.example.com/ha:1",
    "awx_setup_galaxy_credentials": ["galaxy", "Ansible Galaxy"],
    "awx_setup_labels": ["openshift"],
    "awx_setup_instance_groups": ["east", "west"],
    "awx_setup_notification_templates": [
        {
            "name": "on call",
            "type": "slack",
            "configuration": {"token": SLACK_TOKEN, "channels": ["#on-call"]},
        }
    ],
    "awx_setup_notifications_error": ["on call"],
    "awx_setup_notifications_success": [],
    "awx_setup_notifications_approval": ["on call"],
    "awx_setup_teams": {"run": ["operators"], "approve": ["leads"], "admin": ["platform"]},
}


def add_what_must_exist(awx: StandIn) -> None:
    """Create what the variables name and the playbook does not create, and objects of others."""
    organization = awx.all("organizations")["Default"]["id"]
    kind = awx.all("credential_types")["Galaxy token"]["id"]
    awx.add("credentials", name="galaxy", organization=organization, credential_type=kind, inputs={})
    for name in ("east", "west", "other"):
        awx.add("instance_groups", name=name)
    for name in ("operators", "leads", "platform"):
        awx.add("teams", name=name, organization=organization)
    awx.add("labels", name="theirs", organization=organization)
    configuration = {"channels": ["#x"], "token": "x"}
    common = {"organization": organization, "notification_type": "slack"}
    awx.add("notification_templates", name="theirs", notification_configuration=configuration, **common)
