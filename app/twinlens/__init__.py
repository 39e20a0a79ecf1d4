"""Twinlens: find the photos on your own disks that look like the one in your hand."""

__version__ = "0.1.0"
