#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/check-trace must notice each way in which claim and code part."""

import unittest

from script import ScriptTest

THREATS = '[[threat]]\nid = "T.LOUD"\ntext = "Somebody shouts."\n'
ONE = """[[requirement]]
id = "FDP_DOSE.1"
rev = 2
title = "Once"
statement = "The device shall deliver once."
rationale = "Twice harms."
source = "common sense"
counters = ["T.LOUD"]
verify = ["test"]
"""
TWO = ONE.replace("FDP_DOSE.1", "FPT_RPL.1").replace("rev = 2", "rev = 1")
ENTRY = "id: replay\nthreat: T.LOUD\nrequirements: [FPT_RPL.1]\n"

# file, text that replaces or adds, what the complaint says
BAD = (
    ("core/x.c", "/* @satisfies{FDP_DOSE.9@1} */", "unknown requirement"),
    ("core/x.c", "/* @satisfies{FDP_DOSE.1@1} */", "core/x.c:1: FDP_DOSE.1@1"
                                                   " is stale"),
    ("core/x.c", "/* @satisfies{FDP_DOSE.1} */", "not readable"),
    ("core/x.c", "\n/* @satisfies FDP_DOSE.1@2 */", "core/x.c:2: not read"),
    ("core/x.c", "/* @verifies{FDP_DOSE.1@2} */", "only tests verify"),
    ("tests/z.c", "/* @proves{FDP_DOSE.1@2} */", "only proofs/ proves"),
    ("proofs/t.toml", "# @proves{FDP_DOSE.1@1}", "is stale"),
    ("proofs/t.toml", "# @proves{FDP_DOSE.8@1}", "unknown requirement"),
    ("proofs/t.toml", "# @proves FDP_DOSE.1@2", "not readable"),
    ("proofs/t.toml", "# @verifies{FDP_DOSE.1@2}", "only tests verify"),
    ("tests/y.c", "/* @satisfies{FDP_DOSE.1@2} */", "does not satisfy"),
    ("tests/unit/test_x.c", "", "FDP_DOSE.1: nothing verifies it"),
    ("spec/catalogue/replay.yaml", ENTRY.replace("FPT_RPL.1", "FPT_RPL.2"),
     "unknown requirement FPT_RPL.2"),
    ("spec/catalogue/replay.yaml", ENTRY.replace("LOUD", "SILENT"),
     "no threat"),
    ("spec/catalogue/replay.yaml", "id: replay\nthreat: T.LOUD\n",
     "no requirements"),
    ("spec/profiles/p.yaml", "requirements: [FDP_DOSE.1@1]\n",
     "p.yaml:1: FDP_DOSE.1@1 is stale"),
    ("spec/profiles/p.yaml", "requirements: [FDP_DOSE.7@1]\n",
     "p.yaml:1: unknown requirement FDP_DOSE.7"),
    ("spec/requirements/B.toml", TWO + TWO, "there twice"),
    ("spec/requirements/B.toml", TWO.replace('"Once"', '""'), "no title"),
    ("spec/requirements/B.toml", TWO.replace("LOUD", "DEAF"),
     "unknown threat T.DEAF"),
    ("spec/requirements/B.toml", TWO.replace('["test"]', '["hope"]'),
     "verify 'hope'"),
    ("spec/requirements/B.toml", TWO + 'colour = "red"\n', "unknown field"),
    ("spec/requirements/B.toml", TWO.replace("FPT_RPL.1", "rpl-1"),
     "no id like"),
    ("spec/requirements/B.toml", TWO + "rev = \n", "spec/requirements/B.toml"),
)


class CheckTrace(ScriptTest):
    def setUp(self):
        super().setUp()
        self.good = {
            "spec/threats/threats.toml": THREATS,
            "spec/requirements/A.toml": ONE,
            "spec/requirements/B.toml": TWO,
            "spec/catalogue/replay.yaml": ENTRY,
            "core/x.c": "/* @satisfies{FDP_DOSE.1@2} */\n",
            "tests/unit/test_x.c": "/* @verifies{FDP_DOSE.1@2} */\n",
            "proofs/table.toml": 'proves = ["@proves{FDP_DOSE.1@2}"]\n',
        }
        for name, text in self.good.items():
            self.write(name, text)

    def check(self, *arguments):
        return self.run_python("check-trace", *arguments, str(self.tree))

    def test_good_tree__passes(self):
        code, output = self.check()
        self.assertEqual(code, 0, output)
        self.assertIn("2 requirements, 1 with code, 1 with tests, 1 with "
                      "proofs, 1 with attacks, 0 complaints", output)

    def test_each_break__is_named(self):
        for name, text, complaint in BAD:
            with self.subTest(complaint=complaint):
                self.write(name, text)
                code, output = self.check()
                self.assertEqual(code, 1, output)
                self.assertIn(complaint, output)
                if name in self.good:
                    self.write(name, self.good[name])
                else:
                    (self.tree / name).unlink()

    def test_block_list__is_read_too(self):
        self.write("spec/catalogue/replay.yaml",
                   "threat: T.LOUD\nrequirements:\n  - FPT_RPL.1\n")
        self.assertEqual(self.check()[0], 0)

    def test_matrix__names_places(self):
        _, output = self.check("--matrix")
        self.assertIn("| FDP_DOSE.1@2 Once | `core/x.c` | "
                      "`tests/unit/test_x.c` | `proofs/table.toml` | - |", output)

    def test_empty_tree__fails(self):
        code, _ = self.run_python("check-trace", str(self.tree / "empty"))
        self.assertEqual(code, 1)


if __name__ == "__main__":
    unittest.main()
