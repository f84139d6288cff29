#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each reason, alarm, fault, outcome and finding that the device can tell is
expected by some test that makes it happen, and stands in the protocol page.
@verifies{FAU_TEXT.1@1}"""

import re
import unittest

from script import ROOT

# These know the words, and make nothing happen.
WORDS = {"test_texts.c", "test_message.c"}
ENUMS = {"dg_reason": "message.h", "dg_alarm": "message.h",
         "dg_fault": "message.h", "dg_outcome": "effect.h",
         "dg_glucose_finding": "glucose.h"}
# What no test can make happen, and why.
NEVER = {
    "DG_FAULT_INTERNAL": "for results that no port and no ledger gives",
}


def values(enum, header):
    """Names and numbers of an enum, without its zero, which is nothing."""
    text = (ROOT / "include/dosegate" / header).read_text()
    body = re.search(rf"enum {enum} \{{(.*?)\n\}}", text, re.DOTALL).group(1)
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
    rows = [(name, int(number)) for name, number in
            re.findall(r"\b(DG_\w+)\s*=\s*(\d+)", body)]
    return [row for row in rows if not row[0].endswith("_NONE")]


class Shown(unittest.TestCase):
    def test_every_value__is_expected_by_a_test(self):
        tests = "".join(
            path.read_text() for folder in ("unit", "integration", "property")
            for path in sorted((ROOT / "tests" / folder).glob("*.[ch]"))
            if path.name not in WORDS)
        tests += (ROOT / "tests/unit/test_texts.c").read_text().split(
            "is_on(const")[1]
        for enum, header in ENUMS.items():
            for name, _ in values(enum, header):
                with self.subTest(value=name):
                    shown = re.search(rf"\b{name}\b", tests) is not None
                    if name in NEVER:
                        continue
                    self.assertTrue(shown, f"no test shows {name}")

    def test_every_reason_and_alarm__stands_in_the_protocol(self):
        page = (ROOT / "docs/protocol.md").read_text()
        reasons = page.split("### Reasons")[1].split("\n## ")[0]
        alarms = page.split("| bit | missing evidence | alarm |")[1]
        alarms = alarms.split("\n\n")[0]
        for name, number in values("dg_reason", "message.h"):
            with self.subTest(reason=name):
                self.assertRegex(reasons, rf"(?m)^\| {number} \| \S")
        for name, number in values("dg_alarm", "message.h"):
            with self.subTest(alarm=name):
                self.assertRegex(alarms, rf"(?m)^\| {number} \|.*\| \S.*\|$")


if __name__ == "__main__":
    unittest.main()
