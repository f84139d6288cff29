#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was enough to make a product fail under fuzzing is kept beside the run
and can be sent again: it still fails there, and does not fail the reference.

usage: test_replay.py BIN
@verifies{EVL_FUZZ.2@1}
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BIN = pathlib.Path(sys.argv[1])


def run(folder, *words, code):
    done = subprocess.run(
        [BIN / "dosegate", *map(str, words), "--dir", str(folder / "state")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=90)
    assert done.returncode == code, (words, done.stdout, done.stderr)
    return done.stdout + done.stderr


def replay(folder, file, *more, code):
    return run(folder, "evaluate", "--replay", file, *more, code=code)


def find(folder):
    """A flawed product: the file, and that it is the run's."""
    out = folder / "out"
    said = run(folder, "evaluate", "--product", "flawed/number-or-crash",
               "--only", "fuzz-session", "--out", out, code=2)
    file = out / "sequences.json"
    assert f"--replay {file}" in said, said
    assert "--replay sequences.json" in (out / "report.html").read_text()
    found = json.loads(file.read_text())
    assert [one["test"] for one in found["sequences"]] == ["fuzz-session"]
    assert 1 <= len(found["sequences"][0]["steps"]) <= 4, found
    assert "valid" in run(folder, "verify", file, code=0)
    made = folder / "made"
    run(folder, "report", out / "run.dgrun", "--format", "sequences", "--out",
        made, code=0)
    assert (made / "sequences.json").read_bytes() == file.read_bytes()
    good = file.read_text()
    file.write_text(good.replace('"state": "', '"state": "x'))
    assert "altered" in run(folder, "verify", file, code=2)
    file.write_text(good)
    return file


def again(folder, file):
    before = file.read_bytes()
    files = sorted(folder.rglob("*"))
    assert "STILL FAILS" in replay(
        folder, file, "--product", "flawed/number-or-crash", code=2)
    said = replay(folder, file, code=0)
    assert "does not fail any more" in said and "another one" in said, said
    assert file.read_bytes() == before and sorted(folder.rglob("*")) == files


def with_steps(file, to, test, *steps):
    text = json.loads(file.read_text())
    text["sequences"] = [{"test": test, "why": "so", "steps": [
        dict(zip(("state", "message", "change"), step)) for step in steps]}]
    to.write_text(json.dumps(text))
    return to


def other_states(folder, file):
    """A frame before its time, from a file that a person wrote."""
    own = with_steps(file, folder / "own.json", "fuzz-handshake",
                     ("before frame 1", "frame 2", []))
    assert "STILL FAILS" in replay(
        folder, own, "--product", "flawed/early-frame-locks", code=2)
    assert "does not fail" in replay(folder, own, code=0)


def refused(folder, file):
    good = file.read_text()
    bad = folder / "bad.json"
    for text, word in (
            ("", "line"), ("[" * 5000, "line"), ("{}", "no file of sequences"),
            (good.replace('"why"', '"how"'), "nothing that is not known"),
            (good.replace('"test"', '"tests"'), "names no test"),
            (good.replace('"steps": [', '"steps": [3, '), "step 1 is none"),
            (good.replace('"fuzz-session"', '"no-test"'), "no test of the"),
            (good.replace('"fuzz-session"', '"replay"'), "no fuzzing test")):
        assert text != good, word
        bad.write_text(text)
        said = replay(folder, bad, code=1)
        assert word in said, (text[:80], said)
    bad.write_bytes(b" " * (1 << 20) + good.encode())
    replay(folder, bad, code=1)
    with_steps(file, bad, "fuzz-session", ("on the moon", "status", []))
    assert "on the moon" in replay(folder, bad, code=1)
    replay(folder, folder / "gone.json", code=1)
    replay(folder, file, "--only", "replay", code=1)
    assert "leave out" in replay(folder, file, "--out", folder / "x", code=1)
    assert not (folder / "x").exists()


def ended(folder, file):
    """Asked to end, it does, and leaves no folder with keys behind."""
    place = folder / "tmp"
    place.mkdir()
    words = [BIN / "dosegate", "evaluate", "--replay", file, "--dir",
             folder / "state", "--product", "flawed/early-frame-locks"]
    child = subprocess.Popen(
        list(map(str, words)), env=os.environ | {"TMPDIR": str(place)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    for line in child.stdout:
        if line == "\n":  # the head is out, the product is under way
            break
    assert len(list(place.iterdir())) == 1
    child.terminate()
    said = child.stdout.read()
    assert child.wait(30) == 1 and "asked to end" in said, said
    assert not list(place.iterdir()), said


def stale(folder, file):
    """A run without a finding leaves none of an earlier run."""
    run(folder, "evaluate", "--no-calibration", "--only", "passive-capture",
        "--out", file.parent, code=0)
    assert not file.exists()
    run_file = file.parent / "run.dgrun"
    said = run(folder, "report", run_file, "--format", "sequences", code=1)
    assert "no test of the run" in said, said
    said = run(folder, "report", run_file, "--format", "all", code=0)
    assert "sequences" not in said and not file.exists(), said


def main():
    with tempfile.TemporaryDirectory(prefix="dgy") as place:
        folder = pathlib.Path(place)
        file = find(folder)
        again(folder, file)
        other_states(folder, file)
        refused(folder, file)
        ended(folder, folder / "own.json")
        stale(folder, file)
    print("ok: what was enough is kept, sent again, and judged")


if __name__ == "__main__":
    main()
