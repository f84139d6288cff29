#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/check-style must notice each thing that it looks for."""

import unittest

from script import ScriptTest

C_LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
SH_LICENCE = "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"
GOOD = (
    ("core/a.c", C_LICENCE + '/* See https://example.org/x. */\n'
                             'const char *u = "https://example.org";\n'),
    ("tools/b", SH_LICENCE + "echo /usr/bin\n"),
    ("docs/c.md", "Text without a licence line, with build/home/x.\n"),
    ("spec/d.json", "{}\n"),
    ("README.md", "Words.\n"),
    ("eval/x.diff", " \n"),
    ("tests/long.c", C_LICENCE + "int x;\n" * 690),
)
BAD = (
    ("core/x.c", "int x;\n", "no licence line"),
    ("tools/x", "#!/bin/sh\n", "no licence line"),
    ("spec/x.yaml", "id: x\n", "no licence line"),
    ("core/x.c", C_LICENCE + "int x;\n" * 690, "691 lines"),
    ("tests/x.c", C_LICENCE + "int x;\n" * 700, "701 lines"),
    ("core/x.c", C_LICENCE + "int x; // why\n", "a // comment"),
    ("core/x.c", C_LICENCE + "/* TODO: later. */\n", "core/x.c:2: unfinished"),
    ("docs/x.md", "FIXME\n", "unfinished work"),
    ("tests/x.c", C_LICENCE + '"/home/ann/x"\n', "somebody's machine"),
    ("tests/x.sh", SH_LICENCE + "cd /home/x\n", "somebody's machine"),
    ("core/x.c", C_LICENCE + "int x; \n", "core/x.c:2: blanks"),
    ("core/x.c", C_LICENCE + "int x;", "no newline"),
)


class CheckStyle(ScriptTest):
    def setUp(self):
        super().setUp()
        for name, text in GOOD:
            self.write(name, text)

    def check(self):
        return self.run_python("check-style", str(self.tree))

    def test_good_tree__passes(self):
        code, output = self.check()
        self.assertEqual(code, 0, output)
        self.assertIn("7 files, 0 complaints", output)

    def test_each_slip__is_named(self):
        for name, text, complaint in BAD:
            with self.subTest(complaint=complaint, name=name):
                self.write(name, text)
                code, output = self.check()
                self.assertEqual(code, 1, output)
                self.assertIn(complaint, output)
                (self.tree / name).unlink()

    def test_empty_tree__fails(self):
        code, _ = self.run_python("check-style", str(self.tree / "empty"))
        self.assertEqual(code, 1)


if __name__ == "__main__":
    unittest.main()
