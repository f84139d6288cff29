#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone's platform for tests: signs Android key attestations with a root of
its own, about the keys that it is given, and says of itself what STATE says.

usage: android_phone.py STATE CHALLENGE KEY PRESENCE

STATE is a JSON file: os_version, os_patch (YYYYMM), locked, boot (0 verified),
app, app_version, signer (hex), root (where the root's keys are), and where it
matters serial (of the certificate that may be revoked).  As the
front door's --platform it prints a JSON list of evidence.
"""
import base64
import datetime
import json
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import \
    decode_dss_signature

OID = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.1.17")
NAMES = ("root", "intermediate", "attestation")


# DER, as little as the extension needs --------------------------------------

def tlv(tag, body):
    tag = bytes([tag]) if isinstance(tag, int) else tag
    size = len(body)
    if size < 128:
        return tag + bytes([size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return tag + bytes([0x80 | len(octets)]) + octets + body


def integer(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value):
    return tlv(4, value)


def field(number, body):
    """[number] EXPLICIT, in the long form above 30."""
    if number < 31:
        return tlv(0xa0 | number, body)
    tag = [number & 0x7f]
    while number > 0x7f:
        number >>= 7
        tag.insert(0, 0x80 | (number & 0x7f))
    return tlv(bytes([0xbf, *tag]), body)


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def description(state, challenge, person):
    application = sequence(
        tlv(0x31, sequence(octets(state["app"].encode()),
                           integer(state["app_version"]))),
        tlv(0x31, octets(bytes.fromhex(state["signer"]))))
    software = sequence(field(709, octets(application)))
    root_of_trust = sequence(
        octets(bytes(32)), tlv(1, b"\xff" if state["locked"] else b"\0"),
        tlv(10, bytes([state["boot"]])), octets(bytes(32)))
    hardware = [field(702, integer(0)), field(704, root_of_trust),
                field(705, integer(state["os_version"])),
                field(706, integer(state["os_patch"]))]
    if person:
        hardware.insert(0, field(504, integer(2)))
    else:
        hardware.insert(0, field(503, tlv(5, b"")))
    return sequence(integer(300), tlv(10, b"\1"), integer(300),
                    tlv(10, b"\1"), octets(challenge), octets(b""),
                    software, sequence(*hardware))


# Certificates ---------------------------------------------------------------

def name_of(text):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certify(subject, public, issuer, key, extension=None, serial=None):
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(name_of(subject))
               .issuer_name(name_of(issuer)).public_key(public)
               .serial_number(serial or x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1))
               .not_valid_after(now + datetime.timedelta(days=30)))
    if extension is not None:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(OID, extension), critical=False)
    return builder.sign(key, hashes.SHA256())


def make_root(folder):
    """Keys of root and those below it, once."""
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    for who in NAMES:
        key = ec.generate_private_key(ec.SECP256R1())
        (folder / who).write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))


def keys_of(folder):
    return {who: serialization.load_pem_private_key(
        (pathlib.Path(folder) / who).read_bytes(), None) for who in NAMES}


def root_row(folder, until):
    """The root as it stands in roots.json."""
    key = keys_of(folder)["root"].public_key()
    return {"kind": "android-key", "name": "root of the tests",
            "until": until, "subject": name_of("root").public_bytes().hex(),
            "key": key.public_bytes(
                serialization.Encoding.DER,
                serialization.PublicFormat.SubjectPublicKeyInfo).hex()}


def chain(state, challenge, point, person):
    """PEM, leaf first."""
    keys = keys_of(state["root"])
    public = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), b"\4" + point)
    leaf = certify("leaf", public, "attestation", keys["attestation"],
                   description(state, challenge, person))
    rest = [certify("attestation", keys["attestation"].public_key(),
                    "intermediate", keys["intermediate"],
                    serial=state.get("serial")),
            certify("intermediate", keys["intermediate"].public_key(),
                    "root", keys["root"]),
            certify("root", keys["root"].public_key(), "root", keys["root"])]
    return b"".join(one.public_bytes(serialization.Encoding.PEM)
                    for one in [leaf, *rest])


def evidence(state, challenge, key, presence):
    return [{"kind": "android-key", "bytes": base64.b64encode(
        chain(state, challenge, point, person)).decode()}
        for point, person in ((key, False), (presence, True))]


# COSE, to sign anchors ------------------------------------------------------

def cbor_head(major, value):
    for limit, code, size in ((24, value, 0), (1 << 8, 24, 1),
                              (1 << 16, 25, 2), (1 << 32, 26, 4),
                              (1 << 64, 27, 8)):
        if value < limit:
            return bytes([major << 5 | code]) + (
                value.to_bytes(size, "big") if size else b"")
    raise ValueError(value)


def cbor(value):
    if isinstance(value, int):
        return cbor_head(0, value) if value >= 0 else cbor_head(1, -1 - value)
    if isinstance(value, bytes):
        return cbor_head(2, len(value)) + value
    if isinstance(value, str):
        return cbor_head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return cbor_head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        return cbor_head(5, len(value)) + b"".join(
            cbor(k) + cbor(v) for k, v in value.items())
    raise ValueError(value)


def sign1(key, purpose, payload):
    protected = cbor({1: -7})
    what = cbor(["Signature1", protected, purpose.encode(), payload])
    r, s = decode_dss_signature(key.sign(what, ec.ECDSA(hashes.SHA256())))
    return b"\xd2" + cbor([protected, {}, payload,
                           r.to_bytes(32, "big") + s.to_bytes(32, "big")])


def anchors(key, version, issued, expires, roots, revoked=()):
    kind = 1  # Android
    rows = [[kind, row["name"], bytes.fromhex(row["subject"]),
             bytes.fromhex(row["key"]), row["until"]] for row in roots]
    return sign1(key, "dosegate anchors 1", cbor({
        1: version, 2: issued, 3: expires, 4: rows,
        5: [issued, sorted(revoked)]}))


def main():
    state, challenge, key, presence = sys.argv[1:]
    print(json.dumps(evidence(
        json.loads(pathlib.Path(state).read_text()), bytes.fromhex(challenge),
        bytes.fromhex(key), bytes.fromhex(presence))))


if __name__ == "__main__":
    main()
