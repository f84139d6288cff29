#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A run that is killed, or whose disk fills up, loses at most the tests that
were running; a run that goes on ends as one that was never disturbed; what
does not repeat is no verdict; what is expected does not hide what is new.

usage: test_runs.py BIN
@verifies{EVL_COMPARE.1@1} @verifies{EVL_RESUME.1@1} @verifies{EVL_SECOND.1@1} @verifies{EVL_EXPECT.1@1} @verifies{EVL_RUN.2@1}
"""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BIN = sys.argv[1]
TESTS = "low-and-slow,old-keys,power-cut,replay,second-controller"

# Stands between the evaluator and the real adapter; while a file named "leak"
# lies beside it, the mechanism moves more each time somebody looks at it in the
# first test of a run.
ADAPTER = """#!%s
import json, os, subprocess, sys
real = subprocess.Popen([%r] + sys.argv[1:], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, text=True)
leaked = 0
for line in sys.stdin:
    real.stdin.write(line)
    real.stdin.flush()
    answer = json.loads(real.stdout.readline())
    if "mU" in answer and sys.argv[-1].endswith("/0") and os.path.exists(%r):
        leaked += 50000
        answer["mU"] += leaked
    if os.path.exists(%r) and "firmware_digest" in answer:
        answer["firmware_digest"] = "ff" * 32
    if os.path.exists(%r) and "caps" in answer:
        answer["caps"]["total"]["24h_mU"] += 1
    if os.path.exists(%r) and "firmware_digest" in answer:
        answer["features"] = []
    print(json.dumps(answer), flush=True)
