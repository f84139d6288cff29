#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Machines and chips that are measured: a quote of a live TPM (swtpm) and a
PSA token, judged by the policy of dosegate-attestd, up to the pump's ticket.

usage: test_attest_chips.py BIN
@verifies{FDP_ATTEST.1@1} @verifies{FDP_ATTEST.3@1} @verifies{FDP_ATT.5@1}
"""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import \
    decode_dss_signature

import attestd_rig
from android_phone import cbor
from attestd_rig import Office, Phone, Service

REGISTERS = (0, 4, 7)
HANDLE = "0x81010002"  # where the attestation key lies
TOOLS = ("swtpm", "tpm2_createprimary", "tpm2_quote", "tpm2_pcrextend",
         "tpm2_pcrread")


class Chip:
    """A chip that signs PSA tokens (RFC 9783) about itself."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        point = b"\4" + attestd_rig.point(self.key)
        self.key_id = hashlib.sha256(point).digest()
        self.parts = [(os.urandom(32), os.urandom(32)) for _ in range(2)]
        self.lifecycle = 0x3000

    def token(self, challenge):
        claims = cbor({
            10: challenge, 256: b"\1" + self.key_id,
            265: "tag:psacertified.org,2023:psa#tfm", 2394: 1,
            2395: self.lifecycle, 2396: b"\7" * 32,
            2399: [{5: signer, 2: value} for signer, value in self.parts]})
        protected = cbor({1: -7})
        r, s = decode_dss_signature(self.key.sign(
            cbor(["Signature1", protected, b"", claims]),
            ec.ECDSA(hashes.SHA256())))
        return b"\xd2" + cbor([protected, {}, claims,
                               r.to_bytes(32, "big") + s.to_bytes(32, "big")])

    def lines(self, name):
        spki = self.key.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"enrolled psa-token {spki.hex()} 01{self.key_id.hex()}\n" + \
            "".join(f"measured psa-token {name} rfc9783 {signer.hex()} "
                    f"{value.hex()}\n" for signer, value in self.parts)


class Machine:
    """A machine with a TPM, whose platform program makes quotes."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        path = self.folder / "sock"
        self.tcti = f"swtpm:path={path}"
        self.child = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}",
             "--server", f"type=unixio,path={path}",
             "--ctrl", f"type=unixio,path={path}.ctrl",
             "--flags", "not-need-init,startup-clear"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for _ in range(300):
            if path.exists():
                break
            time.sleep(0.01)
        # Created under the endorsement hierarchy, as an attestation key is;
        # that this TPM is genuine is what its operator says by "activated".
        self.tool("tpm2_createprimary", "-C", "e", "-G", "ecc256:ecdsa-sha256:null",
                  "-a", "fixedtpm|fixedparent|sensitivedataorigin|"
                  "userwithauth|restricted|sign", "-c", "ak")
        self.tool("tpm2_evictcontrol", "-C", "o", "-c", "ak", HANDLE)
        self.tool("tpm2_flushcontext", "-t")
        self.tool("tpm2_readpublic", "-c", HANDLE, "-o", "ak.pub")
        self.public = (self.folder / "ak.pub").read_bytes()
        self.key_id = hashlib.sha256(self.public[2:]).digest()
        self.extend(4, b"boot loader")

    def tool(self, *words):
        said = subprocess.run(
            [*words, "-T", self.tcti], cwd=self.folder, timeout=30,
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert said.returncode == 0, (words, said)

    def extend(self, register, what):
        self.tool("tpm2_pcrextend",
                  f"{register}:sha256={hashlib.sha256(what).hexdigest()}")

    def measured(self, name):
        self.tool("tpm2_pcrread", "sha256:" + ",".join(map(str, REGISTERS)),
                  "-o", "values")
        values = (self.folder / "values").read_bytes()
        assert len(values) == 32 * len(REGISTERS)
        return "".join(
            f"measured tpm-quote {name} sha256 {register} "
            f"{values[32 * at:32 * at + 32].hex()}\n"
            for at, register in enumerate(REGISTERS))

    def enrolled(self):
        return f"enrolled tpm-quote {self.public.hex()} activated\n"

    def quote(self, challenge):
        self.tool("tpm2_quote", "-c", HANDLE, "-g", "sha256", "-q",
                  challenge.hex(), "-l",
                  "sha256:" + ",".join(map(str, REGISTERS)), "-m", "message",
                  "-s", "mark")
        message = (self.folder / "message").read_bytes()
        return len(message).to_bytes(2, "big") + message + \
            (self.folder / "mark").read_bytes()

    def end(self):
        self.child.terminate()
        self.child.wait(timeout=10)


def request_of(office, kind, key_id, sign):
    """What a phone asks, with the evidence of a chip."""
    phone = Phone(office)
    request = phone.request()
    challenge = hashlib.sha256(cbor(
        ["dosegate challenge 1", bytes.fromhex(request["nonce"]),
         phone.subject()])).digest()
    request["evidence"] = [{
        "kind": kind, "bytes": base64.b64encode(sign(challenge)).decode()}]
    request["key_id"] = key_id.hex()
    return request


def refused(service, request, code, word):
    got, answer = service.ticket(request)
    assert got == code, (got, answer)
    said = answer["error"]["field"] + ": " + answer["error"]["problem"]
    assert word in said, (word, answer)


def check_chip(office, service, chip):
    def ask(**change):
        return {**request_of(office, "psa-token", chip.key_id, chip.token),
                **change}

    code, answer = service.ticket(ask())
    assert code == 200 and answer["level"] == "low", answer
    claims = answer["claims"]
    for claim in ("app", "boot-verified", "boot-locked", "fresh", "platform",
                  "not-debuggable", "qualified"):
        assert claims[claim] == "yes", claims
    for claim in ("key-in-hardware", "presence-bound", "isolated"):
        assert claims[claim] == "not stated", claims
    attestd_rig.open_ticket(office, answer["ticket"])

    bare = ask()
    del bare["key_id"]
    refused(service, bare, 400, "key_id: is missing")
    refused(service, ask(key_id="00" * 32), 403, "key_id: names no")
    refused(service, ask(nonce="00" * 16), 403, "another challenge")
    chip.lifecycle = 0x4000
    refused(service, ask(), 403, "not secured")
    chip.lifecycle = 0x3000
    kept = chip.parts
    chip.parts = [kept[0], (kept[1][0], os.urandom(32))]
    refused(service, ask(), 403, "not the reference")
    chip.parts = kept
    stranger = Chip()
    stranger.parts = kept
    refused(service, request_of(office, "psa-token", chip.key_id,
                                stranger.token), 403, "does not hold")
    refused(service, request_of(office, "psa-token", stranger.key_id,
                                stranger.token), 403, "names no machine")
    print("ok: a chip's token is worth what the policy measures")


def check_machine(office, service, machine, text):
    def ask():
        return request_of(office, "tpm-quote", machine.key_id, machine.quote)

    code, answer = service.ticket(ask())
    assert code == 200 and answer["level"] == "low", answer
    claims = answer["claims"]
    for claim in ("app", "boot-verified", "fresh", "platform", "qualified",
                  "not-debuggable"):
        assert claims[claim] == "yes", claims
    for claim in ("boot-locked", "key-in-hardware", "presence-bound"):
        assert claims[claim] == "not stated", claims

    # Another kernel is started: nobody knows it, then it is on trial.
    machine.extend(4, b"another kernel")
    refused(service, ask(), 403, "not the reference")
    more = (machine.measured("next") + "app tpm-quote next release\n" +
            "build tpm-quote measured next trial 100\n"
            "stop runs 4 failed 50\n")
    office.write_policy(3, text + more)
    service.hang_up("policy taken (version 3)")
    code, answer = service.ticket(ask())
    assert code == 200 and "requalify" in answer["note"], answer
    assert answer["claims"]["platform"] == "yes", answer
    assert answer["claims"]["qualified"] != "yes", answer
    print("ok: a live quote is worth what the policy measures")


def check_pump(office, service, machine, folder):
    """The same by the front door: platform, service, pump."""
    home = pathlib.Path(folder) / "h"
    home.mkdir(0o700)
    platform = home / "platform"
    platform.write_text(f"""#!{sys.executable}
