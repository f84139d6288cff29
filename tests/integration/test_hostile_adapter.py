#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adapters that crash, hang, lie, flood or leave processes behind: the run says
that it could not judge, and why; it never says "pass", it ends in time and in
little memory, and nothing is left.

usage: test_hostile_adapter.py BIN
@verifies{EVL_ADAPTER.2@1}
"""
import concurrent.futures
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ADAPTER = pathlib.Path(__file__).with_name("hostile_adapter.py")
MEMORY_MAX_KB = 600 * 1024  # of a build with sanitizers, too
# Patience with those that keep us waiting, and with all others: a machine that
# is busy starts a program late.
WAITED_FOR = {"hang": 4, "late": 4, "drip": 4, "frames": 2}
PATIENCE_S = 60

# What the run's words must hold.
REASONS = {
    "crash": "ended or closed its output instead of answering \"advance\"",
    "leave": "ended or closed its output instead of answering \"advance\"",
    "close-output": "ended or closed its output",
    "hang": "did not answer \"advance\" within 4 s",
    "late": "did not answer \"advance\" within 4 s",
    "drip": "did not answer \"advance\" within 4 s",
    "flood": "wrote more than one line for one request",
    "twice": "wrote more than one line for one request",
    "endless-line": "a line longer than 65536 bytes",
    "nest": "is not a JSON object",
    "no-answer": "is not a JSON object: \"all is well\"",
    "no-ok": "has no \"ok\" that is true or false",
    "text-number": "lacks \"mU\" (whole number",
    "huge": "lacks \"mU\" (whole number",
    "falls": "moved since manufacture fell",
    "other-firmware": "says another \"firmware_digest\" than when this test "
                      "began",
    "other-product": "says another \"firmware_digest\" than when the run began",
    "other-caps": "declares another \"caps\" than when the run began",
    "fork-away": "left processes behind",
}
# These never come to an evaluation: what they must be told, on stderr.
REFUSED = {
    "contract-2": "speaks version 2 of the contract and this evaluator "
                  "version 1",
    "stays": "did not end when its input ended",
}


def start(programs, folder, mode):
    adapter = folder / mode
    adapter.symlink_to(ADAPTER)
    own = os.environ | {"DG_LEFT": str(folder / (mode + ".pid"))}
    return subprocess.Popen(
        [programs + "/dosegate", "evaluate", "--adapter", str(adapter),
         "--test", "replay", "--no-calibration", "--patience",
         str(WAITED_FOR.get(mode, PATIENCE_S)), "--out", str(folder / ("out-" + mode)),
         "--dir", str(folder / "lab")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, env=own)


def judge(programs, folder, mode):
    began = time.monotonic()
    run = start(programs, folder, mode)
    words = run.stdout.read()
    _, status, used = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    assert took < 60, f"{mode}: took {took:.0f} s"
    assert used.ru_maxrss < MEMORY_MAX_KB, f"{mode}: {used.ru_maxrss} KiB"
    return run.returncode, words


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


def killed_evaluator(programs, folder):
    """Who kills the evaluator leaves no adapter behind, either."""
    run = start(programs, folder, "hang")
    adapters = []
    for _ in range(300):
        adapters = [int(entry.name) for entry in pathlib.Path("/proc").iterdir()
                    if entry.name.isdigit() and str(folder / "hang").encode()
                    in command_of(entry)]
        if len(adapters) >= 1:
            break
        time.sleep(0.02)
    adapters = [pid for pid in adapters if pid != run.pid]
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    for _ in range(250):
        if not any(is_running(pid) for pid in adapters):
            return
        time.sleep(0.02)
    raise AssertionError(f"adapters live on: {adapters}")


def command_of(entry):
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:
        return b""


def main():
    programs = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dgx") as place:
        folder = pathlib.Path(place)
        # The laboratory's key is made once, before many want it.
        code, words = judge(programs, folder, "honest")
        assert code == 0 and "passed the one test" in words, words
        # Alone: it takes all of both processors, and the bound is on this run.
        code, words = judge(programs, folder, "frames")
        assert code in (0, 1), words
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            # Those that wait longest first.
            runs = {mode: pool.submit(judge, programs, folder, mode)
                    for mode in [*REFUSED, "noisy", *REASONS]}
        for mode, run in runs.items():
            code, words = run.result()
            if mode == "noisy":
                assert code in (0, 1), (mode, words)
                continue
            reason = REASONS.get(mode, REFUSED.get(mode))
            assert code == 1, f"{mode}: exit {code}: {words}"
            assert reason in words, f"{mode}: {words}"
            assert " pass " not in words, f"{mode}: {words}"
            print(f"ok: {mode}: {reason}")
        left = int((folder / "fork-away.pid").read_text())
        assert not is_running(left), "a grandchild lives on"
        (folder / "hang").unlink()
        killed_evaluator(programs, folder)
    print("ok: nothing is left behind")


if __name__ == "__main__":
    main()
