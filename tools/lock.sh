#!/bin/sh
# Writes requirements.lock: exact versions and hashes of everything, for all platforms and Python 3.11 and newer.
# Usage: sh tools/lock.sh [--upgrade]     (needs uv; without --upgrade, versions in the lock stay where they can)
set -eu
cd "$(dirname "$0")/.."

header='# Exact versions and hashes for all platforms, Python 3.11 and newer.
# Made by tools/lock.sh from pyproject.toml (dependencies, group test, build backend); do not edit.'

build=$(mktemp)
next=$(mktemp)
trap 'rm -f "$build" "$next"' EXIT
# The build backend is locked as well, so that the package itself is installed without a look at an index.
sed -n 's/^requires = \["\(.*\)"\]$/\1/p' pyproject.toml > "$build"
# Later ones have no wheel for Macs with Intel processors, and would need a compiler there.
echo 'argon2-cffi-bindings<26' >> "$build"
cp requirements.lock "$next" 2>/dev/null || :

# One version for every Python (fewest), so that environment.yml can name the same; nothing but names and hashes is written.
uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    --group pyproject.toml:test --output-file "$next" "$@" pyproject.toml "$build"
{ printf '%s\n' "$header"; cat "$next"; } > requirements.lock
grep -c '==' requirements.lock | sed 's/$/ packages in requirements.lock/'
