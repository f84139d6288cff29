#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: rogue_controller.py HOW [AFTER]

A controller that behaves for AFTER steps and then does HOW, one of the ways
in which programs go wrong.
"""

import json
import os
import signal
import sys
import time


def spoil(how):
    if how == "exit":
        sys.exit(3)
    if how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how in ("hang", "child"):
        if how == "child":
            os.fork()
        time.sleep(1000)
    if how == "closed":
        os.close(1)
        time.sleep(1000)
    if how == "long":
        print("x" * 10000, flush=True)
    answers = {
        "words": "Hello",
        "list": "[1]",
        "two": "{}\n{}",
        "key": '{"bolus_mu":100}',
        "twice": '{"bolus_mU":1,"bolus_mU":2}',
        "negative": '{"bolus_mU":-1}',
        "huge": '{"bolus_mU":100001}',
        "fraction": '{"bolus_mU":0.5}',
        "nan": '{"bolus_mU":NaN}',
        "temp": '{"temp":{"mU_per_h":100}}',
        "minutes": '{"temp":{"mU_per_h":100,"minutes":1441}}',
        "glucagon": '{"glucagon_ug":3001}',
        "empty": "",
    }
    if how in answers:
        print(answers[how], flush=True)


def main():
    how = sys.argv[1]
    after = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    steps = 0
    if how == "early":
        print("{}", flush=True)
    for line in sys.stdin:
        if "start" in json.loads(line):
            if how == "silent":
                time.sleep(1000)
            print('{"ready":"yes"}' if how == "unready" else '{"ready":true}',
                  flush=True)
            steps = 0
            continue
        steps += 1
        if steps > after and how != "good":
            spoil(how)
        else:
            print('{"bolus_mU":%d}' % steps, flush=True)


if __name__ == "__main__":
    main()
