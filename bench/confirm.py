#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""CPU time of one confirmation through all roles of the phone: an order of the
app, the pump's ticket, the question, a yes, the signature, the commit, the reply.

usage: confirm.py BIN [ROUNDS]
"""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile

ROLES = ("link", "keys", "therapy", "confirm", "gateway")


def talk(path):
    there = socket.socket(socket.AF_UNIX)
    there.settimeout(30)
    there.connect(str(path))
    return there.makefile("rw")


def say(file, line):
    file.write(line + "\n")
    file.flush()


def cpu_ns(folder):
    """Of each role, by the scheduler's own count."""
    parent = (folder / "dosegate-domain.pid").read_text().strip()
    found = {}
    for child in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (child / "stat").read_text().rsplit(")", 1)[1].split()[1] \
                    != parent:
                continue
            name = (child / "cmdline").read_bytes().split(b"\0")[0].decode()
            role = name.rsplit("dosegate-role-", 1)[-1]
            found[role] = int((child / "schedstat").read_text().split()[0])
        except (OSError, IndexError):
            continue
    return found


def main():
    programs, rounds = sys.argv[1], int((sys.argv[2:] or ["20"])[0])
    with tempfile.TemporaryDirectory(prefix="dgb") as place:
        folder = pathlib.Path(place)

        def dosegate(*words):
            subprocess.run([f"{programs}/dosegate", words[0], "--dir", place,
                            *words[1:]], check=True, capture_output=True,
                           stdin=subprocess.DEVNULL, timeout=60)

        try:
            dosegate("up")
            dosegate("pair")
            dosegate("attest")
            app, display = (talk(folder / name)
                            for name in ("gateway.sock", "confirm.sock"))
            before = cpu_ns(folder)
            for i in range(rounds):
                say(app, json.dumps({"op": "temporary-basal",
                                     "mU_per_h": 1200 + (i % 2) * 50,
                                     "over_s": 1800}))
                ask = json.loads(display.readline())
                say(display, f"approve {ask['ticket']} {ask['number']}")
                assert json.loads(display.readline())["show"] == "approved"
                assert json.loads(app.readline())["ok"]
            after = cpu_ns(folder)
        finally:
            dosegate("down")
    each = {role: (after[role] - before[role]) / rounds / 1e6
            for role in ROLES}
    print("confirm round trip, CPU ms a time: "
          f"{sum(each.values()):.2f} (aim under 5): " +
          ", ".join(f"{role} {ms:.2f}" for role, ms in each.items()))


if __name__ == "__main__":
    main()
