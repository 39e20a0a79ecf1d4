"""Finds the files that ship with the program: icons, licences, translations. Runs on any thread."""

from functools import cache
from pathlib import Path


@cache
def resources_folder() -> Path:
    """Return the folder of bundled resources: in the package, else in the checkout.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_resources", package.parents[1] / "resources"):
        if (folder / "icons").is_dir():
            return folder
    raise FileNotFoundError(f"the resources of Twinlens are missing beside {package}")


def resource(*parts: str) -> Path:
    """Return the path of one bundled file, for instance `resource("icons", "x.svg")`."""
    return resources_folder().joinpath(*parts)
