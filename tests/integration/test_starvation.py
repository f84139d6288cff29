#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The phone's domain when others take what it needs: storage, its queues, and
time.

usage: test_starvation.py BIN [inside]
@verifies{FPT_WATCH.1@1} @verifies{FPT_SEP.3@1}
"""
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test_health import LOOK_S, Phone, children, said, until

SKIP = 77


def resident_kb(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") // 1024


def check_queues(phone):
    """Eight apps ask as fast as they can and read nothing."""
    before = {name: (pid, resident_kb(pid))
              for name, pid in children(phone.domain).items()}
    apps = []
    for _ in range(8):
        app = socket.socket(socket.AF_UNIX)
        app.connect(str(phone.folder / "gateway.sock"))
        app.setblocking(False)
        apps.append(app)
    sent = 0
    limit = time.monotonic() + 3
    while time.monotonic() < limit:
        for app in apps:
            try:
                sent += app.send(b'{"op":"status"}\n' * 50)
            except OSError:
                pass
    for app in apps:
        app.close()
    for name, pid in children(phone.domain).items():
        if not name.startswith(("dosegate-role-g", "dosegate-role-l")):
            assert before[name][0] == pid, f"{name} ended"
            grown = resident_kb(pid) - before[name][1]
            assert grown < 2048, f"{name} grew by {grown} kB"
    until("after a flood of the app's socket a status is answered",
          lambda: phone.cli("status")[0] == 0, 40)
    assert sent > 10000, sent


def check_storage(phone):
    """Not a byte left: nothing breaks, and it is said."""
    filler = phone.folder / "filler"
    with open(filler, "wb", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError as error:
            assert error.errno == 28, error
    until("a full disk is told", lambda: "storage" in said(phone.domain))
    assert phone.bolus()[0] == 0, "a dose needs no room on the disk"
    assert phone.cli("stop")[0] == 0
    print("ok: with a full disk: a dose, and stop")
    filler.unlink()
    phone.down()
    phone.up()
    assert phone.cli("status")[0] == 0, "the pairing is gone"
    print("ok: after a full disk the pairing is still there")


def check_time(phone):
    """The supervisor is kept from running; it says so afterwards."""
    phone.domain.send_signal(signal.SIGSTOP)
    time.sleep(LOOK_S + 6)
    phone.domain.send_signal(signal.SIGCONT)

    def is_told():
        health = json.loads((phone.folder / "health.json").read_text())
        return "starved" in [one["name"] for one in health["findings"]]
    until("kept from running: it is told", is_told)
    assert phone.bolus()[0] == 0, "roles lived on"


class Group:
    """A group of processes with a limit of memory (cgroups v2 or v1)."""

    def __init__(self):
        self.path = None
        for line in pathlib.Path("/proc/self/cgroup").read_text().split():
            number, kind, own = line.split(":", 2)
            if kind == "memory":
                root, names = "/sys/fs/cgroup/memory", (
                    "memory.limit_in_bytes", "memory.usage_in_bytes")
            elif number == "0":
                root, names = "/sys/fs/cgroup", ("memory.max",
                                                 "memory.current")
            else:
                continue
            own = pathlib.Path(root + own)
            for above in (own, own.parent, pathlib.Path(root)):
                if self.take(above / f"dosegate-test-{os.getpid()}", names):
                    return

    def take(self, path, names):
        try:
            path.mkdir()
        except OSError:
            return False
        self.limit, self.usage = path / names[0], path / names[1]
        try:
            self.limit.write_text(str(1 << 40))
            self.path = path
        except OSError:
            path.rmdir()
        return self.path is not None

    def add(self, pid):
        (self.path / "cgroup.procs").write_text(str(pid))

    def used(self):
        return int(self.usage.read_text())

    def end(self):
        for pid in (self.path / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            try:
                self.path.rmdir()
                return
            except OSError:
                time.sleep(0.05)


# Takes what it is told to and touches it for ever.  As other apps are to a
# phone's system, it is the first that the system ends for lack of memory.
HOG = """
import sys, time
open("/proc/self/oom_score_adj", "w").write("1000")
have = []
for line in sys.stdin:
    for _ in range(int(line)):
        have.append(bytearray(b"x" * (1 << 20)))
    print(len(have), flush=True)
"""


def start_hog(group):
    hog = subprocess.Popen([sys.executable, "-c", HOG], text=True,
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    group.add(hog.pid)
    return hog


def take_mib(hog, count):
    try:
        hog.stdin.write(f"{count}\n")
        hog.stdin.flush()
        return hog.stdout.readline() != ""
    except OSError:
        return False


def check_memory(programs):
    """The domain's own group of processes has hardly any memory left, and then
    none, again and again."""
    group = Group()
    if group.path is None:
        print("skipped: memory: this system lets nobody make a group of "
              "processes with a limit (cgroups)")
        return
    with tempfile.TemporaryDirectory(prefix="dgm") as name:
        place = pathlib.Path(name)
        place.chmod(0o700)
        phone = Phone(programs, place)
        try:
            # Memory is charged where it is taken: start it in the group.
            phone.up(before=lambda: group.add(os.getpid()))
            assert phone.cli("pair")[0] == 0
            roles = children(phone.domain)
            hog = start_hog(group)
            assert take_mib(hog, 1)
            limit = group.used() + (64 << 20)
            group.limit.write_text(str(limit))
            assert phone.bolus()[0] == 0
            assert "no-memory" not in said(phone.domain)
            while limit - group.used() > 12 << 20 and take_mib(hog, 2):
                pass
            until("hardly any memory left: it is told",
                  lambda: "no-memory" in said(phone.domain))
            assert phone.bolus()[0] == 0
            print("ok: with less than 16 MiB left: a dose")
            ended = 0
            stop = time.monotonic() + 4
            while time.monotonic() < stop:
                if not take_mib(hog, 8):
                    hog.wait()
                    ended += 1
                    hog = start_hog(group)
                assert phone.cli("status")[0] == 0
            assert ended > 0, "memory never ran out: nothing was tested"
            assert phone.bolus()[0] == 0
            assert phone.cli("stop")[0] == 0
            assert children(phone.domain) == roles, "a role was lost"
            print(f"ok: memory ran out {ended} times: status, a dose, stop; "
                  "no role was lost")
            hog.kill()
            hog.wait()
            phone.down()
        finally:
            phone.end()
            group.end()


def inside(programs):
    """In a namespace where DIR is a file system of 1 MiB."""
    place = pathlib.Path(os.environ["DG_PLACE"])
    phone = Phone(programs, place)
    (place / "small").mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "none",
                    str(place / "small")], check=True)
    phone.folder = place / "small"
    os.symlink(place / "device", phone.folder / "device")
    try:
        phone.up()
        code, text = phone.cli("pair")
        assert code == 0, text
        check_storage(phone)
        check_queues(phone)
        check_time(phone)
        phone.down()
    finally:
        phone.end()
    return 0


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    if sys.argv[2:] == ["inside"]:
        return inside(programs)
    check_memory(programs)
    own = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run(
            [*own, "mount", "-t", "tmpfs", "none", "/mnt"],
            capture_output=True, check=False).returncode != 0:
        print("skipped: this system lets nobody mount a small file system")
        return SKIP
    with tempfile.TemporaryDirectory(prefix="dgs") as name:
        pathlib.Path(name).chmod(0o700)
        return subprocess.run(
            [*own, sys.executable, __file__, str(programs), "inside"],
            env={**os.environ, "DG_PLACE": name}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
