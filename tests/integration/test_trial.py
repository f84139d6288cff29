#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: test_trial.py BIN SPEC

`dosegate trial` as people use it: results that repeat byte by byte, shards put
together in any order, a run killed at any moment that goes on, four ranks under
Open MPI, and every wrong word answered with what to do.
@verifies{PAT_TRIAL.1@1}
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BIN = pathlib.Path(sys.argv[1])
SPEC = pathlib.Path(sys.argv[2])
LIMIT_S = 240
FILES = ("results.csv", "results.json", "manifest.json", "report.html",
         "report.pdf", "worst-1.csv")


def trial(*words, code=0):
    """Run the verb; its output, after a check of its exit code."""
    done = subprocess.run([BIN / "dosegate", "trial", *map(str, words)],
                          capture_output=True, text=True, timeout=LIMIT_S,
                          env={**os.environ, "DOSEGATE_SPEC": str(SPEC)})
    assert done.returncode == code, (words, done.returncode, done.stderr)
    return done.stdout + done.stderr


def assert_same(first, second, what):
    for name in FILES:
        one, two = (first / name).read_bytes(), (second / name).read_bytes()
        assert one == two, f"{what}: {name} differs"


def test_the_manifest_repeats_it(folder):
    trial("run", "quick", "--out", folder / "whole")
    trial("run", folder / "whole" / "manifest.json", "--out", folder / "again",
          "--threads", 1)
    assert_same(folder / "whole", folder / "again", "the manifest")
    manifest = json.loads((folder / "whole" / "manifest.json").read_text())
    manifest["digests"] = ["0" * 64]
    other = folder / "other.json"
    other.write_text(json.dumps(manifest))
    said = trial("run", other, "--out", folder / "other", code=1)
    assert "another version" in said, said


def test_instructions_change_nothing(folder):
    trial("run", "quick", "--out", folder / "sse2", "--isa", "sse2")
    assert_same(folder / "whole", folder / "sse2", "sse2")


def test_shards_merge_in_any_order(folder):
    trial("run", "quick", "--people", 300, "--out", folder / "all")
    parts = []
    for shard in (1, 2, 3):
        trial("run", "quick", "--people", 300, "--out", folder / "parts",
              "--shard", f"{shard}/3")
        parts.append(folder / "parts" / f"wilinska2010.{shard}-of-3.part")
    random.Random(1).shuffle(parts)
    for order in (parts, parts[::-1]):
        shutil.rmtree(folder / "merged", ignore_errors=True)
        trial("merge", "quick", "--people", 300, "--out", folder / "merged",
              *order)
        assert_same(folder / "all", folder / "merged", "merge")
    words = ("merge", "quick", "--people", 300, "--out", folder / "merged")
    said = trial(*words, *parts[:2], code=1)
    assert "missing" in said, said
    said = trial(*words, *parts, parts[0], code=1)
    assert "another part already" in said, said
    said = trial("merge", "quick", "--people", 301, "--out", folder / "merged",
                 *parts, code=1)
    assert "another trial" in said, said
    damaged = bytearray(parts[0].read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / "damaged.part").write_bytes(damaged)
    said = trial(*words, folder / "damaged.part", code=1)
    assert "damaged" in said, said


def test_a_kill_at_any_moment_loses_nobody(folder):
    words = ["run", "quick", "--people", "600", "--threads", "1"]
    trial(*words, "--out", folder / "long")
    killed = 0
    dice = random.Random(7)
    command = [BIN / "dosegate", "trial", *words, "--out", folder / "killed"]
    environment = {**os.environ, "DOSEGATE_SPEC": str(SPEC)}
    for _ in range(6):
        process = subprocess.Popen(command, env=environment,
                                   stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.02, 0.6))
        process.send_signal(dice.choice([signal.SIGKILL, signal.SIGTERM]))
        killed += process.wait(timeout=LIMIT_S) != 0
    trial(*words, "--out", folder / "killed")
    assert killed > 0, "nothing was killed in time"
    assert_same(folder / "long", folder / "killed", "after kills")


def test_ones_own_controller(folder):
    program = f"python3 {SPEC.parent / 'examples' / 'controller.py'}"
    words = ("run", "quick", "--people", 8, "--program")
    said = trial(*words, program, "--out", folder / "own")
    assert "8 people" in said, said
    # Answers nonsense in the middle of the day: nobody of them counts.
    broken = folder / "broken.py"
    broken.write_text("import sys\n"
                      "for line in sys.stdin:\n"
                      "    start = '\"start\"' in line\n"
                      "    count = 0 if start else count + 1\n"
                      "    print('{\"ready\":true}' if start else\n"
                      "          'what?' if count == 100 else '{}',\n"
                      "          flush=True)\n")
    said = trial(*words, f"python3 {broken}", "--out", folder / "broken")
    assert "whose controller failed" in said, said
    assert "is left out: controller plugin: " in said, said
    assert "nan" not in said, said
    cells = json.loads((folder / "broken" / "results.json").read_text())
    assert all(cell["people"] == 0 and cell["dropped"] == 8
               for cell in cells["models"][0]["cells"]), "somebody counted"
    said = trial(*words, "/no/such/program", "--out", folder / "none", code=1)
    assert "cannot be a controller" in said, said


def test_four_ranks(folder):
    program = BIN / "dosegate-trial-mpi"
    if not program.exists() or not shutil.which("mpirun"):
        print("skipped: no Open MPI here")
        return
    ranks = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "4",
             program, "quick", folder / "ranks"]
    done = subprocess.run(ranks, capture_output=True, text=True,
                          timeout=LIMIT_S,
                          # Open MPI keeps memory that nobody asked us about.
                          env={**os.environ, "DOSEGATE_SPEC": str(SPEC),
                               "ASAN_OPTIONS": "detect_leaks=0"})
    assert done.returncode == 0, done.stderr
    assert_same(folder / "whole", folder / "ranks", "four ranks")


def test_wrong_words_are_answered(folder):
    bad = folder / "bad.yaml"
    bad.write_text((SPEC / "trials" / "quick.yaml").read_text()
                   .replace("people: 64", "poeple: 64"))
    for words, says in (
            (("run",), "which trial"),
            (("run", "nothing-like-it"), "nothing-like-it.yaml"),
            (("run", bad), "bad.yaml:"),
            (("run", "quick", "--people", "0"), "1 to"),
            (("run", "quick", "--people", "2x"), "2x"),
            (("run", "quick", "--shard", "3/2"), "--shard"),
            (("run", "quick", "--isa", "mmx"), "sse2, avx2"),
            (("run", "quick", "--controller", "hal"), "hal"),
            (("run", "quick", "--out", "/proc/nowhere"), "/proc/nowhere"),
            (("merge", "quick"), "needs the parts"),
            (("fly",), "--help")):
        said = trial(*words, code=1)
        assert says in said, (words, said)


def test_lists(_folder):
    said = trial("list")
    for path in (SPEC / "trials").glob("*.yaml"):
        assert path.stem in said, path.stem
        assert path.stem in trial("show", path.stem)
    assert "patient-days/s" in trial("run", "quick", "--dry-run")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for check, run in list(globals().items()):
            if check.startswith("test_"):
                print(check, flush=True)
                run(folder)
    print("all passed")


if __name__ == "__main__":
    main()
