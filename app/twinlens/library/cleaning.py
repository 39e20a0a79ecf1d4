"""What the door offers for putting a library in order: decide, plan, apply, undo. On any thread."""

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from twinlens.curate import choices, deciding
from twinlens.errors import UsageError
from twinlens.library import applying, planning, trash_places
from twinlens.library.asking import Asking
from twinlens.records import COPIES, MatchClass
from twinlens.reports import CleanUp, Group, Outcome, Plan, Review
from twinlens.store import decisions, photos


class Cleaning(Asking):
    """Decisions about photos, and the one way by which several of them go to the trash."""

    # Decide

    def contents_of(self, paths: Iterable[Path]) -> list[bytes]:
        """Return the hashes of the photos that lie at paths, in their order.

        Raises:
            UsageError: a path is no searchable photo of the library.
        """
        found = [self.photo_at(path) for path in paths]
        digests = photos.hashes(self.database.connection(), found)
        return [digests[photo_id] for photo_id in found]

    def decide(
        self,
        choice: str,
        contents: Sequence[bytes],
        *,
        files: int = 0,
        review: str = "",
        staying: Mapping[bytes, Iterable[Path]] | None = None,
    ) -> str:
        """Remember a decision about contents for good; return the act, which can be undone.

        Args:
            choice: "keep", "keep-one" (of its copies) or "trash", of each content;
                "not-duplicates" or "keep-all", of all of them together.
            contents: hashes, 32 bytes each.
            files: how many files a group that is kept has, or a content of which one copy is
                enough: with one more it is shown again.
            review: the plan it belongs to.
            staying: which files stay of contents with several, see `stay`.

        Raises:
            UsageError: there is no such choice, or too few contents for it.
        """
        known = next((c for c in (*choices.SINGLE, *choices.SETS) if c == choice), None)
        if known is None:
            raise UsageError(f"There is no decision {choice!r}; nothing was decided.")
        fewest = 2 if known is choices.Choice.NOT_DUPLICATES else 1
        if len(set(contents)) < fewest:
            raise UsageError(f"{choice!r} is about {fewest} photos or more; nothing was decided.")
        with self.database.transaction() as connection:
            return deciding.choose(
                connection,
                self._decisions,
                known,
                contents,
                files=files,
                review=review,
                staying=staying,
            )

    def stay(self, staying: Mapping[bytes, Iterable[Path]], *, review: str = "") -> str:
        """Remember which files stay of contents with several; return the act, for `undo_clean_ups`.

        Other files of such a content go once one is enough; without a path nothing is chosen.
        """
        with self.database.transaction() as connection:
            return deciding.stay(connection, self._decisions, staying, review=review)

    def take_back(self, contents: Iterable[bytes]) -> int:
        """Take back each decision about any of these contents; return how many."""
        with self.database.transaction() as connection:
            return deciding.take_back(connection, self._decisions, contents)

    def protect(self, folder: Path, *, protected: bool = True) -> str:
        """Let no plan take a file of a folder, or allow it again; return the act."""
        with self.database.transaction() as connection:
            return deciding.protect(connection, self._decisions, folder, protected=protected)

    def decided(self) -> choices.Choices:
        """Return every decision that holds."""
        return choices.choices(self.database.connection())

    def open_groups(self, groups: Iterable[Group]) -> list[Group]:
        """Return the groups, or the parts of them, that are not settled by a decision."""
        decided = self.decided()
        return [part for group in groups for part in decided.open_parts(group)]

    def reviewed(self, groups: Iterable[Group]) -> list[Review]:
        """Return the groups, or the parts of them, that do not stay as they are by a decision."""
        decided = self.decided()
        return [
            Review(part, decided.fates(part))
            for group in groups
            for part in decided.open_parts(group)
        ]

    def export_decisions(self) -> list[str]:
        """Return every decision about photos, one JSON object a line."""
        return [json.dumps(item) for item in deciding.exported(self.database.connection())]

    def import_decisions(self, lines: Iterable[str]) -> tuple[int, int]:
        """Take in exported decisions; what is decided here already stays.

        Returns: (decisions taken in, lines that are none).
        """
        with self.database.transaction() as connection:
            return deciding.taken_in(connection, self._decisions, lines)

    # Plan, apply, undo

    def plan(
        self,
        groups: Iterable[Group],
        *,
        keep: bool = True,
        review: str = "",
        suggested: Collection[MatchClass] = COPIES,
        told: Callable[[float], None] = lambda _: None,
    ) -> Plan:
        """Return what a clean-up of groups would do, and keep it for `apply_plan` if told to.

        Args:
            groups: no file in two of them.
            keep: let it wait in the library folder, in place of the one before.
            review: what it is called, so that decisions made for it can be undone with it.
            suggested: relations in which a file goes that nothing was decided about.
            told: called now and then with the share, 0 to 1, of what is done; what it raises ends
                the work, and the plan that waited still does.

        Raises:
            LibraryError: it cannot be kept.
        """
        plan = planning.plan_for(
            self.database,
            groups,
            trash_places.can_trash,
            review=review,
            suggested=suggested,
            told=told,
        )
        if keep:
            planning.save(self._works.folder, plan)
        return plan

    def saved_plan(self) -> Plan | None:
        """Return the plan that waits; None where none does."""
        return planning.saved(self._works.folder)

    def discard_plan(self) -> bool:
        """Throw the plan away that waits; return whether there was one."""
        return planning.discard(self._works.folder)

    def apply_plan(
        self,
        *,
        should_stop: Callable[[], bool] = lambda: False,
        dry_run: bool = False,
        tell: Callable[[Outcome], None] = lambda _: None,
    ) -> list[Outcome]:
        """Move what the waiting plan says to the trash, as one act that can be undone.

        The plan is thrown away once all of it was looked at; stopped or killed on the way, it
        waits and goes on where it was. `tell` hears of each file as soon as it is done.

        Raises:
            UsageError: no plan waits.
            LibraryError: this process is not the writer.
        """
        plan = self.saved_plan()
        if plan is None:
            raise UsageError("No plan waits; nothing was changed.", "Make one: 'twinlens plan'.")
        if not dry_run:
            self._works.need_writer()
        stopped: list[bool] = []

        def stop() -> bool:
            if should_stop():
                stopped.append(True)
            return bool(stopped)

        try:
            outcomes = applying.apply(
                self.database,
                self._decisions,
                plan,
                uuid.uuid4().hex,
                stop,
                drop_rows=self._works.worker is None,
                dry_run=dry_run,
                tell=tell,
            )
        finally:
            self._look_again()
        if not dry_run and not stopped:
            self.discard_plan()
        return outcomes

    def clean_ups(self) -> list[CleanUp]:
        """Return every act that can be undone, newest first, from earlier runs too."""
        return applying.acts(self.database, self._decisions)

    def undo_clean_ups(
        self,
        wanted: Iterable[CleanUp],
        *,
        dry_run: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> list[Outcome]:
        """Take acts back: files, what was known of them, and decisions.

        What `should_stop` leaves can be asked for again.
        """
        wanted = list(wanted)
        alone = self._works.is_writer and self._works.worker is None
        try:
            return applying.undo(
                self.database,
                self._decisions,
                wanted,
                restore_rows=alone,
                dry_run=dry_run,
                should_stop=should_stop,
            )
        finally:
            # Taking a decision back moves no file.
            if any(act.paths for act in wanted):
                self._look_again()

    def _look_again(self) -> None:
        if self._works.worker is not None:
            self._works.worker.rescan(None, retry=False)
        else:
            self._works.keep_in_step()

    @property
    def _decisions(self) -> Path:
        return self._works.folder / decisions.FILE_NAME
