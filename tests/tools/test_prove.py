#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/prove must not say "proved" of anything that was not: a stand-in for
Frama-C reports what the C file tells it to."""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from script import ROOT, ScriptTest

ROW = """[[proof]]
name = "once"
files = ["core/x.c"]
functions = ["f"]
property = "once"
proves = ["tag"]
"""
MUTANT = """[[proof.mutant]]
diff = "twice.diff"
function = "f"
goal = "ensures"
"""
DIFF = "--- a/core/x.c\n+++ b/core/x.c\n@@ -1 +1 @@\n-%s\n+%s\n"

# The first line of core/x.c: goals of f that are proved, goals in all, and
# what else happens.
FRAMA_C = f"""#!{sys.executable}
import json, os, pathlib, sys
words = pathlib.Path("core/x.c").read_text().split()
valid, total, what = int(words[1]), int(words[2]), words[3]
assert os.environ["PWD"] == os.getcwd()
print(total + (what == "lost"), "goals scheduled")
if what == "assumes":
    print("Warning: Neither code nor specification for function g")
if what == "crash":
    sys.exit(1)
if "@lemma" in sys.argv:
    what, valid, total = "good", int(words[4]), 1
goals = {{"f_ensures": {{"wp:main": {{"total": total, "valid": valid}}}}}}
report = {{"wp:global": {{"wp:main": {{"total": total, "valid": valid}}}},
          "wp:functions": {{}} if what == "absent" else {{"f": goals}}}}
pathlib.Path(sys.argv[sys.argv.index("-wp-report-json") + 1]).write_text(
    json.dumps(report))
"""


class Prove(ScriptTest):
    def setUp(self):
        super().setUp()
        for folder in ("core", "include", "proofs/mutants", "bin"):
            (self.tree / folder).mkdir(parents=True)
        for name, body in (("frama-c", FRAMA_C), ("why3", "#!/bin/sh\n"),
                           ("z3", "#!/bin/sh\n")):
            self.write(f"bin/{name}", body)
            (self.tree / "bin" / name).chmod(0o755)
        self.write("proofs/table.toml", ROW + MUTANT)
        self.good = "/* 3 3 good */"
        self.write("core/x.c", self.good + "\n")
        self.mutant("/* 2 3 good */")

    def mutant(self, line, old=None):
        self.write("proofs/mutants/twice.diff",
                   DIFF % (old or self.good, line))

    def prove(self, *arguments, path=None):
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools/prove"), *arguments],
            env={**os.environ, "DOSEGATE_ROOT": str(self.tree),
                 "PATH": path or f"{self.tree}/bin:{os.environ['PATH']}"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=60)
        return done.returncode, done.stdout

    def expect(self, code, words, *arguments):
        got, output = self.prove(*arguments)
        self.assertEqual(got, code, output)
        self.assertIn(words, output)

    def test_all_proved_and_noticed__passes(self):
        self.expect(0, "1 proofs, 1 mutants, 0 failures")
        self.expect(0, "3 goals", "once")

    def test_proof__each_way_to_fail__fails(self):
        for line, words in (("/* 2 3 good */", "not proved: f_ensures"),
                            ("/* 3 3 absent */", "f is not there"),
                            ("/* 0 0 good */", "f is not there"),
                            ("/* 3 3 lost */", "not have all goals"),
                            ("/* 3 3 assumes */", "Neither code"),
                            ("/* 3 3 crash */", "did not run")):
            with self.subTest(line=line):
                self.write("core/x.c", line + "\n")
                self.expect(1, words)

    def test_lemma__is_proved_too(self):
        self.write("core/x.c", "/* 3 3 good 1 lemma x */\n")
        self.mutant("/* 2 3 good 1 */", old="/* 3 3 good 1 lemma x */")
        self.expect(0, "4 goals")
        self.write("core/x.c", "/* 3 3 good 0 lemma x */\n")
        self.expect(1, "a lemma is not proved")

    def test_mutant__each_way_to_fail__fails(self):
        for line, words in (("/* 3 3 good  */", "NOT NOTICED"),
                            ("/* 2 3 crash */", "did not run"),
                            ("/* 2 3 absent */", "no goal of f")):
            with self.subTest(line=line):
                self.mutant(line)
                self.expect(1, words)
        self.mutant("/* 2 3 good */", old="/* another */")
        self.expect(1, "does not fit the code")

    def test_table__without_a_mutant__fails(self):
        self.write("proofs/table.toml", ROW)
        self.expect(1, "lacks mutant")

    def test_name__unknown__fails(self):
        self.expect(1, "no such proof: never", "never")

    def test_without_frama_c__fails_and_says_what_to_install(self):
        (self.tree / "bin/frama-c").unlink()
        python = pathlib.Path(sys.executable).parent
        if shutil.which("frama-c", path=str(python)):
            python = self.tree / "bin"
        code, output = self.prove(path=f"{self.tree}/bin:{python}")
        self.assertEqual(code, 1, output)
        self.assertIn("nothing proved: frama-c-base", output)


if __name__ == "__main__":
    unittest.main()
