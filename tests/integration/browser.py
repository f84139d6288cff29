# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium at the end of two pipes: the DevTools protocol, as much of
it as a test of a page needs."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time


class Browser:
    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="dgc")
        to_read, self.out = os.pipe()
        self.into, to_write = os.pipe()

        def wire():
            # Out of the way first: the numbers may be 3 and 4 already.
            one, other = os.dup(to_read), os.dup(to_write)
            os.dup2(one, 3)
            os.dup2(other, 4)

        self.child = subprocess.Popen(
            [shutil.which("chromium"), "--headless=new", "--no-sandbox",
             "--disable-gpu", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update",
             "--disable-quic", "--remote-debugging-pipe",
             "--user-data-dir=" + self.profile, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=wire)
        os.close(to_read)
        os.close(to_write)
        self.number = 0
        self.have = b""
        self.requests = []
        target = next(t for t in self.ask("Target.getTargets")["targetInfos"]
                      if t["type"] == "page")
        self.session = self.ask("Target.attachToTarget",
                                targetId=target["targetId"],
                                flatten=True)["sessionId"]
        self.ask("Network.enable")
        self.ask("Page.enable")

    def hear(self):
        while b"\0" not in self.have:
            got = os.read(self.into, 65536)
            assert got, "the browser has gone"
            self.have += got
        line, self.have = self.have.split(b"\0", 1)
        return json.loads(line)

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if hasattr(self, "session"):
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.hear()
            if answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def run(self, script):
        done = self.ask("Runtime.evaluate", expression=script,
                        awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def until(self, script, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.run(script)
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError("never true: " + script + "\n" +
                             self.run("document.body.innerText"))

    def size(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width,
                 height=height, deviceScaleFactor=1, mobile=width < 600)

    def type(self, element, text):
        self.run(f"document.getElementById('{element}').value='';"
                 f"document.getElementById('{element}').focus()")
        self.ask("Input.insertText", text=text)

    def click(self, element):
        """As a finger does it: the event is a person's."""
        box = self.run(
            f"(() => {{ const b = document.getElementById('{element}')"
            ".getBoundingClientRect();"
            "return [b.x + b.width / 2, b.y + b.height / 2]; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1],
                     button="left", clickCount=1)

    def shoot(self, path):
        shot = self.ask("Page.captureScreenshot", format="png")
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def close(self):
        self.child.terminate()
        self.child.wait(20)
        shutil.rmtree(self.profile, ignore_errors=True)
