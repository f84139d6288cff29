#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: bench/bench.sh
#
# Build for speed and print figures of this machine: medians of repetitions,
# and ratios to OpenSSL measured in the same run.  Nothing here passes or
# fails by a figure.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/bootstrap bench
tools/build bench bench_handshake bench_record bench_envelope \
    bench_commands bench_attest bench_profile bench_trial dosegate-device dosegate-domain \
    dosegate dosegate-attestd dosegate-adapter-device flawed_products
echo
sed -n 's/^model name[^:]*: /processor: /p' /proc/cpuinfo | head -n 1
echo "cores: $(nproc); compiler: $(gcc --version | head -n 1)"
echo "OpenSSL: $(pkg-config --modversion libcrypto)"
echo
build/bench/bench/bench_handshake
build/bench/bench/bench_record
build/bench/bench/bench_envelope
build/bench/bench/bench_commands build/bench/bin/dosegate-device
build/bench/bench/bench_attest
bench/attestd.py build/bench/bin
# The largest profile that NIAP publishes, where it is here.
phone=../shared/vectors/niap/mobile-device-4.0.xml
if [[ -r $phone ]]; then
    build/bench/bench/bench_profile spec "$phone"
else
    build/bench/bench/bench_profile spec
fi
build/bench/bench/bench_trial
bench/trial-cost build/bench/bin
bench/phone-cost build/bench/bin
bench/confirm.py build/bench/bin
bench/evaluate build/bench/bin
bench/code-size "$@"
