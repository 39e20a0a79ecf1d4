"""The lock files: complete, pinned by hash, and free of addresses."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("run", "test", "build")


def normalised(requirement: str) -> str:
    """Return the name in a requirement, in the form in which names are compared."""
    name = re.split(r"[\s\[<>=!~;]", requirement.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, str]:
    """Return the blocks of a lock file by the name of what they pin."""
    text = (ROOT / "packaging" / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)
    return {normalised(block): block for block in blocks if "==" in block}


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_lock_names_an_address(name: str) -> None:
    blocks = locked(name)
    assert blocks
    for requirement, block in blocks.items():
        assert "--hash=sha256:" in block, requirement
    text = (ROOT / "packaging" / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links| @ ", text)


def test_every_dependency_is_locked() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        values = tomllib.load(file)
    project = values["project"]
    assert {normalised(line) for line in project["dependencies"]} <= locked("run").keys()
    tests = {normalised(line) for line in project["optional-dependencies"]["test"]}
    assert tests | locked("run").keys() <= locked("test").keys()
    build = {normalised(line) for line in values["build-system"]["requires"]}
    assert build <= locked("build").keys()


def test_the_locks_agree_with_each_other() -> None:
    run, build = locked("run"), locked("build")
    for name in run.keys() & build.keys():
        pins = (re.findall(r"==[^\s;]+", block) for block in (run[name], build[name]))
        assert len(set(map(tuple, pins))) == 1, name
