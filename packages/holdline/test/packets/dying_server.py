"""B that executes a POST and then dies over it, in ways that Node's sockets cannot: see dying-server.mjs."""
import http.server
import os
import random
import signal
import socket
import socketserver
import struct
import sys
import threading
import time

LEDGER_PATH, HOST, PORT, WAY, IDLE_MS = sys.argv[1:6]
LEDGER = os.open(LEDGER_PATH, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
IDLE = float(IDLE_MS) / 1000
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def execute(request_id):
    os.write(LEDGER, request_id.encode() + b"\t\t1\n")


def read_head(connection):
    """The head and not one byte more: the body stays in the kernel, unread."""
    while True:
        seen = connection.recv(65536, socket.MSG_PEEK)
        if not seen:
            return b""
        end = seen.find(b"\r\n\r\n")
        if end >= 0:
            return connection.recv(end + 4)


def header(head, name):
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip().decode()
    return ""


def read_body(connection, left):
    while left > 0:
        chunk = connection.recv(min(left, 65536))
        if not chunk:
            return
        left -= len(chunk)


def serve(connection):
    connection.settimeout(IDLE)
    try:
        while True:
            head = read_head(connection)
            if not head:
                return
            request_id = header(head, b"x-id")
            if not WAY.startswith("unread"):
                read_body(connection, int(header(head, b"content-length") or 0))
            if request_id:
                execute(request_id)
                die(connection)
                return
            connection.sendall(OK)
    except OSError:
        pass  # the idle limit (a timeout is an OSError), or A has gone
    finally:
        connection.close()


def die(connection):
    if WAY in ("linger-0", "unread-fin"):
        connection.shutdown(socket.SHUT_WR)
        # the RST may reach A with the FIN, or while A is looking for what the FIN means
        time.sleep(random.choice((0, 0, 0.001, 0.002, 0.004)))
    if WAY == "linger-0":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif WAY == "fork-exit":
        os._exit(0)
    elif WAY == "fork-kill":
        os.kill(os.getpid(), signal.SIGKILL)


class Failing(http.server.BaseHTTPRequestHandler):
    """Python's own server, as people write it, with a bug in its handler."""
    protocol_version = "HTTP/1.1"
    timeout = IDLE

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self):
        execute(self.headers["x-id"])
        raise RuntimeError("the handler failed after it had executed")

    def log_message(self, *_):
        pass


class FailingServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    request_queue_size = 4096
    daemon_threads = True

    def handle_error(self, *_):
        pass


def main():
    threading.stack_size(256 * 1024)
    if WAY == "http-server":
        FailingServer((HOST, int(PORT)), Failing).serve_forever()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, int(PORT)))
    listener.listen(4096)
    if WAY.startswith("fork"):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
    while True:
        connection, _ = listener.accept()
        if not WAY.startswith("fork"):
            threading.Thread(target=serve, args=(connection,), daemon=True).start()
        elif os.fork() == 0:
            listener.close()
            serve(connection)
            os._exit(0)
        else:
            connection.close()


main()
