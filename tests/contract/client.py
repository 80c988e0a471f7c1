"""A simple client for tests of the embedded broker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

BASE = "/broker/rest"


@dataclass
class BrokerAnswer:
    """The status and the content of an answer in the envelope."""

    status: int
    document: dict[str, Any]

    @property
    def data(self) -> Any:
        return self.document["data"]

    @property
    def text(self) -> str | None:
        """The text of the last message."""
        text: str | None = self.document["messages"][-1]["text"]
        return text

    @property
    def exit_code(self) -> int | None:
        code: int | None = self.document["messages"][-1]["exit_code"]
        return code


@dataclass
class Client:
    """A client that sends requests as one login."""

    url: str
    login: str = "owner"
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "application/json; version=1.7"})

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (self.login, "x")

    def raw(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, self.url + BASE + path, json=body, headers=self.headers, timeout=60)

    def call(self, method: str, path: str, body: Any = None) -> BrokerAnswer:
        response = self.raw(method, path, body)
        return BrokerAnswer(response.status_code, response.json() if response.content else {})

    def get(self, path: str) -> BrokerAnswer:
        return self.call("GET", path)

    def event(self, application: str, event: str, **more: Any) -> BrokerAnswer:
        """Send an event to an application of the domain ``acme``."""
        return self.call("POST", f"/domain/acme/application/{application}/events", {"event": event, **more})

    def limits(self, application: str, cartridge: str = "php-5.4", **limits: Any) -> BrokerAnswer:
        return self.call("PUT", f"/domain/acme/application/{application}/cartridge/{cartridge}", limits)

    def create(self, name: str, *cartridges: str, **more: Any) -> BrokerAnswer:
        specs = [{"name": each} for each in cartridges or ("php-5.4",)]
        body = {"name": name, "cartridges": specs, "scale": True, **more}
        return self.call("POST", "/domain/acme/applications", body)

    def counts(self, application: str) -> tuple[bool, int, int]:
        """Return ``ha``, the web gears and the HAProxy instances from the API."""
        data = self.get(f"/domain/acme/application/{application}?include=cartridges&nolinks=true").data
        by_name = {each["name"]: each["current_scale"] for each in data["cartridges"]}
        return data["ha"], by_name["php-5.4"], by_name["haproxy-1.4"]
