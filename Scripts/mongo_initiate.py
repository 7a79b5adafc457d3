"""Makes a fresh mongod a one-node replica set and adds a user for the sign-in tests.

usage: mongo_initiate.py PORT SET_NAME USER PASSWORD

mongod comes without a shell, so this speaks the wire protocol (OP_MSG) by hand: only what the
four commands need. Running it again on an initiated server changes nothing.
"""
import socket
import struct
import sys
import time


def encode(value):
    """BSON type byte and payload of a value."""
    if isinstance(value, bool):
        return b"\x08", bytes([value])
    if isinstance(value, int):
        return b"\x10", struct.pack("<i", value)
    if isinstance(value, str):
        text = value.encode() + b"\x00"
        return b"\x02", struct.pack("<i", len(text)) + text
    if isinstance(value, list):
        return b"\x04", document({str(i): item for i, item in enumerate(value)})
    return b"\x03", document(value)


def document(fields):
    body = b""
    for name, value in fields.items():
        kind, payload = encode(value)
        body += kind + name.encode() + b"\x00" + payload
    return struct.pack("<i", len(body) + 5) + body + b"\x00"


FIXED = {0x01: "<d", 0x08: "<?", 0x09: "<q", 0x10: "<i", 0x11: "<Q", 0x12: "<q"}


def decode(data, start=0):
    """Scalars, text and nested documents of a BSON document; other types give None."""
    end = start + struct.unpack_from("<i", data, start)[0] - 1
    at, fields = start + 4, {}
    while at < end:
        kind = data[at]
        name_end = data.index(b"\x00", at + 1)
        name, at = data[at + 1 : name_end].decode(), name_end + 1
        value = None
        if kind in FIXED:
            value = struct.unpack_from(FIXED[kind], data, at)[0]
            at += struct.calcsize(FIXED[kind])
        elif kind == 0x02:
            size = struct.unpack_from("<i", data, at)[0]
            value = data[at + 4 : at + 3 + size].decode(errors="replace")
            at += 4 + size
        elif kind in (0x03, 0x04):
            value = decode(data, at)
            at += struct.unpack_from("<i", data, at)[0]
        elif kind == 0x05:
            at += 5 + struct.unpack_from("<i", data, at)[0]
        elif kind == 0x07:
            at += 12
        elif kind != 0x0A:
            raise ValueError(f"unexpected BSON type {kind:#x} in a reply")
        fields[name] = value
    return fields


def receive(connection, size):
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise ConnectionError("mongod closed the connection")
        data += chunk
    return data


def run(port, command):
    """Sends one command to the admin database and returns its reply."""
    body = struct.pack("<i", 0) + b"\x00" + document({**command, "$db": "admin"})
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(struct.pack("<iiii", 16 + len(body), 1, 0, 2013) + body)
        size = struct.unpack("<i", receive(connection, 4))[0]
        return decode(receive(connection, size - 4), 17)


def attempt(port, command):
    """The reply, or None while the server is not listening yet."""
    try:
        return run(port, command)
    except OSError:
        return None


def until(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"mongod: {what} took longer than {seconds} s")
        time.sleep(0.05)


def accepted(reply, *codes):
    """Exits unless the reply is a success or an error that means: already done."""
    if reply.get("ok") != 1 and reply.get("codeName") not in codes:
        sys.exit(f"mongod refused: {reply.get('codeName')}: {reply.get('errmsg')}")


def main(port, name, user, password):
    until("start", lambda: attempt(port, {"ping": 1}) is not None)
    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    # Acknowledged in memory: tests do not wait for the disk at every write.
    config = {"_id": name, "members": [member], "writeConcernMajorityJournalDefault": False}
    accepted(run(port, {"replSetInitiate": config}), "AlreadyInitialized")
    until("the election", lambda: (attempt(port, {"hello": 1}) or {}).get("isWritablePrimary"))
    roles = [{"role": "readWriteAnyDatabase", "db": "admin"}]
    accepted(run(port, {"createUser": user, "pwd": password, "roles": roles}), "Location51003")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4])
