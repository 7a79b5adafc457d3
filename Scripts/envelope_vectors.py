"""Writes Docs/envelope-vectors.json with Python's `cryptography`, apart from the library's own code.

Run: python3 Scripts/envelope_vectors.py > Docs/envelope-vectors.json
"""
import base64
import hashlib
import hmac
import json
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def element(kind, value):
    """BSON's type byte and value."""
    if kind == "string":
        raw = value.encode()
        return b"\x02" + struct.pack("<i", len(raw) + 1) + raw + b"\0"
    if kind == "int64":
        return b"\x12" + struct.pack("<q", value)
    if kind == "int32":
        return b"\x10" + struct.pack("<i", value)
    if kind == "objectID":
        return b"\x07" + bytes.fromhex(value)
    raise ValueError(kind)


def parts(*pairs):
    return b"".join(bytes([tag]) + struct.pack(">I", len(value)) + value for tag, value in pairs)


def vector(name, half, region, model, field, record, value, padding=16):
    def seed(label, count):
        return hashlib.sha256(f"privata vector {name} {label}".encode()).digest()[:count]

    key_id, secret, nonce = seed("id", 16), seed("secret", 32), seed("nonce", 12)
    use = parts((1, b"pv1/field"), (4, model.encode()), (5, field.encode()))
    field_key = hmac.new(secret, use + b"\x01", hashlib.sha256).digest()
    record_kind = "int64" if record[0] == "int32" else record[0]
    bound = parts(
        (1, b"pv1/value"), (2, region.encode()), (3, half.encode()), (4, model.encode()),
        (5, field.encode()), (6, element(record_kind, record[1])), (7, key_id))
    plain = element(*value) + b"\x80"
    if len(plain) <= 256:
        plain += b"\0" * (-len(plain) % padding)
    sealed = AESGCM(field_key).encrypt(nonce, plain, bound)
    envelope = b"\xe7\x01" + key_id + nonce + sealed
    text = "pv1." + base64.urlsafe_b64encode(envelope).decode().rstrip("=")
    return {
        "name": name, "region": region, "half": half, "model": model, "field": field,
        "padding": padding, "record": extended(*record), "keyID": key_id.hex(),
        "secret": secret.hex(), "nonce": nonce.hex(), "value": extended(*value),
        "associatedData": bound.hex(), "fieldKey": field_key.hex(), "envelope": text,
    }


def extended(kind, value):
    if kind == "string":
        return json.dumps(value)
    if kind == "objectID":
        return json.dumps({"$oid": value})
    return json.dumps({"$numberInt" if kind == "int32" else "$numberLong": str(value)})


pseudonym = ("string", "pseu_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef")
vectors = [
    vector("text", "identity", "default", "User", "email", pseudonym, ("string", "ada@example.org")),
    vector("empty text", "clinical", "default", "User", "note", pseudonym, ("string", "")),
    vector("integer", "clinical", "eu", "Visit", "score", ("int32", 7), ("int32", -40)),
    vector("object id as record", "identity", "eu", "Item", "owner",
           ("objectID", "60a000000000000000000001"), ("int64", 9007199254740993)),
    vector("wide padding", "clinical", "us", "User", "blood", pseudonym, ("string", "A+"), 64),
    vector("long text", "clinical", "us", "User", "letter", pseudonym, ("string", "ä" * 300)),
]
print(json.dumps(vectors, indent=1))
