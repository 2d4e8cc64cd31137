#!/bin/sh
# Takes new messages of the code up into the Chinese catalogue, and drops those that are gone; then fill in the empty ones.
set -eu
cd "$(dirname "$0")/.."
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
.venv/bin/pybabel -q extract --no-location --omit-header --sort-output -o "$pot" src/eldercare tools/system_messages.py
.venv/bin/pybabel -q update --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap -l zh \
    -i "$pot" -o src/eldercare/locale/zh.po
