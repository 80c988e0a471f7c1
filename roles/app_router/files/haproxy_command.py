"""Send a command to HAProxy's admin socket and print the answer: ``haproxy_command.py SOCKET COMMAND``."""

import socket
import sys

SECONDS = 10

with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(SECONDS)
    connection.connect(sys.argv[1])
    connection.sendall((sys.argv[2] + "\n").encode())
    parts = iter(lambda: connection.recv(65536), b"")
    sys.stdout.write(b"".join(parts).decode("utf-8", "replace"))
