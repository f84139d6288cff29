#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What dosegate-device says to wrong options and wrong files: a clear word, an
exit code of 1 or the safe state, and nothing changed on disk.

usage: test_device_program.py BIN
@verifies{FPT_FLS.1@1}
"""
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

device = ""


def run(*options, timeout=10):
    """Run to its end; gives code and all that was said."""
    done = subprocess.run([device, *options], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout)
    return done.returncode, done.stdout + done.stderr


def start(folder, *options, stderr=None):
    process = subprocess.Popen([device, "--dir", str(folder), *options],
                               stdin=subprocess.DEVNULL, stderr=stderr,
                               stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line, "the device did not come up"
    assert json.loads(line)["ready"] is True
    return process


def end(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0, "SIGTERM did not end it cleanly"


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir() if path.is_file()}


def refuses(folder, words, *options):
    """It must not run, must say @words, and must leave the files alone."""
    before = digests(folder)
    code, said = run("--dir", str(folder), *options)
    assert code == 1, (words, code, said)
    for word in words:
        assert word in said, (word, said)
    assert digests(folder) == before, ("files changed", words)


def check_options(folder):
    code, said = run("--help")
    assert code == 0 and "usage:" in said
    for options, words in (
            ((), ["--dir"]),
            (("--frobnicate",), ["usage:"]),
            (("--dir", str(folder), "extra"), ["extra"]),
            (("--dir", str(folder), "--clock", "fast"), ["--clock", "fast"]),
            (("--dir", str(folder), "--package", "huge"), ["--package"]),
            (("--dir", str(folder), "--ready-fd", "x"), ["--ready-fd"]),
            (("--dir", str(folder), "--ready-fd", ""), ["--ready-fd"]),
            (("--dir", "x" * 600), ["shorter"]),
    ):
        code, said = run(*options)
        assert code == 1, (options, code, said)
        for word in words:
            assert word in said, (options, said)
    print("ok: options")


def check_new_pump(folder):
    refuses(folder, ["--provision"])
    refuses(folder, ["--provision", "nobody", "adult"],
            "--provision", "nobody")
    refuses(folder, ["--link", "udp:127.0.0.1"],
            "--provision", "adult", "--link", "udp:192.0.2.1:9")
    end(start(folder, "--clock", "driven", "--provision", "adult"))
    end(start(folder, "--clock", "driven"))
    print("ok: a new pump")


def check_two_at_once(folder):
    first = start(folder, "--clock", "driven")
    refuses(folder, ["in use"], "--clock", "driven", "--bench",
            str(folder / "other.sock"))
    end(first)
    print("ok: two at once")


def check_wrong_flash(folder):
    flash = folder / "flash.bin"
    good = flash.read_bytes()
    other = bytearray(good)
    for name, image, words in (
            ("short", good[:-1], ["not a flash image"]),
            ("long", good + b"\0", ["not a flash image"]),
            ("empty", b"", ["not a flash image"]),
            ("all erased", b"\xff" * len(good), ["refused"]),
            ("noise", hashlib.shake_256(b"noise").digest(len(good)),
             ["refused"]),
    ):
        flash.write_bytes(image)
        refuses(folder, words, "--clock", "driven")
        print(f"ok: wrong flash, {name}")
    # Both copies of the settings damaged by one bit each.
    for sector in (0, 1):
        other[sector * 4096 + 40] ^= 1
    flash.write_bytes(other)
    refuses(folder, ["refused"], "--clock", "driven")
    print("ok: wrong flash, settings damaged")
    flash.write_bytes(good)
    end(start(folder, "--clock", "driven"))


def check_wrong_world(folder):
    world = folder / "world.bin"
    good = world.read_bytes()
    world.write_bytes(b"x" * len(good))
    refuses(folder, ["not a world file"], "--clock", "driven")
    world.write_bytes(good[:-1])
    refuses(folder, ["not a world file"], "--clock", "driven")
    # The mechanism moved and the ledger knows nothing of it (T9): the safe
    # state, which says so and leaves the flash alone.
    moved = bytearray(good)
    moved[4] ^= 0x40
    world.write_bytes(moved)
    flash = digests(folder)["flash.bin"]
    process = start(folder, "--clock", "driven", stderr=subprocess.PIPE)
    end(process)
    said = process.stderr.read()
    assert "safe state" in said and "mechanism" in said, said
    assert digests(folder)["flash.bin"] == flash, "the flash was changed"
    world.write_bytes(good)
    end(start(folder, "--clock", "driven"))
    print("ok: wrong world")


def check_full_disk():
    if os.geteuid() != 0:
        print("skipped: a full disk (needs root for a small tmpfs)")
        return
    with tempfile.TemporaryDirectory(prefix="dgf") as place:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs",
                           place], capture_output=True).returncode != 0:
            print("skipped: a full disk (no tmpfs here)")
            return
        try:
            folder = pathlib.Path(place) / "pump"
            code, said = run("--dir", str(folder), "--provision", "adult")
            assert code == 1 and "No space" in said, (code, said)
            assert not (folder / "flash.bin").exists(), "half a flash was left"
            print("ok: a full disk")
        finally:
            subprocess.run(["umount", place], check=True)


def main():
    global device
    device = sys.argv[1] + "/dosegate-device"
    with tempfile.TemporaryDirectory(prefix="dgp") as place:
        folder = pathlib.Path(place)
        check_options(folder / "unused")
        pump = folder / "pump"
        pump.mkdir()
        check_new_pump(pump)
        check_two_at_once(pump)
        check_wrong_flash(pump)
        check_wrong_world(pump)
    check_full_disk()


if __name__ == "__main__":
    main()
