# SPDX-License-Identifier: Apache-2.0
"""What the tests of the attestation service share: keys, a signed policy, signed
anchors, the service as a process, a phone that asks, and PostgreSQL."""
import base64
import glob
import hashlib
import http.client
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import \
    encode_dss_signature

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import android_phone  # noqa: E402

DAY = 86400
CHECKS = 7
SIGNER = "5a" * 32
APP = "com.example.pump"


def point(key):
    numbers = key.public_key().public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def private(path):
    """The key of a file that dosegate policy key made."""
    digits = pathlib.Path(path).read_text().split()[-1]
    return ec.derive_private_key(int(digits, 16), ec.SECP256R1())


def day(offset):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + offset * DAY))


class Office:
    """Maker, verifier and keeper of anchors: their keys and files."""

    def __init__(self, bin_dir, folder):
        self.bin, self.folder = bin_dir, pathlib.Path(folder)
        for who in ("maker", "verifier", "keeper"):
            self.front("policy", "key", self.path(who))
        android_phone.make_root(self.path("root"))
        self.write_anchors(1)

    def path(self, name):
        return str(self.folder / name)

    def front(self, *words, code=0):
        said = subprocess.run(
            [os.path.join(self.bin, "dosegate"), *words],
            capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL)
        assert said.returncode == code, (words, said)
        return said.stdout + said.stderr

    def write_policy(self, version, builds, issued=-1, ends=20, name="policy"):
        text = (f"dosegate platform policy 1\nversion {version}\n"
                f"issued {day(issued)}\nexpires {day(ends)}\nepoch 1\n"
                "life 14400\n"
                "level low app fresh not-debuggable\n"
                "level medium app fresh not-debuggable boot-verified "
                "boot-locked key-in-hardware presence-bound\n"
                f"app android-key {APP} signer {SIGNER} version 10 release\n"
                + builds)
        (self.folder / "text").write_text(text)
        (self.folder / name).unlink(missing_ok=True)
        self.front("policy", "sign", self.path("text"), "--key",
                   self.path("maker"), "--out", self.path(name))

    def write_anchors(self, version, revoked=()):
        now = int(time.time())
        key = private(self.path("keeper"))
        (self.folder / "anchors").write_bytes(android_phone.anchors(
            key, version, now - 60, now + DAY,
            [android_phone.root_row(self.path("root"), now + 365 * DAY)],
            revoked))


