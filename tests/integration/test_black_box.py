#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A product of which nothing is known but its address: a stranger can make it
fail, and nothing makes it pass.

usage: test_black_box.py BIN
@verifies{EVL_BLACKBOX.1@1}
"""
import multiprocessing
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

import test_device_cut as cut


def evaluate(programs, folder, address, *options):
    run = subprocess.run(
        [programs + "/dosegate", "evaluate", "--black-box", address, "--out",
         str(folder / "out"), "--dir", str(folder / "lab"), *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
    words = run.stdout + run.stderr
    verdicts = dict(re.findall(
        r"^  ([a-z-]+) +(pass|fail|inconclusive|suite error) ", words,
        re.MULTILINE))
    return run.returncode, words, verdicts


def silent(frame):
    return None


def talks(frame):
    return b"\x02model GLUCO-7 sn 00412\x00" if frame[:1] == b"\x11" else None


def dies_on_long(frame):
    if len(frame) > 900:
        raise SystemExit(1)


def dies_on_nesting(frame):
    if b"\x81\x81\x81\x81\x81" in frame:
        raise SystemExit(1)


def serve(door, answer):
    while True:
        frame, sender = door.recvfrom(2048)
        said = answer(frame)
        if said:
            door.sendto(said, sender)


class Product:
    """A thing behind a port, that ends when it is hurt."""

    def __init__(self, answer):
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        door.bind(("127.0.0.1", 0))
        self.address = f"udp:127.0.0.1:{door.getsockname()[1]}"
        self.process = multiprocessing.get_context("fork").Process(
            target=serve, args=(door, answer), daemon=True)
        self.process.start()
        door.close()

    def end(self):
        self.process.kill()
        self.process.join()


STRANGERS = "stranger-flood,corrupted-frames,fuzz-handshake,passive-capture"


def main():
    programs = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dgb") as place:
        folder = pathlib.Path(place)

        bench = cut.Bench(programs, str(folder / "device"))
        link = bench.must(op="start", unit="x", person="adult")["link"]
        code, words, verdicts = evaluate(programs, folder, link)
        assert code == 1, words
        assert verdicts and set(verdicts.values()) == {"inconclusive"}, words
        assert "From outside this cannot be judged" in words, words
        assert bench.must(op="alive", unit="x")["alive"]
        bench.end()
        print(f"ok: the reference, {len(verdicts)} tests: all inconclusive")

        for answer, test in ((dies_on_long, "corrupted-frames"),
                             (dies_on_nesting, "fuzz-handshake"),
                             (talks, "passive-capture")):
            product = Product(answer)
            code, words, verdicts = evaluate(
                programs, folder, product.address, "--only", test)
            assert code == 2 and verdicts == {test: "fail"}, words
            product.end()
            print(f"ok: {answer.__name__} fails {test}")

        product = Product(silent)
        code, words, verdicts = evaluate(programs, folder, product.address,
                                         "--only", STRANGERS)
        assert code == 1 and len(verdicts) == 4, words
        assert set(verdicts.values()) == {"inconclusive"}, words
        address = product.address
        product.end()
        code, words, verdicts = evaluate(programs, folder, address,
                                         "--only", STRANGERS)
        assert code == 1 and set(verdicts.values()) == {"suite error"}, words
        assert "Nobody listens at" in words, words

        for wrong in ("udp:192.0.2.1:4711", "udp:8.8.8.8:53",
                      "tcp:127.0.0.1:80", "udp:127.0.0.1:0",
                      "udp:127.0.0.1:99999", "udp:localhost:80"):
            code, words, _ = evaluate(programs, folder, wrong)
            assert code == 1 and "--black-box" in words, words
        code, words, _ = evaluate(programs, folder, address, "--product",
                                  "flawed/replay")
        assert code == 1 and "leave them out" in words, words
    print("ok: nothing passes from outside")


if __name__ == "__main__":
    main()
