#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The glucagon chamber of the virtual pump as a process: a rescue dose by its
own button, by nobody else, once within its interval, and over kills.

usage: test_device_glucagon.py BIN    (the folder with dosegate-device)
@verifies{FDP_GLUCAGON.4@1}
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

RESCUE_UG = 1000  # of an adult


class Pump:
    def __init__(self, program, folder, *options):
        self.process = subprocess.Popen(
            [program, "--dir", folder, "--clock", "driven", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.line = socket.socket(socket.AF_UNIX)
        self.line.settimeout(20)
        self.line.connect(ready["bench"])
        self.answers = self.line.makefile()

    def ask(self, **request):
        self.line.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(self.answers.readline())

    def must(self, **request):
        answer = self.ask(**request)
        assert answer["ok"], (request, answer)
        return answer

    def given(self):
        """What the chamber moved; the ledger must know at least as much."""
        answer = self.must(op="glucagon")
        assert answer["ledger_ug"] >= answer["ug"], answer
        assert answer["ug"] + answer["left_ug"] == 3000, answer
        return answer["ug"]

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(timeout=20)
        self.answers.close()
        self.line.close()
        self.process.stdout.close()


def check_none(program, folder):
    """A pump without a chamber has nothing that could move."""
    pump = Pump(program, folder, "--provision", "adult")
    assert not pump.ask(op="press", button="rescue")["ok"]
    assert pump.must(op="glucagon") == {
        "ok": True, "ug": 0, "ledger_ug": 0, "left_ug": 0}
    pump.end()
    print("ok: no chamber")


def check_rescue(program, folder):
    pump = Pump(program, folder, "--provision", "adult", "--glucagon", "asked")
    pump.must(op="advance", s=600)
    assert pump.given() == 0
    # Announced, and not confirmed: it lapses.
    pump.must(op="press", button="rescue")
    assert pump.must(op="display")["announced_ug"] == RESCUE_UG
    pump.must(op="advance", s=60)
    assert pump.must(op="display")["announced_ug"] == 0
    assert not pump.ask(op="press", button="confirm")["ok"]
    assert pump.given() == 0
    print("ok: a rescue that nobody confirms lapses")

    pump.must(op="press", button="rescue")
    pump.must(op="press", button="confirm")
    pump.must(op="advance", s=600)
    assert pump.given() == RESCUE_UG
    assert not pump.ask(op="press", button="rescue")["ok"]
    print("ok: one rescue dose, and no second one at once")

    pump.end(signal.SIGKILL)
    pump = Pump(program, folder)
    assert pump.given() == RESCUE_UG
    assert not pump.ask(op="press", button="rescue")["ok"]
    pump.must(op="advance", s=1200)
    pump.must(op="press", button="rescue")
    pump.must(op="press", button="confirm")
    pump.must(op="advance", s=5)
    # The power goes while it runs: never more than the two, and what was
    # announced counts.
    pump.end(signal.SIGKILL)
    pump = Pump(program, folder)
    pump.must(op="advance", s=1200)
    assert RESCUE_UG <= pump.given() <= 2 * RESCUE_UG
    assert pump.must(op="glucagon")["ledger_ug"] == pump.given()
    print("ok: kills double nothing and forget nothing")
    pump.end()


def check_blocked(program, folder):
    pump = Pump(program, folder, "--provision", "child", "--glucagon",
                "rescue")
    pump.must(op="advance", s=600)
    pump.must(op="block_chamber", on=True)
    pump.must(op="press", button="rescue")
    pump.must(op="press", button="confirm")
    pump.must(op="advance", s=600)
    assert pump.given() == 0
    basal = pump.must(op="delivered")["mU"]
    assert pump.must(op="alarms")["alarms"], "nobody was told"
    pump.must(op="advance", s=3600)
    assert pump.must(op="delivered")["mU"] > basal
    print("ok: a blocked chamber is told, and basal goes on")
    pump.end()


def main():
    program = os.path.join(sys.argv[1], "dosegate-device")
    said = subprocess.run(
        [program, "--dir", "x", "--glucagon", "some"], capture_output=True,
        text=True, timeout=10, stdin=subprocess.DEVNULL)
    assert said.returncode == 1 and "--glucagon: some" in said.stderr, said
    assert not pathlib.Path("x").exists()
    for check in (check_none, check_rescue, check_blocked):
        with tempfile.TemporaryDirectory(prefix="dgg") as folder:
            check(program, os.path.join(folder, "pump"))


main()
