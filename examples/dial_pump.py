# SPDX-License-Identifier: Apache-2.0
"""A product to try an adapter on: the "dial pump" and its phone, simulated.  Its
frames are authentic and not secret; it has no automatic doses.
"""
import hmac, json, os, select, socket

PULSE, BASAL, DOSE, DAY = 50, 1200, 2000, 6000  # mU; BASAL in mU/h


def mac(key, data):
    return hmac.digest(key, data, "sha256")[:16]


class Device:
    def __init__(self):
        self.port = self.now = self.moved = self.basal = self.left = 0
        self.keys, self.seen, self.doses, self.ticket = {}, {}, [], {}
        self.code, self.used = None, set()
        self.power_on()

    def power_on(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", self.port))
        self.port = self.socket.getsockname()[1]

    def power_cut(self):
        self.socket.close()
        self.socket, self.left, self.ticket = None, 0, {}

    def second(self):
        self.now += 1
        if self.basal + PULSE <= BASAL * self.now // 3600:
            self.basal, self.moved = self.basal + PULSE, self.moved + PULSE
        if self.left and self.now % 2 == 0:
            self.left, self.moved = self.left - PULSE, self.moved + PULSE

    def room(self):
        day = sum(mU for at, mU in self.doses if at > self.now - 86400)
        return min(DOSE, DAY - day)

    def hear(self, frame):
        """Slot, counter, JSON, MAC: what is authentic and new is answered."""
        slot, count = frame[:1], int.from_bytes(frame[1:9])
        key = self.keys.get(slot, (self.code,))[0]
        if (not key or count <= self.seen.get(slot, 0) or not
                hmac.compare_digest(mac(key, frame[:-16]), frame[-16:])):
            return b""
        self.seen[slot] = count
        said = self.obey(slot, json.loads(frame[9:-16])) | {"status": {
            "bolus_total_mU": self.moved - self.basal,
            "basal_total_mU": self.basal}}
        answer = frame[1:9] + json.dumps(said).encode()
        return answer + mac(key, answer)

    def obey(self, slot, order):
        what, mU = order["do"], order.get("mU", 0)
        if what == "pair":
            self.keys[slot] = [bytes.fromhex(key) for key in order["keys"]]
            self.code = None
            return {"result": "paired"}
        if what == "propose" and order["tier"] == "automatic":
            return {"result": "refused", "reason": "presence"}
        if what == "propose" and (self.left or not 0 < mU <= self.room()):
            return {"result": "refused", "headroom_mU": max(0, self.room()),
                    "reason": "state" if self.left else "limit"}
        if what == "propose":
            self.ticket[slot] = (os.urandom(8).hex(), mU - mU % PULSE)
            return {"result": "ticket", "ticket": self.ticket[slot][0],
                    "resolved_mU": mU - mU % PULSE, "asks": "phone"}
        if what == "commit" and order["ticket"] in self.used:
            return {"result": "already"}
        if what == "commit":
            name, mU = self.ticket.get(slot, ("", 0))
            sign = mac(self.keys[slot][1], f"{name} {mU}".encode()).hex()
            if (name, sign) != (order["ticket"], order["sign"]):
                return {"result": "refused", "reason": "presence"}
            if self.left or mU > self.room():
                return {"result": "refused", "reason": "state"}
            self.used.add(name)
            self.doses.append((self.now, mU))
            self.left = mU
            return {"result": "accepted"}
        self.left = 0 if what == "stop" else self.left
        return {"result": "status"}


class Phone:
    def __init__(self, port, slot, devices):
        self.devices = devices  # by name; they live in this process
        self.slot, self.count, self.ticket = bytes([slot]), 0, ("", 0)
        self.keys = os.urandom(16), os.urandom(16)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))

    def say(self, key=None, **order):
        """One frame to the relay; meanwhile the devices get their turn."""
        key, self.count = key or self.keys[0], self.count + 1
        head = self.slot + self.count.to_bytes(8)
        frame = head + json.dumps(order).encode()
        self.socket.send(frame + mac(key, frame))
        while True:
            on = {unit.socket: unit
                  for unit in self.devices.values() if unit.socket}
            ready = select.select([self.socket, *on], [], [], 0.2)[0]
            if not ready:
                return {"result": "silent"}
            for device in set(ready) & set(on):
                frame, sender = device.recvfrom(2048)
                device.sendto(on[device].hear(frame), sender)
            got = self.socket.recv(2048) if self.socket in ready else b""
            if got[:8] == head[1:] and mac(key, got[:-16]) == got[-16:]:
                return json.loads(got[8:-16])

    def propose(self, mU, tier="confirmed"):
        said = self.say(do="propose", mU=mU, tier=tier)
        self.ticket = said.get("ticket", ""), said.get("resolved_mU", 0)
        return said

    def commit(self, sign="valid"):
        name, mU = self.ticket
        text = f"{name} {PULSE if sign == 'wrong' else mU}".encode()
        sign = "" if sign == "none" else mac(self.keys[1], text).hex()
        return self.say(do="commit", ticket=name, sign=sign)

    def bolus(self, mU, tier="confirmed", sign="valid", approve=True):
        said = self.propose(mU, tier)
        if said["result"] == "ticket":
            said = self.commit(sign) if approve else {"result": "declined"}
        return said