import base64, json, pathlib, subprocess, sys
subprocess.run(["tpm2_quote", "-T", "{machine.tcti}", "-c", "{HANDLE}", "-g",
                "sha256", "-q", sys.argv[1], "-l", "sha256:0,4,7", "-m",
                "message", "-s", "mark"], cwd="{machine.folder}", check=True,
               stdout=subprocess.DEVNULL)
place = pathlib.Path("{machine.folder}")
message = (place / "message").read_bytes()
whole = (len(message).to_bytes(2, "big") + message +
         (place / "mark").read_bytes())
print(json.dumps({{"key_id": "{machine.key_id.hex()}", "evidence": [
    {{"kind": "tpm-quote", "bytes": base64.b64encode(whole).decode()}}]}}))
""")
    platform.chmod(0o700)

    def run(*words):
        said = subprocess.run(
            [os.path.join(office.bin, "dosegate"), *words, "--dir",
             str(home)], capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL)
        assert said.returncode == 0, (words, said)
        return said.stdout + said.stderr

    run("up")
    try:
        run("pair")
        run("policy", "head", "--policy-version", "2", "--days", "30",
            "--verifier", office.path("verifier.pub"), "--simulated", "--out",
            office.path("head"))
        run("policy", "send", office.path("head"))
        said = run("attest", "--service", service.url, "--platform",
                   str(platform))
        assert "level low" in said and "requalify" in said, said
    finally:
        run("down")
    print("ok: the pump took a ticket that a TPM's quote bought")


def check_lines(office):
    """A bad reference is refused with file and line, before it is signed."""
    (office.folder / "bad").write_text(
        "dosegate platform policy 1\nversion 1\n"
        "measured tpm-quote box sha256 16 " + "00" * 32 + "\n")
    said = office.front("policy", "sign", office.path("bad"), "--key",
                        office.path("maker"), "--out", office.path("out"),
                        code=1)
    assert office.path("bad") + ":3: measured: any software sets" in said, said
    assert not (office.folder / "out").exists()
    print("ok: a bad reference is refused with file and line")


def main():
    with tempfile.TemporaryDirectory(prefix="dgc") as folder:
        os.mkdir(folder + "/o")
        office = Office(sys.argv[1], folder + "/o")
        chip = Chip()
        missing = [tool for tool in TOOLS if shutil.which(tool) is None]
        machine = None if missing else Machine(folder + "/tpm")
        text = (chip.lines("tfm") + "app psa-token tfm release\n"
                "build psa-token measured tfm qualified\n")
        if machine is not None:
            text += (machine.enrolled() + machine.measured("box") +
                     "app tpm-quote box release\n"
                     "build tpm-quote measured box qualified\n")
        office.write_policy(2, text)
        service = Service(office, office.path("db"), "--peer-per-minute",
                          "1000")
        check_lines(office)
        check_chip(office, service, chip)
        if machine is None:
            print("skipped: the TPM; not installed: " + ", ".join(missing))
        else:
            check_machine(office, service, machine, text)
            check_pump(office, service, machine, folder)
            machine.end()
        service.end()


main()
