#!/usr/bin/env bash
# Runs every benchmark of build/release; arguments go to each, such as --benchmark_filter=Srtp.
set -euo pipefail
cd "$(dirname "$0")/.."
for benchmark in build/release/bench/bench_*; do
    echo "== $(basename "$benchmark")"
    "$benchmark" "$@"
done
