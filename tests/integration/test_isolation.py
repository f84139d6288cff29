#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a captured role, another process of the same user (which is also what an
implant without root is) and a process of another user reach: tried, and compared
with the tables of docs/isolation.md.

usage: test_isolation.py BIN [--write]
@verifies{FPT_SEP.1@1} @verifies{FPT_WATCH.1@1}
"""
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "isolation.md"
SAME, OTHER = 65534, 65533
PTRACE_SEIZE, PTRACE_DETACH = 0x4206, 17
libc = ctypes.CDLL(None, use_errno=True)


def as_user(user):
    """Options of subprocess for a child of that user; nothing without root."""
    if os.geteuid() != 0:
        return {}
    return {"user": user, "group": user, "extra_groups": []}


class Domain:
    """A pump and a domain that belong to one plain user."""

    def __init__(self, programs, folder):
        self.folder = folder
        self.state = folder / "state"
        self.bin = folder / "bin"
        for place in (self.state, self.bin):
            place.mkdir(mode=0o700 if place == self.state else 0o755)
        for path in programs.glob("dosegate*"):
            if path.name in ("dosegate", "dosegate-domain", "dosegate-device",
                             "dosegate-token") or "role" in path.name:
                shutil.copy(path, self.bin)
        if os.geteuid() == 0:
            for path in (folder, self.state, self.bin, *self.bin.iterdir()):
                os.chown(path, SAME, SAME)
        self.device, ready = self.start(
            "dosegate-device", "--dir", self.state / "device", "--link",
            "udp:127.0.0.1:0", "--provision", "adult", "--clock", "real")
        self.link = ready["link"]
        self.up()

    def start(self, name, *options):
        read, write = os.pipe()
        process = subprocess.Popen(
            [str(self.bin / name), *map(str, options), "--ready-fd", str(write)],
            pass_fds=[write], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            **as_user(SAME))
        os.close(write)
        with os.fdopen(read) as ready:
            line = ready.readline()
        return process, json.loads(line) if line else None

    def up(self):
        self.domain, self.ready = self.start(
            "dosegate-domain", "--dir", self.state, "--link", self.link)
        assert self.ready, "the domain did not start"

    def cli(self, user, *words, seconds=20, state=None):
        try:
            done = subprocess.run(
                [str(self.bin / "dosegate"), *words, "--dir",
                 str(state or self.state)], stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=seconds, check=False,
                **as_user(user))
        except subprocess.TimeoutExpired:
            return 124, ""
        return done.returncode, done.stdout + done.stderr

    def role(self, letter):
        for entry in pathlib.Path("/proc").iterdir():
            try:
                stat = (entry / "stat").read_text()
            except (OSError, UnicodeDecodeError):
                continue
            fields = stat[stat.rindex(")") + 2:].split()
            if f"(dosegate-role-{letter}" in stat and \
                    fields[1] == str(self.domain.pid) and fields[0] != "Z":
                return int(entry.name)
        return 0

    def end(self):
        for process in (self.domain, self.device):
            process.kill()
            process.wait()


def can_open(path, mode="rb"):
    with open(path, mode):
        return True


def connects(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        return True


def traces(pid):
    if libc.ptrace(PTRACE_SEIZE, pid, 0, 0) != 0:
        return False
    return libc.ptrace(PTRACE_DETACH, pid, 0, 0) == 0 or True


def read_key_files(domain):
    return any(can_open(path) for path in (domain.state / "keys").iterdir())


def renames(path):
    """There and back; to its own name it would be done without asking."""
    other = path.with_name(path.name + "-other")
    path.rename(other)
    other.rename(path)
    return True


def change_key_files(domain):
    return renames(next((domain.state / "keys").iterdir()))


def end_role(domain):
    os.kill(domain.pids["k"], 0)
    return True


# Each is done by a process of its own, which has become that user.
INSIDE = (
    ("read the files with the keys (what is in them is sealed)", read_key_files),
    ("change or remove these files", change_key_files),
    ("read the memory of keys",
     lambda domain: can_open(f"/proc/{domain.pids['k']}/mem")),
    ("trace keys", lambda domain: traces(domain.pids["k"])),
    ("trace therapy", lambda domain: traces(domain.pids["t"])),
    ("trace confirm", lambda domain: traces(domain.pids["c"])),
    ("trace the supervisor", lambda domain: traces(domain.domain.pid)),
    ("read the environment of keys",
     lambda domain: can_open(f"/proc/{domain.pids['k']}/environ") and bool(
         pathlib.Path(f"/proc/{domain.pids['k']}/environ").read_bytes())),
    ("end a role by a signal", end_role),
    ("open the app's socket",
     lambda domain: connects(domain.state / "gateway.sock")),
    ("open the trusted display",
     lambda domain: connects(domain.state / "confirm.sock")),
    ("read what the phone found out about itself",
     lambda domain: can_open(domain.state / "health.json")),
)


def reached_by(user, act, domain):
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            os._exit(0 if act(domain) else 1)
        except BaseException:  # refused in whatever way
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def dose_alone(domain, user):
    return domain.cli(user, "bolus", "0.1", "--yes")[0] == 0


def second_domain(domain, user):
    done = subprocess.run(
        [str(domain.bin / "dosegate-domain"), "--dir", str(domain.state),
         "--link", "udp:127.0.0.1:9"], stdin=subprocess.DEVNULL, timeout=20,
        capture_output=True, check=False, **as_user(user))
    return done.returncode != 1


def preload(domain, user):
    process = subprocess.Popen(
        [str(domain.bin / "dosegate-domain"), "--dir",
         str(domain.folder / "other"), "--link", "udp:127.0.0.1:9"],
        env={"LD_PRELOAD": "libm.so.6"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user(user))
    try:
        return process.wait(timeout=5) != 1
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def hold_the_app_out(domain, user):
    """All the connections that the gateway has room for."""
    script = ("import socket,sys,time\n"
              "held=[socket.socket(socket.AF_UNIX) for _ in range(8)]\n"
              "[one.connect(sys.argv[1]) for one in held]\n"
              "print('held',flush=True);time.sleep(60)\n")
    process = subprocess.Popen(
        ["/usr/bin/python3", "-c", script, str(domain.state / "gateway.sock")],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        **as_user(user))
    held = process.stdout.readline().strip() == "held"
    code = domain.cli(SAME, "status")[0] if held else 0
    process.kill()
    process.wait()
    return code != 0


def break_the_link(domain, user):
    """Datagrams of noise to the pump, as many as a socket takes at once and
    more; does the phone still reach it?"""
    script = ("import os,socket,sys\n"
              "to=(sys.argv[1],int(sys.argv[2]))\n"
              "out=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
              "for size in range(2000): out.sendto("
              "os.urandom(1+size%1000),to)\n")
    host, port = domain.link.removeprefix("udp:").rsplit(":", 1)
    subprocess.run(["/usr/bin/python3", "-c", script, host, port], check=True,
                   stdin=subprocess.DEVNULL, timeout=20, **as_user(user))
    return domain.cli(SAME, "status")[0] != 0


def starve_processor(domain, user):
    """Eight busy processes for each core; is a status answered in 5 s?"""
    hogs = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"],
                             **as_user(user))
            for _ in range(8 * (os.cpu_count() or 1))]
    try:
        return domain.cli(SAME, "status", seconds=5)[0] != 0
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def copy_the_phone(domain, user):
    """The state, taken elsewhere, and a domain of one's own on it."""
    copy = domain.folder / f"copy{user}"
    try:
        done = subprocess.run(["/bin/cp", "-r", str(domain.state), str(copy)],
                              capture_output=True, check=False, timeout=20,
                              **as_user(user))
        if done.returncode != 0 and not (copy / "keys").exists():
            return False
        domain.domain.send_signal(signal.SIGTERM)
        domain.domain.wait()
        thief, ready = domain.start("dosegate-domain", "--dir", copy, "--link",
                                    domain.link)
        reached = ready is not None and \
            domain.cli(user, "status", state=copy)[0] == 0
        thief.kill()
        thief.wait()
        return reached
    finally:
        if domain.domain.poll() is not None:
            domain.up()


