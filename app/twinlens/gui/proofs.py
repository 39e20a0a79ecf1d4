"""What was proven of photos for one query, kept while its other parts change. Search thread."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from twinlens.records import Example, MatchClass, Tile

#: In the order in which they come first in an answer.
PROVEN = tuple(match for match in MatchClass if match is not MatchClass.ALIKE)


@dataclass(frozen=True, slots=True)
class Proofs:
    """Photos of which something was proven, as they were found, for the same examples."""

    examples: tuple[Example, ...] = ()
    known: dict[int, Tile] = field(default_factory=dict)

    def about(self, examples: tuple[Example, ...]) -> "Proofs":
        """Return what is known for these examples, at first nothing."""
        return self if examples == self.examples else Proofs(examples)

    def put_into(
        self, tiles: Sequence[Tile], wrong: Collection[int] = (), *, taught: bool = False
    ) -> list[Tile]:
        """Return an answer with everything that is proven, those photos first.

        Where merely the surroundings are the same, a photo stays where it is. An answer that is not
        verified yet, or not as far as the one before, thus shows no other order than it will in the
        end.

        Args:
            tiles: what was found, best first; what is proven there is remembered.
            wrong: photos that were called wrong stay where they are.
            taught: the order was learnt from marks, so all stay where they are.
        """
        for tile in tiles:
            if tile.match in PROVEN:
                self.known[tile.photo_id] = tile
        marked = [self._marked(tile) for tile in tiles]

        def place(tile: Tile) -> int:
            stays = taught or tile.surroundings or tile.photo_id in wrong
            if stays or tile.match not in PROVEN:
                return len(PROVEN)
            return PROVEN.index(tile.match)

        return sorted(marked, key=place)

    def _marked(self, tile: Tile) -> Tile:
        known = self.known.get(tile.photo_id)
        if known is None:
            return tile
        return replace(
            tile,
            match=known.match,
            comparison=known.comparison,
            example=known.example,
            surroundings=known.surroundings,
        )
