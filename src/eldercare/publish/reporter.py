"""What the user sees while a run works: a bar on a terminal, plain lines elsewhere, only errors when quiet."""

from __future__ import annotations

import sys

from tqdm import tqdm

from eldercare.inputs.problems import Message, message_language

# Bar, share, count, time and time left, then the pages that are being made.
LAYOUT = "{percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} pages, {elapsed}, {remaining} left{postfix}"


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
        self._waiting: list[str] = []
        self._at_once = 1

    def start(self, names: list[str], at_once: int) -> None:
        """Announce the pieces of work, in the order in which they are begun, so many at once."""
        self._waiting, self._at_once = list(names), at_once
        if not self.quiet and names and sys.stderr.isatty():
            self._bar = tqdm(total=len(names), file=sys.stderr, dynamic_ncols=True, leave=False, bar_format=LAYOUT)
            self._name(self._bar)

    def done(self, name: str, seconds: float | None = None) -> None:
        """Count one finished piece of work; without seconds it failed, which has been said."""
        if name in self._waiting:
            self._waiting.remove(name)
        if self._bar is not None:
            self._name(self._bar)
            self._bar.update()
        elif seconds is not None:
            self.line(f"{name} ({seconds:.1f} s)")

    def tick(self) -> None:
        """Let the clock of the bar go on while no piece of work ends."""
        if self._bar is not None:
            self._bar.refresh()

    def _name(self, bar: tqdm) -> None:
        # Begun in order and not yet finished: these are the ones under way.
        bar.set_postfix_str(", ".join(self._waiting[: self._at_once]), refresh=True)

    def line(self, text: str) -> None:
        """Print a line, unless quiet."""
        if not self.quiet:
            tqdm.write(text, file=sys.stdout)
            sys.stdout.flush()

    def error(self, message: Message) -> None:
        """Print an error, always; in the language of messages."""
        tqdm.write(message.told(message_language()), file=sys.stderr)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
