"""Carries Ethernet frames between NAME-a1 and NAME-b1, each DELAY_MS late; see packet-link."""
import argparse
import errno
import heapq
import itertools
import json
import random
import select
import signal
import socket
import struct
import sys
import time

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
FLAG_NAMES = ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (PSH, "PSH"), (ACK, "ACK"))
SOL_PACKET, PACKET_IGNORE_OUTGOING, SO_RCVBUFFORCE = 263, 23, 33


def open_port(name):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
    # frames that we send ourselves must not come back; hundreds of senders at once must not overflow the buffer
    port.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    port.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    port.bind((name, 0))
    port.setblocking(False)
    return port


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp_at(frame):
    """Where TCP begins in a TCP over IPv4 frame, else 0."""
    if frame[12:14] != b"\x08\0" or frame[23] != 6:
        return 0
    return 14 + (frame[14] & 15) * 4


def payload_bytes(frame, at):
    return struct.unpack("!H", frame[16:18])[0] - (at - 14) - (frame[at + 12] >> 4) * 4


def segment(frame, at, sender, at_ms):
    """What a trace says about one TCP segment."""
    source, target, seq, ack = struct.unpack("!HHII", frame[at:at + 12])
    flags = [name for bit, name in FLAG_NAMES if frame[at + 13] & bit]
    return {"atMs": round(at_ms, 3), "from": sender, "flags": flags, "seq": seq, "ack": ack,
            "bytes": payload_bytes(frame, at), "ports": [source, target]}


def reset_for(frame, at):
    """The frame a NAT sends back to the sender of `frame` for a flow that it has forgotten."""
    ip, tcp = frame[14:at], frame[at:]
    source, target, seq, ack = struct.unpack("!HHII", tcp[:12])
    after = (seq + payload_bytes(frame, at) + (1 if tcp[13] & (FIN | SYN) else 0)) & 0xFFFFFFFF
    reply = struct.pack("!HHIIBBHHH", target, source, ack, after, 5 << 4, RST | ACK, 0, 0, 0)
    pseudo = ip[16:20] + ip[12:16] + struct.pack("!BBH", 0, 6, len(reply))
    reply = reply[:16] + struct.pack("!H", checksum(pseudo + reply)) + reply[18:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(reply), 0, 0, 255, 6, 0, ip[16:20], ip[12:16])
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return frame[6:12] + frame[0:6] + b"\x08\0" + head + reply


class Nat:
    """Forgets a flow that was idle for too long; what it no longer knows it drops or resets."""

    def __init__(self, idle, mode):
        self.idle, self.mode, self.last_seen = idle, mode, {}

    def passes(self, frame, at, now):
        ends = sorted([frame[26:30] + frame[at:at + 2], frame[30:34] + frame[at + 2:at + 4]])
        flow = tuple(ends)
        if not frame[at + 13] & SYN and now - self.last_seen.get(flow, 0) > self.idle:
            return False
        self.last_seen[flow] = now
        return True


def main():
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("delay_ms", type=float)
    parse.add_argument("--name", default="hl")
    parse.add_argument("--trace", metavar="FILE")
    parse.add_argument("--jitter", type=float, default=0, metavar="MS")
    parse.add_argument("--delay-fin", type=float, default=0, metavar="MS")
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--nat-idle", type=float, default=0, metavar="SECONDS")
    parse.add_argument("--nat-mode", choices=["drop", "rst"], default="drop")
    options = parse.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    delay, jitter, delay_fin = options.delay_ms / 1000, options.jitter / 1000, options.delay_fin / 1000
    draw = random.Random(options.seed)
    nat = Nat(options.nat_idle, options.nat_mode) if options.nat_idle else None
    trace = open(options.trace, "w", buffering=1, encoding="ascii") if options.trace else None
    side_a, side_b = open_port(options.name + "-a1"), open_port(options.name + "-b1")
    other = {side_a: side_b, side_b: side_a}
    queue, count = [], itertools.count()  # frames of the same time leave in the order in which they came
    latest = {side_a: 0, side_b: 0}  # jitter keeps the order of those that go the same way
    clock, start = time.monotonic, time.monotonic()
    print(f"up {start * 1000:.3f}", flush=True)  # a trace counts from here

    def send(port, frame):
        try:
            port.send(frame)
        except OSError:
            pass  # the far namespace is gone, or its queue is full: a lost frame, as on any wire

    def put(port, frame, at, now):
        due = max(now + delay + draw.uniform(0, jitter), latest[port])
        if at and frame[at + 13] & FIN and delay_fin:
            due += delay_fin  # what comes after it may come before it
        else:
            latest[port] = due
        heapq.heappush(queue, (due, next(count), other[port], frame))

    while True:
        wait = max(0, queue[0][0] - clock()) if queue else 1
        ready, _, _ = select.select((side_a, side_b), (), (), wait)
        now = clock()
        for port in ready:
            try:
                while True:
                    frame = port.recv(70_000)
                    at = tcp_at(frame) if nat or trace or delay_fin else 0
                    lost = at and nat and not nat.passes(frame, at, now)
                    if at and trace:
                        sender = "A" if port is side_a else "B"
                        told = segment(frame, at, sender, (now - start) * 1000)
                        trace.write(json.dumps({**told, "dropped": True} if lost else told) + "\n")
                    if lost:
                        if nat.mode == "rst" and not frame[at + 13] & RST:
                            send(port, reset_for(frame, at))
                        continue
                    put(port, frame, at, now)
            except BlockingIOError:
                pass
            except OSError as error:
                if error.errno in (errno.ENETDOWN, errno.ENODEV, errno.ENXIO):
                    return  # the link was taken down
                raise
        now = clock()
        while queue and queue[0][0] <= now:
            _, _, port, frame = heapq.heappop(queue)
            send(port, frame)


if __name__ == "__main__":
    main()
