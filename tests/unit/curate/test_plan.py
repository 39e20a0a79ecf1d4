"""A plan takes copies, keeps the best, and refuses whatever would lose something."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.curate.groups import content, group, member
from twinlens.curate.choices import Choices
from twinlens.curate.plan import OnDisk, make_plan
from twinlens.records import MatchClass
from twinlens.reports import Group, Plan, PlanRow


def disk_of(groups: Iterable[Group]) -> dict[Path, OnDisk]:
    files = [m for g in groups for m in g.members]
    return {m.path: OnDisk(m.size, 1, (1, place + 1)) for place, m in enumerate(files)}


def planned(
    *groups: Group, choices: Choices | None = None, **changes: dict[str, object] | None
) -> Plan:
    """Plan groups; a keyword such as `a_jpg` changes what lies on disk there (None: nothing)."""
    disk = disk_of(groups)
    for name, change in changes.items():
        path = next(p for p in disk if p.name.replace(".", "_") == name)
        if change is None:
            del disk[path]
        else:
            disk[path] = replace(disk[path], **change)  # type: ignore[arg-type]
    return make_plan("p", 0.0, groups, choices or Choices(), disk)


def acts(plan: Plan) -> dict[str, str]:
    return {row.path.name: row.act for row in plan.rows}


def row(plan: Plan, name: str) -> PlanRow:
    return next(row for row in plan.rows if row.path.name == name)


PAIR = group(member("a.jpg", 1), member("b.jpg", 2, MatchClass.RE_ENCODED, 60))


def test_copies_go_and_the_best_stays_each_with_its_reason() -> None:
    plan = planned(PAIR)
    assert acts(plan) == {"a.jpg": "keep", "b.jpg": "trash"}
    assert row(plan, "a.jpg").why == "the best of 2"
    assert row(plan, "b.jpg").why == "the same picture as a.jpg, saved again, which stays"
    assert plan.gained == 60


def test_what_was_compared_with_another_file_is_called_no_more_than_that() -> None:
    # The best is an edit of the file that both were compared with.
    edits = replace(
        group(
            member("a.jpg", 1),
            member("sharp.jpg", 2, MatchClass.EDITED),
            member("b.jpg", 3, MatchClass.RE_ENCODED),
            member("c.jpg", 2, MatchClass.EDITED),
        ),
        best=Path("/photos/sharp.jpg"),
    )
    plan = planned(edits)
    assert row(plan, "a.jpg").why == "an edited version of sharp.jpg, which stays"
    assert row(plan, "b.jpg").why == "an edited version of sharp.jpg, which stays"
    assert row(plan, "c.jpg").why == "the same bytes as sharp.jpg, which stays"
    mere = {MatchClass.SAME_BYTES, MatchClass.SAME_PIXELS, MatchClass.RE_ENCODED}
    careful = make_plan("p", 0.0, [edits], Choices(), disk_of([edits]), suggested=mere)
    assert [one.path.name for one in careful.going] == ["c.jpg"]


def test_copies_of_one_name_are_told_apart_by_their_folders() -> None:
    plan = planned(group(member("a.jpg", 1), member("card/a.jpg", 1)))
    assert plan.rows[1].why == "the same bytes as photos/a.jpg, which stays"


def test_other_shots_go_only_when_somebody_says_so() -> None:
    shots = group(member("a.jpg", 1), member("b.jpg", 2, MatchClass.SAME_SCENE))
    assert planned(shots).gained == 0
    assert planned(shots, choices=Choices(trash=frozenset({content(2)}))).gained == 100


def test_one_copy_is_enough_until_there_is_one_more() -> None:
    copies = group(member("a.jpg", 1), member("b.jpg", 1), member("c.jpg", 2, MatchClass.EDITED))
    one = Choices(keep_one={content(1): 2})
    assert one.fates(copies) == ("keep", "trash", "")
    plan = planned(copies, choices=one)
    assert acts(plan) == {"a.jpg": "keep", "b.jpg": "trash", "c.jpg": "trash"}
    assert row(plan, "b.jpg").why == "the same bytes as a.jpg; you decided that one copy is enough"
    assert row(plan, "a.jpg").why == "you decided to keep it"
    chosen = replace(one, staying=frozenset({Path("/photos/b.jpg")}))
    assert chosen.fates(copies) == ("trash", "keep", "")
    more = group(member("a.jpg", 1), member("b.jpg", 1), member("d.jpg", 1))
    assert one.fates(more) == ("", "", "")


def test_a_chosen_copy_stays_and_nothing_is_said_of_the_others() -> None:
    copies = group(member("a.jpg", 1), member("b.jpg", 1), member("c.jpg", 2, MatchClass.EDITED))
    chosen = Choices(staying=frozenset({Path("/photos/b.jpg")}))
    assert chosen.fates(copies) == ("", "keep", "")
    plan = make_plan("p", 0.0, [copies], chosen, disk_of([copies]))
    assert acts(plan) == {"a.jpg": "keep", "b.jpg": "keep", "c.jpg": "trash"}
    assert row(plan, "b.jpg").why == "you decided to keep it"


def test_of_copies_that_go_the_best_is_spared() -> None:
    copies = group(member("a.jpg", 1), member("b.jpg", 1))
    gone = Choices(trash=frozenset({content(1)}))
    assert gone.fates(copies) == ("keep", "trash")


def test_what_was_not_decided_goes_only_where_it_is_suggested() -> None:
    disk = disk_of([PAIR])
    decided = make_plan("p", 0.0, [PAIR], Choices(), disk, suggested=())
    assert acts(decided) == {"a.jpg": "keep", "b.jpg": "keep"}
    assert row(decided, "b.jpg").why == "nothing was decided about it"
    choices = Choices(trash=frozenset({content(2)}))
    assert acts(make_plan("p", 0.0, [PAIR], choices, disk, suggested=()))["b.jpg"] == "trash"


def test_a_set_that_belongs_together_stays() -> None:
    pair = group(member("a.jpg", 1), member("b.jpg", 1), kept_as="bracket")
    plan = planned(pair)
    assert plan.gained == 0
    assert "bracket" in row(plan, "b.jpg").why


def test_decisions_come_before_suggestions() -> None:
    plan = planned(PAIR, choices=Choices(frozenset({content(2)}), frozenset({content(1)})))
    assert acts(plan) == {"a.jpg": "trash", "b.jpg": "keep"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (None, "not there"),
        ({"size": 61}, "has changed"),
        ({"links": 2}, "hard link"),
        ({"identity": (1, 1)}, "same file"),
        ({"trash": False}, "no trash"),
        ({"beside": ("b.jpg.xmp",)}, "b.jpg.xmp"),
        ({"beside": ("B.JPG.json",)}, "B.JPG.json"),
        ({"beside": ("b.aae",)}, "b.aae"),
        ({"beside": ("b.mov",)}, "b.mov"),
    ],
)
def test_what_would_lose_or_gain_nothing_is_refused(
    change: dict[str, object] | None, reason: str
) -> None:
    plan = planned(PAIR, b_jpg=change)
    assert acts(plan) == {"a.jpg": "keep", "b.jpg": "keep"}
    assert reason in row(plan, "b.jpg").refused
    assert plan.gained == 0


def test_a_file_beside_that_is_no_sidecar_refuses_nothing() -> None:
    assert planned(PAIR, b_jpg={"beside": ("b.txt", "b2.xmp", "b.jpg.bak")}).gained == 60


def test_a_sidecar_stays_with_another_picture_of_its_name() -> None:
    plan = planned(PAIR, b_jpg={"beside": ("b.xmp", "b.heic")})
    assert row(plan, "b.jpg").act == "trash"


def test_the_last_picture_beside_a_sidecar_stays() -> None:
    both = group(
        member("a.jpg", 1),
        member("b.jpg", 2, MatchClass.RE_ENCODED),
        member("b.png", 3, MatchClass.SAME_PIXELS),
    )
    plan = planned(both, b_jpg={"beside": ("b.xmp", "b.png")}, b_png={"beside": ("b.xmp", "b.jpg")})
    assert sorted(acts(plan).values()) == ["keep", "keep", "trash"]
    assert sum("b.xmp" in row.refused for row in plan.rows) == 1


def test_a_protected_folder_loses_nothing() -> None:
    plan = planned(PAIR, choices=Choices(protected=(Path("/photos"),)))
    assert plan.gained == 0
    assert "you protected the folder /photos" in row(plan, "b.jpg").refused
    assert planned(PAIR, choices=Choices(protected=(Path("/photo"),))).gained == 60


def test_the_only_raw_stays_whatever_is_suggested() -> None:
    raw = group(
        member("a.jpg", 1),
        member("a.cr2", 2, MatchClass.EDITED, 900),
        member("b.cr2", 3, MatchClass.EDITED, 800),
    )
    plan = planned(raw)
    assert "only RAW" in row(plan, "a.cr2").refused
    assert row(plan, "b.cr2").act == "trash"


def test_the_last_copy_stays_even_if_all_were_to_go() -> None:
    everything = Choices(trash=frozenset({content(1), content(2)}))
    plan = planned(PAIR, choices=everything)
    assert acts(plan) == {"a.jpg": "keep", "b.jpg": "trash"}
    assert "last copy" in row(plan, "a.jpg").refused
    same = group(member("a.jpg", 1), member("b.jpg", 1), best=1)
    assert acts(planned(same, choices=everything)) == {"a.jpg": "trash", "b.jpg": "keep"}


def test_a_best_on_a_drive_that_is_away_does_not_count() -> None:
    plan = planned(PAIR, a_jpg=None)
    assert plan.gained == 0
    assert "last copy" in row(plan, "b.jpg").refused