def change_a_program(domain, user):
    """Put another program in a role's place and make the supervisor start it:
    by ending the role, and by ending the domain."""
    marker = domain.folder / "marker"
    script = f"#!/bin/sh\ntouch {marker}\n"
    gateway = domain.bin / "dosegate-role-gateway"

    def put(_):
        (domain.bin / "new").write_text(script)
        (domain.bin / "new").chmod(0o755)
        (domain.bin / "new").rename(gateway)
        return True
    kept = gateway.read_bytes()
    if not reached_by(user, put, domain):
        return False
    os.kill(domain.role("g"), signal.SIGKILL)
    time.sleep(1)
    domain.domain.send_signal(signal.SIGTERM)
    domain.domain.wait()
    _, ready = domain.start("dosegate-domain", "--dir", domain.state, "--link",
                            domain.link)
    reached = marker.exists() or ready is not None
    gateway.unlink()
    gateway.write_bytes(kept)
    gateway.chmod(0o755)
    domain.up()
    return reached


def change_the_supervisor(domain, user):
    return reached_by(user, lambda _: renames(domain.bin / "dosegate-domain"),
                      domain)


ROUND = (
    ("give a dose without the person", dose_alone),
    ("start a second domain on the same state", second_domain),
    ("start it with other code loaded (LD_PRELOAD)", preload),
    ("hold the app out by taking every connection", hold_the_app_out),
    ("keep the domain from answering for 5 s by load", starve_processor),
    ("break the link by noise to the pump", break_the_link),
    ("copy the state and be this phone elsewhere", copy_the_phone),
    ("have a changed program of a role started", change_a_program),
    ("replace the supervisor, where its file is the user's",
     change_the_supervisor),
)


