#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone whose keys are in a TPM (swtpm) or in a PKCS#11 token (SoftHSM): up,
pair, dose, down, up again, dose; what lies on its storage tells nothing, and
without its hardware it is no phone.
@verifies{FCS_KEY.1@1} @verifies{FDP_REST.1@1}

usage: test_phone_keys.py BIN
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BIN = sys.argv[1]
LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"


def run(folder, *words, code=0, text=None):
    done = subprocess.run(
        [f"{BIN}/dosegate", words[0], "--dir", str(folder), *words[1:]],
        input=text, stdin=None if text else subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60)
    log = folder / "dosegate-domain.log"
    assert done.returncode == code, (
        words, done.stdout + done.stderr,
        log.read_text() if log.exists() else "")
    return done.stdout + done.stderr


def start_tpm(folder):
    folder.mkdir()
    path = folder / "tpm.sock"
    child = subprocess.Popen(
        ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={folder}",
         "--server", f"type=unixio,path={path}",
         "--ctrl", f"type=unixio,path={path}.ctrl",
         "--flags", "not-need-init,startup-clear"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    for _ in range(300):
        if path.exists():
            break
        time.sleep(0.01)
    return child, f"tpm:swtpm:path={path}"


def make_token(folder):
    (folder / "tokens").mkdir(parents=True)
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder}/tokens\n")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "dosegate",
         "--pin", "2580", "--so-pin", "13579"], check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    pin = folder / "pin"
    pin.write_text("2580\n")
    pin.chmod(0o600)
    return (f"pkcs11:token=dosegate?module-path={LIBRARY}"
            f"&pin-source=file:{pin}")


def device_of(folder):
    """What the app knows of the pump: an id that must not lie readable."""
    talk = socket.socket(socket.AF_UNIX)
    talk.connect(str(folder / "gateway.sock"))
    talk.sendall(b'{"op":"attest"}\n')
    answer = json.loads(talk.makefile().readline())
    talk.close()
    return bytes.fromhex(answer["key"])


def a_day(folder, keys):
    said = run(folder, "up", *keys)
    assert "Weak" not in said, said
    run(folder, "pair")
    assert "delivered" in run(folder, "bolus", "0.1", "--yes")
    public = device_of(folder)
    run(folder, "down")
    for path in folder.rglob("*"):
        if path.is_file() and "device" not in path.parts:
            body = path.read_bytes()
            assert b"DGPHONE" not in body, path
    sealed = (folder / "keys/phone").read_bytes()
    assert public[:32] not in sealed and public[32:] not in sealed
    run(folder, "up", *keys)
    assert "0.10 U of 0.10 U, delivered" in run(folder, "status")
    assert "Approved" in run(folder, "temp-basal", "1.2", "--for", "30m",
                             "--yes")
    run(folder, "down")
    # Another place for keys is another phone: told, and nothing changed.
    said = run(folder, "up", code=1)
    log = (folder / "dosegate-domain.log").read_text()
    assert "--keys" in log, log
    assert (folder / "keys/phone").read_bytes()
    run(folder, "down")
    assert (folder / "keys/key-storage").exists()


def a_changed_token(folder, keys):
    """The program with the vendor's library is measured like a role's: what is
    put in its place is found, and not started."""
    run(folder, "up", *keys)
    token = pathlib.Path(BIN) / "dosegate-token"
    new = pathlib.Path(BIN) / "new"
    new.write_bytes(token.read_bytes() + b"\0")
    new.chmod(0o755)
    new.rename(token)
    health = folder / "health.json"
    for _ in range(300):
        if '"program"' in health.read_text():
            break
        time.sleep(0.1)
    log = (folder / "dosegate-domain.log").read_text()
    assert "dosegate-token was changed" in log, log
    run(folder, "down")
    run(folder, "up", *keys, code=1)
    log = (folder / "dosegate-domain.log").read_text()
    assert "dosegate-token is not the program that" in log, log


def main():
    global BIN
    if shutil.which("swtpm") is None or not os.path.exists(LIBRARY):
        print("skipped: there is no swtpm, or no SoftHSM")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="dgh") as place:
        base = pathlib.Path(place)
        one, channel = start_tpm(base / "t1")
        other, presence = start_tpm(base / "t2")
        try:
            a_day(base / "a", ["--keys", channel, "--presence-keys", presence])
            print("TPM: pairs, doses, and again after a restart")
        finally:
            run(base / "a", "down")
            one.terminate()
            other.terminate()
            one.wait()
            other.wait()
        # The chip is gone: the phone says so instead of going on without.
        said = run(base / "a", "up", "--keys", channel, code=1)
        log = (base / "a/dosegate-domain.log").read_text()
        assert "cannot be reached" in log, said + log
        run(base / "a", "down")
        shutil.copytree(BIN, base / "bin", ignore=lambda _, names: [
            name for name in names if not name.startswith("dosegate")])
        BIN = str(base / "bin")
        try:
            keys = ["--keys", make_token(base / "h")]
            a_day(base / "b", keys)
            a_changed_token(base / "b", keys)
        finally:
            run(base / "b", "down")
        print("PKCS#11: pairs, doses, and again after a restart; a changed "
              "token program is found")


if __name__ == "__main__":
    main()
