#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The check of the adapter contract: good adapters keep every requirement; each
that does not is told which one, in bounded time, and nothing is left behind.

usage: test_adapter_check.py BIN [ADAPTER...]
@verifies{EVL_ADAPTER.1@1}
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
EXAMPLE = EXAMPLES / "adapter.py"
PRODUCT = EXAMPLES / "dial_pump.py"
REQUIREMENTS = 50  # at least
LINES_MAX = 150    # of an example that somebody reads before writing one

# Mode of hostile_adapter.py: the requirement that it breaks.
WRONG = {"contract-2": "WRONG  hello", "fork-away": "WRONG  end "}


def all_asked():
    """Each operation that docs/adapter.md lists is asked for by the check."""
    page = (HERE.parents[1] / "docs" / "adapter.md").read_text()
    steps = (HERE.parents[1] / "eval" / "conform_steps.c").read_text()
    steps = re.sub(r'"\n +"', "", steps).replace('\\"', '"')
    tables = re.findall(r"\| (op|`do`) \|.*\n\|[- |]*\n((?:\|.*\n)*)", page)
    assert len(tables) >= 4, tables
    for kind, rows in tables:
        for row in rows.splitlines():
            for name in re.findall(r"`([a-z_]+)`", row.split("|")[1]):
                key = kind.strip("`")
                assert f'"{key}":"{name}"' in steps, (key, name)


def check(programs, *adapter):
    began = time.monotonic()
    own = os.environ | {"DG_LEFT": str(adapter[0] if adapter else "") + ".pid"}
    run = subprocess.run(
        [programs + "/dosegate", "adapter", "check", "--patience", "10",
         *map(str, adapter)], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=100, env=own)
    assert time.monotonic() - began < 60, adapter
    return run.returncode, run.stdout, run.stderr


def lines(words, first):
    return [line for line in words.splitlines()
            if line.split()[:1] == [first]]


def broken(folder, name, old, new):
    """The example, or the product that it brings, with one thing wrong."""
    folder = folder / name
    folder.mkdir()
    texts = {path.name: path.read_text() for path in (EXAMPLE, PRODUCT)}
    assert sum(text.count(old) for text in texts.values()) == 1, old
    for file, text in texts.items():
        (folder / file).write_text(text.replace(old, new))
    path = folder / EXAMPLE.name
    path.chmod(0o755)
    return path


def short():
    """An example is read whole, or it is none."""
    for path in (EXAMPLE, EXAMPLES / "adapter.c"):
        count = len(path.read_text().splitlines())
        assert count <= LINES_MAX, f"{path}: {count} lines, {LINES_MAX} at most"


def main():
    programs = sys.argv[1]
    all_asked()
    short()
    good = [programs + "/dosegate-adapter-device", EXAMPLE, *sys.argv[2:]]
    with tempfile.TemporaryDirectory(prefix="dgx") as place, \
            concurrent.futures.ThreadPoolExecutor(4) as pool:
        folder = pathlib.Path(place)
        for code, words, errors in pool.map(
                lambda path: check(programs, path), good):
            assert code == 0, words + errors
            assert len(lines(words, "ok")) >= REQUIREMENTS, words
            assert not lines(words, "WRONG") and not lines(words, "-"), words
        faults = {
            "start": ('"pulse_mU": PULSE', '"pulse_mU": "fifty"'),
            "delivered": ('"delivered": lambda unit, _: {"mU": unit.moved}',
                          '"delivered": lambda unit, _: {}'),
            "advance.dose": ("self.left - PULSE, self.moved + PULSE",
                             "self.left - PULSE, self.moved"),
            "alarms": ("ON_UNIT[op](", "ON_UNIT.get(op, lambda *_: {})("),
            "phone.commit": ("PULSE if sign == 'wrong' else mU", "mU"),
            "phone.connect": ('int(via.rsplit(":", 1)[1])',
                              'units["x"].port'),
            "pose": ('phones[request["as"]]', 'phones["nobody"]'),
            "power_on.connect": ('bind(("127.0.0.1", self.port))',
                                 'bind(("127.0.0.1", 0))'),
        }
        jobs = {}
        for name, (old, new) in faults.items():
            path = broken(folder, name, old, new)
            jobs[name] = pool.submit(check, programs, path)
        for mode in WRONG:
            path = folder / ("hostile-" + mode)
            path.mkdir()
            (path / mode).symlink_to(HERE / "hostile_adapter.py")
            jobs["hostile " + mode] = pool.submit(check, programs,
                                                  path / mode)
        for name, job in jobs.items():
            code, words, errors = job.result()
            wanted = WRONG.get(name.removeprefix("hostile "),
                               "WRONG  " + name)
            assert code == 2, (name, words, errors)
            assert wanted in words, (name, wanted, words)
            for word in ("sent", "came", "why", "do"):
                assert lines(words, word), (name, words)
            print(f"ok: {name}")
        code, _, errors = check(programs, folder / "nobody")
        assert code == 1 and "could not be started" in errors, errors
        code, _, errors = check(programs)
        assert code == 1 and "name the adapter" in errors, errors
    print("ok: the check finds what is wrong, and nothing where nothing is")


if __name__ == "__main__":
    main()
