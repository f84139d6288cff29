#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dosegate profile new` and `check` as a person uses them: exit codes, words
and JSON.

usage: test_security_target.py BIN SPEC
@verifies{EVL_TARGET.1@1} @verifies{EVL_TARGET.3@1}
"""
import json
import os
import pathlib
import pty
import subprocess
import sys
import tempfile


def profile(programs, *arguments, **more):
    return subprocess.run(
        [programs + "/dosegate", "profile", *arguments],
        stdin=more.get("stdin", subprocess.DEVNULL), capture_output=True,
        text=True, timeout=30)


def new_by_questions(programs, out):
    """A person at a terminal answers some and leaves the others open."""
    leader, follower = pty.openpty()
    os.write(leader, b"Question Pump\nSomebody\n\n\npump\n")
    ran = profile(programs, "new", "--out", str(out), stdin=follower)
    os.close(leader)
    os.close(follower)
    assert ran.returncode == 0, ran.stderr
    assert "What it does (" in ran.stderr, ran.stderr


def main():
    programs, spec = sys.argv[1], pathlib.Path(sys.argv[2])
    reference = spec / "targets" / "virtual-pump.yaml"
    with tempfile.TemporaryDirectory(prefix="dgx") as place:
        folder = pathlib.Path(place)

        good = profile(programs, "check", str(reference))
        assert good.returncode == 0, good.stdout + good.stderr
        assert good.stdout == "0 findings, 0 warnings\n", good.stdout

        bad = folder / "bad.yaml"
        bad.write_text(reference.read_text().replace("  - lease\n", ""))
        found = profile(programs, "check", str(bad))
        assert found.returncode == 2, found.stdout + found.stderr
        lines = [line for line in found.stdout.splitlines()
                 if "warning" not in line]
        assert len([line for line in lines if line.startswith(str(bad))]) == 1
        assert "FEA-2" in found.stdout and "'lease'" in found.stdout
        told = profile(programs, "check", "--json", str(bad))
        assert told.returncode == 2, told.stderr
        findings = json.loads(told.stdout)
        assert findings["errors"] == 1, findings
        (one,) = [f for f in findings["findings"] if f["severity"] == "error"]
        assert one["rule"] == "FEA-2" and one["line"] > 1 and one["cure"], one

        # Not a target: could not read, and says where.
        bad.write_text("kind: security-target\ncolour: red\n")
        odd = profile(programs, "check", str(bad))
        assert odd.returncode == 1 and ":2: unknown key" in odd.stderr
        gone = profile(programs, "check", str(folder / "none.yaml"))
        assert gone.returncode == 1 and gone.stderr, gone
        assert profile(programs, "check").returncode == 1

        rules = json.loads(
            profile(programs, "check", "--rules", "--json").stdout)
        words = profile(programs, "check", "--rules")
        assert words.returncode == 0 and len(rules) > 50
        assert all(rule["rule"] in words.stdout for rule in rules)

        # What was begun by options is read, and only what is left is found.
        out = folder / "new.yaml"
        begun = profile(
            programs, "new", "--product", "Small: pump", "--functions",
            "pump,automated", "--features", "sensor,journal", "--firmware",
            programs + "/dosegate", "--out", str(out))
        assert begun.returncode == 0, begun.stderr
        left = json.loads(
            profile(programs, "check", "--json", str(out)).stdout)
        kinds = {finding["rule"] for finding in left["findings"]}
        assert "OPEN" in kinds and kinds <= {"OPEN", "REQ-4i"}, kinds
        assert left["warnings"] == 0, left
        marks = out.read_text().count('"? ')
        opens = [f for f in left["findings"] if f["rule"] == "OPEN"]
        assert len(opens) == marks, (len(opens), marks)

        # What is there stays.
        again = profile(programs, "new", "--out", str(out))
        assert again.returncode == 1 and "stays as it is" in again.stderr
        # A profile of one's own has its packages beside it.
        pen = spec.parent / "examples" / "profiles" / "smart-pen.yaml"
        begun = profile(programs, "new", "--profile", str(pen))
        assert begun.returncode == 0 and "survey" in begun.stdout, begun.stderr
        wrong = profile(programs, "new", "--functions", "fly")
        assert wrong.returncode == 1 and "'fly'" in wrong.stderr, wrong.stderr
        wrong = profile(programs, "new", "--features", "pump")
        assert wrong.returncode == 1 and "'pump'" in wrong.stderr, wrong.stderr

        asked = folder / "asked.yaml"
        new_by_questions(programs, asked)
        text = asked.read_text()
        assert 'title: "Security target of Question Pump"' in text, text[:600]
        assert 'maker: "Somebody"' in text and "functions: [pump]" in text
        assert 'author: "? ' in text
        print("ok: %d rules, %d things left in a new target"
              % (len(rules), len(left["findings"])))


if __name__ == "__main__":
    main()
