"""The log lies in the library; where it cannot, everything else goes on."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from twinlens.logs import start_logging, stop_logging

log = logging.getLogger("twinlens.somewhere")


@pytest.fixture(autouse=True)
def logging_ends() -> Iterator[None]:
    yield
    stop_logging()


def test_what_is_logged_is_in_the_file(tmp_path: Path) -> None:
    path = start_logging(tmp_path)
    log.warning("something happened")
    stop_logging()
    assert "something happened" in path.read_text()


@pytest.mark.parametrize("taken", ["logs", "logs/twinlens.log", "logs/native-crash.log"])
def test_a_log_that_cannot_be_written_costs_nothing(
    tmp_path: Path, taken: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if taken == "logs":
        (tmp_path / taken).touch()
    else:
        (tmp_path / taken).mkdir(parents=True)
    start_logging(tmp_path)
    log.warning("something happened")
    assert capfd.readouterr().err == ""
