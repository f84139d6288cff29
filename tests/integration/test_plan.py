#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a product claims picks its tests, and the plan says so beforehand; who
claims too little is not judged, and no test falls away for another reason.

usage: test_plan.py BIN
@verifies{EVL_SELECT.1@1} @verifies{EVL_SELECT.2@1} @verifies{EVL_SELECT.3@1}
@verifies{EVL_TARGET.4@1}
"""
import json
import pathlib
import subprocess
import sys
import tempfile

SPEC = pathlib.Path(__file__).resolve().parents[2] / "spec"

# Stands between the evaluator and the real adapter; changes the claims only.
CLAIMER = """#!%s
import json, subprocess, sys
real = subprocess.Popen([%r] + sys.argv[1:], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, text=True)
for line in sys.stdin:
    real.stdin.write(line)
    real.stdin.flush()
    answer = json.loads(real.stdout.readline())
    if json.loads(line)["op"] == "hello":
        %s
    print(json.dumps(answer), flush=True)
real.stdin.close()
real.wait()
"""


def evaluate(programs, folder, change, *options):
    adapter = folder / "claimer"
    adapter.write_text(CLAIMER % (sys.executable, programs +
                                  "/dosegate-adapter-device", change))
    adapter.chmod(0o755)
    return subprocess.run(
        [programs + "/dosegate", "evaluate", "--adapter", str(adapter),
         "--no-calibration", "--out", str(folder / "out"),
         "--dir", str(folder / "lab"), *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def plan(programs, folder, change, *options):
    ran = evaluate(programs, folder, change, "--plan", "--json", *options)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


def ids(items):
    return {item["id"] for item in items}


def check_target(programs, folder, spec):
    """Claims of a security target, in place of the product's own."""
    reference = (spec / "targets" / "virtual-pump.yaml").read_text()
    target = folder / "target.yaml"

    def with_target(text, *options):
        target.write_text(text)
        return evaluate(programs, folder, "pass", "--target", str(target),
                        *options)

    digest = json.loads(with_target(reference, "--plan", "--json").stdout)
    assert digest["target"] == "virtual-pump-target", digest
    assert digest["is_product_of_target"] is True, digest

    # Its features decide, not the adapter's.
    less = with_target(reference.replace("  - sensor\n", "", 1), "--plan",
                       "--json")
    plan_of = json.loads(less.stdout)
    assert "sensor" not in plan_of["claims"], less.stdout
    assert "untrusted-glucose" in ids(plan_of["not_applicable"])

    # With its own digest it is the product; with another one it is not, and
    # is failed without an attack.
    bound = reference.replace("per-build", digest["firmware_digest"])
    ran = with_target(bound, "--only", "replay")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    report = (folder / "out" / "report.html").read_text()
    assert "virtual-pump-target 0.1, SHA-256 " in report
    alone = subprocess.run(
        [programs + "/dosegate", "evaluate", "--adapter",
         str(folder / "claimer"), "--resume", str(folder / "out"),
         "--dir", str(folder / "lab")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert alone.returncode == 1, alone.stdout + alone.stderr
    assert "the security target was" in alone.stderr, alone.stderr
    other = with_target(reference.replace("per-build", 64 * "a"),
                        "--only", "replay")
    assert other.returncode == 2, other.stdout + other.stderr
    assert "not the one of the target: its firmware digest" in other.stdout
    assert "0 tests" in other.stdout, other.stdout
    other = with_target(reference.replace(
        "Dosegate virtual pump", "Another pump"))
    assert other.returncode == 2, other.stdout + other.stderr
    assert "its name is Dosegate virtual pump" in other.stdout, other.stdout

    # One that does not hold in itself is not worth an attack.
    wrong = with_target(reference.replace("  - lease\n", "", 1))
    assert wrong.returncode == 1, wrong.stdout
    assert "profile check" in wrong.stderr, wrong.stderr
    both = with_target(reference, "--profile", "connected-device")
    assert both.returncode == 1 and "--target names" in both.stderr


def check_refused(programs, folder):
    """What could not be done is said at once, by what is wrong with it."""
    for options, word in (
            (("--plan", "--only", "replay,replay"), "named twice"),
            (("--plan", "--only", "replay,reply"), '"reply"'),
            (("--plan", "--forms", str(folder / "none")), "--forms"),
            (("--plan", "--expect", str(folder / "none")), "--expect")):
        ran = evaluate(programs, folder, "pass", *options)
        assert ran.returncode == 1 and word in ran.stderr, (options, ran)
    ran = subprocess.run(
        [programs + "/dosegate", "evaluate", "--adapter", str(folder),
         "--dir", str(folder / "lab")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1 and "not a program" in ran.stderr, ran

    box = subprocess.run(
        [programs + "/dosegate", "evaluate", "--black-box",
         "udp:127.0.0.1:9", "--plan", "--json", "--dir", str(folder / "lab")],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    told = json.loads(box.stdout)
    assert len(told["runs"]) == 4 and len(told["out_of_reach"]) > 30, told


def main():
    programs = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dgx") as place:
        folder = pathlib.Path(place)
        whole = plan(programs, folder, "pass")
        assert whole["claims"] and whole["runs"], whole
        assert not whole["mandatory_not_claimed"], whole

        # Nobody says anything: every test applies.
        silent = plan(programs, folder, "del answer['features']")
        assert silent["claims"] is None, silent
        assert not silent["not_applicable"], silent

        check_refused(programs, folder)

        # One optional feature less: its tests fall away, with the reason.
        less = plan(programs, folder, "answer['features'].remove('sensor')")
        gone = ids(whole["runs"]) - ids(less["runs"])
        assert gone and gone <= ids(less["not_applicable"]), less
        assert {item["needs"] for item in less["not_applicable"]} == \
            {"sensor"}, less
        assert "FDP_DAU.1" in {gap["requirement"]
                               for gap in less["not_judged"]}, less
        assert not less["mandatory_not_claimed"], less
        assert not (folder / "out").exists(), "a plan writes nothing"

        # A mandatory one less, and the plan says how it will end.
        words = evaluate(programs, folder, "answer['features'].remove('lease')",
                         "--plan")
        assert words.returncode == 0, words.stderr
        assert "could not judge" in words.stdout, words.stdout
        assert "needs lease" in words.stdout, words.stdout

        # No claims at all: the run itself ends with 1, not with 0.
        none = evaluate(programs, folder, "answer['features'] = []")
        assert none.returncode == 1, none.stdout + none.stderr
        assert "not applicable" in none.stdout, none.stdout
        assert "Mandatory in the profile" in none.stdout, none.stdout
        report = (folder / "out" / "report.html").read_text()
        assert "Not judged" in report and "FDP_DAU.1" in report

        # A test that is asked for by name does not apply either.
        one = evaluate(programs, folder, "answer['features'].remove('sensor')",
                       "--test", "untrusted-glucose")
        assert one.returncode == 1, one.stdout + one.stderr
        assert "needs the feature sensor" in one.stdout, one.stdout

        # Words that nobody knows are no claims.
        odd = evaluate(programs, folder, "answer['features'] = ['flying']",
                       "--plan")
        assert odd.returncode == 1 and "'flying'" in odd.stderr, odd.stderr
        lone = evaluate(programs, folder, "pass", "--json")
        assert lone.returncode == 1 and "--plan" in lone.stderr, lone.stderr
        check_target(programs, folder, SPEC)
        print("ok: %d tests apply, %d without a sensor"
              % (len(whole["runs"]), len(less["runs"])))


if __name__ == "__main__":
    main()
