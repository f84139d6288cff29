#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The catalogue at the front door: its page in a real browser, a form from its
blank to a verdict, and a test that runs with combinations of its parameters.

usage: test_catalogue.py BIN SPEC
@verifies{EVL_FORM.1@1} @verifies{EVL_COMBINE.1@1} @verifies{EVL_CAT.1@1}
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from test_report_browser import HARNESS, browse

BIN = pathlib.Path(sys.argv[1])
SPEC = pathlib.Path(sys.argv[2])
PERSON = "A. Person"


def run(*words, spec=SPEC, code=0):
    done = subprocess.run(
        [str(BIN / "dosegate"), *words], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120,
        env={**os.environ, "DOSEGATE_SPEC": str(spec)})
    assert done.returncode == code, (words, done.stdout + done.stderr)
    return done.stdout + done.stderr


def evaluate(folder, *words, spec=SPEC, code=0):
    return run("evaluate", "--no-calibration", "--out", str(folder / "out"),
               "--dir", str(folder / "lab"), *words, spec=spec, code=code)


def check_page(folder):
    page = run("catalogue", "--html")
    assert page == run("catalogue", "--html"), "not the same bytes twice"
    kept = (SPEC.parent / "docs" / "catalogue.html").read_text()
    assert kept == page, "docs/catalogue.html is stale: tools/catalogue-page " \
        "makes it again"
    all_of_it = json.loads(run("catalogue", "--json"))
    for one in all_of_it["entries"] + all_of_it["corpus"]:
        assert f'id="{one["id"]}"' in page, one["id"]
    targets = set(re.findall(r' id="([^"]+)"', page))
    for link in re.findall(r'href="([^"]+)"', page):
        assert link[:1] == "#" and link[1:] in targets, link
    assert not re.search(r"<script|https?:|url\(|@import|src=", page)
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped: there is no chromium here")
        return
    (folder / "report.html").write_text(page)
    for width in (1280, 360):
        (folder / "harness.html").write_text(HARNESS % width)
        seen = re.search(r"<title>(.*?)</title>",
                         browse(chromium, folder, "harness.html")).group(1)
        wide = re.fullmatch(r"scroll (\d+) of (\d+); too wide (\d+)", seen)
        assert wide and int(wide[1]) <= int(wide[2]) and wide[3] == "0", seen


def small_spec(folder):
    """One test and one form; the test varies two parameters."""
    spec = folder / "spec"
    shutil.copytree(SPEC, spec)
    for path in (spec / "catalogue").iterdir():
        if path.stem not in ("replay", "form-ports"):
            path.unlink()
    path = spec / "catalogue" / "replay.yaml"
    text = path.read_text()
    for name, values in (("bolus_mU", "[400, 1000]"), ("watch_min", "[5, 6]")):
        text, count = re.subn(rf"(?m)^  {name}: \d+$", f"  {name}: {values}",
                              text)
        assert count == 1, name
    path.write_text(text.replace("\npass:", "strength: 1\n\npass:", 1))
    return spec


def check_combinations(folder, spec):
    def combinations(*words):
        evaluate(folder, "--test", "replay", *words, spec=spec)
        report = (folder / "out" / "report.html").read_text()
        return re.findall(r"Combination (\d) of (\d) \(([^)]*)\): pass",
                          report)
    assert [row[2] for row in combinations()] == [
        "bolus_mU = 400, watch_min = 5", "bolus_mU = 1000, watch_min = 6"]
    assert len(set(combinations("--strength", "2"))) == 4
    said = evaluate(folder, "--strength", "5", spec=spec, code=1)
    assert "--strength" in said, said
    said = evaluate(folder, "--test", "replay", "--product", "flawed/replay",
                    spec=spec, code=2)
    assert re.search(r"fail .*With bolus_mU = 400, watch_min = 5: ", said), said


def check_forms(folder, spec):
    forms = folder / "forms"
    forms.mkdir()
    said = evaluate(folder, spec=spec)
    assert "Not evaluated: 1 form for a person" in said, said
    for name in ("report.html", "label.svg"):
        assert "Not evaluated" in (folder / "out" / name).read_text() or \
            "not evaluated" in (folder / "out" / name).read_text(), name

    # Asked for and not there: pending, and the run could not judge.
    said = evaluate(folder, "--forms", str(forms), spec=spec, code=1)
    assert re.search(r"form-ports +pending", said), said

    # A blank is no answer.
    blank = run("catalogue", "--blank", "form-ports", spec=spec)
    (forms / "form-ports.yaml").write_text(blank)
    said = evaluate(folder, "--forms", str(forms), spec=spec, code=1)
    assert re.search(r"form-ports\.yaml:\d+: ", said), said

    digest = json.loads(run("evaluate", "--plan", "--json", spec=spec))
    items = iter(("none", "nothing", "0", "3 attempts"))
    filled = re.sub(r"(?m)^  -   #.*$", lambda _: f"  - {next(items)}", blank)
    for key, value in (("firmware", digest["firmware_digest"]),
                       ("verdict", "pass"), ("by", PERSON),
                       ("date", "2020-02-29")):
        filled = re.sub(rf"(?m)^{key}:.*$", f"{key}: {value}", filled)
    (forms / "form-ports.yaml").write_text(filled)
    said = evaluate(folder, "--forms", str(forms), spec=spec)
    assert re.search(r"form-ports +pass", said), said
    report = (folder / "out" / "report.html").read_text()
    assert f"Signed by {PERSON} on 2020-02-29" in report
    (forms / "form-ports.yaml").write_text(
        filled.replace("verdict: pass", "verdict: fail"))
    said = evaluate(folder, "--forms", str(forms), spec=spec, code=2)
    assert "form-ports" in said, said
    said = run("catalogue", "--blank", "replay", spec=spec, code=1)
    assert "no form 'replay'" in said, said


def main():
    with tempfile.TemporaryDirectory(prefix="dgc") as place:
        folder = pathlib.Path(place)
        check_page(folder)
        spec = small_spec(folder)
        check_combinations(folder, spec)
        # One value again, so that the rest is quick.
        shutil.copy(SPEC / "catalogue" / "replay.yaml",
                    spec / "catalogue" / "replay.yaml")
        check_forms(folder, spec)
    print("ok: page, combinations, forms")


if __name__ == "__main__":
    main()
