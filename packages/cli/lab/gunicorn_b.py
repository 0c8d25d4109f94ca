"""B as a WSGI program under gunicorn. gunicorn reads this file twice: as its configuration, and as the program."""
import errno
import json
import os
import queue
import signal
import socket
import struct
import threading
import time
import weakref

SETTINGS = json.loads(os.environ["HOLDLINE_LAB_B"])
CLIENTS = SETTINGS["clients"]

# ---- configuration --------------------------------------------------------------------------------------------------

_ports = SETTINGS.get("ports") or {}
bind = [f"{SETTINGS['host']}:{_ports.get(client, 0)}" for client in CLIENTS]
backlog = 4096
workers = 1
worker_class = "gthread"
# a connection that has not sent anything yet holds a thread
threads = 128
worker_connections = 4096
loglevel = "critical"
graceful_timeout = 1


def when_ready(server):
    ports = {client: listener.sock.getsockname()[1] for client, listener in zip(CLIENTS, server.LISTENERS)}
    os.environ["HOLDLINE_LAB_PORTS"] = json.dumps(ports)  # for the workers, which are forked from here on
    print("listening " + json.dumps(ports), flush=True)
    threading.Thread(target=_end_with_the_lab, daemon=True).start()


def post_fork(_server, worker):
    limit_ms = SETTINGS.get("idleLimitMs")
    # the setting takes whole seconds only; the worker itself reckons with any number
    worker.cfg.settings["keepalive"].value = 86_400 if limit_ms is None else limit_ms / 1000


def _end_with_the_lab():
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


# ---- program --------------------------------------------------------------------------------------------------------


class Ledger:
    """Appends entries; those that come while the disk is busy go to it together."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        with open(path, "rb") as before:
            text = before.read()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            os.ftruncate(self.file, whole)  # half a line, of a process that was killed: nobody was answered
        self.before = [json.loads(line) for line in text[:whole].splitlines()]
        self.waiting = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()

    def append(self, entry):
        """Returns an event that is set once the disk has it."""
        on_disk = threading.Event()
        self.waiting.put((json.dumps({"atMs": time.monotonic() * 1000, **entry}) + "\n", on_disk))
        return on_disk

    def _write(self):
        while True:
            batch = [self.waiting.get()]
            while not self.waiting.empty():
                batch.append(self.waiting.get())
            data = "".join(line for line, _ in batch).encode()
            while data:
                data = data[os.write(self.file, data):]
            os.fdatasync(self.file)
            for _, on_disk in batch:
                on_disk.set()


class Program:
    def __init__(self):
        self.ledger = Ledger(SETTINGS["ledgerPath"])
        self.stored = {(entry["client"], entry["key"]): entry["id"] for entry in self.ledger.before
                       if entry["event"] == "executed" and "key" in entry and entry["effect"]}
        self.obeyed_file = os.open(SETTINGS["obeyedPath"], os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        with open(SETTINGS["obeyedPath"], encoding="utf8") as before:
            self.obeyed = set(before.read().split("\n"))
        self.lock = threading.Lock()
        self.served = weakref.WeakKeyDictionary()
        self.names = {port: client for client, port in json.loads(os.environ["HOLDLINE_LAB_PORTS"]).items()}

    def is_last(self, connection, client):
        """Counts a connection's requests, and writes down its first."""
        count = self.served.get(connection, 0) + 1
        self.served[connection] = count
        if count == 1:
            self.ledger.append({"event": "connected", "client": client})
        return count == SETTINGS.get("maxRequestsPerConnection")

    def directive(self, environ, client):
        text = environ.get("HTTP_X_LAB_DIRECTIVE")
        name = f"{client} {environ.get('HTTP_X_REQUEST_ID')}"
        with self.lock:
            if text is None or name in self.obeyed:
                return {}
            self.obeyed.add(name)
            os.write(self.obeyed_file, (name + "\n").encode())
            os.fdatasync(self.obeyed_file)
        return json.loads(text)

    def execute(self, environ, client):
        asked, key = environ.get("HTTP_X_REQUEST_ID"), environ.get("HTTP_IDEMPOTENCY_KEY")
        entry = {"event": "executed", "client": client, "id": asked}
        if environ["REQUEST_METHOD"] == "GET":
            entry["kind"], key = "GET", None
        else:
            entry["kind"] = "POST" if key is None else "keyed POST"
        with self.lock:
            effect = key is None or (client, key) not in self.stored
            if key is not None:
                entry["key"] = key
                asked = self.stored.setdefault((client, key), asked)
            on_disk = self.ledger.append({**entry, "effect": effect})
        on_disk.wait()
        return asked


def crash(directive, connection):
    if directive["by"] == "exit":
        os.kill(os.getpid(), signal.SIGKILL)
    if directive["by"] == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # to gunicorn the client is gone: it closes the connection, and says nothing
    raise OSError(errno.EPIPE, "crash, as told")


def application(environ, start_response):
    connection = environ["gunicorn.socket"]
    client = program.names[connection.getsockname()[1]]
    last = program.is_last(connection, client)
    directive = program.directive(environ, client)
    crashes = directive.get("when") if directive.get("do") == "crash" else None
    environ["wsgi.input"].read()
    if crashes == "before":
        crash(directive, connection)
    answered = program.execute(environ, client)
    if crashes == "after":
        crash(directive, connection)
    body = json.dumps({"id": answered, "done": True}).encode()
    if last:
        # gunicorn decides of the Connection header by itself
        start_response.__self__.force_close()
    write = start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    if crashes == "during":
        write(body[: len(body) // 2])
        time.sleep(0.01)  # or A could not tell a RST from an end
        crash(directive, connection)
    return [body]


if __name__ == "gunicorn_b":
    program = Program()
