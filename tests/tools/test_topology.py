#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/topology must refuse a file that does not hold together, and the figure
in the pages must be the one that it makes; tools/check-role-symbols must notice
a call that a role must not have."""

import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from script import ROOT, ScriptTest

SOURCE = (ROOT / "spec" / "topology.toml").read_text("utf-8")

# One change each, and a word of the refusal.
BAD = (
    ('promises    = ["channels"]', 'promises    = ["everything"]', "everything"),
    ('namespaces  = ["user", "net"', 'namespaces  = ["net"', "need 'user'"),
    ("memory_mib  = 4", "memory_mib  = 0", "memory_mib"),
    ("memory_mib  = 4\n", "", "'memory_mib' is missing"),
    ("processes   = 0", "processes   = 1", "processes"),
    ('"frame-in",    size = 483', '"frame-in",    size = 4830', "size"),
    ('"frame-in",    size', '"datagram-in", size', "has a rule already"),
    ('name = "event",    size = 33,  phases = "any", full = "drop"',
     'name = "event",    size = 33,  phases = "any", full = "end"',
     "must be droppable"),
    ('"app-stop",    size = 5,   phases = "any"',
     '"app-stop",    size = 5,   phases = "run"', "no phase and no count"),
    ('phases = "start run", full = "end" }',
     'phases = "start walk", full = "end" }', "walk"),
    ('from     = "keys"\nto       = "link"',
     'from     = "keys"\nto       = "keys"', "to self"),
    ('from     = "keys"\nto       = "link"',
     'from     = "key"\nto       = "link"', "no role 'key'"),
    ('mask = "exec"', 'mask = "none"', "mask"),
    ('grant = "reconnect_fd"', 'grant = "any"', "grant"),
    ('[role.link]', '[role.link]\nmood = "good"', "mood"),
)


class Topology(ScriptTest):
    def make(self, what, text=SOURCE):
        self.write("topology.toml", text)
        return self.run_python("topology", what,
                               str(self.tree / "topology.toml"))

    def test_figure_in_the_pages_is_made_of_the_file(self):
        code, figure = self.make("figure")
        self.assertEqual(code, 0)
        self.assertEqual((ROOT / "docs/figures/domain.svg").read_text("utf-8"),
                         figure, "run: tools/topology figure "
                         "spec/topology.toml > docs/figures/domain.svg")
        root = xml.etree.ElementTree.fromstring(figure)
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        for role in ("link", "keys", "therapy", "confirm", "gateway"):
            self.assertIn(f">{role}</text>", figure)

    def test_every_wrong_file_is_refused_by_name(self):
        for old, new, word in BAD:
            with self.subTest(new=new):
                self.assertIn(old, SOURCE)
                code, output = self.make("tables", SOURCE.replace(old, new, 1))
                self.assertEqual(code, 1)
                self.assertIn(word, output)

    def test_what_is_not_toml_is_refused(self):
        for text in ("[", "", "\x00"):
            code, output = self.make("tables", text)
            self.assertEqual(code, 1)
            self.assertNotIn("Traceback", output)

    def test_a_forbidden_call_is_noticed(self):
        if shutil.which("gcc") is None:
            self.skipTest("no gcc")
        for call, code in (("0", 0), ("socket(1, 1, 0)", 1)):
            self.write("role.c", "#include <sys/socket.h>\n"
                       f"int main(void) {{ return {call}; }}\n")
            self.write("bin/made", "")
            for role in ("link", "keys", "therapy", "confirm", "gateway"):
                subprocess.run(
                    ["gcc", "-o", str(self.tree / f"bin/dosegate-role-{role}"),
                     str(self.tree / "role.c")], check=True)
            got, output = self.run_python("check-role-symbols",
                                          str(self.tree / "bin"))
            self.assertEqual(got, code, output)
            self.assertEqual("dosegate-role-keys can call socket()" in output,
                             code == 1)

    def test_no_programs_is_a_skip(self):
        code, output = self.run_python("check-role-symbols", str(self.tree))
        self.assertEqual(code, 77)
        self.assertIn("skipped", output)


if __name__ == "__main__":
    unittest.main()
