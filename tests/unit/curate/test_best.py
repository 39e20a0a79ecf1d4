"""The best of several copies is chosen by rules, and says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from twinlens.curate.best import Choice, Copy, Rule

BASE = Copy(
    Path("/a/photo.jpg"), 1, 4000, 3000, "JPEG", 4_000_000, 2, "2020-01-01T10:00:00", 5, 4.0
)


def other(**changes: object) -> Copy:
    return replace(BASE, path=Path("/b/other.jpg"), photo_id=2, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        (other(intact=False), "edited"),
        (other(width=2000, height=1500), "2000 × 1500, not 4000 × 3000"),
        (other(format="GIF"), "GIF, not JPEG"),
        (other(size=1_000_000), "1,000,000 bytes, not 4,000,000"),
        (other(sharpness=1.0), "less sharp"),
        (other(metadata=0), "camera"),
        (other(dated="2021-01-01T10:00:00"), "2021-01-01T10:00:00"),
        (other(dated=""), "no date"),
    ],
)
def test_each_rule_decides_and_is_named(worse: Copy, said: str) -> None:
    first, second = Choice().ranked([worse, BASE])
    assert first.copy is BASE
    assert first.reasons
    assert said in second.reasons[0]


def test_the_order_of_rules_can_be_changed() -> None:
    small_raw = other(width=2000, height=1500, format="RAW")
    assert Choice().ranked([small_raw, BASE])[0].copy is BASE
    first = Choice([Rule.FORMAT, Rule.RESOLUTION]).ranked([small_raw, BASE])[0]
    assert first.copy is small_raw
    assert first.reasons == ("best format",)


def test_a_preferred_folder_decides_where_it_is_asked_first() -> None:
    small = other(width=2000, height=1500)
    choice = Choice([Rule.FOLDER, Rule.RESOLUTION], [Path("/b")])
    first, second = choice.ranked([BASE, small])
    assert first.copy is small
    assert second.reasons == ("not in a folder you prefer",)


def test_trifles_do_not_decide() -> None:
    first, second = Choice().ranked([other(size=4_000_100), BASE])
    assert "as good by every rule" in second.reasons[0]
    assert first.copy.path == Path("/a/photo.jpg")


def test_files_without_a_difference_keep_one_order() -> None:
    copies = [replace(BASE, path=Path(f"/a/{name}.jpg")) for name in ("x (1)", "x", "y")]
    ranked = [[r.copy.path.stem for r in Choice().ranked(c)] for c in (copies, copies[::-1])]
    assert ranked[0] == ranked[1] == ["x", "y", "x (1)"]


def test_a_sharpened_copy_is_no_origin_though_larger_and_sharper() -> None:
    sharpened = other(size=6_000_000, sharpness=12.0, changed=6)
    choice = Choice()
    assert [copy.path for copy in choice.origins([sharpened, BASE])] == [BASE.path, sharpened.path]
    # Of the same picture, saved more than once, the one with less loss is better.
    assert choice.ranked([sharpened, BASE])[0].copy is sharpened


def test_what_the_camera_wrote_comes_before_a_copy_with_something_around_it() -> None:
    bordered = other(width=4400, height=3300, metadata=0, dated="")
    choice = Choice()
    assert choice.origins([bordered, BASE])[0] is BASE
    assert choice.ranked([bordered, BASE])[0].copy is BASE


def test_a_small_copy_with_the_notes_of_the_camera_is_not_better_than_a_large_one() -> None:
    large = other(metadata=0, dated="")
    small = replace(BASE, width=1600, height=1200)
    first, second = Choice().ranked([small, large])
    assert first.copy is large
    assert "1600 × 1200, not 4000 × 3000" in second.reasons[0]


def test_a_camera_writes_no_lossless_copy() -> None:
    converted = other(format="PNG", size=20_000_000)
    first, second = Choice().ranked([converted, BASE])
    assert first.copy is BASE
    assert second.reasons == ("PNG, which no camera writes",)
    drawn = replace(converted, metadata=0, dated="")
    decoded = replace(drawn, decoded=True)
    first, second = Choice().ranked([decoded, replace(BASE, metadata=0, dated="", decoded=True)])
    assert first.copy.format == BASE.format
    assert second.reasons == ("PNG made of a JPEG",)
    assert Choice().ranked([drawn, replace(BASE, metadata=0, dated="")])[0].copy is drawn
