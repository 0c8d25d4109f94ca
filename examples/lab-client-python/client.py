"""A client of the lab: http.client of Python's standard library, with a connection that is kept for each pool.

It reads one JSON object a line from stdin, and writes one a line to stdout; docs/reference/lab-formats.md says which.
"""

import http.client
import json
import platform
import sys
import threading
import time

out = threading.Lock()


def tell(message):
    with out:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


class Pool:
    """One connection, reused for ever, as a program would that knows nothing of idle limits."""

    def __init__(self, round_):
        self.round = round_
        self.connection = None
        self.turn = threading.Lock()

    def send(self, wanted):
        with self.turn:
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(
                        self.round["host"], self.round["port"], timeout=self.round["timeoutMs"] / 1000
                    )
                    self.connection.connect()
                port = self.connection.sock.getsockname()[1]
                self.connection.request(wanted["method"], wanted["path"], wanted.get("body"), wanted["headers"])
                answer = self.connection.getresponse()
                body = answer.read().decode()
                if answer.will_close:
                    self.close()
                return {"type": "answered", "status": answer.status, "body": body, "port": port}
            except TimeoutError as error:
                self.close()
                return {"type": "failed", "code": "timeout", "message": str(error)}
            except ConnectionRefusedError as error:
                self.close()
                return {"type": "failed", "code": "connect ECONNREFUSED", "message": str(error)}
            except (http.client.RemoteDisconnected, ConnectionError) as error:
                # the connection ended before a byte of the answer
                self.close()
                return {"type": "failed", "code": "ECONNRESET", "message": str(error), "hangUp": True}
            except (http.client.HTTPException, OSError) as error:
                self.close()
                return {"type": "failed", "code": type(error).__name__, "message": str(error), "hangUp": False}

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def main():
    pools = {}
    round_ = None
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "round":
            # Those of the round before are forgotten, and closed when the last request in them is done.
            pools, round_ = {}, message
            tell({"type": "ready", "versions": {"python": platform.python_version()}})
        elif message["type"] == "send":
            pool = pools.setdefault(message["pool"], Pool(round_))
            id_ = message["id"]
            answer = lambda pool=pool, message=message, id_=id_: tell({**pool.send(message), "id": id_})
            threading.Thread(target=answer, daemon=True).start()
        elif message["type"] == "stall":
            time.sleep(message["forMs"] / 1000)


main()
