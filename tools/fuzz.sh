#!/usr/bin/env bash
# fuzz.sh SECONDS [NAME...]: lets fuzz/NAME.cpp, built with the asan preset, look for trouble that long; all without NAME.
# What it finds on the way stays in build/fuzz/NAME, and so does an input that makes it fail.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
names=("$@")
(($#)) || mapfile -t names < <(basename -s .cpp fuzz/*.cpp)

fuzz_one() { # SECONDS NAME
    local seconds=$1 name=$2 found=build/fuzz/$2
    mkdir -p "$found"
    if ! "build/asan/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$found/" "$found" "testdata/fuzz/$name" >"$found.log" 2>&1; then
        tail -n 100 "$found.log"
        echo "fuzz $name: FAILED"
        return 1
    fi
    echo "fuzz $name: $(awk '/number_of_executed_units/ {print $2}' "$found.log") inputs in $seconds s, clean"
}
export -f fuzz_one
printf '%s\n' "${names[@]}" | xargs -P "${JOBS:-$(nproc)}" -I '{}' bash -c "fuzz_one $seconds {}"
