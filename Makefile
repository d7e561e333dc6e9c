# The few commands a developer needs; everything else is CMake presets and npm scripts.
JOBS ?= $(shell nproc)

.PHONY: help setup build test unit asan format lint clean

help:
	@echo 'make run     install what is missing, build, start the server in dev mode with the demo page'
	@echo 'make test    install what is missing, build, run every test'
	@echo 'make build   the release binary, build/release/crosspoint'
	@echo 'make lint    clang-tidy on what changed since main; make format  clang-format on everything'

setup:
	@tools/setup.sh

build: setup
	cmake --preset release
	cmake --build build/release -j $(JOBS)

unit: build
	ctest --test-dir build/release --output-on-failure -j $(JOBS)

asan: setup
	cmake --preset asan
	cmake --build build/asan -j $(JOBS)
	ctest --test-dir build/asan --output-on-failure -j $(JOBS)

test: unit asan

format:
	git ls-files '*.cpp' '*.h' | xargs clang-format-19 -i

clean:
	rm -rf build
