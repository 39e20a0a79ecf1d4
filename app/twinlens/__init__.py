"""Twinlens: find the photos on your own disks that look like the one in your hand."""

import logging
import os

# The workers are the parallelism. OpenBLAS's own threads would spin beside them for nothing: a
# third of the processor time of indexing, measured. It reads this when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Without a log file, such as before a library is open, nothing goes to the terminal.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"
