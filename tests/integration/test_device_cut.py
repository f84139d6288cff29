#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill the real dosegate-device at every flash write of a dose, and at moments
in between, and see that nothing is delivered twice and nothing forgotten.

usage: test_device_cut.py BIN    (the folder with dosegate-adapter-device)
@verifies{FDP_LEDGER.2@1}
@verifies{FDP_DOSE.1@1}
"""
import json
import subprocess
import sys
import tempfile

DOSE_MU = 1000
PULSE_MU = 50


class Bench:
    """The reference adapter, spoken to as an evaluator does."""

    def __init__(self, programs, folder):
        self.process = subprocess.Popen(
            [programs + "/dosegate-adapter-device", "--bin", programs,
             "--dir", folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the adapter has gone"
        return json.loads(line)

    def must(self, **request):
        answer = self.ask(**request)
        assert answer.get("ok"), (request, answer)
        return answer

    def moved(self):
        return self.must(op="delivered", unit="x")["mU"]

    def phone(self, do, **more):
        return self.must(op="phone", phone="a", do=do, **more)

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


def fresh(programs, folder):
    bench = Bench(programs, folder)
    link = bench.must(op="start", unit="x", person="adult")["link"]
    bench.must(op="phone_start", phone="a", kind="bare", via=link)
    bench.must(op="pair", phone="a", unit="x", role="owner", presence=True)
    assert bench.phone("connect")["result"] == "status"
    assert bench.phone("lease")["result"] == "status"
    return bench


def is_gone(answer):
    """After a cut the bench of the pump no longer answers."""
    return not answer.get("ok")


def check_after(bench, before, what):
    bench.ask(op="power_cut", unit="x")
    bench.must(op="power_on", unit="x")
    at_boot = bench.moved()
    assert bench.phone("connect")["result"] == "status", what
    status = bench.phone("status")["status"]
    told = status["bolus_total_mU"] + status["basal_total_mU"]
    assert told == at_boot, (what, "ledger and mechanism differ", told,
                             at_boot)
    assert at_boot - before <= DOSE_MU + PULSE_MU, (what, "more than the dose")
    # The same commit once more: whatever became of the ticket, nothing comes.
    again = bench.phone("commit", sign="valid")
    assert again["result"] in ("already", "refused", "no_ticket"), (what, again)
    bench.must(op="advance", unit="x", s=30)
    later = bench.moved()
    assert later - at_boot <= PULSE_MU, (what, "delivered after the cut",
                                         at_boot, later)
    return at_boot - before, status["outcome"]


def cut_at_write(programs, write):
    """Power goes in the middle of the n-th flash write after the proposal."""
    with tempfile.TemporaryDirectory(prefix="dgc") as folder:
        bench = fresh(programs, folder)
        before = bench.moved()
        assert bench.phone("propose", mU=DOSE_MU,
                           tier="confirmed")["result"] == "ticket"
        bench.must(op="cut", unit="x", writes=write)
        bench.phone("commit", sign="valid")
        # Time passes while it delivers; the cut may come here.
        reached_end = True
        for _ in range(8):
            if is_gone(bench.ask(op="advance", unit="x", s=10)):
                reached_end = False
                break
        got, outcome = check_after(bench, before, f"cut in write {write}")
        bench.end()
        return reached_end, got, outcome


def kill_after(programs, seconds):
    with tempfile.TemporaryDirectory(prefix="dgk") as folder:
        bench = fresh(programs, folder)
        before = bench.moved()
        assert bench.phone("bolus", mU=DOSE_MU, tier="confirmed",
                           sign="valid")["result"] == "accepted"
        if seconds:
            bench.must(op="advance", unit="x", s=seconds)
        got, outcome = check_after(bench, before, f"kill after {seconds} s")
        assert outcome in ("uncertain", "delivered"), (seconds, outcome)
        bench.end()
        return got, outcome


def run_dry(programs):
    """An empty reservoir moves nothing, is told, and the ledger knows."""
    with tempfile.TemporaryDirectory(prefix="dgd") as folder:
        bench = fresh(programs, folder)
        for _ in range(8):
            bench.must(op="advance", unit="x", s=86400)
        assert bench.moved() == 200000, bench.moved()
        alarms = bench.must(op="alarms", unit="x")["alarms"]
        assert "reservoir empty" in alarms, alarms
        bench.ask(op="power_cut", unit="x")
        bench.must(op="power_on", unit="x")
        assert bench.phone("connect")["result"] == "status"
        status = bench.phone("status")["status"]
        assert status["basal_total_mU"] == 200000, status
        bench.phone("lease")
        refused = bench.phone("propose", mU=DOSE_MU, tier="confirmed")
        assert refused["result"] == "refused", refused
        print("run dry: 200 U moved, alarm sounds, no dose is promised")
        bench.end()


def main():
    programs = sys.argv[1]
    for write in range(1, 40):
        reached_end, got, outcome = cut_at_write(programs, write)
        print(f"cut in write {write:2}: {got:4} mU moved, then \"{outcome}\"")
        if reached_end:
            break
    else:
        sys.exit("the dose never got through: the cut points do not end")
    assert write > 2, "no flash write was cut at all"
    run_dry(programs)
    for seconds in (0, 1, 2, 3, 7, 20, 38, 39, 60):
        got, outcome = kill_after(programs, seconds)
        print(f"SIGKILL after {seconds:2} s: {got:4} mU moved, then "
              f"\"{outcome}\"")


if __name__ == "__main__":
    main()
