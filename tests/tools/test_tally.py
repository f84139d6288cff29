#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/tally must count what was seen, and never a failure as a pass."""

import unittest

from script import ScriptTest

CMOCKA = """[==========] Running 3 test(s).
[ RUN      ] test_a
[       OK ] test_a
[ RUN      ] test_b
{b}
[==========] 3 test(s) run.
[  PASSED  ] 2 test(s).
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] test_b
"""


def case(name, status, output="", inner=""):
    return (f'<testcase name="{name}" status="{status}">{inner}'
            f"<system-out>{output}</system-out></testcase>")


class Tally(ScriptTest):
    def tally(self, *cases, lines=""):
        self.write("dev.xml", "<testsuite>" + "".join(cases) + "</testsuite>")
        self.write("fuzz.txt", lines)
        code, output = self.run_python("tally", str(self.tree))
        return code, output.splitlines()[-1], output

    def test_plain_program__counts_as_one(self):
        self.assertEqual(self.tally(case("x", "run", "all fine"))[:2],
                         (0, "1 passed, 0 failed, 0 skipped"))

    def test_cmocka__counts_by_case(self):
        text = CMOCKA.replace("{b}", "[  FAILED  ] test_b")
        code, line, output = self.tally(case("x", "fail", text))
        self.assertEqual((code, line), (1, "1 passed, 1 failed, 0 skipped"))
        self.assertIn("dev: failed: x: test_b", output)

    def test_skipped_case__is_seen_and_named(self):
        text = ("[       OK ] test_a\n[  SKIPPED ] test_b\n"
                "[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] test_b")
        code, line, output = self.tally(case("x", "run", text))
        self.assertEqual((code, line), (0, "1 passed, 0 failed, 1 skipped"))
        self.assertIn("skipped: x: test_b", output)

    def test_crash_after_good_cases__is_a_failure(self):
        code, line, _ = self.tally(case("x", "fail", "[       OK ] test_a\n"))
        self.assertEqual((code, line), (1, "1 passed, 1 failed, 0 skipped"))

    def test_skipped_program__is_no_pass(self):
        skip = '<skipped message="SKIP_RETURN_CODE=77"/>'
        code, line, _ = self.tally(case("x", "notrun", inner=skip),
                                   case("y", "run"))
        self.assertEqual((code, line), (0, "1 passed, 0 failed, 1 skipped"))

    def test_program_that_is_not_there__is_a_failure(self):
        code, line, _ = self.tally(
            case("x", "notrun", inner='<skipped message=""/>'),
            case("y", "run"))
        self.assertEqual((code, line), (1, "1 passed, 1 failed, 0 skipped"))

    def test_lines__are_summed_with_tests(self):
        code, line, output = self.tally(case("x", "run"),
                                        lines="pass fuzz_a\nfail fuzz_b\n")
        self.assertEqual((code, line), (1, "2 passed, 1 failed, 0 skipped"))
        self.assertIn("fail: fuzz_b", output)

    def test_nothing_passed__is_a_failure(self):
        self.assertEqual(self.tally()[:2],
                         (1, "0 passed, 0 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
