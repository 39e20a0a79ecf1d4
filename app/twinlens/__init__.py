"""Twinlens: find the photos on your own disks that look like the one in your hand."""

import logging

# Without a log file, such as before a library is open, nothing goes to the terminal.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"
