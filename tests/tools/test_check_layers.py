#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/check-layers must notice each kind of wrong direction."""

import unittest

from script import ScriptTest

GOOD = {
    "include/dosegate/status.h": "#include <stdint.h>\n",
    "include/dosegate/device.h": '#include "dosegate/status.h"\n',
    "include/dosegate/message.h": '#include "dosegate/status.h"\n',
    "core/bytes.h": "#include <stddef.h>\n",
    "core/device.c": '#include "dosegate/device.h"\n#include "bytes.h"\n',
    "ports/host/link.h": '#include "dosegate/status.h"\n',
    "device/world.h": '#include "link.h"\n',
    "device/main.c": '#include <stdio.h>\n#include "world.h"\n',
    "domain/keys.h": '#include "dosegate/message.h"\n',
    "patient/person.c": "static double weight;\n",
    "eval/hex.h": '#include "dosegate/status.h"\n',
    "eval/adapter/unit.h": '#include "eval/hex.h"\n',
    "eval/adapter/bare.c": '#include "dosegate/message.h"\n',
    "cli/main.c": '#include "domain/keys.h"\n',
    "tests/unit/test_device.c": '#include "core/bytes.h"\n',
}

# What one file may not say, and a word of the complaint.
BAD = (
    ("core/device.c", '#include "link.h"', "may not use ports/host/link.h"),
    ("core/device.c", "#include <stdio.h>", "<stdio.h>"),
    ("core/device.c", "  #  include   <stdlib.h>", "<stdlib.h>"),
    ("include/dosegate/device.h", '#include "core/bytes.h"', "core/bytes.h"),
    ("include/dosegate/status.h", "#include <errno.h>", "<errno.h>"),
    ("ports/host/link.c", '#include "device/world.h"', "device/world.h"),
    ("ports/host/link.c", '#include "core/bytes.h"', "core/bytes.h"),
    ("device/main.c", '#include "domain/keys.h"', "domain/keys.h"),
    ("device/main.c", '#include "core/bytes.h"', "core/bytes.h"),
    ("domain/keys.c", '#include "../device/world.h"', "device/world.h"),
    ("domain/keys.c", '#include "world.h"', "device/world.h"),
    ("domain/keys.c", '#include "nobody.h"', "nowhere"),
    ("domain/keys.c", '#include "eval/hex.h"', "eval/hex.h"),
    ("patient/person.c", '#include "link.h"', "ports/host/link.h"),
    ("eval/run.c", '#include "device/world.h"', "device/world.h"),
    ("eval/run.c", '#include "domain/keys.h"', "domain/keys.h"),
    ("eval/run.c", '#include "dosegate/device.h"', "dosegate/device.h"),
    ("eval/run.c", '#include "dosegate/message.h"', "dosegate/message.h"),
    ("eval/run.c", '#include "eval/adapter/unit.h"', "eval/adapter/unit.h"),
    ("eval/adapter/bare.c", '#include "device/world.h"', "device/world.h"),
    ("eval/adapter/bare.c", '#include "dosegate/device.h"',
     "dosegate/device.h"),
    ("core/device.c", "static float dose;", "floating point (float)"),
    ("domain/loop.c", "static const double half = 0.5;",
     "floating point (double)"),
    ("eval/adapter/bare.c", "double x;", "floating point (double)"),
)


class CheckLayers(ScriptTest):
    def setUp(self):
        super().setUp()
        for name, text in GOOD.items():
            self.write(name, text)

    def check(self):
        return self.run_python("check-layers", str(self.tree))

    def test_good_tree__passes(self):
        code, output = self.check()
        self.assertEqual((code, "0 complaints" in output), (0, True), output)

    def test_each_wrong_direction__is_named_with_its_line(self):
        for name, text, word in BAD:
            with self.subTest(name=name, text=text):
                before = GOOD.get(name, "")
                self.write(name, before + text + "\n")
                code, output = self.check()
                line = before.count("\n") + 1
                self.assertEqual(code, 1, output)
                self.assertIn(f"{name}:{line}: ", output)
                self.assertIn(word, output)
                if name in GOOD:
                    self.write(name, before)
                else:
                    (self.tree / name).unlink()

    def test_words_in_comments_and_strings__are_no_floats(self):
        self.write("core/device.c",
                   '/* a double\n float */\nconst char x[] = "double";\n')
        self.assertEqual(self.check()[0], 0)

    def test_empty_tree__fails(self):
        code, _ = self.run_python("check-layers", str(self.tree / "empty"))
        self.assertEqual(code, 1)


if __name__ == "__main__":
    unittest.main()
