#!/bin/sh
# Installs axe-core, which checks the accessibility of the pages, into build/axe. Called by make site-check.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null 2>&1; then
    echo "make site-check needs npm for axe-core (Debian: apt-get install npm); make browser-test runs without it." >&2
    exit 2
fi
mkdir -p build/axe
cmp -s tests/site/package-lock.json build/axe/.installed && exit 0
cp tests/site/package.json tests/site/package-lock.json build/axe/
npm ci --prefix build/axe --ignore-scripts --no-audit --no-fund --loglevel=error
cp tests/site/package-lock.json build/axe/.installed
