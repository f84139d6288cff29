#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The phone's domain in a virtual machine: clear words where it cannot run, and
where it can, a pairing and a dose through its three lines.

usage: test_guest.py BIN
@verifies{FPT_SEP.1@1}
"""
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "domain-guest"
SKIP = 77


def start(*command):
    read, write = os.pipe()
    process = subprocess.Popen([*map(str, command), "--ready-fd", str(write)],
                               pass_fds=[write], stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    os.close(write)
    with os.fdopen(read) as ready:
        line = ready.readline()
    return process, json.loads(line) if line else None


def check_refusals(programs, folder):
    for options, word in (
            (["--kernel", str(folder / "none")], "--kernel"),
            (["--bin", str(folder)], "is not built"),
            (["--accel", "magic"], "--accel")):
        done = subprocess.run(
            [sys.executable, str(TOOL), "--dir", str(folder / "refused"),
             "--link", "udp:127.0.0.1:9", "--bin", str(programs), "--accel",
             "tcg", *options], capture_output=True, text=True, check=False,
            timeout=60)
        assert done.returncode != 0 and word in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
    print("ok: what is missing is named")


def check_dose(programs, folder, kernel, accel):
    pump, ready = start(
        programs / "dosegate-device", "--dir", folder / "device", "--link",
        "udp:127.0.0.1:0", "--provision", "adult", "--clock", "real")
    machine, inner = start(
        sys.executable, TOOL, "--dir", folder, "--link", ready["link"], "--bin",
        programs, "--kernel", kernel, "--accel", accel, "--memory", "768")
    try:
        assert inner, machine.stderr.read()
        assert inner["inside"]["isolation"] == "linux", inner
        for words, said in ((["pair"], "Paired as owner"),
                            (["bolus", "0.1", "--yes"], "delivered"),
                            (["status"], "0.10 U of 0.10 U, delivered")):
            done = subprocess.run(
                [str(programs / "dosegate"), *words, "--dir", str(folder)],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=120, check=False)
            assert said in done.stdout, done.stdout + done.stderr
        assert not (folder / "keys").exists(), "keys are on the host"
        print(f"ok: pairing and dose through a machine ({accel})")
    finally:
        for process in (machine, pump):
            process.terminate()
            process.wait(timeout=20)


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    kernels = os.environ.get("DG_GUEST_KERNEL", "").split() or [
        path for path in sorted(glob.glob("/boot/vmlinuz-*"))
        if os.access(path, os.R_OK)]
    if shutil.which("qemu-system-x86_64") is None:
        print("skipped: no qemu-system-x86_64")
        return SKIP
    with tempfile.TemporaryDirectory(prefix="dgg") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o700)
        check_refusals(programs, folder)
        if not kernels:
            print("skipped: no readable kernel in /boot and none in "
                  "DG_GUEST_KERNEL")
            return SKIP
        check_dose(programs, folder, kernels[-1],
                   os.environ.get("DG_GUEST_ACCEL", "kvm"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
