#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/check-limits must notice each number that has no row, or a wrong one."""

import pathlib
import re
import shutil
import unittest

from script import ScriptTest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class CheckLimits(ScriptTest):
    def setUp(self):
        super().setUp()
        for folder in ("core", "include/dosegate", "spec/trials"):
            shutil.copytree(ROOT / folder, self.tree / folder,
                            dirs_exist_ok=True)
        self.page = (ROOT / "docs/limits.md").read_text()
        self.write("docs/limits.md", self.page)

    def refused(self, word):
        code, output = self.run_python("check-limits", str(self.tree))
        self.assertEqual((code, word in output), (1, True), output)

    def test_the_tree__passes(self):
        code, output = self.run_python("check-limits", str(self.tree))
        self.assertEqual((code, "each with a row" in output), (0, True), output)

    def change(self, name, old, new):
        text = (ROOT / name).read_text()
        self.assertIn(old, text)
        self.write(name, text.replace(old, new))

    def test_a_changed_number__is_named(self):
        self.change("core/envelope.c", "PREDICTED_FLOOR_MG_DL 70",
                    "PREDICTED_FLOOR_MG_DL 60")
        self.refused("PREDICTED_FLOOR_MG_DL: is [60]")

    def test_a_changed_cell_of_a_table__is_named(self):
        self.change("core/limits.c", "[DG_AGE_TEEN] = {10000, 13000}",
                    "[DG_AGE_TEEN] = {10000, 14000}")
        self.refused("core/limits.c: ceiling_of_age")

    def test_a_new_number__wants_a_row(self):
        self.change("core/reservoir.c", "#define EVERY_S 300U",
                    "#define EVERY_S 300U\n#define LATER_S 900U")
        self.refused("LATER_S: docs/limits.md has no row")

    def test_a_row_without_number_reason_or_trial__is_named(self):
        row = "| `core/reservoir.c` NOBODY_S | 1 | because it is so |\n"
        self.write("docs/limits.md", self.page + row)
        self.refused("has no number NOBODY_S")
        self.write("docs/limits.md",
                   re.sub(r"(EMERGENCY_PERMILLE \| 75 \|).*", r"\1 ? |",
                          self.page))
        self.refused("EMERGENCY_PERMILLE stands on nothing")
        (self.tree / "spec/trials/limits-predicted.yaml").unlink()
        self.write("docs/limits.md", self.page)
        self.refused("no trial limits-predicted")


if __name__ == "__main__":
    unittest.main()
