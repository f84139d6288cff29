#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The report in a real browser: it says what it should, asks the network for
nothing, and fits a phone's screen as well as a desk's.

usage: test_report_browser.py BIN
Skipped (77) where there is no Chromium.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HARNESS = """<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe src="report.html" style="border:0;height:900px;width:%dpx"></iframe>
<script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument;
  const root = page.documentElement;
  const wide = [...page.querySelectorAll("body *")].filter(
    e => e.getBoundingClientRect().right > root.clientWidth + 1 &&
         !e.closest("pre, details, svg, .scroll, table")).length;
  document.title = "scroll " + root.scrollWidth + " of " + root.clientWidth +
    "; too wide " + wide;
});
</script>
"""


def browse(chromium, folder, page):
    with tempfile.TemporaryDirectory(prefix="dgb") as profile:
        done = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--allow-file-access-from-files",
             "--virtual-time-budget=3000", "--user-data-dir=" + profile,
             "--window-size=1400,1000", "--dump-dom",
             (folder / page).as_uri()],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=90)
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


def main():
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped: there is no chromium here")
        sys.exit(77)
    dosegate = sys.argv[1] + "/dosegate"
    with tempfile.TemporaryDirectory(prefix="dgr") as place:
        folder = pathlib.Path(place)
        out = folder / "out"
        done = subprocess.run(
            [dosegate, "evaluate", "--test", "replay", "--product",
             "flawed/replay", "--out", str(out), "--dir", str(folder / "lab")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120)
        assert done.returncode == 2, done.stdout + done.stderr
        source = (out / "report.html").read_text()
        reached = re.findall(r'(?:src|href|url)\s*[=(]\s*["\']?(?!#)([^"\') >]+)',
                             source)
        assert not [at for at in reached if not at.startswith("data:")], reached
        dom = browse(chromium, out, "report.html")
        for words in ("A recorded dose is sent again", "fail", "non-normative",
                      "tools/run --product flawed/replay --only replay"):
            assert words in dom, f"the report does not say: {words}"
        for width in (390, 768, 1200):
            (out / "frame.html").write_text(HARNESS % width)
            found = re.search(r"<title>scroll (\d+) of (\d+); too wide (\d+)",
                              browse(chromium, out, "frame.html"))
            assert found, "the page was not measured"
            scroll, client, wide = map(int, found.groups())
            assert client == width or client == width - 15, (width, client)
            assert scroll <= client and wide == 0, (width, scroll, wide)
            print(f"{width} px: fits, nothing runs over the edge")


if __name__ == "__main__":
    main()
