"""The cards without Home Assistant, where a demo has no such site or no such user."""

from collections.abc import Generator
import re

from playwright.sync_api import Locator, expect
import pytest
from tests.e2e.card_page import CardPage, card_page
from tests.e2e.card_sessions import figures, sessions_of_a_year
from tests.e2e.card_sites import past_of, site_of
from tests.e2e.conftest import ARTIFACTS

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


def picture(card: Locator, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    card.screenshot(path=ARTIFACTS / f"card_alone_{name}.png")


def left(card: Locator, selector: str) -> float:
    box = card.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"]


def place_of(text: Locator, part: str) -> float:
    """Return how far from the left a part of a text begins."""
    place: float = text.evaluate("(element, part) => placeOf(element, part)", part)
    return place


NO_WIDER = "document.documentElement.scrollWidth <= innerWidth"
A_YEAR = sessions_of_a_year(
    {
        "2026-09": figures(352, 0.3, 60, 28, planned_kwh=300, would_save=21),
        "2026-10": figures(380, 0.2, 74, -12, estimated_kwh=100),
    }
)


@pytest.mark.parametrize("width", [360, 900])
def test_plan_from_right_to_left(cards: CardPage, width: int) -> None:
    page = cards.page
    cards.open(language="he", width=width)
    card = cards.show("optivgi-plan-card", site_of(3, 96))
    expect(card.locator(".grip")).to_have_count(0)
    expect(card.locator("table.unseen")).to_have_count(1)
    assert page.evaluate(NO_WIDER)
    # Names stand right and modes left, but time runs as it does in all charts.
    assert left(card, ".badge") > left(card, ".head h2")
    assert left(card, ".lane .dot") > left(card, ".lane .cost")
    if width == 900:
        assert left(card, ".lane .nm") > left(card, ".lane .plot") > left(card, ".lane .side")
    hours = card.locator(".axis text:not(.m)").evaluate_all("all => all.map(leftOf)")
    assert len(hours) > 1
    assert hours == sorted(hours)
    # A sentence that nobody has translated runs as it was written, whatever it names.
    title = card.locator("h2")
    assert place_of(title, "Car 0") < place_of(title, "starts at")
    if width == 900:
        # Keys go where they point to: the next mode stands left.
        modes = card.locator(".seg.mode").first.get_by_role("radio")
        modes.first.focus()
        for key in ("ArrowLeft", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)
        expect(modes.nth(1)).to_be_focused()
    picture(card, f"rtl_{width}")


@pytest.mark.parametrize(
    ("language", "dark", "width"), [("en", False, 900), ("de", True, 360), ("he", False, 900)]
)
def test_savings_of_a_year(cards: CardPage, language: str, dark: bool, width: int) -> None:
    page = cards.page
    page.clock.set_fixed_time("2026-11-30T12:00:00Z")
    cards.open(language=language, dark=dark, width=width)
    page.evaluate("year => { answers = { get_sessions: year }; }", A_YEAR)
    card = cards.show("optivgi-savings-card")
    expect(card.locator("rect.paid")).to_have_count(11)
    for kind in ("lost", "guessed", "would"):
        expect(card.locator(f"rect.{kind}")).to_have_count(1)
    assert page.evaluate(NO_WIDER)
    # Nothing of the pictures leaves them.
    assert card.locator("ha-card").evaluate("card => overhang(card)") <= 0
    card.locator(".plots").focus()
    page.keyboard.press("ArrowRight")
    expect(card.locator(".tip")).to_contain_text("412")
    picture(card, f"savings_{language}_{width}")
    page.keyboard.press("Escape")
    expect(card.locator(".tip")).to_have_count(0)
    # Months, then single sessions.
    card.get_by_role("radio", checked=True).focus()
    page.keyboard.press("ArrowDown")
    expect(card.locator("rect.paid")).to_have_count(5)
    if language == "he":
        title = card.locator("h2")
        assert place_of(title, "7.09") < place_of(title, "saved")
    page.evaluate("keepFiles()")
    card.locator("footer button").click()
    page.wait_for_function("files.some(file => file.type === 'text/csv')")
    asked = page.evaluate("calls.at(-1).service_data")
    assert asked == {"count": 1000, "csv": True, "config_entry_id": "entry"}


@pytest.mark.parametrize("width", [360, 900])
def test_yesterday_is_shown_beside_what_was_planned(cards: CardPage, width: int) -> None:
    page = cards.page
    cards.open(width=width)
    past = past_of(3, hours=40, kept_h=40)
    former = {
        "made_at": past["edges"][60],
        "edges": past["edges"][60:],
        "chargers": {"c0": [5.0] * (len(past["edges"]) - 61)},
    }
    page.evaluate(
        "given => { answers = given; }", {"optivgi/plan/past": past, "optivgi/plan/former": former}
    )
    card = cards.show("optivgi-plan-card", site_of(3, 96))
    card.get_by_role("radio", name="Yesterday").click()
    blocks = "all => all.map(one => one.getAttribute('d')).filter(Boolean).length"
    drawn = card.locator(".lane svg path.car:not(.ahead)")
    expect(card.locator(".lane").first.locator("path.before")).to_have_attribute(
        "d", re.compile("M")
    )
    assert drawn.evaluate_all(blocks) == 3
    assert page.evaluate(NO_WIDER)
    picture(card, f"yesterday_{width}")
    # Drag the axis to what was before that.
    ticks = card.locator(".axis").text_content() or ""
    box = card.locator(".axisplot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 10, steps=4)
    page.mouse.up()
    expect(card.locator(".axis")).not_to_have_text(ticks.strip())
    # A moment there has its plan.
    card.locator(".power .plot").click(position={"x": 40, "y": 60})
    chip = card.locator("button.former")
    expect(chip).to_contain_text("Plan of")
    expect(card.locator(".tip")).to_contain_text("kW")
    picture(card, f"former_{width}")
    page.keyboard.press("Escape")
    chip.click()
    expect(chip).to_have_count(0)
