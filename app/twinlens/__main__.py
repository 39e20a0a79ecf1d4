"""The entry point of `twinlens` and `python -m twinlens`."""

from twinlens.cli import run


def main() -> None:
    """Run Twinlens."""
    run()


if __name__ == "__main__":
    main()