real.stdin.close()
real.wait()
"""


def cbor(data, at=0):
    """One item of deterministic CBOR and where the next begins."""
    major, small = data[at] >> 5, data[at] & 31
    at += 1
    if small >= 24:
        size = 1 << (small - 24)
        small = int.from_bytes(data[at:at + size], "big")
        at += size
    if major in (0, 1):
        return (small if major == 0 else -1 - small), at
    if major in (2, 3):
        piece = data[at:at + small]
        return (piece if major == 2 else piece.decode()), at + small
    if major in (4, 5):
        items = []
        for _ in range(small * (major - 3)):
            item, at = cbor(data, at)
            items.append(item)
        return (items if major == 4 else
                dict(zip(items[::2], items[1::2]))), at
    if major == 6:
        return cbor(data, at)
    return {20: False, 21: True, 22: None}[small], at


def sections(path):
    """Name of each section of a run file -> its bytes, in order."""
    data = path.read_bytes()
    message, at = cbor(data)
    found = {}
    for name, size, _ in cbor(message[2])[0][4]:
        found[name] = data[at:at + size]
        at += size
    return found


VERDICT = 8  # of the fields of a test, from 0


def verdicts(path):
    return {name: cbor(data)[0][VERDICT]
            for name, data in sections(path).items()
            if name.startswith("test ")}


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.lab = folder / "lab"
        self.leak = folder / "leak"
        self.other = folder / "other-firmware"
        self.caps = folder / "other-caps"
        self.features = folder / "other-features"
        self.adapter = folder / "adapter"
        self.adapter.write_text(ADAPTER % (
            sys.executable, BIN + "/dosegate-adapter-device",
            str(self.leak), str(self.other), str(self.caps),
            str(self.features)))
        self.adapter.chmod(0o755)

    def words(self, *more, lab=None):
        return [BIN + "/dosegate", "evaluate", "--dir", str(lab or self.lab),
                "--evaluator", "F. Irst", *[str(word) for word in more]]

    def run(self, *more, code=0, lab=None):
        done = subprocess.run(self.words(*more, lab=lab), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=100)
        said = done.stdout + done.stderr
        assert done.returncode == code, (done.returncode, said)
        return said


def ended_in(run):
    """The sections of the tests that have a verdict; none without a file."""
    if not run.exists():
        return set()
    return {name for name, data in sections(run).items()
            if name.startswith("test ") and cbor(data)[0][VERDICT] != 0}


def check_kill(bench):
    whole = bench.folder / "whole"
    said = bench.run("--only", TESTS, "--no-calibration", "--out", whole)
    assert said.count(" pass ") >= 5, said
    expected = verdicts(whole / "run.dgrun")
    out = bench.folder / "killed"
    process = subprocess.Popen(
        bench.words("--only", TESTS, "--no-calibration", "--jobs", 2,
                    "--out", out),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for _ in range(600):
        if ended_in(out / "run.dgrun"):
            break
        time.sleep(0.05)
    process.kill()
    process.wait()
    before = sections(out / "run.dgrun")
    ended = ended_in(out / "run.dgrun")
    assert ended, "no test ended in 30 s"
    said = bench.run("--resume", out)
    after = sections(out / "run.dgrun")
    assert list(after) == list(sections(whole / "run.dgrun")), said
    assert verdicts(out / "run.dgrun") == expected, said
    for name in ended:
        assert before[name] == after[name], name + " was changed"
    if len(ended) < len(expected):
        assert "%d more had ended before" % len(ended) in said, said
    assert (out / "report.html").exists()
    print("ok: killed, %d tests kept, all verdicts the same"
          % len(ended))


def check_refused(bench):
    out = bench.folder / "whole"
    before = (out / "run.dgrun").read_bytes()
    for more, what in ((("--seed", 2), "the seed"),
                       (bench.other, "firmware digest"),
                       (bench.caps, "declared cap"),
                       (bench.features, "features")):
        mark = more if isinstance(more, pathlib.Path) else None
        if mark is not None:
            mark.touch()
            more = ("--adapter", bench.adapter)
        said = bench.run("--resume", out, *more, code=1)
        assert what in said and "--out" in said, said
        if mark is not None:
            mark.unlink()
    assert "own key" in bench.run("--resume", out, code=1,
                                  lab=bench.folder / "other-lab")
    assert "--only" in bench.run("--resume", out, "--only", "replay", code=1)
    spec = bench.folder / "spec"
    source = pathlib.Path(__file__).resolve().parents[2] / "spec"
    shutil.copytree(source, spec)
    with open(spec / "catalogue/replay.yaml", "a", encoding="utf-8") as entry:
        entry.write("# altered\n")
    done = subprocess.run(bench.words("--resume", out), text=True,
                          capture_output=True, timeout=60, check=False,
                          env={"DOSEGATE_SPEC": str(spec)})
    assert done.returncode == 1, done
    assert 'entry of "replay"' in done.stderr, done.stderr
    said = bench.run("--resume", out)  # as it is: it had ended
    assert "Nothing is left" in said and "Calibration" not in said, said
    assert (out / "run.dgrun").read_bytes() == before
    print("ok: another seed, firmware, key or catalogue: refused, unchanged")


def compare(bench, *more, code=0):
    done = subprocess.run(
        [BIN + "/dosegate", "compare", *[str(word) for word in more],
         "--dir", str(bench.lab)], text=True, capture_output=True, timeout=60)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def check_compare(bench):
    """The exit code of a comparison, and that an altered file has none."""
    whole, fresh = (bench.folder / name for name in ("whole", "fresh"))
    bench.other.touch()
    bench.run("--adapter", bench.adapter, "--only", "replay,power-cut",
              "--no-calibration", "--out", fresh)
    bench.other.unlink()
    files = [folder / "run.dgrun" for folder in (whole, fresh)]
    assert "Nothing is worse" in compare(bench, files[0], files[0])
    said = compare(bench, *files, "--html", bench.folder / "page.html", code=2)
    assert "firmware digest" in said, said
    assert re.search(r"old-keys +because of: firmware digest", said), said
    assert "<table>" in (bench.folder / "page.html").read_text()
    told = json.loads(compare(bench, *files, "--json", code=2))
    assert [one["test"] for one in told["tests"] if one["to_be_tested"]] == [
        "low-and-slow", "old-keys", "second-controller"], told
    data = bytearray(files[1].read_bytes())
    data[-20] ^= 1
    files[1].write_bytes(data)
    assert "altered" in compare(bench, *files, code=1)
    print("ok: compared: what changed, what waits, and nothing of a bad file")


def check_end(bench):
    """SIGTERM: clean, quick, and to be gone on with."""
    out = bench.folder / "ended"
    process = subprocess.Popen(
        bench.words("--only", "low-and-slow,power-cut,replay",
                    "--no-calibration", "--jobs", 1, "--out", out),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    while " pass " not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=10)
    assert process.returncode == 1, said
    assert "--resume" in said and "asked to end" in said, said
    assert 0 in verdicts(out / "run.dgrun").values()
    bench.run("--resume", out)
    print("ok: SIGTERM ends a run that can be gone on with")


def check_retry(bench):
    """A failure that goes away by itself stays in view and is no pass."""
    first, again, mended = (bench.folder / name
                            for name in ("first", "again", "mended"))
    only = ("--adapter", bench.adapter, "--no-calibration")
    bench.leak.touch()
    said = bench.run(*only, "--only", "overdose-at-once,replay", "--out",
                     first, code=2)
    bench.leak.unlink()
    said = bench.run(*only, "--retry-failed", first, "--out", again, code=1)
    assert "1 test," in said and "before: fail" in said, said
    assert "does not repeat" in said, said
    assert list(verdicts(again / "run.dgrun")) == ["test overdose-at-once"]
    # With other firmware it may be mended, and what was before is still told.
    bench.other.touch()
    said = bench.run(*only, "--retry-failed", first / "run.dgrun", "--out",
                     mended)
    assert "before: fail" in said, said
    assert "before: fail" in bench.run(*only, "--retry-failed", again, "--out",
                                       bench.folder / "third")
    bench.other.unlink()
    assert "nothing to run" in bench.run(
        *only, "--retry-failed", mended, "--out", bench.folder / "none",
        code=1)
    print("ok: tried again: the earlier verdict stays in view")


def dosegate(*words, code=0):
    done = subprocess.run([BIN + "/dosegate", *[str(word) for word in words]],
                          text=True, capture_output=True, timeout=60)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def check_rating(bench):
    """Changed with name and reason, confirmed by another key and person."""
    run = bench.folder / "first/run.dgrun"
    rated, confirmed = (bench.folder / name
                        for name in ("rated.dgrun", "confirmed.dgrun"))
    own, two = ("--dir", bench.lab), ("--dir", bench.folder / "second-lab")
    public = bench.lab / "lab.pub"
    change = ("--path", "overdose-at-once", "--factor", "expertise",
              "--level", "expert", "--by", "A. Evaluator", "--out", rated)
    assert "overdose-at-once:1" in dosegate("rate", run, *own)
    assert "--because" in dosegate("rate", run, *change, *own, code=1)
    assert "reason" in dosegate("rate", run, *change, "--because", "", *own,
                                code=1)
    assert not rated.exists()
    dosegate("rate", run, *change, "--because", "special tools", *own)
    said = dosegate("rate", rated, *own)
    assert re.search(r"expert  .proposed \S+; A. Evaluator: special tools",
                     said), said
    confirm = ("rate", rated, "--confirm", "--out", confirmed)
    assert "key of their own" in dosegate(*confirm, "--by", "B. Second", *own,
                                          code=1)
    dosegate(*confirm, "--by", "B. Second", *two, code=2)  # whose run is it?
    trust = ("--trust", public)
    assert "does not confirm" in dosegate(
        *confirm, "--by", "a. evaluator", *trust, *two, code=1)
    dosegate(*confirm, "--by", "B. Second", *trust, *two)
    signed = confirmed.read_bytes()
    for order in (("--confirm", "--by", "C. Third"),
                  (*change[:8], "--because", "again")):
        assert "stays as it is" in dosegate(
            "rate", rated, *order, "--out", confirmed, *trust, *two, code=1)
    assert confirmed.read_bytes() == signed
    said = dosegate("verify", rated, *own, "--second", public, code=2)
    assert ": not confirmed" in said and "no second evaluator" in said, said
    assert "confirmed by B. Second" in dosegate(
        "verify", confirmed, *own, "--second",
        bench.folder / "second-lab/lab.pub")
    said = dosegate("verify", confirmed, *own, "--second", public, code=2)
    assert ": confirmed by someone else" in said and "what to do" in said
    (bench.folder / "signed-off").mkdir()
    shutil.copy(confirmed, bench.folder / "signed-off/run.dgrun")
    said = bench.run("--resume", bench.folder / "signed-off", code=1)
    assert "confirmed by a second evaluator" in said, said
    assert (bench.folder / "signed-off/run.dgrun").read_bytes() == signed
    print("ok: rated by one person, confirmed by another with another key")


def check_expected(bench):
    known = bench.folder / "known.yaml"
    entry = ("expected:\n  - test: overdose-at-once\n    verdict: fail\n"
             "    because: %s\n    by: A. Evaluator\n    until: %s\n")
    only = ("--adapter", bench.adapter, "--no-calibration", "--only",
            "overdose-at-once,replay", "--expect", known, "--out",
            bench.folder / "expected")
    bench.leak.touch()
    known.write_text(entry % ("mended in 2.5", "2999-12-31"))
    said = bench.run(*only)
    assert "and so it is" in said and "No test passed" not in said, said
    # As expected, all of it, and still nothing was shown.
    said = bench.run(*only[:4], "overdose-at-once", *only[5:], code=1)
    assert "and so it is" in said and "No test passed" in said, said
    bench.leak.unlink()
    known.write_text(entry % ("mended in 2.5", "2999-12-31"))
    assert "but it PASSES" in bench.run(*only, code=1)
    print("ok: an expected failure: 0, and 1 when it has gone")


FULL = """mount -t tmpfs -o size=72k tmpfs {place} || exit 77
{evaluate} --only {tests} --no-calibration --jobs 1 --out {place}/out
[ $? -eq 1 ] || exit 3
{verify} {place}/out/run.dgrun || exit 4
mount -o remount,size=20m {place} || exit 77
{evaluate} --resume {place}/out || exit 5
"""


def check_full(bench):
    """A small disk of its own, where this system lets one be made."""
    place = bench.folder / "small"
    place.mkdir()
    script = FULL.format(
        place=place, tests=TESTS,
        evaluate="%s/dosegate evaluate --dir %s" % (BIN, bench.lab),
        verify="%s/dosegate verify --dir %s" % (BIN, bench.lab))
    try:
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script],
                              text=True, capture_output=True, timeout=100)
    except FileNotFoundError:
        print("skipped: full disk: no unshare here")
        return
    said = done.stdout + done.stderr
    if done.returncode in (1, 77) and "No space left" not in said:
        print("skipped: full disk: no file system may be mounted here")
        return
    assert done.returncode == 0, (done.returncode, said)
    assert "No space left" in said and "had ended before" in said, said
    print("ok: disk full: what had ended is kept, and the run goes on")


def main():
    with tempfile.TemporaryDirectory(prefix="dgr") as place:
        bench = Bench(pathlib.Path(place))
        check_kill(bench)
        check_refused(bench)
        check_compare(bench)
        check_end(bench)
        check_retry(bench)
        check_rating(bench)
        check_expected(bench)
        check_full(bench)


if __name__ == "__main__":
    main()
