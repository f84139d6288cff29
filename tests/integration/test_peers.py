#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/peers: what it says without a peer, and that both sides run.

usage: test_peers.py BIN VECTORS

The peer here is a package of the same shape that counts what it was asked for:
how fast it is shows nothing, and no figure is judged.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODULES = {
    "actuator.pump": "class InsulinPump:\n    withName = staticmethod(str)\n",
    "controller.basal_bolus_ctrller": "class BBController: pass\n",
    "patient.t1dpatient":
        "class T1DPatient:\n    withName = staticmethod(str)\n",
    "sensor.cgm":
        "class CGMSensor:\n"
        "    withName = staticmethod(lambda name, seed: name)\n",
    "simulation.env":
        "class T1DSimEnv:\n    def __init__(self, *parts): pass\n",
    "simulation.scenario":
        "class CustomScenario:\n    def __init__(self, **parts): pass\n",
    "simulation.sim_engine":
        "class SimObj:\n"
        "    def __init__(self, env, controller, time, animate, path): pass\n"
        "def sim(run):\n    sum(range(2000000))\n",
}


def peers(*words):
    return subprocess.run([ROOT / "bench" / "peers", *words],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, timeout=120)


def refuses(words, text):
    done = peers(*words)
    assert done.returncode == 1, done
    assert text in done.stderr, done.stderr
    assert not done.stdout, done.stdout
    print(f"ok: refused: {text}")


def make_peer(folder, tables):
    package = folder / "simglucose"
    for name, body in MODULES.items():
        path = package.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(body)
    (package / "__init__.py").touch()
    (package / "params").mkdir()
    for name in ("vpatient_params.csv", "Quest.csv"):
        (package / "params" / name).symlink_to(tables / name)


def main():
    programs, vectors = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as where:
        refuses([], "PEER=")
        refuses([""], "PEER=")
        refuses(["--people", "0", where, programs], "within 1 to 1000000")
        refuses([where, programs], "vpatient_params.csv")
        tables = vectors / "trial" / "simglucose"
        if not (tables / "Quest.csv").exists():
            print("skipped: the tables of people are not there")
            return 77
        make_peer(pathlib.Path(where), tables)
        refuses([where, where], "is not built")
        done = peers("--people", "60", where, programs)
        assert done.returncode == 0, done
        figures = dict(re.findall(r"^  (\w+) +([0-9.]+)$", done.stdout, re.M))
        assert set(figures) == {"simglucose", "dosegate", "ratio"}, done.stdout
        assert float(figures["dosegate"]) > 0, done.stdout
        print("ok: both ran")
    return 0


if __name__ == "__main__":
    sys.exit(main())
