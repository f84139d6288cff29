#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The attestation service as a process: tickets, refusals, limits, a policy
that never goes back, trials that stop, and two instances on one PostgreSQL.

usage: test_attestd.py BIN    (the folder with dosegate and dosegate-attestd)
@verifies{FDP_ATTEST.1@1} @verifies{FDP_ATTEST.2@1} @verifies{FDP_ATTEST.3@1}
@verifies{FDP_ATTEST.4@1} @verifies{FDP_ATTEST.5@1} @verifies{FDP_ATTEST.6@1}
"""
import os
import socket
import subprocess
import sys
import tempfile
import time

import attestd_rig
from attestd_rig import Office, Phone, Postgres, Service

QUALIFIED = "build android-key os 150000 150999 patch 20260901 qualified\n"
TRIAL = ("build android-key os 160000 160000 patch 20261000 trial 100\n"
         "stop runs 4 failed 50\n")
PASSED = [1] * attestd_rig.CHECKS
FAILED = [1] * (attestd_rig.CHECKS - 1) + [2]


def check_ticket(office, service):
    phone = Phone(office)
    nonce = os.urandom(16)
    request = phone.request(nonce)
    code, answer = service.ticket(request)
    assert code == 200, answer
    said = attestd_rig.open_ticket(office, answer["ticket"])
    assert said[1] == nonce and said[2] == phone.subject(), said
    assert said[4:] == [2, 3, 14400, answer["serial"], 1], said
    assert answer["level"] == "medium", answer
    claims = answer["claims"]
    for claim in ("app", "platform", "fresh", "qualified", "boot-locked",
                  "boot-verified", "key-in-hardware", "presence-bound",
                  "not-debuggable"):
        assert claims[claim] == "yes", claims
    assert claims["isolated"] == "not stated", claims
    code, answer = service.ticket(request)
    assert code == 409 and answer["error"]["field"] == "nonce", answer
    print("ok: one ticket for one nonce, signed for this phone")


def check_refusals(office, service):
    phone = Phone(office)

    def refused(expected, field, **change):
        code, answer = service.ticket({**phone.request(), **change})
        assert code == expected, (code, answer)
        assert answer["error"]["field"] == field, answer
        assert answer["error"]["problem"] and answer["error"]["remedy"]

    refused(400, "nonce", nonce="00")
    refused(400, "device", device=7)
    refused(400, "request", more=1)
    refused(400, "evidence", evidence=[])
    # Evidence over another nonce, another phone's, swapped keys, noise.
    refused(403, "evidence", nonce=os.urandom(16).hex())
    refused(403, "evidence", evidence=Phone(office).request()["evidence"])
    refused(403, "evidence", key=phone.request()["presence"])
    refused(403, "evidence",
            evidence=[{"kind": "android-key", "bytes": "AAAA"}])
    quote = [{"kind": "tpm-quote", "bytes": "AAAA"}]
    refused(400, "key_id", evidence=quote)
    refused(403, "key_id", evidence=quote, key_id="00" * 32)
    for change, missing in (({"boot": 2}, "app"), ({"locked": False}, "app"),
                            ({"app": "com.example.other"}, "app"),
                            ({"signer": "00" * 32}, "app"),
                            ({"app_version": 9}, "app")):
        code, answer = service.ticket(Phone(office, **change).request())
        assert code == 403, (change, answer)
        assert missing in answer["error"]["problem"], (change, answer)
    other = Phone(office)
    with tempfile.TemporaryDirectory() as folder:
        attestd_rig.android_phone.make_root(folder + "/root")
        other.state["root"] = folder + "/root"
        code, answer = service.ticket(other.request())
    assert code == 403 and "root" in answer["error"]["problem"], answer
    print("ok: each refusal names field and remedy")


def check_http(service):
    code, text, _ = service.ask("GET", "/v1/tickets")
    assert code == 404 and "path" in text, text
    code, text, _ = service.ask("POST", "/v1/tickets", "x" * 200000)
    assert code == 413 and "too large" in text, text
    code, text, _ = service.ask("POST", "/v1/tickets", "")
    assert code == 400, text
    code, text, _ = service.ask("POST", "/v1/tickets", "[" * 100000)
    assert code == 400, text
    code, text, _ = service.ask("GET", "/health")
    assert code == 200 and '"ok":true' in text, text
    # Garbage on the socket ends that connection and nothing else.
    for garbage in (b"\0" * 4096, b"POST / HTTP/9\r\n\r\n",
                    b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: 99999999999999999999\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", service.port), 5) as line:
            line.sendall(garbage)
            line.settimeout(0.5)
            try:
                assert not line.recv(4096).startswith(b"HTTP/1.1 200")
            except OSError:
                pass
    assert service.ask("GET", "/health")[0] == 200
    assert service.metric('refused_total{why="size"}') == 1
    print("ok: malformed HTTP costs a connection")


def check_drip(office, database):
    """A body that drips in is cut off, and others are served meanwhile."""
    service = Service(office, database, "--request-seconds", "1")
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", service.port), 5) as line:
        line.settimeout(10)
        line.sendall(b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\n"
                     b"Content-Length: 1000\r\n\r\n")
        code = 0
        try:
            for _ in range(100):
                line.sendall(b"x")
                time.sleep(0.1)
                code = service.ask("GET", "/health")[0]
                assert code == 200, code
        except OSError:
            pass
    assert code == 200
    assert time.monotonic() - began < 9, "never cut off"
    service.end()
    print("ok: a body that drips in is cut off")


def check_old_phone(office, service):
    phone = Phone(office)
    assert service.ticket(phone.request())[0] == 200
    phone.state["os_patch"] = 202609
    code, answer = service.ticket(phone.request())
    assert code == 403 and "older" in answer["error"]["problem"], answer
    phone.state.update(os_patch=202610, app_version=11)
    assert service.ticket(phone.request())[0] == 403
    phone.state["app_version"] = 13
    assert service.ticket(phone.request())[0] == 200
    print("ok: a phone does not get older")


def check_trial(office, service):
    state = {"os_version": 160000}
    unknown = Phone(office, os_version=170000)
    code, answer = service.ticket(unknown.request(run=PASSED))
    assert code == 200 and "does not know" in answer["note"], answer
    assert answer["claims"]["platform"] == "not stated", answer
    assert answer["claims"]["qualified"] == "not stated", answer

    first = Phone(office, **state)
    code, answer = service.ticket(first.request())
    assert code == 200 and "requalify" in answer["note"], answer
    assert answer["claims"]["platform"] == "yes", answer
    assert answer["claims"]["qualified"] != "yes", answer
    # A record of another nonce, of another phone, and of a stranger's key.
    nonce = os.urandom(16)
    for bad in (first.record(os.urandom(16), PASSED),
                Phone(office).record(nonce, PASSED), "AAAA"):
        request = first.request(nonce)
        request["requalification"] = bad
        code, answer = service.ticket(request)
        assert code == 403, answer
        assert answer["error"]["field"] == "requalification", answer
    code, answer = service.ticket(first.request(run=PASSED))
    assert code == 200 and answer["claims"]["qualified"] == "yes", answer
    code, answer = service.ticket(first.request())
    assert answer["claims"]["qualified"] == "yes", "forgotten"
    stolen = first.runner
    first.runner = Phone(office).runner
    code, answer = service.ticket(first.request(run=PASSED))
    assert code == 403, answer
    first.runner = stolen
    print("ok: a build on trial is qualified by this phone's own run")

    # One of two failed, two of three, two of four: stopped.
    for results in (FAILED, FAILED, PASSED):
        code, answer = service.ticket(
            Phone(office, **state).request(run=results))
        assert code == 200, answer
        assert (answer["claims"]["qualified"] == "yes") == \
            (results == PASSED), answer
    code, answer = service.ticket(Phone(office, **state).request(run=PASSED))
    assert code == 200 and "stopped" in answer["note"], answer
    assert answer["claims"]["qualified"] != "yes", answer
    told = office.front("policy", "trials", "--service", service.url)
    assert "android-key 160000 20261000: 4 runs, 2 failed, stopped" in told, \
        told
    # Those who passed before stay as they are.
    code, answer = service.ticket(first.request())
    assert answer["claims"]["qualified"] == "yes", answer
    # ... until a run of their own fails.
    code, answer = service.ticket(first.request(run=FAILED))
    assert code == 200 and answer["claims"]["qualified"] != "yes", answer
    code, answer = service.ticket(first.request(run=PASSED))
    assert code == 200 and answer["claims"]["qualified"] != "yes", answer
    print("ok: a trial that fails stops by itself")


def check_policy(office, database):
    service = Service(office, database)
    office.write_policy(2, QUALIFIED)
    service.hang_up("policy kept (version 3)")
    (office.folder / "policy").write_bytes(b"no policy")
    service.hang_up("policy kept (version 3)", 2)
    assert service.ask("GET", "/health")[0] == 200
    phone = Phone(office, os_version=170000)
    office.write_policy(4, QUALIFIED +
                        "build android-key os 170000 170000 qualified\n")
    service.hang_up("policy taken (version 4)")
    code, answer = service.ticket(phone.request())
    assert code == 200 and answer["policy"] == 4, answer
    assert answer["claims"]["qualified"] == "yes", answer
    # One of its certificates is revoked.
    leaked = Phone(office, serial=0x1234)
    assert service.ticket(leaked.request())[0] == 200
    office.write_anchors(2, [bytes.fromhex("1234")])
    service.hang_up("anchors taken", 4)
    code, answer = service.ticket(leaked.request())
    assert code == 403 and "revoked" in answer["error"]["problem"], answer
    assert service.ticket(Phone(office).request())[0] == 200
    office.write_anchors(1)
    service.hang_up("anchors kept")
    assert service.ticket(leaked.request())[0] == 403, "came back"
    service.end()
    # A new instance on the same store takes no older one.
    office.write_policy(3, QUALIFIED)
    said = subprocess.run(
        [os.path.join(office.bin, "dosegate-attestd"), "--key",
         office.path("verifier"), "--policy", office.path("policy"),
         "--policy-key", office.path("maker.pub"), "--anchors",
         office.path("anchors"), "--anchors-key", office.path("keeper.pub"),
         "--database", database, "--check"], capture_output=True, text=True,
        timeout=20, stdin=subprocess.DEVNULL)
    assert said.returncode == 1 and "never goes back" in said.stderr, said
    print("ok: the policy never goes back")


def check_files(office, database):
    os.chmod(office.path("verifier"), 0o640)
    said = subprocess.run(
        [os.path.join(office.bin, "dosegate-attestd"), "--key",
         office.path("verifier"), "--policy", office.path("policy"),
         "--policy-key", office.path("maker.pub"), "--anchors",
         office.path("anchors"), "--anchors-key", office.path("keeper.pub"),
         "--database", database, "--check"], capture_output=True, text=True,
        timeout=20, stdin=subprocess.DEVNULL)
    os.chmod(office.path("verifier"), 0o600)
    assert said.returncode == 1 and "chmod 600" in said.stderr, said
    print("ok: a key that others can read is refused")


def check_rates(office, database):
    service = Service(office, database, "--peer-per-minute", "3",
                      "--proxy", "127.0.0.1")
    # Away from the end of a minute, so that one window holds them all.
    time.sleep(max(0, time.time() % 60 - 55) and 60 - time.time() % 60)
    for _ in range(3):
        code, _, _ = service.ask("POST", "/v1/tickets", "{}",
                                 {"X-Forwarded-For": "1.1.1.1, 10.0.0.7"})
        assert code == 400, code
    code, text, headers = service.ask(
        "POST", "/v1/tickets", "{}", {"X-Forwarded-For": "2.2.2.2, 10.0.0.7"})
    assert code == 429 and headers["Retry-After"] == "60", (code, text)
    code, _, _ = service.ask("POST", "/v1/tickets", "{}",
                             {"X-Forwarded-For": "10.0.0.8"})
    assert code == 400, code
    service.end()
    service = Service(office, database, "--subject-per-hour", "1")
    phone = Phone(office)
    time.sleep(max(0, time.time() % 3600 - 3590) and
               3600 - time.time() % 3600)
    assert service.ticket(phone.request())[0] == 200
    assert service.ticket(phone.request())[0] == 429
    assert service.ticket(Phone(office).request())[0] == 200
    said = service.said()
    assert phone.subject().hex() not in said and "subject=-" in said, said
    service.end()
    print("ok: rates by peer and by phone, and a log that names nobody")


def check_two(office, database):
    """Two instances, one PostgreSQL."""
    one, two = Service(office, database), Service(office, database)
    phone = Phone(office)
    request = phone.request()
    code, first = one.ticket(request)
    assert code == 200, first
    assert two.ticket(request)[0] == 409
    code, second = two.ticket(phone.request())
    assert code == 200 and second["serial"] > first["serial"], second
    phone.state["os_patch"] = 202609
    assert one.ticket(phone.request())[0] == 403
    one.end()
    assert two.ticket(Phone(office).request())[0] == 200
    check_trial(office, two)
    two.end()
    print("ok: two instances share one PostgreSQL")


def main():
    bin_dir = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dga") as folder:
        office = Office(bin_dir, folder)
        database = office.path("db")
        office.write_policy(3, QUALIFIED + TRIAL)
        service = Service(office, database, "--peer-per-minute", "1000")
        check_ticket(office, service)
        check_refusals(office, service)
        check_http(service)
        check_old_phone(office, service)
        check_trial(office, service)
        service.end()
        check_drip(office, database)
        check_rates(office, database)
        if Postgres.find() is None:
            print("skipped: no PostgreSQL here")
        else:
            postgres = Postgres(folder)
            try:
                check_two(office, postgres.url)
            finally:
                postgres.end()
        check_policy(office, database)
        check_files(office, database)


main()
