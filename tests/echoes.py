"""Answers of a server that repeats the credentials of a request, and a search for them in the output."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from tests.unit.wire import Answer, Cut, envelope, error, reply

USER = "alice"
#: Each contains CANARY, so that a part of it is recognised, too.
PASSWORDS = [
    "CANARY  two spaces",
    'CANARY/w+ä"\\&<%41',
    "CANARYtoken" * 6,
    "CANARY\nline \N{PILE OF POO} end",
    "CANARY",
]
CARTRIDGE = {"scales_from": 2, "scales_to": -1, "collocated_with": []}
APPLICATION: dict[str, Any] = {
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
    return reply(status, text.encode(charset, "replace"), Content_Type="text/html")


def encoded(secret: str) -> dict[str, str]:
    """The secret in many encodings, by their name."""
    whole = secret.encode()
    return {
        "percent, capitals": "".join(f"%{byte:02X}" for byte in whole),
        "percent, in part": "C%41N%41" + quote(secret[4:], safe=""),
        "percent of Base64": quote(quote(base(secret), safe=""), safe=""),
        "JavaScript's escape": "".join(f"%u{ord(c):04x}" if ord(c) < 0x10000 else quote(c) for c in secret),
        "JavaScript's braces": "".join(f"\\u{{{ord(c):x}}}" for c in secret),
        "backslash x": "".join(f"\\x{byte:02x}" for byte in whole),
        "backslash, octal": "".join(f"\\{byte:03o}" for byte in whole),
        "bytes of Python": repr(whole),
        "JSON in JSON": json.dumps(json.dumps(secret)),
        "entities, hexadecimal": "".join(f"&#x{ord(c):X};" for c in secret),
        "entities, no semicolons": " ".join(f"&#{ord(c)}" for c in secret),
        "entities of entities": html.escape(html.escape(secret)),
        "comment": f"{secret[:3]}<!-- a > b -->{secret[3:]}",
        "white space": "\n ".join(secret),
        "zero width": "\N{ZERO WIDTH SPACE}".join(secret),
        "hexadecimal, colons": whole.hex(":"),
        "hexadecimal, 0x": " ".join(f"0x{byte:02X}" for byte in whole),
        "hexadecimal, capitals": whole.hex().upper(),
        "numbers": str(list(whole)),
        "Base64, later": base("qr " + secret + " st"),
        "Base64, url-safe": base64.urlsafe_b64encode(f"{USER}:{secret}".encode()).decode().rstrip("="),
        "Base64 of UTF-16": base64.b64encode(secret.encode("utf-16-le")).decode(),
        "Base64 of Base64": base(base(f"{USER}:{secret}")),
        "quoted-printable": "".join(f"={byte:02X}" for byte in whole),
        "soft line breaks": "=\r\n".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "zeros": "\0".join(secret),
        "other case": secret.swapcase() if secret.isascii() else secret.upper(),
        "full width": "".join(chr(ord(c) + 0xFEE0) if 33 <= ord(c) < 127 else c for c in secret),
        "UTF-8 as Latin-1": whole.decode("latin-1"),
        "ASCII": secret.encode("ascii", "replace").decode(),
        "quotes doubled": secret.replace('"', '""'),
    }


def bodies(secret: str, pair: str) -> dict[str, bytes]:
    """Pages and envelopes with the secret, or with ``user:password`` in Base64, in the body."""
    whole = json.dumps({"status": "e", "data": None, "messages": [{"severity": "error", "text": "TEXT"}]})
    escaped = "".join(f"\\u{ord(character):04x}" for character in pair)
    return {
        "page": page(f"<p>Authorization: Basic {pair}</p>"),
        "page, plain": page(f"login {USER}:{secret} failed"),
        "page, cut": page("x" * (117 - len(secret) // 2) + " " + secret),
        "page, cut after white space": page("\n" * (4090 - len(secret) // 2) + "x " + secret),
        "page, percent": page(f"Basic {quote(pair, safe='')}"),
        "page, percent twice": page(quote(quote(secret, safe=""), safe="")),
        "page, form": page(quote_plus(secret)),
        "page, HTML": page(html.escape(secret)),
        "page, entities": page("".join(f"&#{ord(character)};" for character in secret)),
        "page, markup": page(f"{secret[:4]}<wbr>{secret[4:]}"),
        "page, UTF-16": page(f"Basic {pair}", charset="utf-16"),
        "page, UTF-16, no mark": page(f"Basic {secret}", charset="utf-16-be"),
        "page, UTF-32": page(secret, charset="utf-32"),
        "page, Latin-1": page(f"not {secret}", charset="latin-1"),
        "page, hex": page(secret.encode().hex()),
        "page, lines": page("\n".join(pair[i : i + 8] for i in range(0, len(pair), 8))),
        "page, 404": page(f"no {secret}", 404),
        "page, 403": page(f"no {secret}", 403),
        "page, 400": page(f"no {pair}", 400),
        "page, 200": page(f"Log in again, {secret}", 200),
        "page, of JSON": page(json.dumps({"error": f"Basic {pair}"}).replace("/", "\\/"), 500),
        "401": reply(401, f"no such password {secret}", Content_Type="text/plain"),
        "401, Base64": reply(401, pair),
        "envelope": error(400, f"bad header Basic {pair}", 1),
        "envelope, plain": error(422, f"login {USER}:{secret} failed", 1),
        "envelope, cut": error(400, "x " * ((1000 - len(secret) // 2) // 2) + secret, 1),
        "envelope, cut after white space": error(400, " " * (4090 - len(secret) // 2) + "x " + secret, 1),
        "envelope, far": error(400, " " * 20_000 + secret, 1),
        "envelope, node": error(500, f"node said {secret}", 1),
        "envelope, maintenance": error(503, f"for {secret}", 0),
        "envelope, lock": error(500, f"held by {pair}", 171),
        "envelope, version": error(406, f"not {pair}", None),
        "envelope, percent": error(403, quote(secret, safe=""), 1),
        "envelope, repr": error(404, repr(secret), 101),
        "envelope, list": reply(400, whole.replace('"TEXT"', json.dumps([{"a": secret}, pair]))),
        "envelope, slashes": reply(400, whole.replace("TEXT", pair.replace("/", "\\/"))),
        "envelope, escapes": reply(400, whole.replace("TEXT", escaped)),
        "envelope, UTF-16": reply(400, whole.replace("TEXT", pair).encode("utf-16")),
        **{f"page, {name}": page(f"Bad login ({text})") for name, text in encoded(secret).items()},
        **{f"envelope, {name}": error(422, f"Bad login ({text})", 1) for name, text in encoded(secret).items()},
    }


def beside_the_body(secret: str, pair: str) -> dict[str, Answer]:
    """Answers with the secret in headers, in data, or in invalid HTTP."""
    address = f"http://{USER}:{quote(secret, safe='')}@127.0.0.1/x/{pair}?p={quote(secret, safe='')}"
    line = secret.replace("\n", " ").encode()
    owner = {"login": f"Basic {pair}", "owner": True, "role": "admin", "type": "user"}
    cartridges = [{**APPLICATION["cartridges"][0], "name": f"Basic {quote(pair, safe='')}"}]
    return {
        "Location": reply(302, "", Location=address),
        "Location, path": reply(302, "", Location=f"/{quote(secret, safe='')}/{pair}"),
        "Location, host": reply(307, "", Location=f"http://{pair.rstrip('=')}.example.com/broker/rest"),
        "Location, percent twice": reply(308, "", Location=f"/{quote(quote(secret, safe=''), safe='')}"),
        "Location, no address": reply(301, "", Location=f"http://[{pair}"),
        "status line": Cut(f"HTTQ/1.1 Basic {pair}\r\n\r\n".encode()),
        "status line, plain": Cut(line + b"\r\n\r\n"),
        "reason": Cut(b"HTTP/1.1 502 " + line + b"\r\n\r\n"),
        "status": Cut(f"HTTP/1.1 {pair}\r\n\r\n".encode()),
        "header": Cut(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\n"),
        "header, unfinished": Cut(b"HTTP/1.1 200 OK\r\nX-Echo: " + line),
        "length": Cut(f"HTTP/1.1 200 OK\r\nContent-Length: {pair}\r\n\r\n".encode()),
        "chunk": Cut(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{pair}\r\n".encode()),
        "chunk, unfinished": Cut(b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n" + line),
        "encoding": reply(200, secret, Content_Encoding="gzip"),
        "encoding, unknown": reply(200, secret, Content_Encoding=pair),
        "name": envelope({**APPLICATION, "name": f"Basic {pair} {secret}"}),
        "name, percent twice": envelope({**APPLICATION, "name": quote(quote(f"{USER}:{secret}"), safe="")}),
        "domain": envelope({**APPLICATION, "domain_id": f"Basic {pair}"}),
        "owner": envelope({**APPLICATION, "members": [owner]}),
        "cartridge": envelope({**APPLICATION, "cartridges": cartridges}),
        "names, unreadable": envelope([{"domain_id": f"Basic {pair}", "name": f"{USER}:{secret}"}]),
        "address": envelope({**APPLICATION, "app_url": f"http://x/?a=Basic {pair}&p={quote(secret, safe='')}"}),
        "identity": reply(200, json.dumps({"data": APPLICATION, "messages": []}), X_OpenShift_Identity=pair),
    }


def echoes(password: str) -> dict[str, Answer]:
    pair = base(f"{USER}:{password}")
    return {**bodies(password, pair), **beside_the_body(password, pair)}


def leaked(password: str, output: str) -> list[str]:
    """The forms of the password in ``output``, plain and encoded."""
    pair = base(f"{USER}:{password}")
    forms = {password, "CANARY", "canary", pair, pair[:16], quote(pair, safe=""), password.encode().hex()}
    return sorted({form for view in _views(output) for form in forms if form in view})


def _views(text: str) -> list[str]:
    plain = text.replace("\\/", "/").replace("\\\\", "\\")
    views = [plain, html.unescape(plain), unquote(unquote(plain)), re.sub(r"\\[nt]|\s|\\u200b|\\u0000|\0", "", plain)]
    views.append(re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), plain))
    for run in re.findall(r"[A-Za-z0-9+/_-]{12,}", plain):
        whole = run.replace("-", "+").replace("_", "/")
        views += [base64.b64decode(whole[i : i + (len(whole) - i) // 4 * 4]).decode("latin-1") for i in range(4)]
    for run in re.findall(r"(?:[0-9a-fA-F]{2}[: ]?){6,}", plain):
        views.append(bytes.fromhex(re.sub("[: ]", "", run)).decode("latin-1"))
    return views + [view.replace("\0", "") for view in views]
