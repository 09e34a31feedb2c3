"""What intervals and gaps promise, on a few draws of real groups; `make bench-trust` has many."""

from tests import draws


def test_intervals_cover_and_gaps_are_seldom_called_clear() -> None:
    found = list(draws.draws(200, seed=1))

    assert sum(draw.covers for draw in found) >= 0.94 * len(found)
    assert sum(draw.gap == "clear" for draw in found) <= 0.05 * len(found)
