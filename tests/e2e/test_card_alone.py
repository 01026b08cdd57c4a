"""The cards without Home Assistant, where a demo has no such site or no such user."""

from collections.abc import Generator

import pytest
from tests.e2e.card_page import CardPage, card_page
from tests.e2e.card_sites import site_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(180)]

FOUR_DAYS = 4 * 96


@pytest.fixture
def cards() -> Generator[CardPage]:
    """A page for cards."""
    with card_page() as page:
        yield page


@pytest.mark.parametrize(
    ("chargers", "shown", "first_ms", "again_ms"),
    [(4, ".lane", 150, 100), (100, ".short", 500, 250)],
)
def test_plan_is_painted_at_once_and_so_is_what_changes(
    cards: CardPage, chargers: int, shown: str, first_ms: float, again_ms: float
) -> None:
    first, again = [], []
    for _ in range(3):
        cards.open()
        card = cards.show("optivgi-plan-card")
        first.append(cards.paint_ms(site_of(chargers, FOUR_DAYS), shown))
        assert card.locator(shown).count() == chargers
        again.append(cards.paint_ms(site_of(chargers, FOUR_DAYS, soc=55), shown))
    assert min(first) <= first_ms
    assert min(again) <= again_ms
