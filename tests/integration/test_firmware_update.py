#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Update the real dosegate-device over its link: a good release, one that
crashes, one that is faulty, one below the counter, a forged one; and cut the
power in the middle of everything.

usage: test_firmware_update.py BIN    (the folder with dosegate-adapter-device)
@verifies{FPT_TUD.1@1}
@verifies{FPT_TUD.2@1}
@verifies{FPT_TUD.3@1}
"""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile

TRIAL_S = 600
BASAL_MU_PER_H = 1267
PULSE_MU = 50


class Bench:
    """The reference adapter, and the maker's hands behind it."""

    def __init__(self, programs, folder):
        self.folder = pathlib.Path(folder)
        self.process = subprocess.Popen(
            [programs + "/dosegate-adapter-device", "--bin", programs,
             "--dir", folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.link = self.must(op="start", unit="x", person="adult")["link"]
        self.hours = 0
        self.must(op="phone_start", phone="a", kind="bare", via=self.link)
        self.must(op="pair", phone="a", unit="x", role="owner", presence=True)
        self.connect()

    def must(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer.get("ok"), (request, answer)
        return answer

    def connect(self):
        answer = self.must(op="phone", phone="a", do="connect")
        assert answer["result"] == "status", answer

    def maker(self, **request):
        """Straight to the pump's bench: what an evaluator has no hands for."""
        path = next(self.folder.glob("**/bench.sock"))
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(20)
            line.connect(str(path))
            line.sendall(json.dumps(request).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                part = line.recv(4096)
                assert part, "the pump's bench has gone"
                answer += part
        answer = json.loads(answer)
        assert answer.get("ok"), (request, answer)
        return answer

    def release(self, sequence, counter, kind="good", size=20000):
        self.maker(op="release", sequence=sequence, counter=counter,
                   kind=kind, size=size)
        manifest = next(self.folder.glob(f"**/release-{sequence}.manifest"))
        return {"manifest": str(manifest),
                "image": str(manifest.with_suffix(".image"))}

    def carry(self, files, **more):
        return self.must(op="phone", phone="a", do="update", **files, **more)

    def firmware(self):
        return self.maker(op="firmware")

    def pass_time(self, seconds):
        self.must(op="advance", unit="x", s=seconds)

    def install(self, files):
        answer = self.carry(files, apply=True)
        assert answer["result"] == "waiting", answer
        self.must(op="press", unit="x", button="confirm")
        # The reset happens between two lines of the bench.
        self.pass_time(1)
        self.connect()

    def power_cycle(self):
        self.must(op="power_cut", unit="x")
        self.must(op="power_on", unit="x")

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


def check_good(bench):
    assert bench.firmware()["sequence"] == 1
    files = bench.release(2, 3)
    answer = bench.carry(files, apply=True)
    assert answer["result"] == "waiting", answer
    assert bench.firmware()["announced"] == 2
    # Nobody presses: nothing happens.
    bench.pass_time(121)
    assert bench.firmware()["announced"] == 0
    assert bench.firmware()["sequence"] == 1
    bench.install(files)
    now = bench.firmware()
    assert now["sequence"] == 2 and now["trial"], now
    assert now["counter"] == 1, now
    bench.pass_time(TRIAL_S + 1)
    now = bench.firmware()
    assert now["sequence"] == 2 and not now["trial"], now
    assert now["counter"] == 3 and now["last"] == "confirmed", now
    print("ok: a good release is on trial, then confirmed")


def check_crash(bench):
    bench.install(bench.release(3, 3, kind="crash"))
    now = bench.firmware()
    assert now["sequence"] == 2 and now["last"] == "tired", now
    alarms = bench.must(op="alarms", unit="x")["alarms"]
    assert any("update failed" in alarm for alarm in alarms), alarms
    print("ok: a release that crashes is rolled back")


def check_faulty(bench):
    bench.install(bench.release(4, 3, kind="faulty"))
    assert bench.firmware()["sequence"] == 4
    bench.pass_time(TRIAL_S + 1)
    bench.pass_time(1)
    now = bench.firmware()
    assert now["sequence"] == 2 and now["last"] == "rejected", now
    bench.connect()
    print("ok: a release that fails its self-test is rolled back")


def check_refused(bench):
    answer = bench.carry(bench.release(5, 2))
    assert answer["result"] == "idle" and answer["why"] == 6, answer
    answer = bench.carry(bench.release(2, 3))
    assert answer["why"] == 5, answer
    files = bench.release(6, 3)
    manifest = pathlib.Path(files["manifest"])
    forged = bytearray(manifest.read_bytes())
    forged[-1] ^= 1
    manifest.write_bytes(forged)
    assert bench.carry(files)["why"] == 3
    files = bench.release(6, 3)
    image = pathlib.Path(files["image"])
    forged = bytearray(image.read_bytes())
    forged[12345] ^= 1
    image.write_bytes(forged)
    answer = bench.carry(files)
    assert answer["result"] == "idle" and answer["why"] == 11, answer
    assert bench.firmware()["sequence"] == 2
    print("ok: below the counter, older, forged manifest, forged image")


def check_cuts(bench):
    """Power goes in the n-th write of the download and of the arming."""
    files = bench.release(7, 3, size=9000)
    for writes in (1, 2, 3, 4, 20, 5, 1):
        bench.maker(op="cut_images", writes=writes)
        answer = bench.carry(files)
        assert answer["result"] == "silent", (writes, answer)
        bench.power_cycle()
        assert bench.firmware()["sequence"] == 2, writes
        bench.connect()
    bench.carry(files, apply=True)
    bench.maker(op="cut_images", writes=1)
    try:
        bench.must(op="press", unit="x", button="confirm")
    except (AssertionError, ValueError):
        pass
    bench.power_cycle()
    assert bench.firmware()["sequence"] == 2
    bench.connect()
    bench.install(files)
    assert bench.firmware()["sequence"] == 7
    # Power lost while on trial spends a try, and no more than that.
    bench.power_cycle()
    assert bench.firmware()["trial"]
    bench.pass_time(TRIAL_S + 1)
    assert not bench.firmware()["trial"]
    print("ok: a download goes on after each cut, a trial too")


def main():
    programs = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(programs, folder)
        check_good(bench)
        check_crash(bench)
        check_faulty(bench)
        check_refused(bench)
        check_cuts(bench)
        # Hours of the schedule that passed, and what was delivered of them.
        before = bench.must(op="delivered", unit="x")["mU"]
        bench.pass_time(7200)
        after = bench.must(op="delivered", unit="x")["mU"]
        assert abs((after - before) - 2 * BASAL_MU_PER_H) <= PULSE_MU
        print("ok: basal is as before")
        bench.end()


if __name__ == "__main__":
    main()
