"""What the user sees while a run works: a bar on a terminal, plain lines elsewhere, only errors when quiet."""

import sys

from tqdm import tqdm

from eldercare.inputs.guards import printable
from eldercare.inputs.problems import Message, message_language

# Bar, share, count, time and time left, then the pages that are being made.
LAYOUT = "{percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} pages, {elapsed}, {remaining} left{postfix}"


class Reporter:
    """Progress of one run; nothing but errors when ``quiet``."""

    def __init__(self, quiet: bool):
        self.quiet = quiet
        self._bar = tqdm(disable=True)
        self._waiting: list[str] = []
        self._at_once = 1

    def start(self, names: list[str], at_once: int) -> None:
        """Announce the pieces of work, in the order in which they are begun, so many at once."""
        self._waiting, self._at_once = list(names), at_once
        hidden = self.quiet or not names or None  # None: as the terminal has it
        self._bar = tqdm(
            total=len(names), file=sys.stderr, dynamic_ncols=True, leave=False, bar_format=LAYOUT, disable=hidden
        )
        self._name()

    def add(self, name: str) -> None:
        """Announce a piece of work that was not foreseen."""
        self._waiting.append(name)
        self._bar.total = (self._bar.total or 0) + 1

    def done(self, name: str, seconds: float | None = None) -> None:
        """Count one finished piece of work; without seconds it failed, which has been said."""
        self._waiting.remove(name)
        self._name()
        self._bar.update()
        if self._bar.disable and seconds is not None:
            self.line(f"{name} ({seconds:.1f} s)")

    def tick(self) -> None:
        """Let the clock of the bar go on while no piece of work ends."""
        self._bar.refresh()

    def _name(self) -> None:
        # Begun in order and not yet finished: these are the ones under way.
        self._bar.set_postfix_str(", ".join(self._waiting[: self._at_once]))

    def line(self, text: str) -> None:
        """Print a line, unless quiet."""
        if not self.quiet:
            tqdm.write(printable(text), file=sys.stdout)
            sys.stdout.flush()

    def error(self, message: Message) -> None:
        """Print an error, always; in the language of messages."""
        tqdm.write(printable(message.told(message_language())), file=sys.stderr)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()
