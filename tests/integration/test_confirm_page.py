#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of the trusted display: what another site, another process without the
link and a script can do to it, over HTTP; and in a real browser, as wide as a
phone and as a desk, what it shows and when a yes counts.  The rows of
spec/decimal-entry.json are read by its own reader.
@verifies{FTA_PAGE.1@1} @verifies{FDP_ENTRY.1@1}

usage: test_confirm_page.py BIN SPEC [FOLDER]
FOLDER gets pictures.  Without Chromium only HTTP is tried, and it says so.
"""
import http.server as http_server
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from browser import Browser

BIN, SPEC = sys.argv[1], pathlib.Path(sys.argv[2])
FITS = """(() => {
  const root = document.documentElement;
  return root.scrollWidth <= root.clientWidth &&
    [...document.querySelectorAll("main *")].every(
      e => e.hidden || e.closest("[hidden]") ||
        e.getBoundingClientRect().right <= root.clientWidth + 1);
})()"""


class Phone:
    def __init__(self, folder):
        self.folder = folder

    def run(self, *words, code=0, text=None):
        done = subprocess.run(
            [f"{BIN}/dosegate", words[0], "--dir", str(self.folder),
             *words[1:]],
            input=text, stdin=None if text else subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60)
        assert done.returncode == code, (words, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def app(self, line):
        talk = socket.socket(socket.AF_UNIX)
        talk.settimeout(30)
        talk.connect(str(self.folder / "gateway.sock"))
        file = talk.makefile("rw")
        file.write(line + "\n")
        file.flush()
        return talk, file


def http(port, text):
    talk = socket.create_connection(("127.0.0.1", port), 10)
    talk.sendall(text.encode())
    talk.settimeout(3)
    heard = b""
    try:
        while True:
            got = talk.recv(65536)
            if not got:
                break
            heard += got
    except OSError:
        pass
    talk.close()
    return heard.decode("latin-1")


def status(port, line, *headers, body="", host=None):
    head = [line + " HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}",
            *headers]
    if body:
        head.append(f"Content-Length: {len(body)}")
    heard = http(port, "\r\n".join(head) + "\r\n\r\n" + body)
    return int(heard.split(" ")[1]) if heard else 0


def link_of(phone):
    return re.search(r"http://127\.0\.0\.1:(\d+)/\?t=([0-9a-f]{32})\n",
                     phone.run("phone", "page"))


def attacks(phone):
    found = link_of(phone)
    port, token = int(found[1]), found[2]
    own = f"Origin: http://127.0.0.1:{port}"
    assert status(port, "GET /") == 403
    assert status(port, "GET /state") == 403
    assert status(port, "GET /?t=" + "0" * 32) == 403
    assert status(port, "GET /?t=") == 403
    # A name that points here, another site, and a frame.
    assert status(port, f"GET /?t={token}", host=f"evil.example:{port}") == 403
    assert status(port, f"GET /?t={token}", "Origin: http://evil.example") == 403
    assert status(port, f"GET /?t={token}", "Sec-Fetch-Site: cross-site") == 403
    assert status(port, f"GET /?t={token}", "Sec-Fetch-Dest: iframe") == 403
    assert status(port, f"GET /?t={token}", f"Host: 127.0.0.1:{port}") == 403
    heard = http(port, f"GET /?t={token} HTTP/1.1\r\n"
                       f"Host: 127.0.0.1:{port}\r\n\r\n")
    assert heard.startswith("HTTP/1.1 303"), heard
    for words in ("HttpOnly", "SameSite=Strict", "frame-ancestors 'none'",
                  "X-Frame-Options: DENY", "default-src 'none'"):
        assert words in heard, heard
    cookie = re.search(r"Set-Cookie: (dosegate=[0-9a-f]{32})", heard)[1]
    assert status(port, f"GET /?t={token}") == 403, "the link worked twice"
    jar = "Cookie: " + cookie
    assert status(port, "GET /state", jar) == 200
    assert status(port, "GET /state", "Cookie: dosegate=" + "0" * 32) == 403
    assert status(port, "GET /../keys/phone", jar) == 404
    act = "approve " + "0" * 16
    assert status(port, "POST /act", jar, body=act) == 403, "no origin"
    assert status(port, "POST /act", jar, "Origin: null", body=act) == 403
    assert status(port, "POST /act", own, body=act) == 403, "no cookie"
    assert status(port, "POST /act", jar, own, body=act) == 200
    for bad in ("x" * 96, "approve\n0", "\x01"):
        assert status(port, "POST /act", jar, own, body=bad) == 400
    assert status(port, "PUT /act", jar, own, body=act) == 405
    assert status(port, "GET /", jar, "Transfer-Encoding: chunked") == 403
    assert status(port, "GET /", jar, "X: " + "y" * 3000) in (0, 400)
    assert http(port, "\r\n\r\n\r\n") != "x"
    # A new link closes what was open.
    link_of(phone)
    assert status(port, "GET /state", jar) == 403
    print("over HTTP: refused what is not the page's own")


def table(browser):
    rows = json.loads((SPEC / "decimal-entry.json").read_text())
    wrong = browser.run("""(async () => {
      const {thousandths} = await import("/decimal.mjs");
      const rows = %s;
      return rows.accepted.filter(
          row => thousandths(row.text) !== row.thousandths)
        .concat(rows.refused.filter(row => thousandths(row.text) !== null));
    })()""" % json.dumps(rows))
    assert wrong == [], wrong
    print(len(rows["accepted"]) + len(rows["refused"]), "rows read as in C")


def one_dose(phone, browser, width, height, pictures):
    browser.size(width, height)
    talk, file = phone.app('{"op":"bolus","mU":6500}')
    browser.until("!document.getElementById('ask').hidden")
    shown = browser.run("document.getElementById('number').innerText")
    assert shown.split() == ["6.50", "U"], shown
    assert browser.run("document.getElementById('words').innerText") == \
        "bolus 6.50 U, normal"
    assert browser.run(FITS), f"runs over the edge at {width} px"
    size = browser.run("parseFloat(getComputedStyle("
                       "document.getElementById('amount')).fontSize)")
    assert size >= 48, size
    time.sleep(1)
    off = "document.getElementById('yes').disabled"
    assert browser.run(off), "a yes without the number"
    browser.type("pin", "918273")
    for text in ("65", "0.65", "6.05", "6", "6.5.", "6,500", "06.5", "٦٫٥"):
        browser.type("again", text)
        time.sleep(0.15)
        assert browser.run(off), text
    browser.click("yes")
    browser.type("again", "6,5")
    browser.until("!" + off)
    if pictures is not None:
        browser.shoot(str(pictures / f"confirm-{width}.png"))
    # A script's click is no person's, and an app has no way here.
    browser.run("document.getElementById('yes').click();"
                "document.getElementById('ask').dispatchEvent("
                "new Event('submit', {cancelable: true}))")
    time.sleep(0.6)
    return talk, file


class HostileSite:
    """Another origin on the same machine, and so with the same cookies: it
    frames the display, lies over it, and sends what the display would send."""

    def __init__(self, port, body):
        page = f"""<!doctype html><title>prize</title>
