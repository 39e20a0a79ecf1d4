"""Whatever is decided, applied, undone, killed and added in whatever order: nothing is lost.

After each step of any walk, of which the shortest that fails is told, journal, files and index
agree.
"""

import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from send2trash import send2trash

from tests.unit.library.cleaning_place import family_of, groups, photo, prepare
from twinlens.curate.choices import Choices
from twinlens.errors import UsageError
from twinlens.library import Library, trash
from twinlens.reports import CleanUp
from twinlens.store import decisions

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the trash of other systems")

STEPS, WALKS = 20, 10


class Killed(BaseException):
    """Stands for the end of the process."""


class Walk:
    """A library, and what a person who never loses anything would expect of it."""

    def __init__(self, place: Path, chance: random.Random, patch: pytest.MonkeyPatch) -> None:
        self.place = place
        self.chance = chance
        self.patch = patch
        self.library = Library(place / "library", writer=True)
        #: What lies, or lay, at each path: the same content never under two names of a path.
        self.written: dict[Path, bytes] = {}
        self.names = 0
        for family in range(4):
            for variant in range(3):
                self.add(family, variant)
        self.library.index_folders()

    def add(self, family: int, variant: int) -> None:
        self.names += 1
        path = self.place / "photos" / f"{family}-{self.names:03}.png"
        path.write_bytes(photo(family, variant))
        self.written[path] = path.read_bytes()

    # Steps

    def decide(self) -> None:
        found = groups(self.library)
        if not found:
            return
        group = self.chance.choice(found)
        some = self.chance.sample(group.members, self.chance.randint(1, len(group.members)))
        choice = self.chance.choice(["keep", "trash", "keep-all", "not-duplicates"])
        contents = [member.hash for member in some]
        try:
            self.library.decide(choice, contents, files=len(some))
        except UsageError:
            assert choice == "not-duplicates"
            assert len(set(contents)) < 2

    def one_stays(self) -> None:
        found = groups(self.library)
        if found:
            members = self.chance.choice(found).members
            member = self.chance.choice(members)
            count = sum(other.hash == member.hash for other in members)
            staying = {member.hash: [member.path]}
            self.library.decide("keep-one", [member.hash], files=count, staying=staying)
            assert member.path in self.library.decided().staying

    def carry(self) -> None:
        """Take all decisions to another library, which then knows the same, and back."""
        before, lines = self.library.decided(), self.library.export_decisions()
        assert self.library.import_decisions(lines) == (0, 0)
        with (
            tempfile.TemporaryDirectory() as place,
            Library(Path(place) / "library", writer=True) as other,
        ):
            assert other.import_decisions(lines) == (len(lines), 0)
            known = other.decided()
        assert (known.keep, known.trash, known.keep_one, known.staying) == (
            before.keep,
            before.trash,
            before.keep_one,
            before.staying,
        )

    def all_must_go(self) -> None:
        found = groups(self.library)
        if found:
            members = self.chance.choice(found).members
            self.library.decide("trash", [member.hash for member in members])

    def take_back(self) -> None:
        found = groups(self.library)
        if found:
            self.library.take_back([self.chance.choice(found).members[0].hash])

    def protect(self) -> None:
        folder = self.place / "photos"
        self.library.protect(folder, protected=folder not in self.library.decided().protected)

    def new_photo(self) -> None:
        self.add(self.chance.randrange(5), self.chance.randrange(5))
        counts = self.library.index_folders()
        assert (counts.added, counts.removed, counts.updated) == (1, 0, 0)

    def apply(self) -> None:
        self.library.plan(groups(self.library))
        planned = self.library.saved_plan()
        assert planned is not None
        rehearsed = self.library.apply_plan(dry_run=True)
        outcomes = self.library.apply_plan()
        assert outcomes == rehearsed
        assert [o.path for o in outcomes] == [row.path for row in planned.going]
        assert not any(outcome.problem for outcome in outcomes)
        assert not any(row.path.exists() for row in planned.going)
        assert self.library.saved_plan() is None

    def apply_in_parts(self) -> None:
        self.library.plan(groups(self.library))
        for _ in range(9):
            turns = iter([False] * self.chance.randrange(3))
            if self.library.saved_plan() is not None:
                done = self.library.apply_plan(should_stop=lambda turns=turns: next(turns, True))  # type: ignore[misc]
                assert not any(outcome.problem for outcome in done)
                self.agree()

    def killed(self) -> None:
        self.library.plan(groups(self.library))
        left, late = self.chance.randrange(3), self.chance.random() < 0.5

        def deadly(path: str) -> None:
            nonlocal left
            left -= 1
            if left >= 0 or late:
                send2trash(path)
            if left < 0:
                raise Killed

        with self.patch.context() as patch:
            patch.setattr(trash, "send2trash", deadly)
            try:
                self.library.apply_plan()
            except Killed:
                self.restart()
                self.library.clean_ups()
                # The row of the file that was in the air is for the next scan.
                assert self.library.index_folders().removed <= 1
        if self.chance.random() < 0.5 and self.library.saved_plan() is not None:
            self.library.apply_plan()

    def killed_while_undoing(self) -> None:
        acts = [act for act in self.library.clean_ups() if act.paths]
        if not acts:
            return
        left, late = self.chance.randrange(2), self.chance.random() < 0.5
        move = trash._move

        def deadly(place: Path, path: Path) -> None:
            nonlocal left
            left -= 1
            if left >= 0 or late:
                move(place, path)
            if left < 0:
                raise Killed

        with self.patch.context() as patch:
            patch.setattr(trash, "_move", deadly)
            try:
                self.library.undo_clean_ups(acts[:1])
            except Killed:
                self.restart()
                self.library.clean_ups()
                self.library.index_folders()
        if self.chance.random() < 0.5:
            self.undo([act for act in self.library.clean_ups() if act.act == acts[0].act])

    def outdated(self) -> None:
        """Another program changes a file between plan and apply; it stays, and so does its like."""
        plan = self.library.plan(groups(self.library))
        if plan.going:
            path = self.chance.choice(plan.going).path
            path.write_bytes(self.written[path] + b"more")
            problems = {o.path: o.problem for o in self.library.apply_plan()}
            assert "changed" in problems[path]
            self.written[path] = path.read_bytes()
            self.library.index_folders()

    def undo_one(self) -> None:
        acts = self.library.clean_ups()
        if acts:
            self.undo([self.chance.choice([acts[0], self.chance.choice(acts)])])

    def undo_review(self) -> None:
        acts = self.library.clean_ups()
        reviews = [act.review for act in acts if act.review]
        if reviews:
            self.undo([act for act in acts if act.review == reviews[0]])

    def undo(self, acts: list[CleanUp]) -> None:
        outcomes = self.library.undo_clean_ups(acts)
        assert not any(outcome.problem for outcome in outcomes)
        assert all(path.exists() for act in acts for path in act.paths)
        assert not {act.act for act in acts} & {act.act for act in self.library.clean_ups()}

    def restart(self) -> None:
        self.library.close()
        self.library = Library(self.place / "library", writer=True)

    # What holds after each

    def agree(self) -> None:
        in_trash = [entry.item for entry in trash.entries(self.library.database)]
        on_disk = {path for path in self.written if path.exists()}
        assert Counter(Path(item.path) for item in in_trash) == Counter(
            path for path in self.written if path not in on_disk
        )
        for path in on_disk:
            assert path.read_bytes() == self.written[path]
        for item in in_trash:
            assert Path(item.place).read_bytes() == self.written[Path(item.path)]
        families = {family_of(path) for path in self.written}
        assert families == {family_of(path) for path in on_disk}
        counts = self.library.index_folders()
        assert (counts.found, counts.unchanged) == (len(on_disk), len(on_disk))
        report = self.library.verify()
        assert report.ok, report.problems
        self.same_decisions()

    def same_decisions(self) -> None:
        journal: dict[tuple[str, str], str | None] = {}
        for line in (self.place / "library" / decisions.FILE_NAME).read_text().splitlines():
            fields = json.loads(line)
            journal[fields["kind"], fields["key"]] = fields["body"]
        said: dict[str, dict[str, str | None]] = defaultdict(dict)
        for (kind, key), body in journal.items():
            if body is not None:
                said[kind][key] = body
        connection = self.library.database.connection()
        for kind in {kind for kind, _ in journal}:
            held = {item.key: item.body for item in decisions.decisions(connection, kind)}
            assert held == said[kind]


#: What a person, a power cut or another program does.
ACTS = (
    Walk.decide,
    Walk.one_stays,
    Walk.all_must_go,
    Walk.take_back,
    Walk.carry,
    Walk.protect,
    Walk.new_photo,
    Walk.apply,
    Walk.apply_in_parts,
    Walk.killed,
    Walk.killed_while_undoing,
    Walk.outdated,
    Walk.undo_one,
    Walk.undo_review,
    Walk.restart,
)


@settings(max_examples=WALKS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(ACTS), min_size=STEPS // 2, max_size=STEPS),
    st.randoms(use_true_random=False),
)
def test_nothing_is_lost_on_any_way(
    acts: list[Callable[[Walk], None]], chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        prepare(Path(name), patch)
        walk = Walk(Path(name), chance, patch)
        try:
            for act in acts:
                act(walk)
                walk.agree()
            walk.undo(walk.library.clean_ups())
            walk.agree()
            assert all(path.exists() for path in walk.written)
            assert walk.library.decided() == Choices()
            walk.restart()
            walk.agree()
        finally:
            walk.library.close()
