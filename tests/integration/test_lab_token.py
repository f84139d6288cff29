#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A laboratory's key in a PKCS#11 token: it signs runs and confirmations, its
PIN is in a file or asked at a terminal, and what goes wrong leaves no run.

usage: test_lab_token.py BIN
@verifies{EVL_KEY.1@1}
"""
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tempfile

BIN = sys.argv[1]
LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"


class Lab:
    def __init__(self, folder):
        self.folder = folder
        (folder / "tokens").mkdir()
        conf = folder / "softhsm2.conf"
        conf.write_text("directories.tokendir = %s/tokens\n" % folder)
        self.env = dict(os.environ, SOFTHSM2_CONF=str(conf))
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", "lab",
             "--pin", "2580", "--so-pin", "13579"], check=True, env=self.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.pin = folder / "pin"
        self.pin.write_text("2580\n")
        self.pin.chmod(0o600)

    def uri(self, name, more=""):
        return "pkcs11:token=lab;object=%s?module-path=%s%s" % (
            name, LIBRARY, more)

    def run(self, *words, code=0):
        done = subprocess.run(
            [BIN + "/dosegate", *[str(word) for word in words], "--dir",
             str(self.folder / "state")], env=self.env, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
            start_new_session=True)  # no terminal to ask at
        assert done.returncode == code, (words, done.returncode, done.stdout,
                                         done.stderr)
        return done.stdout + done.stderr

    def evaluate(self, out, *more, code=0):
        return self.run("evaluate", "--only", "second-controller",
                        "--evaluator", "F. Irst",
                        "--no-calibration", "--out", out, *more, code=code)


def check_signed(lab):
    out = lab.folder / "out"
    key = lab.uri("first", "&pin-source=file:%s" % lab.pin)
    lab.evaluate(out, "--key", key)
    public = lab.folder / "state/lab.pub"
    run = out / "run.dgrun"
    assert "valid" in lab.run("verify", run, "--key", public)
    # Statements about the run are signed by the same key, in the token.
    statements = lab.folder / "statements"
    report = ("report", run, "--format", "intoto", "--key", public, "--out",
              statements)
    assert "is not here" in lab.run(*report, code=1)
    lab.run(*report, "--sign", key)
    assert len(list(statements.glob("*.dsse.json"))) == 2
    lab.run(*report, "--sign", lab.folder / "gone", code=1)
    before = public.read_text()
    # The same key again, not a new one; and the PIN beside the URI.
    lab.evaluate(lab.folder / "again", "--key", lab.uri("first"),
                 "--pin-file", lab.pin)
    lab.run("verify", lab.folder / "again/run.dgrun", "--key", public)
    assert public.read_text() == before
    assert not (lab.folder / "state/lab.key").exists(), "a key in a file"
    lab.run("evaluate", "--resume", out, "--key", key)
    print("ok: signed in the token, with one key, which no file holds")
    return public


def check_confirmed(lab, public):
    """A second key of the same token is another key."""
    confirmed = lab.folder / "confirmed.dgrun"
    words = ("rate", lab.folder / "out/run.dgrun", "--trust", public,
             "--confirm", "--by", "B. Second", "--out", confirmed,
             "--pin-file", lab.pin)
    assert "key of their own" in lab.run(
        *words, "--key", lab.uri("first"), code=1)
    lab.run(*words, "--key", lab.uri("second"))
    assert "confirmed by B. Second" in lab.run(
        "verify", confirmed, "--key", public)
    print("ok: confirmed with another key of the token")


def check_hint(lab, public):
    """The command that a run prints checks that run, whichever key signed it,
    and no key's public half is lost."""
    before = public.read_text()
    for key in (lab.uri("second"), lab.folder / "plain"):
        said = lab.evaluate(lab.folder / "hint", "--key", key, "--pin-file",
                            lab.pin)
        hint = said.split("Check it: ")[1].splitlines()[0]
        done = subprocess.run(hint, shell=True, text=True, timeout=60,
                              capture_output=True)
        assert done.returncode == 0, (hint, done.stdout, done.stderr)
    assert public.read_text() == before
    print("ok: what is printed in the end checks the run")


def check_kept(lab, public):
    """A confirmed run is overwritten by nobody."""
    out = lab.folder / "confirmed"
    out.mkdir()
    run = out / "run.dgrun"
    shutil.copy(lab.folder / "confirmed.dgrun", run)
    before = run.read_bytes()
    key = ("--key", lab.uri("first"), "--pin-file", lab.pin)
    said = lab.evaluate(out, *key, code=1)
    assert "B. Second has confirmed" in said and "--out" in said, said
    lab.evaluate(out, "--retry-failed", lab.folder / "out", *key, code=1)
    assert run.read_bytes() == before and len(list(out.iterdir())) == 1
    print("ok: a confirmed run is not overwritten")


def check_refused(lab):
    wrong = lab.folder / "wrong"
    wrong.write_text("0000\n")
    wrong.chmod(0o600)
    shared = lab.folder / "shared"
    shared.write_text("2580\n")
    shared.chmod(0o644)
    out = lab.folder / "refused"
    for uri, more, word in (
            (lab.uri("first", "&pin-value=2580"), (), "no PIN in the URI"),
            (lab.uri("first"), ("--pin-file", wrong), "refuses the PIN"),
            (lab.uri("first"), ("--pin-file", shared), "PIN is missing"),
            (lab.uri("first"), (), "PIN is missing"),
            (lab.uri("").replace(";object=", ""), ("--pin-file", lab.pin),
             "say which key"),
            (lab.uri("first").replace("token=lab", "token=none"),
             ("--pin-file", lab.pin), "none matches"),
            ("pkcs11:token=lab;object=a", ("--pin-file", lab.pin),
             "name its library"),
            ("pkcs11:token", (), "no URI")):
        said = lab.evaluate(out, "--key", uri, *more, code=1)
        assert word in said, (uri, said)
        assert "2580" not in said, "the PIN is told"
    assert not out.exists(), "something was written"
    print("ok: eight ways to be refused, and nothing written")


def check_asked(lab):
    """Somebody at a terminal types it, and does not see it."""
    words = [BIN + "/dosegate", "evaluate", "--only", "second-controller",
             "--no-calibration", "--out", str(lab.folder / "asked"), "--dir",
             str(lab.folder / "state"), "--key", lab.uri("first")]
    child, terminal = pty.fork()
    if child == 0:
        os.execve(words[0], words, lab.env)
    said = b""
    while b"PIN of the PKCS#11 token" not in said:
        said += os.read(terminal, 1000)
    os.write(terminal, b"2580\n")
    try:
        while True:
            more = os.read(terminal, 1000)
            if not more:
                break
            said += more
    except OSError:
        pass  # the terminal of a child that has ended
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, said
    assert b"2580" not in said, said
    assert b"\r\x1b[K" in said, "no moving line on a terminal"
    print("ok: asked at the terminal, not shown")


def main():
    if not pathlib.Path(LIBRARY).exists() or \
            shutil.which("softhsm2-util") is None:
        print("skipped: SoftHSM is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="dgt") as place:
        lab = Lab(pathlib.Path(place))
        here = sorted(os.listdir("."))
        public = check_signed(lab)
        check_confirmed(lab, public)
        check_hint(lab, public)
        check_kept(lab, public)
        check_refused(lab)
        check_asked(lab)
        assert sorted(os.listdir(".")) == here, "a file where nobody asked"


if __name__ == "__main__":
    main()
