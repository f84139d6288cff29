#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The outputs of a run, read back: each fits the schema of its format and the
rules that a schema cannot say, says the same as the run, comes out the same
twice, and is found out when it is altered.

usage: test_outputs.py BIN TEST_PROGRAM VECTORS
The schemas are optional (VECTORS/schemas): all else is checked without them,
and then it says "skipped" (77).
@verifies{EVL_OUT.1@1} @verifies{EVL_OUT.2@1} @verifies{EVL_OUT.4@1}
"""
import base64
import collections
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
import xml.etree.ElementTree

RUNS = ("passing", "failing", "hostile")
SCHEMAS = {
    "sarif": "sarif-schema-2.1.0.json",
    "oscal": "oscal_assessment-results_schema.json",
    "csaf": "csaf_json_schema.json",
}


def call(*words, code=0):
    done = subprocess.run([str(word) for word in words], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60)
    assert done.returncode == code, (words, done.returncode, done.stdout,
                                     done.stderr)
    return done.stdout + done.stderr


def read(path):
    return json.loads(path.read_text())


def junit_verdicts(folder):
    """What the run says, by the output that was there before."""
    verdicts = {}
    root = xml.etree.ElementTree.parse(folder / "junit.xml").getroot()
    for case in root.iter("testcase"):
        test = case.get("name").split(":")[0]
        verdicts[test] = next(one.get("value") for one in case.iter("property")
                              if one.get("name") == "verdict")
    return verdicts


# Schemas ------------------------------------------------------------------


def no_network(address):
    raise AssertionError("a schema asks the network for " + address)


def validators(folder):
    import jsonschema

    def load(name):
        text = (folder / name).read_text()
        # ECMAScript's \\p{L} is unknown to Python's re; this means the same.
        return json.loads(text.replace(
            r"^(\\p{L}|_)(\\p{L}|\\p{N}|[.\\-_])*$", r"^[^\\W\\d][\\w.\\-]*$"))

    store = {}
    for name in ("cvss-v2.0", "cvss-v3.0", "cvss-v3.1"):
        schema = load(name + ".json")
        store[f"https://www.first.org/cvss/{name}.json"] = schema
    made = {}
    for kind, name in SCHEMAS.items():
        schema = load(name)
        own = schema.get("$id", schema.get("id", ""))
        maker = jsonschema.validators.validator_for(schema)
        resolver = jsonschema.RefResolver(
            own, schema, store=dict(store, **{own: schema, own + "#": schema}),
            handlers={"http": no_network, "https": no_network})
        made[kind] = maker(schema, resolver=resolver,
                           format_checker=jsonschema.FormatChecker())
    return made


def check_schema(checks, kind, document):
    wrong = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
             for e in checks[kind].iter_errors(document)]
    assert not wrong, (kind, wrong[:5])


# What no schema says ------------------------------------------------------

SARIF_KIND = {
    "pass": "pass", "fail": "fail", "waived": "fail", "pending": "review",
    "not applicable": "notApplicable",
}


def check_sarif(log, verdicts, digest):
    assert log["properties"]["run"] == "dosegate-run:sha256:" + digest
    run, = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == list(verdicts)
    results = {one["ruleId"]: one for one in run["results"]}
    assert len(results) == len(run["results"]) == len(verdicts)
    for test, verdict in verdicts.items():
        one = results[test]
        assert rules[one["ruleIndex"]] == test
        assert one["kind"] == SARIF_KIND.get(verdict, "open"), (test, verdict)
        # 3.27.10: a level only where something was found.
        assert (one["level"] == "error") == (one["kind"] == "fail")
        assert one["properties"]["verdict"] == verdict
        assert ("suppressions" in one) == (verdict == "waived")
    faults = run["invocations"][0].get("toolExecutionNotifications", [])
    assert len(faults) == list(verdicts.values()).count("suite error")
    assert {"sha-256": digest} in [a["hashes"] for a in run["artifacts"]]


def check_oscal(document, verdicts, digest, plain):
    root = document["assessment-results"]
    result, = root["results"]
    known = collections.Counter()
    used = set()

    def walk(node, key=""):
        if isinstance(node, dict):
            for name, value in node.items():
                if name == "uuid":
                    known[value] += 1
                elif name.endswith("-uuid"):
                    used.add(value)
                elif name == "href" and value.startswith("#"):
                    used.add(value[1:])
                walk(value, name)
        elif isinstance(node, list):
            for one in node:
                walk(one, key)

    walk(root)
    assert used <= set(known), "a reference leads nowhere"
    assert max(known.values()) == 1, "two things have one name"
    assert all(uuid.UUID(one).version == 5 for one in known)
    mine = uuid.uuid5(uuid.NAMESPACE_URL,
                      f"dosegate-run:sha256:{digest}/assessment/")
    assert root["uuid"] == str(mine)
    seen = {}
    for one in result["observations"]:
        props = {prop["name"]: prop["value"] for prop in one["props"]}
        seen[props["test-id"]] = props["verdict"]
    assert seen == verdicts
    controls = result["reviewed-controls"]["control-selections"][0]
    ids = [one["control-id"] for one in controls["include-controls"]]
    assert ids == [one["target"]["target-id"] for one in result["findings"]]
    for one in result["findings"]:
        tests = [ref["observation-uuid"] for ref in one["related-observations"]]
        found = [verdicts[test] for test in verdicts
                 if str(uuid.uuid5(uuid.NAMESPACE_URL, "dosegate-run:sha256:"
                                   f"{digest}/test/{test}")) in tests]
        assert len(found) == len(tests)
        counted = set(found) - {"not applicable"}
        is_met = counted == {"pass"}
        assert (one["target"]["status"]["state"] == "satisfied") == is_met
        assert (one["target"]["status"]["reason"] == "fail") == \
            ("fail" in counted)
    if plain:
        assert "fcs_cop.1_hash" not in ids
    else:
        assert "fcs_cop.1_hash" in ids and "_1_" in ids


def check_csaf(document, path, verdicts, digest):
    head = document["document"]
    assert digest in head["notes"][0]["text"]
    # 5.1: the name of the file is made from the id.
    name = re.sub(r"[^+\-a-z0-9]+", "_", head["tracking"]["id"].lower())
    assert path.name == name + ".json"
    # 6.1.27: what the profile VEX asks for.
    names = set()

    def products(branch):
        if "product" in branch:
            names.add(branch["product"]["product_id"])
        for one in branch.get("branches", ()):
            products(one)

    products(document["product_tree"])
    status = {"pass": "known_not_affected", "fail": "known_affected",
              "waived": "known_affected",
              "not applicable": "known_not_affected"}
    seen = []
    for one in document["vulnerabilities"]:
        test = one["ids"][0]["text"]
        seen.append(test)
        state, = one["product_status"]
        assert state == status.get(verdicts[test], "under_investigation")
        assert set(one["product_status"][state]) <= names
        assert one["notes"]

        def covers(part, **want):
            return [item for item in one.get(part, ())
                    if names <= set(item["product_ids"]) and
                    all(item[key] == value for key, value in want.items())]

        if state == "known_not_affected":
            assert covers("flags") or covers("threats", category="impact")
        if state == "known_affected":
            assert covers("remediations")
    assert seen == list(verdicts)


GROUPS = ["Identity", "Claim", "Evaluation", "Platform", "Safety",
          "Duties of the user", "Updates", "Components", "Data", "Contact"]


def check_label(folder, verdicts, digest, run_key):
    label = read(folder / "label.json")
    assert label["run"] == "dosegate-run:sha256:" + digest
    assert label["code"] == f"{label['run']}?key={run_key}"
    assert [one["group"] for one in label["groups"]] == GROUPS
    facts = {one["title"]: one for group in label["groups"]
             for one in group["facts"]}
    said = collections.Counter(verdicts.values())
    assert facts["Tests"]["value"].startswith(
        f"{said['fail']} failed, {said['pass']} passed, ")
    assert facts["Full record"]["value"] == label["run"]
    text = (folder / "label.txt").read_text()
    assert not [c for c in text if ord(c) < 32 and c != "\n"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    for title, one in facts.items():
        assert one["stated"] == (one["value"] is not None), title
        if not one["stated"]:
            assert f"  {title}: not stated\n" in text, title
    silent = sum(not one["stated"] for one in facts.values())
    assert silent >= 20, "the sample states less than that"
    drawn = (folder / "label.svg").read_text()
    assert f">{silent} of {len(facts)} facts<" in drawn
    for words in ("not a certificate", "non-normative"):
        assert words in drawn and words in text and words in label["notice"] \
            .replace("\n", " ")
    # 4.3: the points stand in the full record only.
    assert not re.search(r"\d points", text + drawn)


def join(verdicts):
    """CEM 8.2.5, a second time."""
    if "fail" in verdicts:
        return "fail"
    return "pass" if set(verdicts) == {"pass"} else "inconclusive"


def check_etr(folder, verdicts, name, criteria):
    report = read(folder / "etr.json")
    assert [part["title"][:2] for part in report["parts"]] == [
        f"{n} " for n in range(1, 9)]
    results = report["parts"][3]["content"]
    seen = {}
    for one in results["classes"]:
        for component in one["components"]:
            units = []
            for element in component["elements"]:
                below = [unit["verdict"] for unit in element["units"]]
                assert element["verdict"] == join(below)
                units += element["units"]
            assert [u["unit"] for u in units] == [
                f"{component['component']}-{n + 1}" for n in range(len(units))]
            assert component["verdict"] == join(
                [element["verdict"] for element in component["elements"]])
            # A tool never fills in what needs a person.
            assert all(u["verdict"] == "inconclusive" for u in units
                       if u["by"] == "person")
            seen[component["component"]] = len(units)
        assert one["verdict"] == join(
            [component["verdict"] for component in one["components"]])
    assert results["overall"] == join(
        [one["verdict"] for one in results["classes"]])
    assert results["overall"] == ("inconclusive" if name == "passing"
                                  else "fail")
    observed = [one["id"] for one in report["parts"][7]["content"]]
    assert observed == ["OR-" + test for test, verdict in verdicts.items()
                        if verdict in ("fail", "waived")]
    tests = results["vulnerability_analysis"]["penetration_tests"]
    assert {one["test"]: one["verdict"] for one in tests} == verdicts
    page = (folder / "etr.html").read_text()
    assert all(f">{unit}-1<" in page for unit in seen)
    if criteria is None:
        return
    rows = [line.split("\t") for line in
            (criteria / "sar_deps_31R5.tsv").read_text().splitlines()]
    units = {row[0]: int(row[7]) for row in rows[1:]}
    assert {one: units[one] for one in seen} == seen
    closures = {row.split("\t")[1]: row.rstrip("\n").split("\t")[2].split("; ")
                for row in (criteria / "sar_closure.tsv").read_text()
                .splitlines() if row.startswith("31R5")}
    claim = list(seen)[-1]
    assert set(closures[claim]) <= set(seen), claim


NAMES = ("SFR:", "REQ:", "TEST:", "RISK:", "IF:", "VIEW:", "COMPONENT:",
         "FINDING:", "T.", "O.", "OE.", "P.", "A.")


def check_bundle(folder, verdicts, digest, name):
    """Every name is the name of one row, and every link leads there."""
    bundle = read(folder / "bundle.json")
    assert bundle["run"] == "dosegate-run:sha256:" + digest
    rows = collections.Counter()
    used = set()

    def walk(node, key):
        if isinstance(node, dict):
            for below, value in node.items():
                walk(value, below)
        elif isinstance(node, list):
            for one in node:
                walk(one, key)
        elif key == "id":
            rows[node] += 1
        elif key in ("threat", "test", "risk", "tests", "risks", "requirements",
                     "countered_by", "met_by") and \
                str(node).startswith(NAMES):
            used.add(node)

    walk(bundle["documents"], "")
    assert used <= set(rows), used - set(rows)
    assert len(used) > 10
    if name != "hostile":  # its threats and requirements are all one text
        assert max(rows.values()) == 1, rows.most_common(2)
    pages = {path.name: path.read_text() for path in folder.glob("*.html")}
    assert len(pages) == len(bundle["documents"]) == 7
    links = 0
    for page in pages.values():
        for link in re.findall(r'href="([^"]*)"', page):
            file, _, row = link.partition("#")
            assert file in pages, link
            assert not row or f'id="{row}"' in pages[file], link
            links += 1
    assert links > 7 * 7 + 20, links
    documents = {one["file"]: one for one in bundle["documents"]}

    def table(file, title):
        return next(one["rows"] for one in documents[file]["sections"]
                    if one["title"] == title)

    tests = {one["id"][5:]: one["verdict"] for one in table("tests", "Tests")}
    assert tests == verdicts
    risks = table("risk-assessment", "Risks")
    assert [one["id"][5:] for one in risks] == list(verdicts)
    for one in risks:
        assert (one["after_controls"] == "as before: the attack works") == \
            (one["verdict"] == "fail")
    for one in table("traceability", "Requirements"):
        below = {verdicts[test[5:]] for test in one["tests"]}
        if one["state"] == "met":
            assert "pass" in below and below <= {"pass", "not applicable"}
        assert ("fail" in below) == (one["state"] == "not met")
        assert (one["state"] == "no test in this run") == (not below)
    views = [one["id"] for one in documents["architecture"]["sections"]
             if "svg" in one]
    assert views == [f"VIEW:{n}" for n in range(1, 5)]
    for section in documents["architecture"]["sections"]:
        if "svg" in section:
            xml.etree.ElementTree.fromstring(section["svg"])
    if name == "passing":
        threats = table("threat-model", "Threats")
        assert all(one["agent"] != "not stated" and one["assets"] and
                   one["countered_by"] for one in threats)
        harms = {one["harm"] for one in risks
                 if one["threat"] in [threat["id"] for threat in threats]}
        assert "not stated" not in harms


def check_sbom(dosegate, place):
    """A list with faults: a line for each, here and in the bundle."""
    faulty = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
              "components": [{"type": "library", "name": "alib",
                              "bom-ref": "a"}],
              "dependencies": [{"ref": "a", "dependsOn": ["gone"]}]}
    path = place / "sbom.json"
    path.write_text(json.dumps(faulty))
    said = call(dosegate, "report", place / "passing.dgrun", "--format",
                "bundle", "--out", place / "with", "--sbom", path, "--dir",
                place)
    rules = re.findall(r"sbom\.json: (SBOM-\w+): ", said)
    assert {"SBOM-AUTHOR", "SBOM-TIME", "SBOM-SERIAL", "SBOM-PRODUCT",
            "SBOM-VERSION", "SBOM-SUPPLIER", "SBOM-ID", "SBOM-DIGEST",
            "SBOM-SUPPORT", "SBOM-END", "SBOM-DANGLING"} == set(rules)
    page = read(place / "with" / "bundle" / "bundle.json")
    listed = next(one for one in page["documents"]
                  if one["file"] == "components")
    found = next(one["rows"] for one in listed["sections"]
                 if one["title"] == "Findings")
    assert [one["rule"] for one in found] == rules
    path.write_text("{")
    said = call(dosegate, "report", place / "passing.dgrun", "--format",
                "bundle", "--out", place / "without", "--sbom", path, "--dir",
                place, code=1)
    assert "sbom.json: line 1" in said and \
        not (place / "without" / "bundle").exists()


def check_pdf(path, verdicts, digest):
    pdf = path.read_bytes()
    assert pdf.startswith(b"%PDF-") and b"/Outlines" in pdf
    if shutil.which("pdftotext") is None:
        print("skipped: no pdftotext to read the PDF with")
        return
    sheets = call("pdftotext", "-layout", path, "-").split("\f")[:-1]
    assert len(sheets) >= 3
    for number, sheet in enumerate(sheets):
        foot = sheet.strip().splitlines()[-1]
        assert digest in foot and foot.endswith(str(number + 1)), foot
    text = " ".join(" ".join(sheets).split())
    for test, verdict in verdicts.items():
        assert f"({test})" in text and verdict in text, test
    # Nothing is cut off at the right edge of the sheet.
    page = call("pdftotext", "-bbox", path, "-")
    right = [float(x) for x in re.findall(r'xMax="([0-9.]+)"', page)]
    assert right and max(right) <= 595.3 - 51 + 1, max(right)


def pae(kind, body):
    return b"DSSEv1 %d %s %d " % (len(kind), kind.encode(), len(body)) + body


def check_intoto(folder, verdicts, digest, run_key):
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.exceptions import InvalidSignature

    key = serialization.load_pem_public_key(
        (folder / "lab-key.pem").read_bytes())
    point = key.public_numbers()
    mine = hashlib.sha256(point.x.to_bytes(32, "big") +
                          point.y.to_bytes(32, "big")).hexdigest()[:16]
    assert mine == run_key
    for name in ("test-result", "verification"):
        envelope = read(folder / (name + ".dsse.json"))
        body = base64.b64decode(envelope["payload"], validate=True)
        one, = envelope["signatures"]
        signature = base64.b64decode(one["sig"], validate=True)
        assert one["keyid"] == run_key
        assert envelope["payloadType"] == "application/vnd.in-toto+json"
        check = (signature, pae(envelope["payloadType"], body),
                 ec.ECDSA(hashes.SHA256()))
        key.verify(*check)
        try:
            key.verify(signature, pae(envelope["payloadType"], body + b" "),
                       check[2])
        except InvalidSignature:
            pass
        else:
            raise AssertionError("an altered statement was taken")
        assert body == (folder / (name + ".intoto.json")).read_bytes()
        statement = json.loads(body)
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        for subject in statement["subject"]:
            assert re.fullmatch("[0-9a-f]{64}", subject["digest"]["sha256"])
    result = read(folder / "test-result.intoto.json")["predicate"]
    assert result["configuration"][0]["digest"]["sha256"] == digest
    by = {"passedTests": [], "warnedTests": [], "failedTests": []}
    for test, verdict in verdicts.items():
        if verdict != "not applicable":
            by[{"pass": "passedTests", "fail": "failedTests"}.get(
                verdict, "warnedTests")].append(test)
    assert {key: result[key] for key in by} == by
    assert result["result"] == ("FAILED" if by["failedTests"] else
                                "WARNED" if by["warnedTests"] else "PASSED")
    summary = read(folder / "verification.intoto.json")["predicate"]
    # Of a whole run; test_outputs.c has one of chosen tests, and says so.
    assert ("DOSEGATE_ALL_TESTS_PASSED" in summary["properties"]) == \
        (result["result"] == "PASSED")
    assert isinstance(summary["verifier"]["policies"], list)


def check_run(dosegate, place, name, checks, criteria):
    run = place / (name + ".dgrun")
    digest = hashlib.sha256(run.read_bytes()).hexdigest()
    folder = place / name
    again = place / (name + "-again")
    for out in (folder, again):
        call(dosegate, "report", run, "--out", out, "--dir", place)
    (folder / run.name).write_bytes(run.read_bytes())
    said = call(dosegate, "verify", run, "--dir", place)
    run_key = re.search(r"lab key ([0-9a-f]{16})", said).group(1)
    verdicts = junit_verdicts(folder)
    assert verdicts
    csaf = folder / f"dosegate-{digest[:16]}.json"
    made = {"sarif": read(folder / "results.sarif"),
            "oscal": read(folder / "oscal-assessment-results.json"),
            "csaf": read(csaf)}
    check_sarif(made["sarif"], verdicts, digest)
    check_oscal(made["oscal"], verdicts, digest, name != "hostile")
    check_csaf(made["csaf"], csaf, verdicts, digest)
    check_intoto(folder, verdicts, digest, run_key)
    check_label(folder, verdicts, digest, run_key)
    check_etr(folder, verdicts, name, criteria)
    check_bundle(folder / "bundle", verdicts, digest, name)
    check_pdf(folder / "report.pdf", verdicts, digest)
    for kind, document in made.items():
        if checks:
            check_schema(checks, kind, document)
    for path in sorted((again / "bundle").iterdir()):
        assert path.read_bytes() == \
            (folder / "bundle" / path.name).read_bytes(), path.name
    for path in sorted(again.iterdir()):
        if path.is_dir():
            continue
        one = (folder / path.name).read_bytes()
        if path.name.endswith(".dsse.json"):
            # Fresh randomness in the signature; the statement is the same.
            assert json.loads(one)["payload"] == read(path)["payload"]
            continue
        assert one == path.read_bytes(), f"{path.name} came out otherwise"
        if path.suffix in (".pem", ".pdf"):
            continue
        call(dosegate, "verify", folder / path.name, "--dir", place)
        if path.suffix in (".json", ".sarif"):
            assert one.isascii() and b"\x1b" not in one
            (folder / path.name).write_bytes(one.replace(b"pass", b"fail", 1)
                                             if b"pass" in one else one[:-2])
            call(dosegate, "verify", folder / path.name, "--dir", place,
                 code=2)
            (folder / path.name).write_bytes(one)
    for other in ("bundle/index.html", "bundle/bundle.json", "report.pdf",
                  "verification.dsse.json"):
        assert "cannot be compared" in call(
            dosegate, "verify", folder / other, "--dir", place, code=1)
    print(f"{name}: {len(list(again.iterdir()))} files, "
          f"{len(verdicts)} tests in each")


def check_refusals(dosegate, place):
    run = place / "passing.dgrun"
    out = place / "refused"
    said = call(dosegate, "report", run, "--out", out, "--dir",
                place / "nobody", code=2)
    assert "--key" in said and not out.exists()
    (place / "bad.dgrun").write_bytes(run.read_bytes()[:-40])
    said = call(dosegate, "report", place / "bad.dgrun", "--out", out, "--dir",
                place, code=2)
    assert "altered" in said and not out.exists()
    call(dosegate, "report", place / "lab.key", "--out", out, "--dir", place,
         code=1)
    said = call(dosegate, "report", run, "--format", "docx", code=1)
    assert "docx" in said
    said = call(dosegate, "report", code=1)
    assert "name the run file" in said
    (place / "file").write_text("")
    call(dosegate, "report", run, "--out", place / "file" / "x", "--dir",
         place, code=1)


def main():
    # Debian 12 has jsonschema 4.10, where nothing else takes a local store.
    warnings.simplefilter("ignore", DeprecationWarning)
    dosegate = sys.argv[1] + "/dosegate"
    criteria = pathlib.Path(sys.argv[3]) / "criteria"
    schemas = pathlib.Path(sys.argv[3]) / "schemas"
    checks = validators(schemas) if schemas.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="dgo") as name:
        place = pathlib.Path(name)
        place.chmod(0o700)
        call(sys.argv[2], place)
        for run in RUNS:
            check_run(dosegate, place, run, checks,
                      criteria if criteria.is_dir() else None)
        check_sbom(dosegate, place)
        check_refusals(dosegate, place)
    if checks is None:
        print(f"skipped: no schemas in {schemas}; all else was checked")
        return 77
    print("every document fits its schema")
    return 0


if __name__ == "__main__":
    sys.exit(main())