<style>iframe, object, embed {{ position: absolute; inset: 0; width: 390px;
  height: 844px; border: 0; opacity: 0.01 }}</style>
<p id="prize">You have won. Press here.</p>
<iframe name="one" src="http://127.0.0.1:{port}/"></iframe>
<object data="http://127.0.0.1:{port}/"></object>
<embed src="http://127.0.0.1:{port}/">
<form id="post" method="post" enctype="text/plain" target="one"
  action="http://127.0.0.1:{port}/act"><input name="{body}" value=""></form>
""".encode()

        class Handler(http_server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *words):
                pass

        self.server = http_server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def frames_of(browser):
    tree = browser.ask("Page.getFrameTree")["frameTree"]
    return [child["frame"] for child in tree.get("childFrames", [])]


def framed(phone, browser):
    """A site that has everything but the display's origin: number, PIN and the
    question's own ticket."""
    browser.size(390, 844)
    talk, file = phone.app('{"op":"bolus","mU":6500}')
    browser.until("!document.getElementById('ask').hidden")
    port = int(browser.run("location.port"))
    ticket = browser.run(
        "fetch('state').then(a => a.text()).then("
        "t => t.match(/\\b[0-9a-f]{16}\\b/)[0])")
    body = f"approve {ticket} 6.5 918273"
    site = HostileSite(port, body)
    try:
        browser.ask("Page.navigate", url=site.url)
        browser.until("document.readyState === 'complete' && "
                      "document.getElementById('prize') !== null")
        shown = frames_of(browser)
        assert shown, "nothing was framed: the test tests nothing"
        for frame in shown:
            assert frame["url"].startswith("chrome-error://"), frame
        # A finger where the display's buttons would lie, and what a script of
        # that site can send with the person's cookies.
        for y in range(100, 844, 60):
            for kind in ("mousePressed", "mouseReleased"):
                browser.ask("Input.dispatchMouseEvent", type=kind, x=195, y=y,
                            button="left", clickCount=1)
        sent = browser.run("""(async () => {
          const to = "http://127.0.0.1:%d/act", body = "%s";
          const ends = [];
          for (const how of [{mode: "no-cors"}, {mode: "cors"},
                             {mode: "no-cors", keepalive: true}]) {
            ends.push(await fetch(to, {method: "POST", body: body,
                credentials: "include", ...how}).then(
                a => a.type + a.status, () => "failed"));
          }
          ends.push(navigator.sendBeacon(to, body) ? "sent" : "not sent");
          ends.push(await fetch("http://127.0.0.1:%d/state",
              {credentials: "include"}).then(a => a.text(), () => "failed"));
          document.getElementById("post").submit();
          return ends;
        })()""" % (port, body, port))
        assert "sent" in sent and sent[-1] == "failed", sent
        time.sleep(1)
        talk.settimeout(0.5)
        try:
            raise AssertionError("answered: " + file.readline())
        except TimeoutError:
            pass
    finally:
        site.close()
    # The question is still there, for the person alone.
    talk.close()
    posts = [url for url in browser.requests if url.endswith("/act")]
    assert len(posts) >= 4, browser.requests
    browser.ask("Page.navigate", url=f"http://127.0.0.1:{port}/")
    browser.until("document.getElementById('ask') !== null && "
                  "!document.getElementById('ask').hidden")
    browser.click("no")
    browser.until("document.getElementById('done').innerText !== ''")
    print("framed by another origin: not shown, and nothing it sends counts")


