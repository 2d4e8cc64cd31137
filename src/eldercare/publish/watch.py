"""Watch: what is published follows the inputs while they are being written."""

from collections.abc import Callable
from pathlib import Path
from time import sleep

from eldercare.inputs.strays import folders
from eldercare.publish.keys import tree_digests
from eldercare.publish.publication import DONE, INTERRUPTED

# Seconds between two looks at the files.
PAUSE = 0.5


def watch(root: Path, publish: Callable[[], int]) -> int:
    """Publish, and again after every change of a file of config, data/raw or notebooks, until the user interrupts.

    What changes while a run works is looked at after it. The status is 0.
    """
    seen: list[dict[str, str]] | None = None
    try:
        while True:
            try:
                now = [tree_digests(path) for path in folders(root).values()]
            except OSError:  # an editor has just put another file in the place of one
                now = seen or []
            if now != seen:
                seen = now
                if publish() == INTERRUPTED:
                    return DONE
            sleep(PAUSE)
    except KeyboardInterrupt:
        return DONE
