"""What the user sees while a run works: a bar on a terminal, plain lines elsewhere, only errors when quiet."""

from __future__ import annotations

import sys

from tqdm import tqdm

from eldercare.inputs.messages import in_chinese, message_language


class Reporter:
    """Progress of one run.

    Parameters
    ----------
    quiet : bool
        Show nothing but errors.
    """

    def __init__(self, quiet: bool):
        self.quiet = quiet
        self._bar: tqdm | None = None

    def start(self, total: int) -> None:
        """Announce the pieces of work."""
        if not self.quiet and total and sys.stderr.isatty():
            self._bar = tqdm(total=total, unit="page", file=sys.stderr, dynamic_ncols=True, leave=False)

    def done(self, name: str, seconds: float) -> None:
        """Count one finished piece of work."""
        if self._bar is not None:
            self._bar.set_postfix_str(name, refresh=False)
            self._bar.update()
        else:
            self.line(f"{name} ({seconds:.1f} s)")

    def line(self, text: str) -> None:
        """Print a line, unless quiet."""
        if not self.quiet:
            tqdm.write(text, file=sys.stdout)
            sys.stdout.flush()

    def error(self, text: str) -> None:
        """Print an error, always; in the language of messages."""
        tqdm.write(in_chinese(text) if message_language() == "zh" else text, file=sys.stderr)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
