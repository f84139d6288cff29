#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone's domain that stays connected for days: sessions end after 24 h and
the phone takes a new one by itself, without a word to the person.

usage: test_long_session.py BIN
@verifies{FTP_ITC.1@1}
"""
import sys
import tempfile

from test_device_cut import Bench


def main():
    programs = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="dgl") as folder:
        bench = Bench(programs, folder)
        link = bench.must(op="start", unit="x", person="adult")["link"]
        bench.must(op="phone_start", phone="a", kind="app", via=link)
        bench.must(op="pair", phone="a", unit="x", role="owner",
                   presence=True)
        for day in range(1, 4):
            dose = bench.phone("bolus", mU=1000, approve=True)
            assert dose["result"] == "accepted", (day, dose)
            bench.must(op="advance", unit="x", s=86400)
            bench.must(op="advance", unit="x", s=100)
            status = bench.phone("status")
            assert status["result"] == "status", (day, status)
            assert status["status"]["bolus_total_mU"] == 1000 * day, status
            stopped = bench.phone("stop")
            assert stopped["result"] == "status", (day, stopped)
            print(f"day {day}: connected anew, dosed and stopped")
        bench.end()


if __name__ == "__main__":
    main()
