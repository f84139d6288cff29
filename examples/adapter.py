#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A whole adapter: it brings a product, the dial pump of dial_pump.py, to the
bench of docs/adapter.md.  What the product has not, nobody offers.

    dosegate adapter check examples/adapter.py
"""
import hashlib, json, os, pathlib, sys

import dial_pump
from dial_pump import BASAL, DAY, DOSE, PULSE, Device, Phone

# Who the product is, and which words of spec/features.yaml it has.
HELLO = {
    "contract": 1, "name": "Dial pump, simulated", "version": "1.0.0",
    "maker": "nobody", "platform": "none", "features": ["pairing"],
    "function_class": "open loop, one hormone",
    "firmware_digest": hashlib.sha256(
        pathlib.Path(dial_pump.__file__).read_bytes()).hexdigest()}

# The product's own claim: insulin above basal, at once and in any window.
SPANS = "5min_mU", "1h_mU", "4h_mU", "24h_mU"
NONE = dict.fromkeys(("dose_mU", *SPANS), 0)
ALL = {"dose_mU": DOSE} | dict.fromkeys(SPANS, DAY)
CAPS = {"automatic": NONE, "confirmed": ALL, "total": ALL}

units, phones = {}, {}


def link(unit):
    return {"link": f"udp:127.0.0.1:{unit.port}"}


def start(unit):
    if unit not in ("x", "y"):
        raise ValueError("a unit is x or y")
    units[unit] = Device()
    return link(units[unit]) | {"pulse_mU": PULSE, "basal_mU_per_h": BASAL,
                                "ticket_s": 60, "isf": 50, "caps": CAPS}


def advance(unit, s):
    if not unit.socket or not 1 <= s <= 86400:
        raise ValueError("the unit is off, or s is not 1 to 86400")
    for _ in range(s):
        unit.second()
    return {"mU": unit.moved}


def press(unit, button):
    if button not in ("confirm", "stop", "pair", "silence"):
        raise ValueError("there is no such button")
    if button == "stop":
        unit.left = 0
    if button == "pair":
        unit.code = os.urandom(16)
    return {}


# What is asked of a unit.  The bench measures `moved` at the mechanism.
ON_UNIT = {
    "link": lambda unit, _: link(unit),
    "alive": lambda unit, _: {"alive": True},
    "press": lambda unit, request: press(unit, request["button"]),
    "advance": lambda unit, request: advance(unit, request["s"]),
    "delivered": lambda unit, _: {"mU": unit.moved},
    "battery": lambda unit, _: {"used_nAh": unit.now * 10},
    "power_cut": lambda unit, _: unit.power_cut() or {},
    "power_on": lambda unit, _: unit.power_on() or {},
    "place_reading": lambda unit, _: {},
}


def phone_start(name, kind, via):
    if name in phones or kind not in ("app", "loop", "bare", "stranger"):
        raise ValueError("that name is taken, or there is no such kind")
    # Its frames go to the relay's door, never to the device.
    phones[name] = Phone(int(via.rsplit(":", 1)[1]), len(phones), units)
    return {}


def pair(phone, unit, presence):
    """With presence somebody reads the code off the device; else it tries an
    empty one."""
    if presence:
        press(unit, "pair")
    said = phone.say(unit.code if presence else bytes(16), do="pair",
                     keys=[key.hex() for key in phone.keys])
    return {"result": said["result"].replace("silent", "refused")}


def pose(phone, model):
    """All that can be seen of the other phone, and keys of its own."""
    phone.slot, phone.count = model.slot, model.count + 100
    return {}


def say(phone, what):
    if what in ("connect", "status", "stop", "lease", "glucose"):
        return phone.say(do=what)
    return {"rekey": {"result": "unsupported"}}[what]


# What is asked of a phone.
DOSE_KEYS = "mU", "tier", "sign", "approve"
DO = {"propose": Phone.propose, "commit": Phone.commit, "bolus": Phone.bolus}
ON_PHONE = {
    "pair": lambda phone, request: pair(phone, units[request["unit"]],
                                        request["presence"]),
    "pose": lambda phone, request: pose(phone, phones[request["as"]]),
    "phone": lambda phone, request: DO[request["do"]](
        phone, **{key: request[key] for key in DOSE_KEYS if key in request})
    if request["do"] in DO else say(phone, request["do"]),
}


def answer(line):
    try:
        request = json.loads(line)
        op = request["op"]
        if op == "hello":
            said = HELLO
        elif op == "start":
            said = start(request["unit"])
        elif op == "phone_start":
            said = phone_start(*(request[key]
                                 for key in ("phone", "kind", "via")))
        elif op in ON_PHONE:
            said = ON_PHONE[op](phones[request["phone"]], request)
        else:
            said = ON_UNIT[op](units[request["unit"]], request)
        return {"ok": True} | said
    except (KeyError, OSError, TypeError, ValueError) as why:
        return {"ok": False, "error": f"that cannot be done: {why!r}"}


def main():
    os.makedirs(sys.argv[sys.argv.index("--dir") + 1], exist_ok=True)
    for line in sys.stdin:
        print(json.dumps(answer(line)), flush=True)


if __name__ == "__main__":
    main()
