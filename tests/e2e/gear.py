"""A stand-in for the HAProxy of a gear: a small web server that can be killed.

``python -m tests.e2e.gear ADDRESS:PORT NAME [CERTIFICATE]`` prints ``ready`` and serves there until it is killed. With
a certificate (a file that also contains the key) it uses TLS. Every answer has the gear's name in ``X-Gear``, takes a
moment and has the status 200; ``/slow/SECONDS`` takes that long, and ``/status/NUMBER`` has that status. Connections
stay open until the client closes them. A gear whose name begins with ``ill`` closes them instead of answering.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys

#: Seconds that an answer takes, so that some requests are always in progress.
MOMENT = 0.005


async def _answer(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while await _exchange(name, reader, writer):
            pass
    writer.close()


async def _exchange(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Read one request and answer it; whether the connection stays open."""
    request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _version = request.split(" ")
    if name.startswith("ill"):
        return False
    headers = {key.strip().lower(): value.strip() for key, _colon, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    await asyncio.sleep(float(path.rpartition("/")[2]) if path.startswith("/slow/") else MOMENT)
    shown = [f"{method} {path}", *(f"{key}: {value}" for key, value in headers.items() if key)]
    text = "\n".join([*shown, "", body.decode("latin-1")]).encode("latin-1")
    close = headers.get("connection", "").lower() == "close"
    status = path.rpartition("/")[2] if path.startswith("/status/") else "200"
    head = [f"HTTP/1.1 {status} so", f"X-Gear: {name}", "Content-Type: text/plain", f"Content-Length: {len(text)}"]
    head += ["Connection: close"] if close else []
    writer.write("\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if method == "HEAD" else text))
    await writer.drain()
    return not close


async def _serve(where: str, name: str, certificate: str = "") -> None:
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    address, _colon, port = where.rpartition(":")
    server = await asyncio.start_server(lambda r, w: _answer(name, r, w), address, int(port), backlog=1024, ssl=tls)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
