"""Writes down when the kernel saw each TCP segment of B's on an interface: sniff.py INTERFACE FILE.

The kernel's own timestamps hold however late this program gets to read them, so a busy machine does not blur them.
"""
import json
import os
import signal
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../net"))
from packet_link import open_port, segment, tcp_at  # noqa: E402

SO_TIMESTAMPNS = 35
SOL_PACKET, PACKET_IGNORE_OUTGOING = 263, 23
SERVER = bytes([10, 77, 0, 2])


def main():
    interface, path = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = open_port(interface)
    port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 0)
    port.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    port.setblocking(True)
    with open(path, "w", buffering=1, encoding="ascii") as out:
        while True:
            frame, ancillary, _, _ = port.recvmsg(70_000, 256)
            at = tcp_at(frame)
            if not at or frame[26:30] != SERVER:
                continue
            seconds, nanoseconds = struct.unpack("qq", ancillary[0][2][:16])
            out.write(json.dumps(segment(frame, at, "B", seconds * 1e3 + nanoseconds / 1e6)) + "\n")


if __name__ == "__main__":
    main()
