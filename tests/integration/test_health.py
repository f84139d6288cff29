#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the phone's domain finds out about itself, and when the pump knows: real
pump, real domain, real losses.

usage: test_health.py BIN
@verifies{FPT_WATCH.1@1}
"""
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PTRACE_SEIZE, PTRACE_DETACH = 0x4206, 17
LOOK_S = 5       # DG_LOOKOUT_PERIOD_MS
QUIET_S = 30     # DG_CLIENT_HEALTH_MS
SLACK_S = 25     # a busy machine
LEASE_S = 1800   # core/authority.c
HEARTBEAT_S = 900


def start(program, *options, before=None):
    """A program that writes a ready line; gives process and line."""
    read, write = os.pipe()
    log = tempfile.TemporaryFile("w+")
    process = subprocess.Popen(
        [str(program), *map(str, options), "--ready-fd", str(write)],
        pass_fds=[write], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        preexec_fn=before)
    os.close(write)
    with os.fdopen(read) as ready:
        line = ready.readline()
    process.log = log
    assert line, said(process)
    return process, json.loads(line)


def said(process):
    process.log.seek(0)
    return process.log.read()


def children(process):
    """Name of the role -> process number."""
    found = {}
    for folder in pathlib.Path("/proc").iterdir():
        try:
            stat = (folder / "stat").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        name = stat[stat.index("(") + 1:stat.rindex(")")]
        parent, state = (stat[stat.rindex(")") + 2:].split()[i] for i in (1, 0))
        if parent == str(process.pid) and state != "Z":
            found[name] = int(folder.name)
    return found


class Phone:
    """A pump whose time we hold, and a domain of its own programs."""

    def __init__(self, programs, folder):
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        for path in programs.glob("dosegate*"):
            if path.name.startswith("dosegate-role") or path.name in (
                    "dosegate", "dosegate-domain"):
                shutil.copy(path, self.programs)
        self.battery = folder / "capacity"
        self.battery.write_text("80\n")
        self.device, ready = start(
            programs / "dosegate-device", "--dir", folder / "device",
            "--link", "udp:127.0.0.1:0", "--provision", "adult",
            "--clock", "driven")
        self.link = ready["link"]
        self.bench_socket = socket.socket(socket.AF_UNIX)
        self.bench_socket.connect(str(folder / "device/bench.sock"))
        self.bench_file = self.bench_socket.makefile("rw")
        self.domain = None

    def bench(self, **request):
        self.bench_file.write(json.dumps(request) + "\n")
        self.bench_file.flush()
        return json.loads(self.bench_file.readline())

    def up(self, before=None):
        self.domain, _ = start(
            self.programs / "dosegate-domain", "--dir", self.folder,
            "--link", self.link, "--phone-battery", self.battery,
            before=before)

    def cli(self, *words):
        done = subprocess.run(
            [self.programs / "dosegate", *words, "--dir", self.folder],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30, check=False)
        return done.returncode, done.stdout + done.stderr

    def status(self):
        code, text = self.cli("status", "--json")
        assert code == 0, text
        return json.loads(text)["status"]

    def bolus(self):
        """One dose, an hour after the last; the pump's time goes on with it."""
        self.bench(op="advance", s=3600)
        process = subprocess.Popen(
            [self.programs / "dosegate", "bolus", "0.1", "--yes", "--dir",
             self.folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        limit = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < limit:
            self.bench(op="advance", s=2)
            time.sleep(0.1)
        process.kill()
        return process.wait(), process.stdout.read()

    def take_lease(self):
        code, text = self.bolus()
        assert code == 0, text
        assert self.status()["lease"] == "you", self.status()

    def health(self):
        return json.loads((self.folder / "health.json").read_text())

    def down(self, code=0):
        self.domain.send_signal(signal.SIGTERM)
        assert self.domain.wait(timeout=10) == code, said(self.domain)

    def end(self):
        for process in (self.domain, self.device):
            if process and process.poll() is None:
                process.kill()
                process.wait()


def until(what, condition, seconds=LOOK_S + SLACK_S):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            print(f"ok: {what}")
            return
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {what}")


def check_battery(phone):
    phone.take_lease()
    phone.battery.write_text("14\n")
    until("battery low: the pump has the lease back",
          lambda: phone.status()["lease"] == "nobody")
    code, text = phone.bolus()
    assert code != 0 and "does not trust itself" in text, text
    assert phone.cli("stop")[0] == 0, "stopping is always possible"
    assert phone.health()["findings"][0]["name"] == "battery"
    phone.battery.write_text("80\n")
    until("battery charged: doses again", lambda: phone.bolus()[0] == 0)


def check_program(phone):
    assert phone.status()["lease"] == "you"
    keys = phone.programs / "dosegate-role-keys"
    good = keys.read_bytes()
    # As an installer, or an implant, would: another file of that name.
    (phone.programs / "new").write_bytes(good + b"\0")
    (phone.programs / "new").chmod(0o755)
    (phone.programs / "new").rename(keys)
    until("program replaced: the pump has the lease back",
          lambda: phone.status()["lease"] == "nobody")
    assert "program" in said(phone.domain)

    # Put back it stays found until somebody looks and starts anew.
    keys.write_bytes(good)
    time.sleep(LOOK_S + 1)
    assert phone.bolus()[0] != 0
    keys.write_bytes(good + b"\0")
    phone.down()
    try:
        phone.up()
    except AssertionError as error:
        assert "not the program" in str(error), error
    else:
        raise AssertionError("a changed program was started")
    keys.write_bytes(good)
    print("ok: a changed program is not started")


def check_preload(phone):
    done = subprocess.run(
        [phone.programs / "dosegate-domain", "--dir", phone.folder, "--link",
         phone.link], env={"LD_AUDIT": "/nonexistent.so"}, timeout=20,
        capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "not started" in done.stderr, done.stderr
    print("ok: LD_AUDIT in the environment: not started")


def check_debugger(phone):
    phone.up()
    phone.take_lease()
    libc = ctypes.CDLL(None, use_errno=True)
    gateway = next(pid for name, pid in children(phone.domain).items()
                   if name.startswith("dosegate-role-g"))
    if libc.ptrace(PTRACE_SEIZE, gateway, 0, 0) != 0:
        print("skipped: this system lets nobody trace")
        phone.down()
        return
    phone.domain.wait(timeout=LOOK_S + SLACK_S)
    libc.ptrace(PTRACE_DETACH, gateway, 0, 0)
    assert "traced" in said(phone.domain)
    print("ok: a debugger: the domain ends")
    phone.up()
    assert phone.status()["lease"] == "nobody"
    print("ok: a debugger: the pump had the lease back before")
    phone.down()


def check_heartbeat(phone):
    """The whole domain is killed; the pump loses one piece of evidence after
    the other, each when its time is over."""
    phone.up()
    phone.take_lease()
    phone.domain.kill()
    phone.domain.wait()
    passed_s = 0
    while not phone.bench(op="alarms")["alarms"] and passed_s < LEASE_S:
        phone.bench(op="advance", s=30)
        passed_s += 30
    assert HEARTBEAT_S - 60 <= passed_s <= HEARTBEAT_S + 60, passed_s
    print("ok: no heartbeat: the pump says so after 15 min")
    phone.bench(op="advance", s=LEASE_S - passed_s + 60)
    phone.up()
    assert phone.status()["lease"] == "nobody", "the lease outlived its time"
    print("ok: no renewal: the lease is gone after 30 min")


def stop_supervisor(phone):
    """With the lease taken, the supervisor is stopped: the rest of the domain
    goes on, and nobody watches it."""
    phone.up()
    code, text = phone.cli("pair")
    assert code == 0, text
    phone.take_lease()
    phone.domain.send_signal(signal.SIGSTOP)
    return time.monotonic()


def check_supervisor(phone, stopped):
    until("supervisor stopped: the pump has the lease back",
          lambda: phone.status()["lease"] == "nobody",
          max(0, stopped + QUIET_S - time.monotonic()) + SLACK_S)
    assert time.monotonic() - stopped > QUIET_S - 6, "too early"
    phone.domain.send_signal(signal.SIGCONT)
    until("supervisor goes on: doses again", lambda: phone.bolus()[0] == 0)
    phone.take_lease()
    own = phone.programs / "dosegate-domain"
    (phone.programs / "new").write_bytes(own.read_bytes() + b"\0")
    (phone.programs / "new").rename(own)
    until("supervisor replaced: the pump has the lease back",
          lambda: phone.status()["lease"] == "nobody")
    assert "dosegate-domain was changed" in said(phone.domain)
    assert phone.health()["findings"][0]["name"] == "program"
    phone.down()


def check_silence(folder, programs):
    """Its own domain, without a pump: this takes its time."""
    domain, _ = start(programs / "dosegate-domain", "--dir", folder, "--link",
                      "udp:127.0.0.1:9")
    link = next(pid for name, pid in children(domain).items()
                if name.startswith("dosegate-role-l"))
    os.kill(link, signal.SIGSTOP)
    return domain, link


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="dgh") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o700)
        (folder / "quiet").mkdir(mode=0o700)
        (folder / "phone").mkdir(mode=0o700)
        silent, link = check_silence(folder / "quiet", programs)
        (folder / "other").mkdir(mode=0o700)
        other = Phone(programs, folder / "other")
        phone = Phone(programs, folder / "phone")
        try:
            stopped = stop_supervisor(other)
            phone.up()
            code, text = phone.cli("pair")
            assert code == 0, text
            check_battery(phone)
            check_program(phone)
            check_preload(phone)
            check_debugger(phone)
            check_heartbeat(phone)
            phone.down()
            check_supervisor(other, stopped)
            until("a role that is stopped is replaced",
                  lambda: "no sign of life for 15 s" in said(silent), 20)
            health = json.loads((folder / "quiet/health.json").read_text())
            assert health["fitness"] == "hold", health
        finally:
            phone.end()
            other.end()
            silent.kill()
            silent.wait()


if __name__ == "__main__":
    main()
