"""Documents of the real broker and of the embedded broker have the same keys and, unless generated, the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.broker import EmbeddedBroker

from .client import Client
from .replay import TRANSCRIPTS

_ID = re.compile(r"[0-9a-f]{24}")
_VARYING = {
    "activation_time",
    "added_time",
    "created_at",
    "creation_time",
    "description",
    "external_address",
    "external_port",
    "internal_address",
    "internal_port",
}
_MORE = {"help_topics", "license", "license_url", "website"}
_HEADERS = {"X-Openshift-Identity", "X-Oauth-Scopes", "Content-Type", "WWW-Authenticate"}
MAINTENANCE = "OpenShift is down for maintenance until 14:00 UTC.\n"
FLEET = {
    "users": [{"login": "owner", "ha": True, "max_gears": 25}, {"login": "viewer"}, {"login": "editor"}],
    "domains": [
        {
            "name": "acme",
            "owner": "owner",
            "members": [{"login": "viewer", "role": "view"}, {"login": "editor", "role": "edit"}],
        }
    ],
}
WEB1 = {"domain": "acme", "name": "web1", "cartridges": ["php-5.4"]}
WEB2 = {"domain": "acme", "name": "web2", "cartridges": ["php-5.4"], "gears": 2}
PLAIN = {"domain": "acme", "name": "plainapp", "cartridges": ["php-5.4"], "scalable": False}
FRESH = {"domain": "acme", "name": "fresh", "cartridges": ["php-5.4"]}
HA = {"domain": "acme", "name": "e1", "cartridges": ["php-5.4"], "gears": 2, "ha": True}
LOCKED = {"domain": "acme", "name": "lk", "cartridges": ["php-5.4"]}
NAMES = sorted(path.stem for path in (TRANSCRIPTS / "samples").glob("*.json"))
APPLICATIONS = {
    "applications-include-cartridges-nolinks": [PLAIN, WEB1, WEB2],
    "event-error": [HA],
    "event-make-ha": [FRESH],
    "gear_groups-include-endpoints": [{**FRESH, "gears": 2, "haproxy": 2, "ha": True}],
    "lock-held": [LOCKED],
    "application-not-scalable": [PLAIN],
    "domain": [WEB1, WEB2],
    "domains-nolinks": [WEB1, WEB2],
    "user": [WEB1, WEB2],
}


def _normal(value: Any, base: str) -> Any:
    """The value without the parts that differ between brokers."""
    if isinstance(value, dict):
        return {
            name: type(each).__name__ if name in _VARYING else _normal(each, base)
            for name, each in value.items()
            if name not in _MORE
        }
    if isinstance(value, list):
        return [_normal(each, base) for each in value]
    return _ID.sub("ID", value.replace(base, "{base}")) if isinstance(value, str) else value


def _differences(sample: Any, found: Any, where: str = "body") -> Iterator[str]:
    if isinstance(sample, dict) and isinstance(found, dict):
        for name in sorted(sample.keys() | found.keys()):
            if name not in found or name not in sample:
                yield f"{where}.{name}: only in {'the sample' if name in sample else 'the answer'}"
            else:
                yield from _differences(sample[name], found[name], f"{where}.{name}")
    elif isinstance(sample, list) and isinstance(found, list) and len(sample) == len(found):
        for number, (one, other) in enumerate(zip(sample, found, strict=True)):
            yield from _differences(one, other, f"{where}[{number}]")
    elif sample != found:
        yield f"{where}: {sample!r} in the sample, {found!r} in the answer"


def _answer(sample: dict[str, Any], name: str, broker: EmbeddedBroker) -> requests.Response:
    request, headers = sample["request"], {"Accept": sample["request"]["accept"]}
    session = Client(broker.url, sample["headers"].get("X-Openshift-Identity", "owner")).session
    if name == "unauthorized-basic":
        session.auth = None
    if name == "unauthorized-bearer":
        session.auth = None
        headers["Authorization"] = "Bearer unknown"
    return session.request(
        request["method"], broker.url + request["path"], json=request["body"], headers=headers, timeout=60
    )


@pytest.mark.parametrize("name", NAMES)
def test_document_is_like_the_sample(name: str, running_broker: EmbeddedBroker) -> None:
    sample = json.loads((Path(TRANSCRIPTS) / "samples" / f"{name}.json").read_text())
    running_broker.reset()
    running_broker.seed({**FLEET, "applications": APPLICATIONS.get(name, [WEB2])})
    if name == "maintenance":
        running_broker.settings(maintenance=MAINTENANCE)
    if name == "lock-held":
        running_broker.faults({"do": "lock"})
    answer = _answer(sample, name, running_broker)
    body = answer.json() if "json" in answer.headers["Content-Type"] else answer.text
    base = running_broker.url
    found = list(_differences(_normal(sample["body"], "{base}"), _normal(body, base)))
    assert not found, "\n".join(found)
    assert answer.status_code == sample["status"]
    for header in _HEADERS & sample["headers"].keys():
        assert answer.headers[header] == sample["headers"][header]
