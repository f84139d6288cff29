# SPDX-License-Identifier: Apache-2.0
# The front door.  Each goal is a script in tools/ that runs alone just as
# well; "make help" lists the goals.  make has one exit status for every
# failure (2): for the evaluator's own code run tools/run.

SEED ?=
PRODUCT ?=
PEER ?=
SECONDS ?= 10
MINUTES ?=
STEPS ?= 10000000

.DEFAULT_GOAL := help
.PHONY: help run test property constant-time coverage fuzz bench bench-peers lint prove firmware firmware-test fault clean

help:
	@echo 'make run [PRODUCT=flawed/NAME] [SEED=N]   evaluate the reference, or a flawed product'
	@echo 'make test                                 all tests, with sanitizers, and a short fuzzing'
	@echo 'make property [STEPS=10000000] [SEED=N]    random walks against a second set of rules'
	@echo 'make constant-time                        no branch or index on a secret, by Valgrind'
	@echo 'make coverage                             branches of each file of core/, and floors'
	@echo 'make fuzz [SECONDS=10 | MINUTES=N]        each fuzz target for so long, or all'
	@echo 'make bench                                figures of speed and size'
	@echo 'make bench-peers PEER=DIR                 the trial engine and simglucose on the same work'
	@echo 'make lint                                 format, style, layers, static analysis'
	@echo 'make prove                                proofs with Frama-C, and mutants that break them'
	@echo 'make firmware                             the image for a Cortex-M4, and its size'
	@echo 'make firmware-test                        the device tests on it, in an emulator'
	@echo 'make fault                                every single fault on the way to the motor'
	@echo 'make clean                                remove build/'
	@echo
	@echo 'What is missing is installed first (Debian 12: by apt-get).'
	@echo 'tools/run is "make run" with the exact exit code of the evaluator:'
	@echo '0 all pass, 1 could not judge, 2 the product failed.'

run:
	@tools/run $(if $(PRODUCT),--product $(PRODUCT)) $(if $(SEED),--seed $(SEED))

test:
	@tools/test

property:
	@tools/bootstrap test
	@tools/property $(STEPS) $(SEED)

constant-time:
	@tools/bootstrap test
	@tools/constant-time

coverage:
	@tools/bootstrap test
	@tools/coverage

fuzz:
	@tools/bootstrap test
	@tools/fuzz $(if $(MINUTES),--minutes $(MINUTES),$(SECONDS))

bench:
	@bench/bench.sh

bench-peers:
	@tools/bootstrap run
	@tools/build release dosegate
	@bench/peers "$(PEER)"

lint:
	@tools/bootstrap test
	@tools/lint

prove:
	@tools/bootstrap prove
	@tools/prove
	@tools/eva

firmware:
	@tools/bootstrap firmware
	@tools/build-firmware

firmware-test:
	@tools/firmware-test

# Hours, on two cores; tools/fault-inject --skips 1 --sample 16 takes half of one.
fault:
	@tools/bootstrap firmware
	@tools/build-firmware
	@tools/fault-inject

clean:
	@rm -rf build
