"""What the user sees while a run works: a bar on a terminal, plain lines elsewhere, only errors when quiet."""

import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from eldercare.inputs.guards import printable
from eldercare.inputs.problems import Message, message_language

# Bar, share, count, time and time left, then the pages that are being made.
LAYOUT = "{percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} pages, {elapsed}, {remaining} left{postfix}"

# Logs that stay.
LOGS_KEPT = 100


class Reporter:
    """Progress of one run; nothing but errors when ``quiet``."""

    def __init__(self, quiet: bool):
        self.quiet = quiet
        self._bar = tqdm(disable=True)
        self._log: Path | None = None
        self._waiting: list[str] = []
        self._at_once = 1

    def keep(self, folder: Path, asked: object) -> None:
        """Write what is told to a file as well, which bears the time in UTC; so many files stay."""
        folder.mkdir(exist_ok=True)
        for old in sorted(folder.glob("*.log"))[: 1 - LOGS_KEPT]:
            old.unlink(missing_ok=True)
        self._log = folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}.log"
        self._note(str(asked))

    def _note(self, text: str) -> None:
        if self._log:
            with suppress(OSError), self._log.open("a", encoding="utf-8") as stream:
                stream.write(f"{datetime.now(UTC):%H:%M:%S} {printable(text)}\n")

    def start(self, names: list[str], at_once: int) -> None:
        """Announce the pieces of work, in the order in which they are begun, so many at once."""
        self._waiting, self._at_once = list(names), at_once
        hidden = self.quiet or not names or None  # None: as the terminal has it
        self._bar = tqdm(
            total=len(names), file=sys.stderr, dynamic_ncols=True, leave=False, bar_format=LAYOUT, disable=hidden
        )
        self._name()
        self.line(f"{len(names)} pages to execute", by_bar=True)

    def add(self, name: str) -> None:
        """Announce a piece of work that was not foreseen."""
        self._waiting.append(name)
        self._bar.total = (self._bar.total or 0) + 1

    def done(self, name: str, seconds: float | None = None) -> None:
        """Count one finished piece of work; without seconds it failed, which has been said."""
        self._waiting.remove(name)
        self._name()
        self._bar.update()
        if seconds is not None:
            self.line(f"{name} ({seconds:.1f} s)", by_bar=True)

    def tick(self) -> None:
        """Let the clock of the bar go on while no piece of work ends."""
        self._bar.refresh()

    def _name(self) -> None:
        # Begun in order and not yet finished: these are the ones under way.
        self._bar.set_postfix_str(", ".join(self._waiting[: self._at_once]))

    def line(self, text: str, *, by_bar: bool = False) -> None:
        """Print a line, unless quiet, or a bar shows as much."""
        self._note(text)
        if not (self.quiet or (by_bar and not self._bar.disable)):
            tqdm.write(printable(text), file=sys.stdout)
            sys.stdout.flush()

    def error(self, message: Message) -> None:
        """Print an error, always; in the language of messages."""
        told = message.told(message_language())
        self._note(told)
        tqdm.write(printable(told), file=sys.stderr)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()
