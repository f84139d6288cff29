#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A product may not set its own pass mark: an adapter that declares caps far
above what the profile allows fails, whatever else it does.

usage: test_declared_caps.py BIN
@verifies{EVL_VERDICT.1@1}
"""
import pathlib
import subprocess
import sys
import tempfile

# Stands between the evaluator and the real adapter; every cap becomes 300 U.
BOASTER = """#!%s
import json, subprocess, sys
real = subprocess.Popen([%r] + sys.argv[1:], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, text=True)
for line in sys.stdin:
    real.stdin.write(line)
    real.stdin.flush()
    answer = json.loads(real.stdout.readline())
    if %r:
        for caps in answer.get("caps", {}).values():
            for name in caps:
                caps[name] = 300000
    print(json.dumps(answer), flush=True)
real.stdin.close()
real.wait()
"""


def evaluate(programs, folder, boasts):
    adapter = folder / ("boaster" if boasts else "honest")
    adapter.write_text(BOASTER % (sys.executable, programs +
                                  "/dosegate-adapter-device", boasts))
    adapter.chmod(0o755)
    return subprocess.run(
        [programs + "/dosegate", "evaluate", "--adapter", str(adapter),
         "--test", "overdose-at-once", "--no-calibration", "--out",
         str(folder / "out"), "--dir", str(folder / "lab")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)


def main():
    with tempfile.TemporaryDirectory(prefix="dgx") as place:
        folder = pathlib.Path(place)
        honest = evaluate(sys.argv[1], folder, False)
        assert honest.returncode == 0, honest.stdout + honest.stderr
        boaster = evaluate(sys.argv[1], folder, True)
        assert boaster.returncode == 2, boaster.stdout + boaster.stderr
        assert "the profile allows" in boaster.stdout, boaster.stdout
        print("ok: the same product passes, and fails when it boasts")


if __name__ == "__main__":
    main()