def outside(programs):
    users = (OTHER, SAME) if os.geteuid() == 0 else (SAME,)
    results = {}
    with tempfile.TemporaryDirectory(prefix="dgi", dir="/tmp") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        domain = Domain(programs, folder)
        try:
            code, text = domain.cli(SAME, "pair")
            assert code == 0, text
            namespaces = domain.ready["namespaces"]
            for user in users:
                domain.pids = {letter: domain.role(letter) for letter in "lktcg"}
                assert all(domain.pids.values()), domain.pids
                for what, act in INSIDE:
                    results[what, user] = reached_by(user, act, domain)
                for what, act in ROUND:
                    results[what, user] = act(domain, user)
        finally:
            domain.end()
    words = {True: "reached", False: "kept out"}
    lines = ["| a process tries to | of another user | of the same user, or an "
             "implant |", "| --- | --- | --- |"]
    for what, _ in INSIDE + ROUND:
        lines.append(f"| {what} | {words.get(results.get((what, OTHER)), '?')} "
                     f"| {words[results[what, SAME]]} |")
    assert namespaces in (True, False)
    return "\n".join(lines), results


def captured(programs):
    """The part about the default way; what processes alone let through depends
    on the system.  The table, and (role, act) of all that was reached."""
    done = subprocess.run([str(programs / "dosegate"), "domain", "--measure",
                           "--all"], capture_output=True, text=True,
                          check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    part = done.stdout[done.stdout.index("\nlinux:"):
                       done.stdout.index("\nguest:")].splitlines()
    reached = {tuple(line.removesuffix(": reached").split(", ", 1))
               for line in part if line.endswith(": reached")}
    tried = re.search(r"try (\d+) acts", subprocess.run(
        [str(programs / "dosegate"), "domain", "--help"], capture_output=True,
        text=True, check=False).stdout)
    # Four more are somebody's right (domain/acts.c): they threaten nothing.
    assert int(tried[1]) == 4 + sum(len(row[1]) for row in THREATS), tried
    return "\n".join(line for line in part if line[:1] == "|"), reached


# The threats of the founding text that a platform has to withstand, starvation
# and privacy: which acts of a captured role, and which of another process.
THREATS = (
    ("T1 eavesdropping: the channel's keys",
     ("read the file with the keys", "read the memory of another role"),
     ("read the memory of keys",)),
    ("T2 attack over the network",
     ("make a network socket", "connect an open socket", "send to an address",
      "bind a socket"),
     ("break the link by noise to the pump",)),
    ("T3 physical: what lies on storage",
     ("write the file with the keys", "rename files of another role"),
     ("read the files with the keys (what is in them is sealed)",
      "change or remove these files",
      "copy the state and be this phone elsewhere")),
    ("T4 malicious app",
     ("open the trusted display", "trace another role",
      "write the memory of another role", "signal another role",
      "make a local socket", "pass on a descriptor",
      "accept a client in another way", "make namespaces",
      "make an I/O ring"),
     ("trace keys", "trace therapy", "trace confirm", "trace the supervisor",
      "end a role by a signal", "open the app's socket",
      "open the trusted display", "give a dose without the person",
      "start a second domain on the same state")),
    ("T5 malware that stays",
     ("start a program", "make memory executable",
      "open its memory to others", "open a file beside its directory"),
     ("start it with other code loaded (LD_PRELOAD)",
      "have a changed program of a role started",
      "replace the supervisor, where its file is the user's")),
    ("T6 starvation",
     ("start a process", "start processes without end",
      "take 1 GiB of memory", "open descriptors without end",
      "fill the disk", "raise its own limits", "run before all others"),
     ("hold the app out by taking every connection",
      "keep the domain from answering for 5 s by load")),
    ("T7 privacy",
     ("look at another role in /proc", "list all processes",
      "open a system file"),
     ("read the environment of keys",
      "read what the phone found out about itself")),
)


def threats(roles, others):
    """One row for each threat, one column for each attacker.  An implant
    without root is a process of the same user, started again and again."""
    lines = ["| threat | another user's process | the same user's | an implant "
             "without root | captured gateway | captured link | captured "
             "therapy |", "| --- | --- | --- | --- | --- | --- | --- |"]
    named = [act for _, _, acts in THREATS for act in acts]
    assert sorted(named) == sorted(act for act, _ in INSIDE + ROUND), named

    def cell(acts, reached):
        return f"{sum(map(reached, acts))} of {len(acts)}"

    for words, of_roles, of_others in THREATS:
        known = (of_others[0], OTHER) in others
        other = cell(of_others, lambda act: others.get((act, OTHER)))
        same = cell(of_others, lambda act: others[act, SAME])
        cells = [other if known else "?", same, same]
        cells += [cell(of_roles, lambda act, role=role: (role, act) in roles)
                  for role in ("gateway", "link", "therapy")]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def section(name, text, table=None):
    """The table between the marks, or the text with another one there."""
    pattern = re.compile(f"(<!-- {name}: begin -->\n)(.*?)(\n<!-- {name}: end "
                         "-->)", re.S)
    found = pattern.search(text)
    assert found, f"{PAGE}: no section '{name}'"
    if table is None:
        return found.group(2)
    return text[:found.start(2)] + table + text[found.end(2):]


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    text = PAGE.read_text("utf-8")
    wrong = 0
    by_roles, roles = captured(programs)
    by_others, others = outside(programs)
    for name, table in (("threats", threats(roles, others)),
                        ("captured", by_roles), ("outside", by_others)):
        if sys.argv[2:] == ["--write"]:
            text = section(name, text, table)
            continue
        for line, want in zip(table.splitlines(),
                              section(name, text).splitlines(), strict=True):
            if "| ? |" in line:  # no root, no other user
                want = re.sub(r"\| [a-z0-9 ]+ \|", "| ? |",
                              want[want.index("|", 1):], count=1)
                line = line[line.index("|", 1):]
            if line != want:
                print(f"measured: {line}\npage:     {want}")
                wrong += 1
        print(f"{'ok' if not wrong else 'DIFFERS'}: {name}")
    if os.geteuid() != 0:
        print("skipped: what another user reaches (not root)")
    if sys.argv[2:] == ["--write"]:
        PAGE.write_text(text, "utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
