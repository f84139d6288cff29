# SPDX-License-Identifier: Apache-2.0
"""What the tests of the scripts share: a throw-away tree, and a run."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class ScriptTest(unittest.TestCase):
    """A test with a folder of its own that is gone afterwards."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_python(self, tool, *arguments):
        """Run tools/TOOL; gives (exit code, output)."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools" / tool), *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=60)
        return done.returncode, done.stdout
