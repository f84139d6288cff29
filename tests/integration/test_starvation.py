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
