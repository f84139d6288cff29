#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The front door (Makefile, tools/run, tools/test, tools/fuzz) in a tree whose
build and programs are stand-ins: exit codes and words must come through."""

import os
import shutil
import subprocess
import unittest

from script import ROOT, ScriptTest

HEAD = "#!/bin/sh\n"


class FrontDoor(ScriptTest):
    def setUp(self):
        super().setUp()
        shutil.copy(ROOT / "Makefile", self.tree / "Makefile")
        (self.tree / "tools").mkdir()
        for name in ("run", "fuzz", "test", "tally"):
            shutil.copy(ROOT / "tools" / name, self.tree / "tools" / name)
        self.program("tools/bootstrap", "exit 0")
        self.program("tools/build", "exit 0")

    def program(self, name, body):
        self.write(name, HEAD + body + "\n")
        (self.tree / name).chmod(0o755)

    def call(self, *command):
        clean = {key: value for key, value in os.environ.items()
                 if not key.startswith(("MAKE", "MFLAGS"))}
        done = subprocess.run(
            command, cwd=self.tree, stdout=subprocess.PIPE, env=clean,
            stderr=subprocess.STDOUT, text=True, check=False, timeout=60)
        return done.returncode, done.stdout

    def test_run__passes_the_code_of_the_evaluator(self):
        for code, words in ((0, "all pass"), (1, "could not judge"),
                            (2, "the product failed"), (139, "from outside")):
            with self.subTest(code=code):
                self.program("build/release/bin/dosegate", f"exit {code}")
                got, output = self.call("tools/run")
                self.assertEqual(got, code)
                self.assertIn(f"exit code: {code} (", output)
                self.assertIn(words, output)

    def test_run__without_a_build__could_not_judge(self):
        self.program("build/release/bin/dosegate", "exit 0")
        self.program("tools/build", "exit 1")
        self.assertEqual(self.call("tools/run")[0], 1)

    def test_run__build_without_program__could_not_judge(self):
        code, output = self.call("tools/run")
        self.assertEqual(code, 1)
        self.assertIn("left no build/release/bin/dosegate", output)

    def test_run__without_what_it_needs__could_not_judge(self):
        self.program("build/release/bin/dosegate", "exit 0")
        self.program("tools/bootstrap", "exit 1")
        self.assertEqual(self.call("tools/run")[0], 1)

    def test_make_run__passes_product_and_seed(self):
        self.program("build/release/bin/dosegate", 'echo "args: $*"; exit 2')
        code, output = self.call("make", "run", "PRODUCT=flawed/deaf",
                                 "SEED=7")
        self.assertEqual(code, 2, output)
        self.assertIn("args: evaluate --product flawed/deaf --seed 7\n",
                      output)
        self.assertIn("exit code: 2 (the product failed)", output)
        _, output = self.call("make", "run")
        self.assertIn("args: evaluate\n", output)

    def test_make__alone__says_what_there_is(self):
        code, output = self.call("make")
        self.assertEqual(code, 0)
        for goal in ("run", "test", "fuzz", "bench", "lint", "clean"):
            self.assertIn(f"make {goal}", output)

    def test_fuzz__counts_each_target(self):
        self.program("build/fuzz/fuzz/fuzz_good", "exit 0")
        self.program("build/fuzz/fuzz/fuzz_bad", "echo boom; exit 77")
        code, output = self.call("tools/fuzz", "1", "build/out.txt")
        self.assertNotEqual(code, 0)
        self.assertIn("boom", output)
        lines = (self.tree / "build/out.txt").read_text().splitlines()
        self.assertEqual(sorted(lines), ["fail fuzz_bad", "pass fuzz_good"])

    def test_fuzz__nothing_built__fails(self):
        self.assertNotEqual(self.call("tools/fuzz", "1")[0], 0)
        self.program("tools/build", "exit 1")
        self.program("build/fuzz/fuzz/fuzz_old", "exit 0")
        self.assertNotEqual(self.call("tools/fuzz", "1")[0], 0)

    def test_fuzz__no_number__is_refused(self):
        for seconds in ("0", "-1", "ten", "1.5"):
            code, output = self.call("tools/fuzz", seconds)
            self.assertEqual(code, 1)
            self.assertIn("no whole number", output)

    def test_test__a_build_that_fails__is_a_failure(self):
        self.program("tools/build", '[ "$1" = fuzz ]')
        self.program("build/fuzz/fuzz/fuzz_good", "exit 0")
        code, output = self.call("tools/test", "1")
        self.assertEqual(code, 1)
        self.assertIn("fail: dev: build", output)
        self.assertEqual(output.splitlines()[-1],
                         "1 passed, 2 failed, 0 skipped")


if __name__ == "__main__":
    unittest.main()
