#!/usr/bin/env bash
# Installs what Crosspoint needs to be built, run and tested on Debian 12, and only what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    # to build
    g++ cmake ninja-build ccache mold pkg-config make git
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsoci-dev libsqlite3-dev
    libspdlog-dev libfmt-dev libtomlplusplus-dev libcli11-dev prometheus-cpp-dev libcurl4-openssl-dev
    # to test
    clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev
    libgtest-dev libgmock-dev libbenchmark-dev libsrtp2-dev libusrsctp-dev chromium
)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "Installing: ${missing[*]}"
    as_root=()
    [[ $(id -u) -eq 0 ]] || as_root=(sudo)
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
