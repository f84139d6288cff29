#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An adapter that works against its evaluator.  What it does wrong is the name
that it is started by: HOSTILE below; "honest" does nothing wrong."""
import importlib.util
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples"))  # the product that it brings
SPEC = importlib.util.spec_from_file_location(
    "adapter", ROOT / "examples" / "adapter.py")
product = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(product)

LATER = 2  # the request "advance" at which most of them begin


def write(text):
    os.write(1, text.encode())


def crash(request, answer):
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(request, answer):
    os._exit(0)


def hang(request, answer):
    time.sleep(600)


def late(request, answer):
    time.sleep(6)
    return answer


def flood(request, answer):
    while True:
        write('{"ok":true,"mU":5}\n' * 1000)


def endless_line(request, answer):
    for _ in range(1024):
        write("x" * (1 << 20))


def drip(request, answer):
    for _ in range(600):
        write(" ")
        time.sleep(0.1)


def nest(request, answer):
    write("[" * 60000 + "\n")


def twice(request, answer):
    write(json.dumps(answer) + "\n")
    return answer


def no_answer(request, answer):
    write("all is well\n")


def text_number(request, answer):
    return answer | {"mU": str(answer["mU"])}


def falls(request, answer):
    return answer | {"mU": 0}


def huge(request, answer):
    return answer | {"mU": 2**62}


def no_ok(request, answer):
    return {"mU": answer["mU"]}


def close_output(request, answer):
    os.close(1)
    time.sleep(600)


def fork_away(request, answer):
    """A grandchild in a session of its own, deaf to polite words."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            pathlib.Path(os.environ["DG_LEFT"]).write_text(str(os.getpid()))
            os.closerange(0, 3)
            time.sleep(600)
        os._exit(0)
    os.wait()
    return answer


def noisy(request, answer):
    for _ in range(20):
        os.write(2, b"noise\n" * 100000)
    return answer


def frames(request, answer):
    """Frames without end to whoever listens at the relay."""
    def shout(port):
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while True:
            door.sendto(b"x", ("127.0.0.1", port))
    for phone in product.phones.values():
        threading.Thread(target=shout, daemon=True, args=(
            phone.socket.getpeername()[1],)).start()
    return answer


HOSTILE = {name.replace("_", "-"): mode for name, mode in globals().items()
           if getattr(mode, "__module__", "") == "__main__"
           and name not in ("write", "main")}


def serve(mode):
    count = 0
    if mode == "contract-2":
        product.HELLO["contract"] = 2
    for line in sys.stdin:
        answer = product.answer(line)
        request = json.loads(line) if answer["ok"] else {"op": ""}
        count += request["op"] == "advance"
        if mode == "other-firmware" and count >= LATER:
            product.HELLO["firmware_digest"] = "0" * 64
        if mode == "other-product" and request["op"] == "hello":
            answer["firmware_digest"] = f"{os.getpid():064}"
        if mode == "other-caps" and request["op"] == "start":
            answer["caps"]["total"] = product.ALL | {
                "24h_mU": 6000 + os.getpid() % 5000}
        if (mode in HOSTILE and request["op"] == "advance"
                and count == LATER):
            answer = HOSTILE[mode](request, answer)
        if answer is not None:
            print(json.dumps(answer), flush=True)
    if mode == "stays":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen(["sleep", "600"], start_new_session=True)
        time.sleep(600)


if __name__ == "__main__":
    serve(pathlib.Path(sys.argv[0]).name)
