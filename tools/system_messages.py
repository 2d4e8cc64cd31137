"""What the operating system may say when a file cannot be read or written, for the catalogue of messages.

Nobody imports this: the words come from the system, and ``reason`` of eldercare.inputs.problems looks them up.
"""

from eldercare.inputs.problems import _

SYSTEM = (
    _("Permission denied"),
    _("No space left on device"),
    _("File too large"),
    _("Read-only file system"),
    _("Not a directory"),
    _("Is a directory"),
    _("File exists"),
    _("No such file or directory"),
    _("Operation not permitted"),
    _("Address already in use"),
)
