#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pump, phone and attestation service together: a known build doses, an
unknown one falls to the button and says what is missing, and a requalification
run brings it back.

usage: test_requalify.py BIN
@verifies{FDP_ATTEST.5@1} @verifies{FDP_ATT.2@1} @verifies{FDP_ATT.3@1}
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

import attestd_rig
from attestd_rig import Office, Phone, Service

KNOWN = "build android-key os 150000 150999 patch 20260900 qualified\n"
TRIAL = ("build android-key os 170000 170000 patch 20261000 trial 100\n"
         "stop runs 20 failed 5\n")


class Home:
    """One pump and one phone, started by the front door."""

    def __init__(self, office, folder):
        self.office, self.folder = office, pathlib.Path(folder)
        self.state = self.folder / "state.json"
        self.platform = self.folder / "platform"
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                              "android_phone.py")
        self.platform.write_text(
            f"#!/bin/sh\nexec '{sys.executable}' '{script}' '{self.state}' "
            '"$@"\n')
        self.platform.chmod(0o700)
        self.tell(Phone(office).state)
        self.run("up")

    def tell(self, state):
        self.state.write_text(json.dumps(state))

    def run(self, *words, code=0):
        said = subprocess.run(
            [os.path.join(self.office.bin, "dosegate"), *words, "--dir",
             str(self.folder)], capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL)
        assert said.returncode == code, (words, said)
        return said.stdout + said.stderr

    def ask(self, name, **request):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(20)
            line.connect(str(self.folder / name))
            line.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(line.makefile().readline())

    def status(self):
        return self.ask("gateway.sock", op="status")["status"]

    def given(self):
        return self.ask("device/bench.sock", op="ledger")["bolus_mU"]


def check(office, home, service):
    home.run("pair")
    home.run("lease", "take")
    assert home.status()["rung"] == "dose", "the bench vouches"

    # From now on the pump believes the service, and no bench.
    home.run("policy", "head", "--policy-version", "2", "--days", "30",
             "--verifier", office.path("verifier.pub"), "--simulated",
             "--out", office.path("head"))
    home.run("policy", "send", office.path("head"))
    home.run("policy", "send", office.path("head"), code=1)  # not newer
    assert home.status()["rung"] == "dose with button"
    home.run("attest", code=1)
    assert home.status()["rung"] == "dose with button"
    print("ok: a head ends what another verifier said")

    said = home.run("attest", "--service", service.url, "--platform",
                    str(home.platform))
    assert "level medium" in said, said
    assert home.status()["rung"] == "dose", home.status()
    print("ok: a known build on a real chain doses")

    # The phone's system is updated over night.
    phone = Phone(office, os_version=170000)
    home.tell(phone.state)
    said = home.run("attest")
    assert "does not know" in said, said
    status = home.status()
    assert status["rung"] == "dose with button", status
    assert "a qualified platform" in status["missing"], status
    assert "no requalification pending" in status["missing"], status
    print("ok: an unknown build needs the button; missing:",
          ", ".join(status["missing"]))

    office.write_policy(3, KNOWN + TRIAL)
    service.hang_up("policy taken (version 3)")
    said = home.run("attest")
    assert "requalify" in said, said
    status = home.status()
    assert status["rung"] == "dose with button", status
    assert "a qualified platform" not in status["missing"], status
    assert "no requalification pending" in status["missing"], status

    before = home.given()
    said = home.run("requalify", "--yes")
    assert said.count("passed") == attestd_rig.CHECKS, said
    assert home.status()["rung"] == "dose", (said, home.status())
    assert home.given() == before, "a test gave insulin"
    print("ok: requalified, and back")

    # Nobody at the display: the run fails, is shown as failed, and counts.
    said = home.run("requalify", code=2)
    assert "nobody saw" in said, said
    assert home.status()["rung"] == "dose with button", home.status()
    told = office.front("policy", "trials", "--service", service.url)
    assert "1 runs, 1 failed" in told, told
    print("ok: a run that failed costs the rung")

    # A phone with a finding is not tested, and nothing is shown of it.
    health = home.folder / "health.json"
    good = health.read_text()
    for bad, word in (
            ({"name": "clock", "text": "x", "age_s": 1}, "the wall clock"),
            ({"name": "no-such", "text": "x", "age_s": 1}, "not the domain's"),
            (None, "is not there")):
        health.unlink()
        if bad is not None:
            health.write_text(json.dumps({**json.loads(good),
                                          "findings": [bad]}))
        said = home.run("requalify", "--yes", code=1)
        assert word in said and "passed" not in said, said
    told = office.front("policy", "trials", "--service", service.url)
    assert "1 runs, 1 failed" in told, told
    health.write_text(good)
    print("ok: a phone with a finding does not requalify")

    # A platform that answers nonsense, and a service that is gone.
    good = home.platform.read_text()
    for bad, word in (("exit 3", "exit 3"), ("echo '{}'", "JSON list"),
                      ("echo '[]'", "evidence")):
        home.platform.write_text("#!/bin/sh\n" + bad + "\n")
        assert word in home.run("attest", code=1), bad
    home.platform.write_text(good)
    service.end()
    assert "is the service there" in home.run("attest", code=1)
    print("ok: platform or service gone is told, and therapy goes on")


def main():
    with tempfile.TemporaryDirectory(prefix="dgq") as folder:
        os.mkdir(folder + "/o")
        office = Office(sys.argv[1], folder + "/o")
        office.write_policy(2, KNOWN)
        service = Service(office, office.path("db"))
        os.mkdir(folder + "/h", 0o700)
        home = Home(office, folder + "/h")
        try:
            check(office, home, service)
        finally:
            home.run("down")


main()
