#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What only a board can show: resets by the emulator's own button in the middle
of a dose, power cuts that leave nothing, half or all of a flash operation, and
that the processor never faulted.

usage: test_firmware.py BIN    (the folder that tools/build-firmware laid out)
@verifies{FPT_FIRMWARE.2@1}
@verifies{FDP_LEDGER.2@1}
"""
import json
import os
import pathlib
import socket
import sys
import tempfile
import time

import test_device_cut as cut


def qmp(path, *commands):
    """Say commands to the emulator."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(20)
        door.connect(path)
        words = door.makefile("rw")

        def answer():
            while True:
                line = json.loads(words.readline())
                if "event" not in line:
                    return line

        assert "QMP" in answer()
        for command in ("qmp_capabilities", *commands):
            words.write(json.dumps({"execute": command}) + "\n")
            words.flush()
            assert "return" in answer(), command


def wait_for_bench(bench):
    """After a reset the bench answers again, on the same sockets."""
    for _ in range(100):
        answer = bench.ask(op="delivered", unit="x")
        if answer.get("ok"):
            return answer["mU"]
        time.sleep(0.1)
    raise AssertionError("the board did not come back")


def log_of(folder):
    return pathlib.Path(folder, "unit-x", "log.txt").read_text()


def reset_in_a_dose(programs, seconds):
    with tempfile.TemporaryDirectory(prefix="dgr") as folder:
        os.environ["DG_FIRMWARE_QMP"] = folder + "/qmp.sock"
        bench = cut.fresh(programs, folder)
        before = bench.moved()
        assert bench.phone("bolus", mU=cut.DOSE_MU, tier="confirmed",
                           sign="valid")["result"] == "accepted"
        bench.must(op="advance", unit="x", s=seconds)
        moved = bench.moved()
        qmp(folder + "/qmp.sock", "system_reset")
        time.sleep(0.3)
        assert wait_for_bench(bench) == moved, "a reset moved the mechanism"
        assert bench.phone("connect")["result"] == "status"
        status = bench.phone("status")["status"]
        assert status["outcome"] == "uncertain", status
        assert status["bolus_total_mU"] + status["basal_total_mU"] == moved
        bench.must(op="advance", unit="x", s=60)
        assert bench.moved() - moved <= cut.PULSE_MU, "delivered after a reset"
        assert "fault" not in log_of(folder), log_of(folder)
        bench.end()
        del os.environ["DG_FIRMWARE_QMP"]
        print(f"reset after {seconds:2} s: {moved - before} mU moved, "
              "then uncertain")


def cut_in_part(programs, write, part):
    """The n-th flash write of a dose is cut with @part of it done."""
    with tempfile.TemporaryDirectory(prefix="dgc") as folder:
        bench = cut.fresh(programs, folder)
        before = bench.moved()
        assert bench.phone("propose", mU=cut.DOSE_MU,
                           tier="confirmed")["result"] == "ticket"
        bench.must(op="cut", unit="x", writes=write, part=part)
        bench.phone("commit", sign="valid")
        reached_end = True
        for _ in range(8):
            if cut.is_gone(bench.ask(op="advance", unit="x", s=10)):
                reached_end = False
                break
        got, outcome = cut.check_after(bench, before,
                                       f"{part} of write {write}")
        bench.end()
        return reached_end, got, outcome


def cuts(programs):
    for part in ("nothing", "half", "all"):
        for write in range(1, 40):
            reached_end, got, outcome = cut_in_part(programs, write, part)
            print(f"cut in write {write}, {part:7} of it done: {got:4} mU "
                  f"moved, then \"{outcome}\"")
            if reached_end:
                break
        else:
            sys.exit("the dose never got through: the cuts do not end")
        assert write > 2, "no flash write was cut at all"


def day_of_basal(programs):
    """T4 on the board: the schedule to within one pulse."""
    with tempfile.TemporaryDirectory(prefix="dgt") as folder:
        bench = cut.fresh(programs, folder)
        bench.must(op="advance", unit="x", s=7200)
        first = bench.moved()
        bench.must(op="advance", unit="x", s=86400)
        day = bench.moved() - first
        # 24 h of 1.267 U/h, to within one pulse (T4).
        assert abs(day - 30408) <= cut.PULSE_MU, day
        assert "fault" not in log_of(folder), log_of(folder)
        bench.end()
        print(f"a day of basal: {day} mU")


def main():
    programs = sys.argv[1]
    for seconds in (1, 7, 20):
        reset_in_a_dose(programs, seconds)
    cuts(programs)
    day_of_basal(programs)


if __name__ == "__main__":
    main()
