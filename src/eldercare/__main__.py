"""python -m eldercare: the same as the command eldercare."""

import sys

from eldercare.cli import main

sys.exit(main())
