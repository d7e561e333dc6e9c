#!/usr/bin/env bash
# swarm.sh BUILD_DIR SEEDS: that many random worlds on all cores; ends at the first bad one, with how to replay it.
set -euo pipefail
cd "$(dirname "$0")/.."
export SIM=$1/sim/sim
seeds=$2
jobs=${JOBS:-$(nproc)}
export CHUNK=$(((seeds + jobs - 1) / jobs))
((CHUNK <= 50)) || CHUNK=50

# A process takes a range; 255 tells xargs to begin no other.
range() {
    local last=$(($1 + CHUNK - 1))
    ((last <= SEEDS)) || last=$SEEDS
    "$SIM" --swarm --from "$1" --seeds $((last - $1 + 1)) --gtest_brief=1 || exit 255
}
export -f range
SECONDS=0
SEEDS=$seeds seq 1 "$CHUNK" "$seeds" | SEEDS=$seeds xargs -P "$jobs" -I{} bash -c 'range {}'
echo "swarm: $seeds seeds are clean, $((SECONDS > 0 ? seeds / SECONDS : seeds)) seeds/s on $jobs cores"
