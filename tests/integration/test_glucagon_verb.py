#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Glucagon by a person at the phone, from the front door to the chamber: real
processes, and what the mechanism of the pump counts.

usage: test_glucagon_verb.py BIN
@verifies{FDP_GLUCAGON.1@1}
"""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time


class Pump:
    """A pump and a phone in one folder."""

    def __init__(self, programs, folder, *options):
        self.program = pathlib.Path(programs, "dosegate")
        self.folder = pathlib.Path(folder)
        self.run("up", *options)
        self.run("pair")

    def run(self, *words, code=0):
        said = subprocess.run(
            [self.program, *words, "--dir", self.folder], text=True,
            capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        assert said.returncode == code, (words, said)
        return said.stdout + said.stderr

    def bench(self, **request):
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(20)
            line.connect(str(self.folder / "device" / "bench.sock"))
            line.sendall(json.dumps(request).encode() + b"\n")
            return json.loads(line.makefile().readline())

    def wait_announced(self, ug):
        for _ in range(400):
            if self.bench(op="display")["announced_ug"] == ug:
                return
            time.sleep(0.05)
        raise AssertionError("the pump announced nothing")


def one_dose(pump):
    asking = subprocess.Popen(
        [pump.program, "glucagon", "0.10", "--yes", "--dir", pump.folder],
        stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    pump.wait_announced(100)
    assert pump.bench(op="press", button="confirm")["ok"]
    said, _ = asking.communicate(timeout=60)
    assert asking.returncode == 0, said
    assert "GLUCAGON 0.10 mg, which raises glucose" in said, said
    assert "Outcome: 0.10 mg, delivered." in said, said
    given = pump.bench(op="glucagon")
    assert given["ug"] == 100, given
    status = json.loads(pump.run("status", "--json"))["status"]
    assert status["glucagon"]["last_dose"]["delivered_ug"] == 100, status
    assert status["glucagon"]["total_ug"] == 100, status
    assert status["last_dose"] is None, status
    assert "0.10 mg of 0.10 mg of glucagon" in pump.run("status")


def main():
    with tempfile.TemporaryDirectory(prefix="dg") as folder:
        pump = Pump(sys.argv[1], pathlib.Path(folder, "a"),
                    "--glucagon", "asked")
        try:
            # A slip of the decimal sign is no dose.
            for wrong in ("10", ".1", "0,1,0", "0.001", "0.1mg"):
                pump.run("glucagon", wrong, "--yes", code=1)
            one_dose(pump)
            # A minute later is too soon: the pump says so, and gives nothing.
            said = pump.run("glucagon", "0.10", "--yes", code=1)
            assert "E8" in said, said
            assert pump.bench(op="glucagon")["ug"] == 100
        finally:
            pump.run("down")
        other = Pump(sys.argv[1], pathlib.Path(folder, "b"))
        try:
            said = other.run("glucagon", "0.10", "--yes", code=1)
            assert "E8" in said, said
            assert "glucagon" not in other.run("status")
        finally:
            other.run("down")
    print("glucagon from the phone: given once, counted by its own ledger")


main()
