"""Deployments of an application: list, show, deploy and activate. A new application has one deployment."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Any

from . import errors, ruby
from .calls import Call, Reply, make_reply, ok_reply
from .operations import Operation
from .rendering import Document, format_time
from .state import Application, Deployment, now

_GIT_REF = re.compile(r"\A(?!/|.*([/.]\.|//|@\{|\\\\))(?!.*\\)[^\x20\x7f ~^:?*\[;]+(?<!\.lock)(?<![/.])\Z")
_REF_MAX = 256
_ARCHIVE = re.compile(r"\A(https?|ftp)://\S+\.(tgz|tar\.gz)\Z")


def index(call: Call) -> Reply:
    application = call.application()
    text = f"Listing deployments for application {application.name} under domain {application.domain.name}"
    return ok_reply("deployments", [_document(each) for each in application.deployments], text)


def show(call: Call) -> Reply:
    application = call.application()
    found = find_deployment(application, ruby.text(call.params.get("id")))
    text = f"Showing deployment {found.id} for application {application.name} under domain {application.domain.name}"
    return ok_reply("deployment", _document(found), text)


def find_deployment(application: Application, deployment_id: str) -> Deployment:
    """Return a deployment.

    Raises:
        Refusal (404): There is none with this identifier.
    """
    for deployment in application.deployments:
        if deployment.id == deployment_id:
            return deployment
    raise errors.refusal(404, "The requested deployment was not found.", 1)


def create(call: Call) -> Reply:
    """Deploy a Git reference. Applications of this broker deploy from Git only."""
    application = call.application()
    call.authorize("create_deployment", application)
    hot_deploy, clean = call.boolean("hot_deploy"), call.boolean("force_clean_build")
    ref = _requested_ref(call)
    call.run(application, Operation("deploy"))
    moment = now()
    deployment = Deployment(secrets.token_hex(4), moment, ref, secrets.token_hex(4)[:7], hot_deploy, clean)
    with call.state.lock:
        application.deployments.append(deployment)
        activate_deployment(application, deployment, moment)
    text = f"Added {deployment.id} to application {application.name}"
    return make_reply(201, "deployment", _document(deployment), text)


def activate_deployment(application: Application, deployment: Deployment, moment: datetime) -> None:
    """Activate a deployment. The application keeps one deployment, as is the default."""
    deployment.activations.append(moment)
    application.deployments[:] = [deployment]


def _requested_ref(call: Call) -> str:
    ref, url = call.text("ref"), call.text("artifact_url")
    if ref is not None and (len(ref) > _REF_MAX or not _GIT_REF.match(ref)):
        text = (
            "The ref is not well-formed. Git ref must be less than 256 characters. See also git-check-ref-format man "
            "page for rules."
        )
        raise errors.unprocessable(text, -1, "ref")
    if url is not None and not _ARCHIVE.match(url):
        raise errors.unprocessable(f"Invalid Binary Artifact URL({url})", -1, "artifact_url")
    if url is not None and ref is not None:
        text = "Cannot specify a git deployment and a binary artifact deployment"
        raise errors.unprocessable(text, -1, "artifact_url")
    if url is not None:
        text = "The binary artifact provided is not compatible with the app deployment type, 'git'."
        raise errors.unprocessable(text, -1, "artifact_url")
    if ref is None:
        raise errors.unprocessable("Must specify a git deployment or a binary artifact deployment", -1)
    return ref


def _document(deployment: Deployment) -> Document:
    document: dict[str, Any] = {
        "id": deployment.id,
        "created_at": format_time(deployment.created),
        "hot_deploy": deployment.hot_deploy,
        "force_clean_build": deployment.force_clean_build,
        "ref": deployment.ref,
        "sha1": deployment.sha1,
        "activations": [format_time(moment) for moment in deployment.activations],
    }
    return document
