#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tickets per second through HTTP: one instance of dosegate-attestd, each ticket
for two Android chains of four certificates (six P-256 checks) and one
signature.  By the instance's own processor time, so that client and other
work on the machine do not count, and against the seven bare operations.

usage: bench/attestd.py BIN    (the folder with dosegate and dosegate-attestd)
"""
import http.client
import json
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent /
                       "tests" / "integration"))
sys.dont_write_bytecode = True
from cryptography.hazmat.primitives import hashes  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402

from attestd_rig import Office, Phone, Postgres, Service  # noqa: E402

TICKETS = 200
WARM = 20
BUILDS = "build android-key os 150000 150999 patch 20260900 qualified\n"


def processor_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def bare_s():
    """Six checks and one signature, by the same libcrypto."""
    key = ec.generate_private_key(ec.SECP256R1())
    public, body = key.public_key(), os.urandom(500)
    mark = key.sign(body, ec.ECDSA(hashes.SHA256()))
    best = 1.0
    for _ in range(5):
        began = time.process_time()
        for _ in range(20):
            for _ in range(6):
                public.verify(mark, body, ec.ECDSA(hashes.SHA256()))
            key.sign(body, ec.ECDSA(hashes.SHA256()))
        best = min(best, (time.process_time() - began) / 20)
    return best


def measure(office, database, requests):
    service = Service(office, database, "--peer-per-minute", "1000000",
                      "--subject-per-hour", "1000000")
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)

    def ask(body):
        line.request("POST", "/v1/tickets", body)
        answer = line.getresponse()
        text = answer.read()
        assert answer.status == 200, text

    for body in requests[:WARM]:
        ask(body)
    pid = service.process.pid
    began, used = time.monotonic(), processor_s(pid)
    for body in requests[WARM:]:
        ask(body)
    wall = time.monotonic() - began
    used = processor_s(pid) - used
    line.close()
    service.end()
    count = len(requests) - WARM
    return count / wall, used / count


def main():
    with tempfile.TemporaryDirectory(prefix="dgb") as folder:
        office = Office(sys.argv[1], folder)
        office.write_policy(1, BUILDS)
        phone = Phone(office)
        stores = [("SQLite", office.path("db"))]
        postgres = None
        if Postgres.find() is not None:
            postgres = Postgres(folder)
            stores.append(("PostgreSQL, no fsync", postgres.url))
        try:
            for name, database in stores:
                requests = [json.dumps(phone.request())
                            for _ in range(TICKETS + WARM)]
                bare = bare_s()
                rate, each = measure(office, database, requests)
                print(f"tickets through HTTP, {name:22} {1 / each:8.0f} /s of "
                      f"processor time, {each / bare:.2f} times six P-256 "
                      f"checks and a signature; {rate:.0f} /s here, one "
                      "after the other")
        finally:
            if postgres is not None:
                postgres.end()


main()
