#!/usr/bin/env bash
# Installs what Crosspoint needs to be built, run and tested on Debian 12, and only what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    # to build
    g++ cmake ninja-build ccache mold pkg-config make git
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsoci-dev libsqlite3-dev
    libspdlog-dev libfmt-dev libtomlplusplus-dev libcli11-dev prometheus-cpp-dev libcurl4-openssl-dev ca-certificates
    # to test
    clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev
    libgtest-dev libgmock-dev libbenchmark-dev libsrtp2-dev libusrsctp-dev chromium
)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

command -v dpkg-query >/dev/null || {
    echo "This is no Debian. Crosspoint is built and tested on Debian 12; it needs: ${packages[*]}" >&2
    exit 1
}
# dpkg-query fails when it does not know one of them; what it does know, it prints all the same.
installed=" $({ dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' "${packages[@]}" 2>/dev/null || true; } |
    awk '$2 == "ii" {print $1}' | tr '\n' ' ')"
missing=()
for package in "${packages[@]}"; do
    [[ $installed == *" $package "* ]] || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "Installing: ${missing[*]}"
    as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        command -v sudo >/dev/null || { echo "Run tools/setup.sh once as root: there is no sudo." >&2; exit 1; }
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

node_major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
((node_major >= 18)) || { echo "Node.js 18 or later is needed, $(command -v node) is $(node --version)." >&2; exit 1; }
# npm writes this file last, so it is there and newer only after a complete install of this lockfile.
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
    echo "Installing the packages of package-lock.json"
    npm ci --no-audit --no-fund
    touch node_modules/.package-lock.json
fi
