#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""README.md and the pages beside it are true as far as a script can tell: the
example is part of a file that is compiled and run, and every file, command,
function and number that they name is there."""

import re
import unittest

from script import ROOT

README = (ROOT / "README.md").read_text()
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md",
         "CAVEATS.md", "SOUNDNESS.md", "docs/adapter.md", "docs/protocol.md",
         *sorted(path.relative_to(ROOT).as_posix()
                 for path in (ROOT / "docs/adr").glob("*.md")))
CODE = ("core", "include", "ports", "device", "domain", "cli", "eval")
# Made by a run or a build, so not in the tree.
TOPS = tuple(path.name + "/" for path in ROOT.iterdir()
             if path.is_dir() and path.name not in ("build", "out"))


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
        for page in PAGES:
            text = (ROOT / page).read_text()
            for link in re.findall(r"\]\(([^)\s]+)\)", text):
                with self.subTest(page=page, link=link):
                    self.assertNotRegex(link, r"^(https?:|/)")
                    self.assertTrue(
                        ((ROOT / page).parent / link).exists())

    def test_paths__exist(self):
        for page in PAGES:
            words = re.findall(r"`([^`\n]+)`",
                               prose((ROOT / page).read_text()))
            for path in words:
                if path.startswith(TOPS) and "<" not in path and \
                        "NAME" not in path and " " not in path:
                    with self.subTest(page=page, path=path):
                        self.assertTrue((ROOT / path).exists() or
                                        list(ROOT.glob(path)))

    def test_names__are_in_the_code(self):
        code = "\n".join(path.read_text() for folder in CODE
                         for path in (ROOT / folder).rglob("*.[ch]"))
        text = prose((ROOT / "ARCHITECTURE.md").read_text())
        names = set(re.findall(r"`(dg_\w+|\w+_\w+)`", text))
        self.assertGreater(len(names), 40)
        for name in names:
            if name.startswith("test_"):
                continue
            with self.subTest(name=name):
                self.assertRegex(code, rf"\b{name}\b")

    def test_protocol__has_each_number_of_the_headers(self):
        page = (ROOT / "docs/protocol.md").read_text()
        headers = "\n".join(
            path.read_text() for path in (ROOT / "include").rglob("*.h"))
        for name, number in re.findall(
                r"DG_REASON_(\w+) = (\d+)", headers):
            if name != "NONE":
                with self.subTest(reason=name):
                    self.assertRegex(page, rf"(?m)^\| {number} \| ")
        for name, number in re.findall(
                r"DG_(?:REQUEST|ANSWER)_(\w+) = (\d+)", headers):
            if name != "NONE":
                with self.subTest(message=name):
                    self.assertRegex(page, rf"\{{ 0: {number}[, ]")
        for name, word in (("DG_PAIRING_WINDOW_S", "{} s"),
                           ("DG_TICKET_LIFE_S", "lives {} s"),
                           ("DG_BUTTON_WAIT_S", "waits {} s"),
                           ("DG_RECORD_BUCKET", "{} bytes"),
                           ("DG_MESSAGE_MAX", "| message | {} bytes |"),
                           ("DG_CREDENTIAL_CCS_SIZE", "{} bytes"),
                           ("DG_LEDGER_RECORD_SIZE", "records of {} bytes")):
            number = re.search(rf"#define {name}\s+(\d+)U", headers)
            with self.subTest(constant=name):
                self.assertIn(word.format(number.group(1)), page)

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
        verbs = set(re.findall(r"\bdosegate ([a-z][a-z-]*)\b", "\n".join(
            blocks(README) + re.findall(r"`(dosegate [^`]*)`", README))))
        self.assertLessEqual(
            {"up", "pair", "bolus", "status", "stop", "verify"}, verbs)
        for verb in verbs:
            with self.subTest(verb=verb):
                self.assertIn(f'{{ "{verb}",', table)

    def test_manual__each_page_is_about_a_program_or_verb(self):
        built = "\n".join(path.read_text()
                          for deep in ("*", "*/*")
                          for path in ROOT.glob(deep + "/CMakeLists.txt"))
        verbs = (ROOT / "cli/main.c").read_text()
        pages = sorted((ROOT / "docs/man").glob("*.1"))
        self.assertTrue(pages)
        for page in pages:
            with self.subTest(page=page.name):
                verb = page.stem.removeprefix("dosegate-")
                if f'{{ "{verb}", ' not in verbs:
                    self.assertRegex(built,
                                     rf"add_executable\({page.stem}[\s)]")

    def test_manual__names_every_option_of_its_program(self):
        for page, source in (("dosegate-device", "device/options.c"),
                             ("dosegate-domain", "domain/main.c"),
                             ("dosegate-adapter-device",
                              "eval/adapter/main.c"),
                             ("dosegate-profile", "cli/profile_*.c")):
            text = (ROOT / f"docs/man/{page}.1").read_text()
            sources = "".join(path.read_text() for path in ROOT.glob(source))
            options = set(re.findall(r'"\s+--([a-z-]+) ', sources))
            self.assertTrue(options, page)
            for option in options:
                with self.subTest(page=page, option=option):
                    self.assertTrue(
                        option == "help" or
                        re.search(rf"(?m)^\.It Fl -{option}\b", text))


if __name__ == "__main__":
    unittest.main()