def in_browser(phone, pictures):
    browser = Browser()
    try:
        phone.run("phone", "pin", text="918273\n918273\n")
        browser.ask("Page.navigate", url=link_of(phone)[0].strip())
        browser.until("document.getElementById('idle') !== null && "
                      "document.getElementById('idle').innerText"
                      ".startsWith('Nothing')")
        table(browser)
        known = len(browser.requests)
        framed(phone, browser)
        del browser.requests[known:]  # the other site's own
        for width, height in ((390, 844), (1200, 900)):
            talk, file = one_dose(phone, browser, width, height, pictures)
            assert browser.run(
                "!document.getElementById('ask').hidden"), "a script approved"
            browser.click("no" if width == 390 else "yes")
            answer = json.loads(file.readline())
            assert answer["ok"] == (width != 390), answer
            browser.until("document.getElementById('done').innerText !== ''")
            talk.close()
            print(f"{width} px: shown whole; a person's answer alone counts")
        strangers = [url for url in browser.requests
                     if not url.startswith("http://127.0.0.1:")]
        assert not strangers, strangers
    finally:
        browser.close()


def main():
    pictures = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory(prefix="dgx") as place:
        phone = Phone(pathlib.Path(place))
        try:
            phone.run("up")
            said = phone.run("phone", "page", code=1)
            assert "--page on" in said, said
            phone.run("down")
            phone.run("up", "--page", "on")
            phone.run("pair")
            attacks(phone)
            if shutil.which("chromium") is None:
                print("skipped: there is no chromium here")
            else:
                in_browser(phone, pictures)
        finally:
            phone.run("down")


if __name__ == "__main__":
    main()
