"""The order of the tiles and their months."""

from tests.gui.grid import tile, tiles
from twinlens.gui.arrangement import Order, Section, arrange


def test_similarity_keeps_the_order_that_was_given() -> None:
    given = tiles(5)
    arrangement = arrange(given)
    assert arrangement.tiles == tuple(given)
    assert arrangement.ranks.tolist() == [1, 2, 3, 4, 5]
    assert arrangement.sections == ()


def test_by_date_the_newest_is_first_the_undated_last_and_ranks_stay() -> None:
    given = [
        tile(1, taken="2020-01-01"),
        tile(2),
        tile(3, taken="2024-05-02T10:00:00"),
        tile(4, taken="2024-05-01"),
    ]
    arrangement = arrange(given, Order.DATE, sections=True)
    assert [item.photo_id for item in arrangement.tiles] == [3, 4, 1, 2]
    assert arrangement.ranks.tolist() == [3, 4, 1, 2]
    assert arrangement.sections == (
        Section(0, 2, "2024-05"),
        Section(2, 1, "2020-01"),
        Section(3, 1, ""),
    )


def test_by_name_ignores_case_and_equal_names_keep_their_order() -> None:
    given = [tile(1, name="b.jpg"), tile(2, name="A.jpg"), tile(3, name="B.JPG")]
    assert [item.photo_id for item in arrange(given, Order.NAME).tiles] == [2, 1, 3]


def test_a_photo_is_found_by_its_id() -> None:
    arrangement = arrange([tile(9), tile(2**40), tile(4)])
    assert [arrangement.row_of(key) for key in (9, 2**40, 4, 5, 0, 2**50)] == [0, 1, 2] + 3 * [None]
    assert arrange([]).row_of(1) is None
