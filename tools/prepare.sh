#!/bin/sh
# Makes .venv from requirements.lock and installs the package into it. Called by make; PYTHON names the interpreter.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
fail() { printf '%s\n' "$@" >&2; exit 1; }

version='import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))'
if ! found=$("$python" -c "$version" 2>/dev/null); then
    fail "Python 3.11 or newer is needed; '$python' is ${found:+Python }${found:-not there}." \
         "Name another one like this: make report PYTHON=python3.12"
fi
interpreter=$("$python" -c 'import sys; print(sys.executable)')

rm -rf .venv
if command -v uv >/dev/null 2>&1; then
    echo "Preparing .venv with uv and Python $found (once)"
    uv venv --quiet --no-python-downloads --python "$interpreter" .venv
    uv pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python requirements.lock
    uv pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python --editable .
else
    "$interpreter" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "'$python' has no venv module. On Debian and Ubuntu: sudo apt-get install python3-venv"
    echo "Preparing .venv with pip and Python $found (once, takes a minute or two)"
    "$interpreter" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
fi

# The link to src, relative: read under any locale, whatever characters the path of the project has.
for site in .venv/lib/python3*/site-packages; do
    echo '../../../../src' > "$site/_eldercare.pth"
done

# Compiled once, also where Python is told not to write what it compiles: every process of a run reads it.
.venv/bin/python -m compileall -q src

# Written last: an environment without this file is not complete and is made anew.
pwd -P > .venv/.ready
