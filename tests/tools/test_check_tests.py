#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/check-tests must notice a test that knows its product."""

import unittest

from script import ScriptTest

GOOD = '''#include "eval/attacks/attacks.h"
/* What dosegate's flawed/leaky-pipe does, and a process opens (). */
void dg_attack_replay(struct dg_scene *scene)
{
    dg_scene_try(scene, "Open a session and replay the leaky pipe.");
    order(scene, json_pack("{s:s}", "op", "start"));
    row("replay", "status");
}
'''

BAD = (
    ('dg_scene_see(scene, "Dosegate passes");', "names a product"),
    ('path("../flawed/leaky-pipe");', "names a product"),
    ('if (strcmp(name, "leaky-pipe") == 0) {}', "flawed product leaky-pipe"),
    ('if (scene->run->product.name[0] == 0) {}', "who the product is"),
    ('json_decref(dg_scene_ask(scene, json_pack("{s:s}", "op", "hello")));',
     "who the product is"),
    ('const char *bin = getenv("BIN");', "past the adapter"),
    ('FILE *log = fopen("adapter.log", "r");', "files of its own"),
    ("kill(scene->child.pid, 9);", "process"),
)


class CheckTests(ScriptTest):
    def setUp(self):
        super().setUp()
        for name in ("leaky-pipe", "replay", "status"):
            self.write(f"eval/flawed/{name}/product.yaml", "flaw: x\n")
        self.write("spec/catalogue/replay.yaml", "id: replay\n")
        self.write("docs/adapter.md", "| `status` | the device answered |\n")
        self.write("eval/attacks/replay.c", GOOD)

    def test_good__passes(self):
        code, said = self.run_python("check-tests", str(self.tree))
        self.assertEqual(code, 0, said)
        self.assertIn("1 files, 1 names, 0 complaints", said)

    def test_each_wrong_line__is_named(self):
        for folder in ("attacks", "hazards"):
            for line, word in BAD:
                with self.subTest(line=line):
                    self.write(f"eval/{folder}/bad.c",
                               GOOD.replace("    row", f"    {line}\n    row"))
                    code, said = self.run_python("check-tests", str(self.tree))
                    self.assertEqual(code, 1, said)
                    self.assertIn(f"eval/{folder}/bad.c:7: ", said)
                    self.assertIn(word, said)
            self.write(f"eval/{folder}/bad.c", GOOD)

    def test_nothing_to_check__is_a_failure(self):
        (self.tree / "eval/attacks/replay.c").unlink()
        self.assertEqual(self.run_python("check-tests", str(self.tree))[0], 1)


if __name__ == "__main__":
    unittest.main()
