#!/usr/bin/env bash
# Formatting of everything, types of the TypeScript, clang-tidy on the C++ that changed: since the branch left main, or,
# on main itself, since the last tag. `lint.sh --all` looks at every file.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${JOBS:-$(nproc)}

base() {
    local main
    main=$(git merge-base HEAD origin/main 2>/dev/null || git merge-base HEAD main 2>/dev/null || true)
    if [[ -n $main && $main != $(git rev-parse HEAD) ]]; then
        echo "$main"
    else
        git describe --tags --abbrev=0 2>/dev/null || true
    fi
}

echo "== clang-format"
git ls-files '*.cpp' '*.h' | xargs clang-format-19 --dry-run --Werror
echo "== prettier, types"
npm run --silent lint

from=$([[ ${1:-} == --all ]] || base)
if [[ -n $from ]]; then
    changed=$(git diff --name-only --diff-filter=d "$from" -- '*.cpp')
else
    changed=$(git ls-files '*.cpp')
fi
[[ -n $changed ]] || exit 0
echo "== clang-tidy on $(wc -l <<<"$changed") files"
# A configuration of its own, without precompiled header: nothing needs to be built for it, and nothing can be stale.
cmake --preset lint >/dev/null
xargs -P "$jobs" -n 4 clang-tidy-19 -p build/lint --quiet <<<"$changed" 2> >(grep -v 'warnings generated' >&2)
