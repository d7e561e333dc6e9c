# The few commands a developer needs; everything else is CMake presets, npm scripts and the files in tools/.
JOBS ?= $(shell nproc)

.PHONY: help setup build web run test lint format fuzz explore swarm bench accept clean

help:
	@echo 'make run     install what is missing, build, start the server in development mode with the demo page'
	@echo 'make test    install what is missing, build, run every test, with and without sanitizers'
	@echo
	@echo 'make build   the release binary, build/release/crosspoint, and the browser bundles'
	@echo 'make lint    clang-tidy on what changed, TypeScript types, formatting; make format puts the last right'
	@echo 'make fuzz    each fuzz target for a minute'
	@echo 'make explore the call machines against every order of events, in wider worlds than make test'
	@echo 'make swarm   random worlds: SEEDS=5000 of them, PRESET=asan with sanitizers'
	@echo 'make bench   the benchmarks'
	@echo 'make accept  the figures that are promised, measured with real browsers'

setup:
	@tools/setup.sh

web: setup
	npm run --silent build

build: web
	cmake --preset release
	cmake --build build/release -j $(JOBS)

run: build
	build/release/crosspoint serve --dev

test: setup
	@JOBS=$(JOBS) tools/test.sh

lint: setup
	@JOBS=$(JOBS) tools/lint.sh

format: setup
	git ls-files '*.cpp' '*.h' | xargs clang-format-19 -i
	npm run --silent format

fuzz: setup
	cmake --preset asan
	cmake --build build/asan -j $(JOBS)
	@JOBS=$(JOBS) tools/fuzz.sh 60

explore: setup
	cmake --preset release
	cmake --build build/release -j $(JOBS) --target explore
	build/release/sim/explore/explore --large

swarm: SEEDS ?= 5000
swarm: PRESET ?= release
swarm: setup
	cmake --preset $(PRESET)
	cmake --build build/$(PRESET) -j $(JOBS) --target sim
	@JOBS=$(JOBS) tools/swarm.sh build/$(PRESET) $(SEEDS)

bench: build
	tools/bench.sh

accept: build
	npm run --silent accept -w e2e

clean:
	rm -rf build
