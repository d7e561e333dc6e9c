#!/usr/bin/env bash
# Every test there is, each kind with its whole output as it runs and its closing lines once more at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}
logs=build/logs
mkdir -p "$logs"
rm -f "$logs"/*.log

# step NAME COMMAND...: runs it, keeps what it wrote.
steps=()
step() {
    local name=$1
    shift
    steps+=("$name")
    printf '\n== %s: %s\n' "$name" "$*"
    SECONDS=0
    "$@" 2>&1 | tee "$logs/$name.log"
    echo "== $name: ${SECONDS} s"
}

closing_lines() {
    local status=$?
    printf '\n'
    for name in "${steps[@]}"; do
        [[ $name == build-* ]] && continue
        printf '== %s\n' "$name"
        # Colours off; what the tools say last is how many passed and failed.
        sed 's/\x1b\[[0-9;]*m//g' "$logs/$name.log" | grep -v '^ *$' | tail -n 4
    done
    if ((status == 0)); then echo "== all tests passed"; else echo "== FAILED in ${steps[-1]}"; fi
}
trap closing_lines EXIT

build() { # PRESET [TARGET...]
    local preset=$1
    shift
    cmake --preset "$preset" >/dev/null
    cmake --build "build/$preset" -j "$jobs" ${*:+--target "$@"}
}
run_ctest() { # PRESET [ctest arguments...]
    local preset=$1
    shift
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" "$@"
}

step docs node tools/check_docs.mjs
step build-web npm run --silent build
step build-release build release
step ctest run_ctest release
step swarm tools/swarm.sh build/release 200
step vitest-sdk npm run --silent test -w sdk
# With what the tests before have recorded of the server's own words.
step vitest-e2e env CROSSPOINT_RECORDED="$PWD/build/release/recorded" npm run --silent test -w e2e
step playwright npm run --silent browsers -w e2e

step build-asan build asan
step ctest-asan run_ctest asan
step fuzz tools/fuzz.sh 10

# Threads are only where the network, the process and the store are.
threaded=()
for layer in io app store server; do
    [[ -z $(git ls-files "src/$layer/*_test.cpp") ]] || threaded+=("$layer")
done
step build-tsan build tsan "${threaded[@]/%/_tests}"
step ctest-tsan run_ctest tsan -R "^($(IFS='|'; echo "${threaded[*]}"))\$"
