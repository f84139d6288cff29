#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""README.md is true as far as a script can tell: its example is part of a file
that is compiled and run, and every file and command that it names is there."""

import re
import unittest

from script import ROOT

README = (ROOT / "README.md").read_text()
# Made by a run or a build, so not in the tree.
MADE = ("build/", "out/")


def blocks(text):
    """Code that stands indented or between fences."""
    fenced = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return fenced + indented


def prose(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


class Readme(unittest.TestCase):
    def test_example__is_part_of_the_file_that_is_tested(self):
        fenced = re.findall(r"^```c\n(.*?)^```$", README,
                            re.MULTILINE | re.DOTALL)
        self.assertEqual(len(fenced), 1)
        source = (ROOT / "examples/integration.c").read_text()
        self.assertIn("dg_device_receive", fenced[0])
        self.assertIn(fenced[0], source)
        self.assertLessEqual(fenced[0].count("\n"), 40)

    def test_links__lead_to_files(self):
        links = re.findall(r"\]\(([^)]+)\)", README)
        self.assertGreater(len(links), 10)
        for link in links:
            with self.subTest(link=link):
                self.assertNotRegex(link, r"^(https?:|/)")
                self.assertTrue((ROOT / link).exists())

    def test_paths__exist(self):
        words = re.findall(r"`([^`\n]+)`", prose(README))
        paths = [word for word in words
                 if re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?", word)]
        self.assertTrue(paths)
        for path in paths:
            with self.subTest(path=path):
                self.assertTrue(path.startswith(MADE) or
                                (ROOT / path).exists())

    def test_make__goals_exist(self):
        makefile = (ROOT / "Makefile").read_text()
        goals = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(
            blocks(README) + re.findall(r"`(make [^`]*)`", README))))
        self.assertLessEqual({"run", "test"}, goals)
        for goal in goals:
            with self.subTest(goal=goal):
                self.assertRegex(makefile, rf"(?m)^{goal}:")

    def test_products__exist(self):
        products = re.findall(r"PRODUCT=(\S+)", README)
        self.assertTrue(products)
        for product in products:
            with self.subTest(product=product):
                self.assertTrue(
                    (ROOT / "eval" / product / "change.diff").exists())

    def test_dosegate__verbs_exist(self):
        table = (ROOT / "cli/main.c").read_text()
        verbs = set(re.findall(r"\bdosegate ([a-z]+)\b", "\n".join(
            blocks(README) + re.findall(r"`(dosegate [^`]*)`", README))))
        self.assertLessEqual(
            {"up", "pair", "bolus", "status", "stop", "verify"}, verbs)
        for verb in verbs:
            with self.subTest(verb=verb):
                self.assertIn(f'{{ "{verb}",', table)

    def test_manual__each_page_is_about_a_program(self):
        built = "\n".join(path.read_text()
                          for path in ROOT.glob("*/CMakeLists.txt"))
        pages = sorted((ROOT / "docs/man").glob("*.1"))
        self.assertTrue(pages)
        for page in pages:
            with self.subTest(page=page.name):
                self.assertRegex(built,
                                 rf"add_executable\({page.stem}[\s)]")

    def test_manual__names_every_option_of_its_program(self):
        for page, source in (("dosegate-device", "device/main.c"),
                             ("dosegate-domain", "domain/main.c"),
                             ("dosegate-adapter-device",
                              "eval/adapter/main.c")):
            text = (ROOT / f"docs/man/{page}.1").read_text()
            options = set(re.findall(r'"\s+--([a-z-]+) ',
                                     (ROOT / source).read_text()))
            self.assertTrue(options, page)
            for option in options:
                with self.subTest(page=page, option=option):
                    self.assertTrue(
                        option == "help" or
                        re.search(rf"(?m)^\.It Fl -{option}\b", text))


if __name__ == "__main__":
    unittest.main()
