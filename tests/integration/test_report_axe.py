#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Report, technical report and label in a real browser, on a phone's screen, a
desk's and on A4: axe-core finds no barrier, nothing runs over an edge, nothing is
asked of the network, and the code on the label can be read from its picture.

usage: test_report_axe.py BIN TEST_PROGRAM
Skipped (77) without Chromium; without axe-core (tools/fetch-axe) or zbarimg
everything else is checked, and it says "skipped".
@verifies{EVL_OUT.3@1}
"""
import base64
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from browser import Browser  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHONE, DESK = 390, 1200
# A4 less the margins of web/report.css, at 96 dots an inch.
SHEET = int((210 - 2 * 16) / 25.4 * 96)
WIDE = """(() => {
  const root = document.documentElement;
  const wide = [...document.querySelectorAll("body *")].filter(
    e => e.getBoundingClientRect().right > root.clientWidth + 1 &&
         !e.closest(%s));
  return [root.scrollWidth, root.clientWidth,
          wide.slice(0, 3).map(e => e.outerHTML.slice(0, 120))];
})()"""


def call(*words):
    done = subprocess.run([str(word) for word in words], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def find_axe():
    done = subprocess.run([sys.executable, ROOT / "tools" / "fetch-axe"],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)
    if done.returncode != 0:
        print("skipped: axe-core cannot be had:", done.stderr.strip())
        return None
    return (ROOT / "build" / "axe" / "axe.min.js").read_text()


def open_page(browser, path):
    browser.ask("Page.navigate", url=path.as_uri())
    browser.until("document.readyState === 'complete' && location.href === "
                  + json.dumps(path.as_uri()))


def check_barriers(browser, axe, what):
    browser.run(axe + ";0")
    found, passed = browser.run(
        "axe.run().then(r => [r.violations.map(v => v.id + ': ' + v.help + ': '"
        " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')),"
        " r.passes.length])")
    assert not found, (what, found)
    assert passed > 8, (what, "it hardly looked", passed)


def check_screen(browser, path, axe, width, scheme):
    what = f"{path.name} at {width}, {scheme}"
    browser.size(width, 900)
    browser.ask("Emulation.setEmulatedMedia", media="screen",
                features=[{"name": "prefers-color-scheme", "value": scheme}])
    open_page(browser, path)
    scroll, client, wide = browser.run(WIDE % '"pre, details, svg, .scroll"')
    assert scroll <= client and not wide, (what, scroll, client, wide)
    if axe is not None:
        check_barriers(browser, axe, what)


def check_paper(browser, path):
    browser.size(SHEET, 1000)
    browser.ask("Emulation.setEmulatedMedia", media="print", features=[])
    open_page(browser, path)
    # Paper does not scroll: what is too wide is cut off.
    scroll, client, wide = browser.run(WIDE % '"details, svg"')
    assert scroll <= client and not wide, (path.name, scroll, client, wide)
    pdf = base64.b64decode(browser.ask(
        "Page.printToPDF", preferCSSPageSize=True,
        printBackground=True)["data"])
    sheets = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf)
    assert sheets, "no sheet in the PDF"
    for width, height in sheets:
        assert abs(float(width) - 595.3) < 1.5 and \
            abs(float(height) - 841.9) < 1.5, (width, height)
    print(f"{path.name}: {len(sheets)} sheets of A4")


def check_code(browser, folder):
    """The code, read from a picture of the label."""
    browser.ask("Emulation.setDeviceMetricsOverride", width=430, height=1300,
                deviceScaleFactor=3, mobile=False)
    browser.ask("Emulation.setEmulatedMedia", media="screen", features=[])
    open_page(browser, folder / "label.svg")
    if shutil.which("zbarimg") is None:
        print("skipped: no zbarimg to read the code with")
        return False
    picture = folder / "label.png"
    browser.shoot(picture)
    said = call("zbarimg", "--quiet", "--raw", picture).strip()
    assert said == json.loads((folder / "label.json").read_text())["code"], said
    return True


def main():
    if shutil.which("chromium") is None:
        print("skipped: there is no chromium here")
        return 77
    axe = find_axe()
    is_whole = axe is not None
    with tempfile.TemporaryDirectory(prefix="dga") as name:
        place = pathlib.Path(name)
        place.chmod(0o700)
        call(sys.argv[2], place)
        for run in ("failing", "hostile"):
            for form in ("html", "etr", "label", "bundle"):
                call(sys.argv[1] + "/dosegate", "report",
                     place / (run + ".dgrun"), "--format", form, "--out",
                     place / run, "--dir", place)
        browser = Browser()
        try:
            report = place / "failing" / "report.html"
            technical = place / "failing" / "etr.html"
            check_screen(browser, report, axe, PHONE, "light")
            check_screen(browser, report, axe, DESK, "dark")
            check_screen(browser, technical, axe, PHONE, "dark")
            check_screen(browser, technical, None, DESK, "light")
            check_screen(browser, place / "hostile" / "report.html", None, PHONE,
                         "light")
            bundle = place / "failing" / "bundle"
            check_screen(browser, bundle / "architecture.html", axe, PHONE,
                         "dark")
            check_screen(browser, bundle / "tests.html", None, PHONE, "light")
            check_paper(browser, bundle / "risk-assessment.html")
            check_paper(browser, report)
            check_paper(browser, technical)
            is_whole = check_code(browser, place / "failing") and is_whole
            asked = [at for at in browser.requests
                     if not at.startswith(("file:", "about:", "data:"))]
            assert not asked, asked
        finally:
            browser.close()
    return 0 if is_whole else 77


if __name__ == "__main__":
    sys.exit(main())
