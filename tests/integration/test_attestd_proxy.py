#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/attestd/nginx.conf in front of a live dosegate-attestd: TLS, who
asked, what is not for phones, large and slow senders, an instance that is gone.

usage: test_attestd_proxy.py BIN CONF
@verifies{FDP_ATTEST.1@1}
"""
import datetime
import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import attestd_rig
from attestd_rig import Office, Phone, Service

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
QUALIFIED = "build android-key os 150000 150999 patch 20260901 qualified\n"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def make_certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "proxy")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = x509.CertificateBuilder().subject_name(name).issuer_name(
        name).public_key(key.public_key()).serial_number(1).not_valid_before(
        now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)).add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost")]),
        False).sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(
        serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))


class Proxy:
    """The example, with this test's ports and paths and nothing else changed."""

    def __init__(self, folder, conf, live, gone):
        self.folder = folder
        self.port = free_port()
        make_certificate(folder)
        text = pathlib.Path(conf).read_text()
        for old, new in (
                ("10.0.0.5:8470", f"127.0.0.1:{live}"),
                ("10.0.0.6:8470", f"127.0.0.1:{gone}"),
                ("listen 443", f"listen 127.0.0.1:{self.port}"),
                ("client_header_timeout 5s", "client_header_timeout 1s"),
                ("ssl_certificate full", f"ssl_certificate {folder}/full"),
                ("ssl_certificate_key key", f"ssl_certificate_key {folder}/key")):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (folder / "nginx.conf").write_text(text)
        self.child = subprocess.Popen(
            [NGINX, "-p", str(folder), "-e", "error.log", "-c", "nginx.conf",
             "-g", "daemon off;"], stdin=subprocess.DEVNULL)
        self.trust = ssl.create_default_context(cafile=folder / "fullchain.pem")
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.child.poll() is None, self.said()
                time.sleep(0.02)
        raise AssertionError(self.said())

    def said(self):
        return (self.folder / "error.log").read_text()

    def ask(self, method, path, body=None, headers=None):
        line = http.client.HTTPSConnection("localhost", self.port, timeout=20,
                                           context=self.trust)
        try:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def end(self):
        self.child.terminate()
        self.child.wait(timeout=10)


def check_tickets(office, proxy):
    for _ in range(4):  # each second one is for the instance that is gone
        phone = Phone(office)
        request = json.dumps(phone.request())
        code, text = proxy.ask("POST", "/v1/tickets", request)
        assert code == 200, (code, text, proxy.said())
        answer = json.loads(text)
        assert attestd_rig.open_ticket(office, answer["ticket"])[2] == \
            phone.subject()
        code, text = proxy.ask("POST", "/v1/tickets", request)
        assert code == 409, (code, text)
    print("ok: tickets over TLS, one for a nonce, with one instance gone")


def check_closed(proxy):
    for path in ("/metrics", "/v1/trials", "/health", "/", "/v1/tickets/"):
        code, text = proxy.ask("GET", path)
        assert code == 404 and "dosegate" not in text, (path, code, text)
    assert proxy.ask("GET", "/v1/tickets")[0] == 403
    assert proxy.ask("POST", "/v1/tickets", "x" * 200000)[0] == 413
    with socket.create_connection(("127.0.0.1", proxy.port), 5) as line:
        line.sendall(b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not line.recv(4096).startswith(b"HTTP/1.1 200"), "not TLS"
    print("ok: what is the operator's is not there; large bodies end here")


def check_slow(proxy):
    """A head that drips in ends at the proxy."""
    began = time.monotonic()
    with proxy.trust.wrap_socket(
            socket.create_connection(("127.0.0.1", proxy.port), 10),
            server_hostname="localhost") as line:
        line.settimeout(10)
        try:
            for letter in b"POST /v1/tickets HTTP/1.1\r\nHost: x\r\n" + \
                    b"X: " + b"y" * 100:
                line.sendall(bytes([letter]))
                time.sleep(0.05)
            assert not line.recv(4096).startswith(b"HTTP/1.1 200")
        except OSError:
            pass
    assert time.monotonic() - began < 9, "never cut off"
    print("ok: a head that drips in is cut off")


def check_addresses(proxy, service):
    """Whatever a phone says of its address, the proxy's word counts."""
    time.sleep(max(0, time.time() % 60 - 50) and 60 - time.time() % 60)
    seen = [proxy.ask("POST", "/v1/tickets", "{}",
                      {"X-Forwarded-For": f"10.1.1.{number}"})[0]
            for number in range(12)]
    assert seen[0] == 400 and seen[-1] == 429, seen
    # By the service, not by the proxy: it says when to come again.
    assert service.metric('refused_total{why="rate"}') > 0
    print("ok: a phone cannot choose its address")


def main():
    if NGINX is None:
        print("skipped: there is no nginx here")
        return
    with tempfile.TemporaryDirectory(prefix="dgp") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o711)
        (folder / "o").mkdir(mode=0o700)
        (folder / "n").mkdir(mode=0o711)
        office = Office(sys.argv[1], folder / "o")
        office.write_policy(1, QUALIFIED)
        usual = ["--proxy", "127.0.0.1", "--per-address", "0"]
        service = Service(office, office.path("db"), *usual,
                          "--peer-per-minute", "1000")
        proxy = Proxy(folder / "n", sys.argv[2], service.port, free_port())
        try:
            check_tickets(office, proxy)
            check_closed(proxy)
            check_slow(proxy)
            service.end()
            proxy.end()
            service = Service(office, office.path("db"), *usual,
                              "--peer-per-minute", "10")
            proxy = Proxy(folder / "n", sys.argv[2], service.port, free_port())
            check_addresses(proxy, service)
        finally:
            proxy.end()
            service.end()


if __name__ == "__main__":
    main()
