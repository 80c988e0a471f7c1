"""The broker, or what is in front of it, repeats what it was sent: no message holds it, in whatever shape."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.openshift_v2.apps.plugins.module_utils.operations import Runtime, run
from ansible_collections.openshift_v2.apps.plugins.module_utils.options import SPECS
from tests.unit.wire import Answer, Cut, Wire, envelope, error, reply

USER = "alice"
PASSWORDS = ["CANARY  two spaces", 'CANARY/w+ä"\\&<%41', "CANARYtoken" * 6, "CANARY\nline", "CANARY"]
CARTRIDGE = {"scales_from": 2, "scales_to": -1, "collocated_with": []}
APPLICATION = {
    "id": "a" * 24,
    "name": "shop",
    "domain_id": "acme",
    "ha": True,
    "scalable": True,
    "gear_count": 2,
    "framework": "php-5.4",
    "app_url": "http://shop-acme.example.com/",
    "members": [{"login": USER, "owner": True, "role": "admin", "type": "user"}],
    "cartridges": [
        {"name": "php-5.4", "tags": ["web_framework"], "current_scale": 2, **CARTRIDGE},
        {"name": "haproxy-1.4", "tags": ["web_proxy"], "current_scale": 1, **CARTRIDGE},
    ],
}


def base(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def page(text: str, status: int = 502, charset: str = "utf-8") -> bytes:
    return reply(status, text.encode(charset), Content_Type="text/html")


def bodies(secret: str, pair: str) -> dict[str, bytes]:
    """Pages and envelopes that hold the secret, or ``user:password`` in Base64, in the body."""
    whole = json.dumps({"status": "e", "data": None, "messages": [{"severity": "error", "text": "TEXT"}]})
    escaped = "".join(f"\\u{ord(character):04x}" for character in pair)
    return {
        "page": page(f"<p>Authorization: Basic {pair}</p>"),
        "page, plain": page(f"login {USER}:{secret} failed"),
        "page, cut": page("x" * (117 - len(secret) // 2) + " " + secret),
        "page, percent": page(f"Basic {quote(pair, safe='')}"),
        "page, percent twice": page(quote(quote(secret, safe=""), safe="")),
        "page, form": page(quote_plus(secret)),
        "page, HTML": page(html.escape(secret)),
        "page, entities": page("".join(f"&#{ord(character)};" for character in secret)),
        "page, markup": page(f"{secret[:4]}<wbr>{secret[4:]}"),
        "page, UTF-16": page(f"Basic {pair}", charset="utf-16"),
        "page, UTF-32": page(secret, charset="utf-32"),
        "page, hex": page(secret.encode().hex()),
        "page, lines": page("\n".join(pair[i : i + 8] for i in range(0, len(pair), 8))),
        "page, 404": page(f"no {secret}", 404),
        "page, 403": page(f"no {secret}", 403),
        "page, 400": page(f"no {pair}", 400),
        "page, of JSON": page(json.dumps({"error": f"Basic {pair}"}).replace("/", "\\/"), 500),
        "401": reply(401, f"no such password {secret}", Content_Type="text/plain"),
        "401, Base64": reply(401, pair),
        "envelope": error(400, f"bad header Basic {pair}", 1),
        "envelope, plain": error(422, f"login {USER}:{secret} failed", 1),
        "envelope, cut": error(400, "x " * ((1000 - len(secret) // 2) // 2) + secret, 1),
        "envelope, node": error(500, f"node said {secret}", 1),
        "envelope, maintenance": error(503, f"for {secret}", 0),
        "envelope, lock": error(500, f"held by {pair}", 171),
        "envelope, percent": error(403, quote(secret, safe=""), 1),
        "envelope, repr": error(404, repr(secret), 101),
        "envelope, slashes": reply(400, whole.replace("TEXT", pair.replace("/", "\\/"))),
        "envelope, escapes": reply(400, whole.replace("TEXT", escaped)),
        "envelope, UTF-16": reply(400, whole.replace("TEXT", pair).encode("utf-16")),
    }


def beside_the_body(secret: str, pair: str) -> dict[str, Answer]:
    """The same in headers, in what is no HTTP, and in data."""
    address = f"http://{USER}:{quote(secret, safe='')}@127.0.0.1/x/{pair}?p={quote(secret, safe='')}"
    line = secret.replace("\n", " ").encode()
    return {
        "Location": reply(302, "", Location=address),
        "Location, path": reply(302, "", Location=f"/{quote(secret, safe='')}/{pair}"),
        "Location, no address": reply(301, "", Location=f"http://[{pair}"),
        "status line": Cut(f"HTTQ/1.1 Basic {pair}\r\n\r\n".encode()),
        "status line, plain": Cut(line + b"\r\n\r\n"),
        "reason": Cut(b"HTTP/1.1 502 " + line + b"\r\n\r\n"),
        "status": Cut(f"HTTP/1.1 {pair}\r\n\r\n".encode()),
        "header": Cut(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n"),
        "length": Cut(f"HTTP/1.1 200 OK\r\nContent-Length: {pair}\r\n\r\n".encode()),
        "chunk": Cut(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{pair}\r\n".encode()),
        "encoding": reply(200, secret, Content_Encoding="gzip"),
        "name": envelope({**APPLICATION, "name": f"Basic {pair} {secret}"}),
        "address": envelope({**APPLICATION, "app_url": f"http://x/?a=Basic {pair}&p={quote(secret, safe='')}"}),
        "identity": reply(200, json.dumps({"data": APPLICATION, "messages": []}), X_OpenShift_Identity=pair),
    }


SHAPES = [*bodies("x", "y"), *beside_the_body("x", "y")]


def result_of(module: str, url: str, check_mode: bool, **options: Any) -> dict[str, Any]:
    given = {"broker_url": url, "username": USER, "http_timeout": 2, "operation_timeout": 2, **options}
    validation = ArgumentSpecValidator(**SPECS[module]()).validate(given)
    assert not validation.error_messages
    return run(module, validation.validated_parameters, check_mode, Runtime())


@pytest.mark.parametrize("shape", SHAPES)
def test_no_message_holds_what_was_sent(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_bounds: 0)
    for password in PASSWORDS:
        pair = base(f"{USER}:{password}")
        answer = {**bodies(password, pair), **beside_the_body(password, pair)}[shape]
        with Wire(answer) as wire:
            for module, check_mode, options in (
                ("openshift_app_ha", True, {"domain": "acme", "name": "shop", "wait_timeout": 0}),
                ("openshift_app_ha", False, {"domain": "acme", "name": "shop", "wait_timeout": 0}),
                ("openshift_app_info", False, {}),
                ("openshift_apps_ha", False, {"select": {}}),
                ("openshift_user_info", False, {}),
            ):
                result = result_of(module, wire.url, check_mode, password=password, **options)
                if shape != "identity":
                    assert result["failed"]
                assert leaked(password, json.dumps(result, ensure_ascii=False)) == []


@pytest.mark.parametrize("shape", ["page", "page, plain", "401, Base64", "envelope, cut", "Location"])
def test_no_message_after_a_write_holds_what_was_sent(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda *_bounds: 0)
    password = PASSWORDS[0]
    pair = base(f"{USER}:{password}")
    answer = {**bodies(password, pair), **beside_the_body(password, pair)}[shape]
    with Wire(envelope(APPLICATION), answer) as wire:
        options = {"domain": "acme", "name": "shop", "wait_timeout": 0}
        result = result_of("openshift_app_ha", wire.url, False, password=password, **options)
    assert result["failed"]
    assert result["application"]["name"] == "shop"
    assert leaked(password, json.dumps(result, ensure_ascii=False)) == []


def leaked(password: str, text: str) -> list[str]:
    """Forms of the password in ``text``."""
    pair = base(f"{USER}:{password}")
    text = text.replace("\\/", "/")
    forms = {password, "CANARY", pair, pair[:16], pair.rstrip("="), quote(pair, safe=""), password.encode().hex()}
    return [form for form in forms if form in text or form in html.unescape(text)]
