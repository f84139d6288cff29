#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One phone from its first start to its end: pairing over a link on which
everything is recorded, doses with a PIN, a PIN that is guessed until it locks,
a stop all the same, an export, and its erasure.

Nothing identifying is on the link, no dose, glucose, key or PIN is in a log,
nothing readable is on storage, and after the erasure nothing is left.
@verifies{FDP_ERASE.1@1} @verifies{FPR_LOG.1@1} @verifies{FIA_PRESENCE.1@1}

usage: test_phone_privacy.py BIN
"""
import json
import pathlib
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading

BIN = sys.argv[1]
PIN = "918273"


class Relay(threading.Thread):
    """Stands between phone and pump and keeps all that passes."""

    def __init__(self, pump):
        super().__init__(daemon=True)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", pump))
        self.heard = []
        self.peer = None
        self.start()

    def run(self):
        while True:
            for ready in select.select([self.front, self.back], [], [])[0]:
                try:
                    if ready is self.front:
                        data, self.peer = ready.recvfrom(2048)
                        self.back.send(data)
                    else:
                        data = ready.recv(2048)
                        self.front.sendto(data, self.peer)
                except OSError:
                    continue
                self.heard.append(data)


class Phone:
    def __init__(self, folder, link):
        self.folder = folder
        self.link = link

    def run(self, *words, code=0, text=None):
        done = subprocess.run(
            [f"{BIN}/dosegate", words[0], "--dir", str(self.folder),
             *words[1:]],
            input=text, stdin=None if text else subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60)
        assert done.returncode == code, (words, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def talk(self, name, *lines):
        talk = socket.socket(socket.AF_UNIX)
        talk.settimeout(20)
        talk.connect(str(self.folder / name))
        file = talk.makefile("rw")
        answers = []
        for line in lines:
            file.write(line + "\n")
            file.flush()
            answers.append(json.loads(file.readline()))
        talk.close()
        return answers


def start_pump(folder):
    child = subprocess.Popen(
        [f"{BIN}/dosegate-device", "--dir", str(folder), "--link",
         "udp:127.0.0.1:0", "--bench", str(folder / "bench.sock"),
         "--provision", "adult", "--clock", "real", "--ready-fd", "1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    ready = json.loads(child.stdout.readline())
    return child, int(ready["link"].rsplit(":", 1)[1])


def pair(phone, bench):
    talk = socket.socket(socket.AF_UNIX)
    talk.connect(str(bench))
    file = talk.makefile("rw")

    def say(line):
        file.write(line + "\n")
        file.flush()
        return json.loads(file.readline())

    say('{"op":"press","button":"pair"}')
    digits = say('{"op":"display"}')["digits"]
    phone.run("pair", "--digits", digits, "--name", "Marias phone")
    for line in ('{"op":"press","button":"bolus"}',
                 '{"op":"press","button":"confirm"}'):
        yield lambda line=line: say(line)


def dose(phone, press):
    """A pump that knows nothing of this phone's platform wants its button, and
    the display the number again."""
    child = subprocess.Popen(
        [f"{BIN}/dosegate", "bolus", "--dir", str(phone.folder), "0.1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    child.stdin.write(f"y\n0,1\n{PIN}\n")
    child.stdin.flush()
    said = ""
    for line in child.stdout:
        said += line
        if "Press the button" in line:
            assert press()["ok"]
    assert child.wait(30) == 0 and "0.10 U, delivered" in said, said


def check_link(relay, names):
    heard = b"\n".join(relay.heard)
    assert len(relay.heard) > 10
    for what, secret in names.items():
        assert secret not in heard, f"{what} is on the link"


def check_storage(folder, names):
    for path in folder.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            for what, secret in names.items():
                # A key's own file has its public half, in the clear.
                if "key" not in what or "key-" not in path.name:
                    assert secret not in body, f"{what} is in {path}"


def check_log(text):
    assert PIN not in text
    assert not re.search(r"\d+\.\d+ ?U|mg/dL|mU|[0-9a-f]{16}", text), text


def main():
    with tempfile.TemporaryDirectory(prefix="dgy") as place:
        base = pathlib.Path(place)
        pump, port = start_pump(base / "pump")
        relay = Relay(port)
        phone = Phone(base / "phone",
                      f"udp:127.0.0.1:{relay.front.getsockname()[1]}")
        try:
            story(phone, relay, base)
        finally:
            phone.run("down")
            pump.send_signal(signal.SIGTERM)
            pump.wait(10)


def story(phone, relay, base):
    said = phone.run("up", "--link", phone.link)
    assert "Weak" in said
    press = list(pair(phone, base / "pump/bench.sock"))
    vouch = phone.talk("gateway.sock", '{"op":"attest"}')[0]
    key, presence = (bytes.fromhex(vouch[k]) for k in ("key", "presence"))
    names = {"the phone's name": b"Marias", "the phone's key": key[:32],
             "the rest of the key": key[32:], "the presence key": presence[:32],
             "the PIN": PIN.encode()}
    check_link(relay, names)

    # A PIN: small doses want it, larger ones the number as well.
    said = phone.run("phone")
    assert "WEAK" in said and "PIN: none" in said, said
    phone.run("phone", "pin", text=f"{PIN}\n{PIN}1\n", code=1)
    phone.run("phone", "pin", text=f"{PIN}\n{PIN}\n")
    assert "PIN: set." in phone.run("phone")
    assert "not the PIN" in phone.run("bolus", "0.1", "--yes",
                                      text="000000\n", code=1)
    dose(phone, press[1])
    exported = base / "mine.json"
    phone.run("phone", "export", "--out", str(exported))
    mine = json.loads(exported.read_text())
    assert mine["status"]["status"]["bolus_total_mU"] == 100
    assert exported.stat().st_mode & 0o777 == 0o600
    assert PIN not in exported.read_text()
    phone.run("phone", "export", "--out", str(exported), code=1)

    # The app has no say here: no word of its opens the display.
    for op in ("approve", "pin", "presence", "confirm"):
        answer = phone.talk("gateway.sock", json.dumps(
            {"op": op, "ticket": "0" * 16, "pin": PIN}))[0]
        assert "error" in answer and not answer.get("ok"), answer

    # Guessed until it waits; a restart of the phone does not end the wait.
    for _ in range(3):
        phone.talk("confirm.sock", "pin 000001 1111")
    assert "wait" in phone.talk("confirm.sock", f"pin {PIN} 1111")[0]["error"]
    phone.run("down")
    phone.run("up", "--link", phone.link)
    assert "wait" in phone.talk("confirm.sock", f"pin {PIN} 1111")[0]["error"]

    # Stop and the pump's own bolus never asked for a PIN.
    phone.run("stop")
    assert press[0]().get("ok") is not None
    status = phone.talk("gateway.sock", '{"op":"status"}')[0]
    assert status["ok"] and status["status"]["therapy"], status

    check_link(relay, names)
    check_storage(base / "phone", names)
    phone.run("phone", "erase", text="no\n", code=1)
    assert (base / "phone/keys/phone").exists()
    log = (base / "phone/dosegate-domain.log").read_text()
    check_log(log)
    said = phone.run("phone", "erase", "--yes")
    assert "revoke" in said, said
    left = [p for p in (base / "phone").rglob("*") if p.is_file()]
    assert not left, left
    print("nothing on the link, in the log, or on storage; erased")


if __name__ == "__main__":
    main()
