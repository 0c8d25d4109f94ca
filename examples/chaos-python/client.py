"""Calls B over connections that it keeps, with pauses of about B's idle limit, and prints what became of the calls."""
import argparse
import http.client
import json
import threading
import time
import urllib.parse

PAUSES_S = [0.3, 0.9, 0.93, 0.95, 0.97, 0.99, 1.01, 1.05]
CALLS = 3


class Connection:
    """A kept connection. http.client opens it again by itself after a close()."""

    def __init__(self, host, port, max_idle_s=None):
        self.connection = http.client.HTTPConnection(host, port, timeout=5)
        self.max_idle_s = max_idle_s
        self.idle_since = None

    def post(self, path, body):
        # The cure: not older than the server allows, with a margin for the way there.
        if self.max_idle_s is not None and self.idle_since is not None:
            if time.monotonic() - self.idle_since > self.max_idle_s:
                self.connection.close()
        try:
            self.connection.request("POST", path, body)
            answer = self.connection.getresponse().read()
        except Exception:
            self.connection.close()
            raise
        self.idle_since = time.monotonic()
        return answer


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("url")
    parse.add_argument("--max-idle", type=float, metavar="SECONDS")
    options = parse.parse_args()
    url = urllib.parse.urlparse(options.url)
    sent, errors, lock = [0], {}, threading.Lock()

    def lane(pause_s):
        connection = Connection(url.hostname, url.port, options.max_idle)
        for call in range(CALLS):
            if call > 0:
                time.sleep(pause_s)
            error = None
            try:
                connection.post("/orders", '{"item":7}')
            except (http.client.HTTPException, OSError) as caught:
                error = type(caught).__name__
            with lock:
                sent[0] += 1
                if error:
                    errors[error] = errors.get(error, 0) + 1

    lanes = [threading.Thread(target=lane, args=(pause_s,)) for pause_s in PAUSES_S]
    for each in lanes:
        each.start()
    for each in lanes:
        each.join()
    told = [f"{name}, {count} times" for name, count in sorted(errors.items())]
    print(json.dumps({"sent": sent[0], "hungUp": sum(errors.values()), "errors": told}))


main()
