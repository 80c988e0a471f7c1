"""Take each server of one application out of a router in turn, send requests through the router, put it back.

``drill.py PLAN`` runs on the router; PLAN is JSON. Prints the outcome as JSON. Before a server is taken out, a second
process starts that puts it back if this one ends for whatever reason, or takes too long. Stops at the first failure.
"""

import fcntl
import http.client
import json
import os
import re
import select
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

#: Seconds for an answer to a request, between two requests, and for a change of the router to take effect.
ANSWER = 10
PAUSE = 0.05
EFFECT = 30
#: What a router or a gear's HAProxy answers if no web gear does.
GATEWAY_ERRORS = (502, 503, 504)
#: HAProxy's number for a server that gets requests.
RUNNING = "2"
#: What Ctrl-C, a run that is ended, and a lost terminal send.
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DrillError(Exception):
    """Why an application cannot be drilled, or what went wrong."""


def wait_until(condition, what):
    deadline = time.monotonic() + EFFECT
    while not condition():
        if time.monotonic() > deadline:
            raise DrillError(f"{what} did not happen within {EFFECT} s")
        time.sleep(0.1)


def run_apart(command):
    """Run a command that no interruption of this process reaches."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=EFFECT,
            start_new_session=True,
            preexec_fn=lambda: handle_interruptions(signal.SIG_DFL),
        )
    except subprocess.TimeoutExpired:
        raise DrillError(f"the reload did not end within {EFFECT} s") from None
    if done.returncode:
        raise DrillError("the reload failed: " + done.stdout.decode("utf-8", "replace").strip())


def handle_interruptions(handler):
    for number in INTERRUPTIONS:
        signal.signal(number, handler)


class Haproxy:
    """Takes servers out over the runtime socket."""

    def __init__(self, plan):
        self.plan = plan

    def command(self, text):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER)
            connection.connect(self.plan["socket"])
            connection.sendall((text + "\n").encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8", "replace").strip()

    def states(self):
        """State of operation and administration, by server."""
        lines = self.command("show servers state " + self.plan["backend"]).splitlines()
        if len(lines) < 2 or not lines[1].startswith("# "):
            raise DrillError("HAProxy does not know the backend {}: {}".format(self.plan["backend"], " ".join(lines)))
        columns = lines[1][2:].split()
        rows = [dict(zip(columns, line.split())) for line in lines[2:]]
        return {row["srv_name"]: (row["srv_op_state"], row["srv_admin_state"]) for row in rows}

    def check(self):
        states = self.states()
        missing = [name for name in self.plan["servers"] if name not in states]
        out = [name for name, (_state, admin) in states.items() if admin != "0"]
        down = [name for name, (state, admin) in states.items() if admin == "0" and state != RUNNING]
        if missing:
            raise DrillError("the router does not run with the server {}".format(", ".join(missing)))
        if out:
            raise DrillError("an administrator has drained or disabled {}".format(", ".join(out)))
        if down:
            raise DrillError("the health checks have found {} down".format(", ".join(down)))

    def set_state(self, server, state):
        answer = self.command("set server {}/{} state {}".format(self.plan["backend"], server, state))
        if answer:
            raise DrillError("HAProxy answered: " + answer)

    def take_out(self, server):
        self.set_state(server, "maint")

    def is_out(self, server):
        return self.states().get(server, ("", "0"))[1] != "0"

    def put_back(self, server):
        self.set_state(server, "ready")
        wait_until(lambda: self.states()[server] == (RUNNING, "0"), f"the return of {server}")


class Nginx:
    """Marks servers as down in the file of the role, and reloads gracefully."""

    def __init__(self, plan):
        self.plan = plan
        self.path = Path(plan["config"]).resolve()
        self.original = self._read()

    def _read(self):
        return self.path.read_bytes().decode("utf-8", "surrogateescape")

    def check(self):
        for server in self.plan["servers"]:
            if " down" in self._line(server)[2]:
                raise DrillError(f"an administrator has disabled {server}")

    def _line(self, server):
        block = re.search(r"upstream {} \{{\n.*?\n\s*\}}".format(re.escape(self.plan["backend"])), self.original, re.S)
        found = block and re.search(rf"(server \S+)([^;\n]*);( # {re.escape(server)})(?=\n)", block.group())
        if not found:
            raise DrillError(f"the configuration does not have the server {server}")
        start = block.start() + found.start()
        return start, block.start() + found.end(), found.group(2), found.group(1), found.group(3)

    def _without(self, server):
        start, end, options, address, name = self._line(server)
        line = f"{address}{options} down;{name}"
        text = self.original[:start] + line + self.original[end:]
        # The marker shows which configuration runs.
        return text.replace(
            'return 200 "{}";'.format(self.plan["marker"]), 'return 200 "{} {}";'.format(self.plan["marker"], server)
        )

    def _write(self, text):
        stat = self.path.stat()
        temporary = Path(f"{self.path}.drill~")
        temporary.write_bytes(text.encode("utf-8", "surrogateescape"))
        os.chown(str(temporary), stat.st_uid, stat.st_gid)
        # The mode, and extended attributes such as SELinux's.
        shutil.copystat(str(self.path), str(temporary))
        temporary.replace(self.path)

    def _reload(self, marker):
        if self.plan["reload"]:
            command = shlex.split(self.plan["reload"])
        elif shutil.which("systemctl"):
            command = ["systemctl", "reload", self.plan["service"]]
        else:
            command = ["service", self.plan["service"], "reload"]
        run_apart(command)
        if self.plan["running"]:
            wait_until(lambda: self._running() == marker, "the reload")
        else:
            time.sleep(2)

    def _running(self):
        host, _colon, port = self.plan["running"].rpartition(":")
        try:
            connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=ANSWER)
            connection.request("GET", "/", headers={"Connection": "close"})
            return connection.getresponse().read().decode("utf-8", "replace").strip()
        except (OSError, http.client.HTTPException):
            return ""

    def _runs_soon(self, marker):
        """A former worker process may still answer for a moment."""
        deadline = time.monotonic() + ANSWER
        while self._running() != marker:
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE)
        return True

    def take_out(self, server):
        if self._read() != self.original:
            raise DrillError(f"somebody else has changed {self.path} meanwhile")
        self._write(self._without(server))
        self._reload("{} {}".format(self.plan["marker"], server))

    def is_out(self, server):
        marker = "{} {}".format(self.plan["marker"], server)
        return self._read() == self._without(server) and (not self.plan["running"] or self._runs_soon(marker))

    def put_back(self, server):
        # Somebody else may have written the file meanwhile: that configuration stays.
        if self._read() == self._without(server):
            self._write(self.original)
        if self._read() == self.original:
            self._reload(self.plan["marker"])


class Guard:
    """A process that puts the server back unless it is dismissed: at the time limit, or if this process ends."""

    def __init__(self, router, server, limit):
        reading, self.writing = os.pipe()
        # Until it ignores interruptions itself, none must reach it.
        signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTIONS)
        child = os.fork()
        if child == 0:
            try:
                self._detach()
                self._watch(reading, limit, router, server)
            finally:
                os._exit(1)
        os.close(reading)
        status = os.waitpid(child, 0)[1]
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)
        if status:
            raise DrillError(f"the process that would put {server} back did not start")

    def _detach(self):
        os.close(self.writing)
        os.setsid()
        handle_interruptions(signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTIONS)
        if os.fork():
            os._exit(0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nothing, number)

    def _watch(self, reading, limit, router, server):
        ready = select.select([reading], [], [], limit)[0]
        if ready and os.read(reading, 1):
            os._exit(0)
        for _attempt in range(5):
            try:
                router.put_back(server)
                os._exit(0)
            except Exception:
                time.sleep(2)
        os._exit(1)

    def dismiss(self):
        os.write(self.writing, b"x")
        os.close(self.writing)


class Requests:
    """Requests through the router, each on a new connection."""

    def __init__(self, plan):
        self.plan = plan
        self.baseline = 0
        self.sent = 0
        self.failed = 0

    def send(self):
        """The status of the answer. Raises an error if there is none."""
        host, port = self.plan["address"]
        connection = http.client.HTTPConnection(host, port, timeout=ANSWER)
        connection.sock = socket.create_connection((host, port), ANSWER)
        try:
            if self.plan["proxied"]:
                connection.sock.sendall(b"PROXY UNKNOWN\r\n")
            if self.plan["tls"]:
                context = ssl.create_default_context()
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                connection.sock = context.wrap_socket(connection.sock, server_hostname=self.plan["host"])
            connection.request("GET", self.plan["path"], headers={"Host": self.plan["host"], "Connection": "close"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def attempt(self):
        """What is wrong with the answer to one request, empty if nothing is."""
        self.sent += 1
        try:
            status = self.send()
        except (OSError, http.client.HTTPException) as error:
            problem = repr(error)
        else:
            is_new = status >= 500 and 0 < self.baseline < 500
            problem = f"status {status}" if status in GATEWAY_ERRORS or is_new else ""
            self.baseline = self.baseline or status
        self.failed += bool(problem)
        return problem

    def attempt_for(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            problem = self.attempt()
            if problem:
                return problem
            time.sleep(PAUSE)
        return ""


def keep_others_out(config):
    """Refuse a second drill of this router. Returns the lock, which the process that puts a server back shares."""
    folder = os.open(str(Path(config).resolve().parent), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DrillError("another drill of this router has not ended") from None
    return folder


def drill(plan, router, requests):
    """The outcome, without the counts."""
    router.check()
    problem = requests.attempt()
    if problem:
        return {"failure": "the application does not answer through the router: " + problem}
    for server in plan["servers"]:
        failure = drill_without(server, plan, router, requests)
        if failure:
            return {"failure": failure, "server": server}
    return {"failure": ""}


def drill_without(server, plan, router, requests):
    """What failed while the server was out, empty if nothing did. It is put back in any case."""
    guard = Guard(router, server, plan["seconds"] + 3 * EFFECT + ANSWER)
    plan["restored"] = False
    failures = []
    try:
        router.take_out(server)
        problem = requests.attempt_for(plan["seconds"])
        if problem:
            failures.append(f"a request failed without {server}: {problem}")
        elif not router.is_out(server):
            failures.append(f"somebody else has put {server} back meanwhile, or has reloaded the router")
    except Exception as error:
        failures.append(str(error) or repr(error))
    # What comes now ends in limited time. Until then, interruptions change nothing.
    handle_interruptions(signal.SIG_IGN)
    try:
        router.put_back(server)
        plan["restored"] = True
        guard.dismiss()
    except Exception as error:
        failures.append(str(error) or repr(error))
    if not failures:
        handle_interruptions(stop)
    return "; ".join(failures)


def stop(_number, _frame):
    """The first interruption ends the drill. Further ones must not disturb what it does to end."""
    handle_interruptions(signal.SIG_IGN)
    raise DrillError("interrupted")


def main():
    plan = json.loads(sys.argv[1])
    handle_interruptions(stop)
    requests = Requests(plan)
    lock = None
    try:
        lock = keep_others_out(plan["config"])
        router = Nginx(plan) if plan["software"] == "nginx" else Haproxy(plan)
        outcome = drill(plan, router, requests)
    except (DrillError, OSError) as error:
        outcome = {"failure": str(error)}
    outcome.update(requests=requests.sent, failed_requests=requests.failed, restored=plan.get("restored", True))
    sys.stdout.write(json.dumps(outcome))
    if lock is not None and outcome["restored"]:
        fcntl.flock(lock, fcntl.LOCK_UN)


if __name__ == "__main__":
    main()
