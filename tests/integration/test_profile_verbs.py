#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dosegate profile` and `evaluate --profile` as a person uses them.
@verifies{EVL_PROFILE.1@1}

usage: test_profile_verbs.py BIN_DIR SOURCE_DIR [VECTORS]
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BIN, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
VECTORS = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "none")


class ProfileVerbs(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="dg-profile-"))

    def tearDown(self):
        shutil.rmtree(self.place)

    def run_it(self, *words, code=0):
        """stdout, or with another code stderr."""
        done = subprocess.run([BIN / "dosegate", *words], text=True,
                              capture_output=True, timeout=60, check=False,
                              env={**os.environ, "DOSEGATE_DIR":
                                   str(self.place / "state")})
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return done.stdout if code == 0 else done.stderr

    def pen(self):
        """Another class of product, outside of the tree."""
        shutil.copytree(SOURCE / "examples/profiles", self.place / "theirs")
        return self.place / "theirs/smart-pen.yaml"

    def test_list__names_what_ships(self):
        lines = self.run_it("profile", "list")
        for name in ("connected-device", "mobile-control", "enhanced-basic",
                     "moderate", "high"):
            self.assertIn(f"\n{name} ", "\n" + lines)

    def test_show__one_requirement_in_full(self):
        text = self.run_it("profile", "show", "connected-device", "--of",
                           "FIA_AFL.1")
        self.assertIn("[assignment: positive integer number]", text)
        self.assertIn("has no O.NOTHING",
                      self.run_it("profile", "show", "connected-device",
                                  "--of", "O.NOTHING", code=1))

    def test_other_product_class__needs_no_change_of_code(self):
        pen = self.pen()
        self.assertIn("FPT_RCV.4", self.run_it("profile", "show", pen))
        self.assertIn("smart-pen", self.run_it("profile", "list", pen.parent))
        plan = self.run_it("evaluate", "--plan", "--json", "--no-calibration",
                           "--profile", str(pen))
        self.assertIn('"smart-pen"', plan)

    def test_package__has_to_be_one_of_the_profile(self):
        self.assertIn("smart-pen.yaml: 'packages' of the profile does not name",
                      self.run_it("evaluate", "--plan", "--profile",
                                  str(self.pen()), "--package", "high",
                                  code=1))

    def test_export__is_valid_by_the_published_schema(self):
        schema = VECTORS / "niap/schemas/CCProtectionProfile.rng"
        if not schema.exists() or not shutil.which("xmllint"):
            print("skipped: no published schema, or no xmllint")
            self.skipTest("no schema")
        for number, words in enumerate((
                ("connected-device",), ("mobile-control",),
                ("connected-device", "--package", "high"), (self.pen(),))):
            with self.subTest(words=words):
                out = self.place / f"{number}.xml"
                self.run_it("profile", "export", *words, "--out", out)
                done = subprocess.run(
                    ["xmllint", "--nonet", "--noout", "--relaxng", schema,
                     out], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual("ava_van.5" in out.read_text(),
                                 "high" in words)

    def test_import__becomes_yaml(self):
        published = VECTORS / "niap/mobile-device-4.0.xml"
        if not published.exists():
            print("skipped: no published profile")
            self.skipTest("no profile")
        out = self.place / "phone.yaml"
        self.run_it("profile", "import", published, "--out", out)
        self.assertEqual(self.run_it("profile", "show", out, "--full"),
                         self.run_it("profile", "show", published, "--full"))

    def test_platform__says_what_a_phone_lacks(self):
        published = VECTORS / "niap/mobile-device-4.0.xml"
        if not published.exists():
            print("skipped: no published profile")
            self.skipTest("no profile")
        claimed = self.place / "claimed"
        claimed.write_text("# the phone\nFAU_GEN.1  # first\nFCS_COP.1/HASH\n")
        text = self.run_it("profile", "platform", published, "--claimed",
                           claimed)
        self.assertRegex(text, r"T\.STARVATION\n  not in the phone's profile")
        self.assertIn("AVA_VAN.1", text)
        claimed.write_text("FAU_GEN.9\n")
        self.assertIn("FAU_GEN.9 is no requirement",
                      self.run_it("profile", "platform", published,
                                  "--claimed", claimed, code=1))

    def test_hostile_file__is_refused_and_nothing_is_written(self):
        bomb, out = self.place / "bomb.xml", self.place / "out.yaml"
        bomb.write_text('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
        self.assertIn("bomb.xml:1: a document type or entity declaration",
                      self.run_it("profile", "import", bomb, "--out", out,
                                  code=1))
        self.assertFalse(out.exists())

    def test_full_disk__is_said(self):
        if not os.access("/dev/full", os.W_OK):
            self.skipTest("no /dev/full")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BIN / "dosegate", "profile", "export",
                                   "connected-device"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)

    def test_wrong_file__is_named_with_its_line(self):
        pen = self.pen()
        pen.write_text(pen.read_text().replace("O.COUNT: The", "O.NONE: The"))
        self.assertRegex(self.run_it("profile", "show", pen, code=1),
                         r"smart-pen\.yaml:\d+: O\.NONE is no objective")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