class Service:
    def __init__(self, office, database, *options):
        self.log = open(office.path("log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [os.path.join(office.bin, "dosegate-attestd"),
             "--key", office.path("verifier"),
             "--policy", office.path("policy"),
             "--policy-key", office.path("maker.pub"),
             "--anchors", office.path("anchors"),
             "--anchors-key", office.path("keeper.pub"),
             "--database", database, "--listen", "127.0.0.1:0",
             "--ready-fd", "1", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self.log, text=True)
        ready = self.process.stdout.readline()
        assert ready, "the service did not come up: " + self.said()
        self.url = json.loads(ready)["url"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def said(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()

    def ask(self, method, path, body=None, headers=None):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            text = answer.read().decode()
            return answer.status, text, dict(answer.getheaders())
        finally:
            line.close()

    def ticket(self, request, **headers):
        code, text, _ = self.ask("POST", "/v1/tickets", json.dumps(request),
                                 headers)
        return code, json.loads(text)

    def metric(self, name):
        for line in self.ask("GET", "/metrics")[1].splitlines():
            if line.rsplit(" ", 1)[0] == "dosegate_attestd_" + name:
                return int(line.rsplit(" ", 1)[1])
        raise AssertionError(name)

    def hang_up(self, word, times=1):
        """SIGHUP, and wait for what it says of it."""
        self.process.send_signal(signal.SIGHUP)
        for _ in range(200):
            if self.said().count(word) >= times:
                return
            time.sleep(0.05)
        raise AssertionError((word, self.said()))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        self.log.close()
        assert code == 0, code


class Phone:
    """Keys of a controller, and a platform that can be asked about them."""

    def __init__(self, office, **state):
        self.device = os.urandom(8)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.presence = ec.generate_private_key(ec.SECP256R1())
        self.runner = ec.generate_private_key(ec.SECP256R1())
        self.state = {"os_version": 150000, "os_patch": 202610,
                      "locked": True, "boot": 0, "app": APP,
                      "app_version": 12, "signer": SIGNER,
                      "root": office.path("root"), **state}

    def subject(self):
        key, presence = point(self.key), point(self.presence)
        return hashlib.sha256(android_phone.cbor(
            ["dosegate subject 1", self.device, key[:32], key[32:],
             presence[:32], presence[32:]])).digest()

    def request(self, nonce=None, challenge=None, run=None):
        nonce = nonce or os.urandom(16)
        challenge = challenge or hashlib.sha256(android_phone.cbor(
            ["dosegate challenge 1", nonce, self.subject()])).digest()
        key, presence = point(self.key), point(self.presence)
        request = {"device": self.device.hex(), "nonce": nonce.hex(),
                   "key": key.hex(), "presence": presence.hex(),
                   "evidence": android_phone.evidence(
                       self.state, challenge, key, presence)}
        if run is not None:
            request["requalification"] = self.record(nonce, run)
        return request

    def record(self, nonce, results):
        own = point(self.runner)
        return base64.b64encode(android_phone.sign1(
            self.runner, "dosegate requalification 1", android_phone.cbor(
                [1, nonce, self.subject(), own[:32], own[32:], results,
                 [5] * CHECKS]))).decode()


def read_cbor(data, at=0):
    """One item of unsigned, bytes, text, array, map or tag; and what is next."""
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if low >= 24:
        size = 1 << (low - 24)
        low, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major == 0:
        return low, at
    if major == 1:
        return -1 - low, at
    if major in (2, 3):
        return data[at:at + low], at + low
    if major == 6:
        return read_cbor(data, at)
    items = []
    for _ in range(low * (2 if major == 5 else 1)):
        item, at = read_cbor(data, at)
        items.append(item)
    return items, at


def open_ticket(office, text):
    """Check the signature with another library; give the payload."""
    data = bytes.fromhex(text)
    assert len(data) <= 256, len(data)
    (protected, _, payload, mark), end = read_cbor(data)
    assert end == len(data)
    private(office.path("verifier")).public_key().verify(
        encode_dss_signature(int.from_bytes(mark[:32], "big"),
                             int.from_bytes(mark[32:], "big")),
        android_phone.cbor(["Signature1", bytes(protected),
                            b"dosegate ticket 1", bytes(payload)]),
        ec.ECDSA(hashes.SHA256()))
    return read_cbor(payload)[0]


class Postgres:
    """A cluster of its own, on a socket of its own; None where there is no
    PostgreSQL."""

    @staticmethod
    def find():
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        path = found[-1] if found else shutil.which("initdb")
        return os.path.dirname(path) if path else None

    def __init__(self, folder):
        self.bin = self.find()
        self.folder = os.path.join(folder, "pg")
        os.mkdir(self.folder)
        self.before = self.as_user(folder)
        self.run("initdb", "-D", self.folder + "/data", "-U", "dosegate",
                 "-A", "trust", "-N", "--no-instructions")
        self.run("pg_ctl", "-D", self.folder + "/data", "-w", "-l",
                 self.folder + "/log", "-o",
                 f"-c listen_addresses= -k {self.folder} -c fsync=off",
                 "start")
        self.url = f"postgresql:///postgres?host={self.folder}&user=dosegate"

    def as_user(self, folder):
        """It refuses to run as root: a user namespace will do, or else the
        user that its package made."""
        if os.geteuid() != 0:
            return []
        apart = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
        if subprocess.run([*apart, "true"], stdin=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=10,
                          check=False).returncode == 0:
            return apart
        user = pwd.getpwnam("postgres")
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        os.chmod(folder, 0o711)
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres",
                "--clear-groups"]

    def run(self, program, *words):
        said = subprocess.run(
            self.before + [os.path.join(self.bin, program), *words],
            stdout=subprocess.PIPE if program == "initdb" else
            subprocess.DEVNULL, stderr=subprocess.STDOUT, text=True,
            timeout=120, stdin=subprocess.DEVNULL, cwd=self.folder)
        assert said.returncode == 0, (program, said.stdout)

    def end(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate",
                 "-w", "stop")
