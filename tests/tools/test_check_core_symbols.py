#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/check-core-symbols must notice what a freestanding core may not."""

import unittest

from script import ScriptTest

LIST = """set(DG_CORE_FILES
    one.c
    two.c)
"""
ONE = """#include <string.h>
int one(char *to, const char *from, unsigned long n);
int two(int x);
static const char *const names[] = {"a", "b"};
int one(char *to, const char *from, unsigned long n)
{
    memcpy(to, from, n);
    return two(names[n & 1][0]);
}
"""
TWO = "int two(int x);\nint two(int x)\n{\n    return x + 1;\n}\n"
BAD = (
    ("int puts(const char *);\nint f(void);\n"
     "int f(void)\n{\n    return puts(\"x\");\n}\n", "two.c.o: needs puts"),
    ("int count = 3;\n", "writable data in .data"),
    ("int count;\n", "writable data in .bss"),
    ("int f(void);\nint f(void)\n{\n    static int n;\n"
     "    return n++;\n}\n", "writable data in .bss"),
    ("int nobody(void);\nint f(void);\nint f(void)\n{\n"
     "    return nobody();\n}\n", "two.c.o: needs nobody"),
)


class CheckCoreSymbols(ScriptTest):
    def setUp(self):
        super().setUp()
        (self.tree / "include").mkdir()
        self.write("core/CMakeLists.txt", LIST)
        self.write("core/one.c", ONE)
        self.write("core/two.c", TWO)

    def check(self, compiler="gcc"):
        return self.run_python("check-core-symbols", compiler,
                               str(self.tree))

    def test_memcpy_and_tables__pass(self):
        code, output = self.check()
        self.assertEqual(code, 0, output)
        self.assertIn("2 objects, 0 complaints", output)

    def test_each_forbidden_thing__is_named(self):
        for text, complaint in BAD:
            with self.subTest(complaint=complaint, text=text):
                self.write("core/two.c", TWO + text)
                code, output = self.check()
                self.assertEqual(code, 1, output)
                self.assertIn(complaint, output)

    def test_core_that_does_not_compile__fails(self):
        self.write("core/two.c", "nonsense\n")
        self.assertEqual(self.check()[0], 1)

    def test_absent_compiler__is_a_skip_that_says_so(self):
        code, output = self.check("no-such-gcc")
        self.assertEqual(code, 77)
        self.assertIn("skipped", output)

    def test_arm_floating_point__is_named(self):
        self.write("core/two.c",
                   TWO + "float f(float x);\nfloat f(float x)\n{\n"
                   "    return x * 1.5F;\n}\n"
                   "long long g(long long x);\nlong long g(long long x)\n{\n"
                   "    return x / 7;\n}\n")
        code, output = self.check("arm-none-eabi-gcc")
        if code == 77:
            self.skipTest("no arm-none-eabi-gcc")
        self.assertEqual(code, 1, output)
        self.assertIn("needs __aeabi_fmul", output)
        self.assertNotIn("ldivmod", output)


if __name__ == "__main__":
    unittest.main()
