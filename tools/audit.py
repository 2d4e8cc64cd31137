"""Asks pip-audit for known advisories about the locked packages, and says in one line what came of it.

Usage: .venv/bin/python tools/audit.py [--strict]     (--strict: exit status 1 when an advisory is known)

pip-audit is installed into a folder of its own that is removed afterwards; it is no dependency of the project. Packages
that the registry gives no answer about count as not audited, never as free of advisories. Where the registry cannot be
reached this is said, and the exit status is 0: a check of the project must not hang on an outside host.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
TOOL = "pip-audit>=2.10"
SECONDS = 240


def verdict(report: dict) -> tuple[list[str], bool]:
    """Return what to print about a report of pip-audit, and whether it names an advisory.

    Examples
    --------
    >>> a, b = {"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}
    >>> verdict({"dependencies": [a, b]})
    (['audit: 1 of 2 packages audited, no advisory known; no answer about 1'], False)
    >>> verdict({"dependencies": [b]})
    (['audit: not done, the registry gives no answer about any of the 1 packages'], False)
    """
    packages = report["dependencies"]
    asked = [one for one in packages if "skip_reason" not in one]
    silent = len(packages) - len(asked)
    if not asked:
        return [f"audit: not done, the registry gives no answer about any of the {len(packages)} packages"], False
    found = [(one["name"], one["version"], flaw) for one in asked for flaw in one["vulns"]]
    rest = f"; no answer about {silent}" if silent else ""
    what = f"{len(found)} advisories" if found else "no advisory known"
    lines = [f"audit: {len(asked)} of {len(packages)} packages audited, {what}{rest}"]
    for name, version, flaw in found:
        mended = ", ".join(flaw.get("fix_versions", ())) or "no version yet"
        lines.append(f"audit: {name} {version}: {flaw['id']}, mended in {mended}")
    return lines, bool(found)


def main(arguments: list[str]) -> int:
    """Run the audit; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        try:
            venv.create(folder, with_pip=True)
            python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TOOL]
            subprocess.run(install, check=True, capture_output=True, timeout=SECONDS)
            ask = [python, "-m", "pip_audit", "--requirement", LOCK, "--disable-pip", "--no-deps", "--format", "json"]
            done = subprocess.run(ask, check=False, capture_output=True, text=True, timeout=SECONDS)
            lines, found = verdict(json.loads(done.stdout))
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            print(f"audit: not done, pip-audit or the registry cannot be reached ({type(error).__name__})")
            return 0
    print("\n".join(lines))
    return int(found and "--strict" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
