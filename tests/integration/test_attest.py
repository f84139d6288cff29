#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: test_attest.py BIN_DIR VECTORS

Evidence explained at the command line, and anchors signed and shown: exit
codes, words, and what bad input gets.  Published evidence is used where it is
there.  @verifies{FDP_ATT.5@1}  @verifies{FDP_ATT.6@1}
Exit: 0 all as expected, 1 not.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile

DOSEGATE = pathlib.Path(sys.argv[1]) / "dosegate"
VECTORS = pathlib.Path(sys.argv[2])

# The private key 1, whose public key is the base point of P-256.
SECRET = "dosegate key 1 " + "0" * 63 + "1\n"
PUBLIC = ("dosegate public key 1 "
          "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
          "\n")


def run(code, *arguments):
    done = subprocess.run([DOSEGATE, *map(str, arguments)],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == code, (arguments, done)
    return done.stdout + done.stderr


def bad_input(place):
    nothing = place / "nothing"
    assert "no such file" in run(1, "attest", nothing).lower()
    words = place / "words"
    words.write_text("this is no evidence\n")
    assert "kinds are" in run(1, "attest", words)
    assert "kinds are" in run(1, "attest", words, "--kind", "tea")
    assert "hex" in run(1, "attest", words, "--kind", "psa-token",
                        "--challenge", "xyz")
    assert "--at" in run(1, "attest", words, "--kind", "psa-token",
                         "--at", "yesterday")
    assert "name the file" in run(1, "attest", "--json")
    assert "--trust" in run(1, "attest", words, "--kind", "psa-token",
                            "--anchors", words)
    for kind in ("android-key", "apple-attestation", "apple-assertion",
                 "tpm-quote", "psa-token"):
        told = run(2, "attest", words, "--kind", kind)
        assert "rejected, at step form" in told, told
        big = place / "big"
        big.write_bytes(b"\x30" * 65537)
        told = run(2, "attest", big, "--kind", kind, "--json")
        assert "65536 bytes" in json.loads(told)["reason"], told


def bad_known(place):
    words = place / "words"
    known = place / "known"
    for text, expected in (
            ("[]", "no JSON object"),
            ("{\"appss\": []}", "no such name: appss"),
            ("{\"apps\": [{\"kind\": \"tpm-quote\"}]}", "an app has"),
            ("{\"apps\": [{\"kind\": \"android-key\", \"name\": \"a\"}]}",
             "32 bytes"),
            ("{\"apple\": {\"key\": \"05\"}}", "apple has"),
            ("{\"tpm\": {\"banks\": [{\"hash\": \"md5\"}]}}", "a bank has"),
            ("{\"psa\": {\"profiles\": [\"rfc9783\", \"x\"]}}", "profiles"),
    ):
        known.write_text(text)
        told = run(1, "attest", words, "--kind", "psa-token",
                   "--known", known)
        assert expected in told, told


def anchors(place):
    key = place / "key"
    key.write_text(SECRET)
    os.chmod(key, 0o600)
    trust = place / "key.pub"
    trust.write_text(PUBLIC)
    status = place / "status.json"
    status.write_text('{"entries": {"a1": {"status": "REVOKED"}}}')
    signed = place / "anchors"

    run(1, "anchors", signed, "--sign", key)
    run(1, "anchors", signed, "--sign", key, "--version", 0)
    run(1, "anchors", signed, "--sign", key, "--version", 1, "--days", 91)
    assert "future" in run(1, "anchors", signed, "--sign", key, "--version",
                           1, "--status", status, "--fetched", 99999999999)
    assert not signed.exists()
    run(0, "anchors", signed, "--sign", key, "--version", 7,
        "--status", status)
    told = run(0, "anchors", signed, "--trust", trust, "--version-min", 7)
    assert "version    7" in told and "revoked    1" in told, told
    assert "older than version 8" in run(
        1, "anchors", signed, "--trust", trust, "--version-min", 8)
    bare = place / "bare"
    run(0, "anchors", bare, "--sign", key, "--version", 8)
    assert "no list" in run(0, "anchors", bare, "--trust", trust)
    changed = bytearray(signed.read_bytes())
    changed[len(changed) // 2] ^= 1
    bare.write_bytes(changed)
    assert "not signed" in run(1, "anchors", bare, "--trust", trust)
    return signed, trust


def published(place, signed, trust):
    chains = VECTORS / "android" / "chains"
    about = json.loads((chains / "caiman_sdk36_TEE_EC_RKP.json").read_text())
    chain = chains / "caiman_sdk36_TEE_EC_RKP.pem"
    usual = ["attest", chain, "--at", about["evaluate_at"],
             "--challenge", about["challenge"]]
    assert "no revocation list" in run(1, *usual)
    told = run(0, *usual, "--anchors", signed, "--trust", trust, "--json")
    told = json.loads(told)
    assert told["result"] == "accepted" and told["os_patch"] == 20251100
    assert told["facts"]["boot-locked"] == {"value": "yes",
                                            "source": "hardware"}
    assert told["facts"]["not-debuggable"]["value"] == "not stated"
    assert "another challenge" in run(
        2, "attest", chain, "--at", about["evaluate_at"], "--challenge", "00",
        "--anchors", signed, "--trust", trust)

    phone = json.loads((VECTORS / "apple" / "ios-14.4.json").read_text())
    evidence = place / "evidence"
    evidence.write_bytes(bytes.fromhex(phone["attestation"]["object"]))
    known = place / "known"
    known.write_text('{"apple": {"development": true}}')
    usual = ["attest", evidence, "--at", phone["evaluate_at"],
             "--challenge", phone["attestation"]["client_data"]]
    assert "no app was named" in run(1, *usual, "--known", known)
    assert "accepted" in run(0, *usual, "--known", known,
                             "--app", phone["app_id"])
    assert "development" in run(2, *usual, "--app", phone["app_id"])

    chips(place)
    mac = VECTORS / "psa" / "samples" / "tfm_psa_2_0_0_mac0.cbor"
    assert "unsupported" in run(1, "attest", mac)


def chips(place):
    """A quote and a token, with what they are compared with."""
    evidence = place / "evidence"
    known = place / "known"
    tpm = VECTORS / "tpm"
    case = json.loads((tpm / "expected.json").read_text())["cases"][0]
    values = json.loads((tpm / "reference_pcrs.json").read_text())["pcrs"]
    message = (tpm / (case["name"] + ".msg")).read_bytes()
    evidence.write_bytes(len(message).to_bytes(2, "big") + message +
                         (tpm / (case["name"] + ".sig")).read_bytes())
    bank = case["pcr_selection"][0]
    about = {"key": (tpm / (case["key"] + ".tpm2b_public")).read_bytes().hex(),
             "banks": [{"hash": bank["bank"],
                        "pcrs": {str(pcr): values[bank["bank"]][str(pcr)]
                                 for pcr in bank["pcrs"]}}]}
    usual = ["attest", evidence, "--challenge", case["nonce"],
             "--known", known, "--json"]
    known.write_text(json.dumps({"tpm": about}))
    told = json.loads(run(0, *usual))
    assert told["kind"] == "tpm-quote", told
    assert told["facts"]["measured"]["value"] == "yes", told
    assert told["facts"]["key-in-hardware"]["value"] == "not stated", told
    known.write_text(json.dumps({"tpm": {**about, "activated": True}}))
    told = json.loads(run(0, *usual))
    assert told["facts"]["key-in-hardware"] == {"value": "yes",
                                                "source": "enrolment"}, told
    about["banks"][0]["pcrs"]["4"] = "00" * 32
    known.write_text(json.dumps({"tpm": about}))
    assert json.loads(run(2, *usual))["failed"] == "measurement"

    psa = VECTORS / "psa" / "generated"
    about = json.loads((psa / "expected.json").read_text())
    first = about["cases"][0]["claims"]
    pem = (psa / "public.pem").read_text().splitlines()
    key = base64.b64decode("".join(pem[1:-1])).hex()
    parts = [{"signer": part["5"], "measurement": part["2"]}
             for part in first["2399"]]
    usual = ["attest", psa / about["cases"][0]["file"], "--challenge",
             about["nonce"], "--known", known, "--json"]
    for more, code, failed in (
            ({"profiles": ["rfc9783"], "components": parts}, 0, "none"),
            ({"profiles": ["rfc9783"], "components": parts[:1]}, 2,
             "measurement"),
            ({"profiles": ["profile-1"]}, 2, "statement"),
            ({"profiles": ["rfc9783"], "instance": "01" * 33}, 2, "key"),
    ):
        known.write_text(json.dumps({"psa": {"key": key, **more}}))
        assert json.loads(run(code, *usual))["failed"] == failed, more


def main():
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        assert "Exit codes" in run(0, "attest", "--help")
        assert "usage" in run(0, "anchors", "--help")
        bad_input(place)
        bad_known(place)
        signed, trust = anchors(place)
        if (VECTORS / "android").is_dir():
            published(place, signed, trust)
        else:
            print(f"skipped: no {VECTORS}")
    print("attest: as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
