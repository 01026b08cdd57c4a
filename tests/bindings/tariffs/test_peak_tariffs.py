"""Known and entered tariffs on the highest power: what counts when, and what it costs."""

from datetime import date, datetime
from typing import Any

import pytest

from custom_components.optivgi.bindings.peak_tariffs.entered import rule_of
from custom_components.optivgi.bindings.peak_tariffs.presets import preset_of
from custom_components.optivgi.bindings.peak_tariffs.rule import PeakRule
from custom_components.optivgi.scheduler.model import PriceStep

AUGUST, JUNE, MARCH = date(2026, 8, 1), date(2026, 6, 30), date(2026, 3, 2)


def known(preset_id: str, day: date, **more: Any) -> PeakRule:
    """Return the rule of a known tariff on a day."""
    rule = rule_of({"preset": preset_id, **more}, day)
    assert rule is not None
    return rule


def weights(rule: PeakRule, moment: str, *, holiday: bool = False) -> list[float]:
    """Return what a kW counts for at a local time, by component."""
    local = datetime.fromisoformat(moment)
    return [part.weight_at(local, holiday=holiday) for part in rule.parts]


def test_rows_follow_each_other_in_time() -> None:
    """Elvia has raised its prices on 1 July 2026."""
    before, after = preset_of("no_elvia", JUNE), preset_of("no_elvia", AUGUST)
    assert before is not None
    assert after is not None
    assert before.rule.parts[0].levels[1] == (2.0, 1824)
    assert after.rule.parts[0].levels[1] == (2.0, 2400)
    assert preset_of("no_elvia", date(2020, 1, 1)) == before
    assert preset_of("nowhere", AUGUST) is None
    assert rule_of({"preset": "nowhere"}, AUGUST) is None


def test_norwegian_steps_are_paid_by_the_month_with_vat() -> None:
    rule = known("no_elvia", AUGUST)
    steps = rule.price_steps(rule.parts[0], AUGUST)
    assert [step.above_kw for step in steps] == [2, 5, 10, 15, 20]
    assert steps[0] == PriceStep(above_kw=2, price=pytest.approx((2400 - 1440) / 12 * 1.25))
    assert sum(step.price for step in steps) == pytest.approx((8880 - 1440) / 12 * 1.25)
    assert (rule.top, rule.distinct_days) == (3, True)


def test_belgian_price_is_a_twelfth_for_each_month() -> None:
    rule = known("be_west", AUGUST)
    assert rule.month_price(rule.parts[0].price, AUGUST) == pytest.approx(60.53 / 12)
    assert (rule.floor_kw, rule.rolling_months) == (2.5, 12)


@pytest.mark.parametrize(
    ("preset_id", "moment", "expected"),
    [
        ("se_ellevio", "2026-03-02T12:00", [1.0]),
        ("se_ellevio", "2026-03-02T22:00", [0.5]),
        ("se_ellevio", "2026-03-03T05:59", [0.5]),
        ("se_ellevio", "2026-03-03T06:00", [1.0]),
        ("se_jonkoping", "2026-03-02T12:00", [1.0, 1.0]),
        ("se_jonkoping", "2026-03-01T12:00", [1.0, 0.0]),
        ("se_jonkoping", "2026-07-01T12:00", [1.0, 0.0]),
        ("se_malarenergi", "2026-03-02T06:59", [0.0]),
        ("se_malarenergi", "2026-03-02T19:59", [1.0]),
        ("se_sollentuna", "2026-03-02T12:00", [1.0, 0.0]),
        ("se_sollentuna", "2026-04-01T12:00", [0.0, 1.0]),
        ("au_ergon_t14", "2026-03-01T21:29", [1.0]),
        ("au_ergon_t14", "2026-03-01T21:30", [0.0]),
        ("us_aps", "2026-03-02T16:00", [1.0]),
        ("us_aps", "2026-03-07T16:00", [0.0]),
    ],
)
def test_times_that_count(preset_id: str, moment: str, expected: list[float]) -> None:
    assert weights(known(preset_id, MARCH), moment) == expected


def test_holidays_are_none_of_the_days_of_the_week() -> None:
    rule = known("se_jonkoping", MARCH)
    assert rule.by_day
    assert weights(rule, "2026-03-02T12:00", holiday=True) == [1.0, 0.0]
    assert not known("be_west", MARCH).by_day


def test_another_price_goes_for_all_components() -> None:
    rule = known("se_jonkoping", MARCH, price=2 * 27.70)
    assert [part.price for part in rule.parts] == pytest.approx([2 * 27.70, 2 * 65.66])
    assert known("fi_above_8_kw", MARCH, price=3).parts[0].price == 3


def test_a_day_of_the_month_costs_as_much() -> None:
    rule = known("au_evening", MARCH, price=0.2)
    assert rule.month_price(0.2, MARCH) == pytest.approx(31 * 0.2)
    assert rule.month_price(0.2, date(2028, 2, 10)) == pytest.approx(29 * 0.2)


OWN: dict[str, Any] = {"per": "month", "interval": "60", "top": 2.0, "distinct_days": False}


def test_own_rows_with_a_price_are_components_of_their_own() -> None:
    night = {"from": "22:00:00", "until": "06:00:00", "weight": 0.5}
    winter = {"from": "07:00:00", "until": "21:00:00", "months": ["jan"], "price": 9}
    rule = rule_of({**OWN, "price": 4, "windows": [night, winter]}, MARCH)
    assert rule is not None
    assert [part.price for part in rule.parts] == [4, 9]
    assert weights(rule, "2026-01-05T12:00") == [0.0, 1.0]
    assert weights(rule, "2026-01-05T23:00") == [0.5, 0.0]
    alone = rule_of({**OWN, "windows": [winter]}, MARCH)
    assert alone is not None
    assert [part.price for part in alone.parts] == [9]


def test_shape_is_what_counts_whatever_it_costs() -> None:
    cheap = rule_of({**OWN, "price": 4, "vat": 25, "free_kw": 3}, MARCH)
    other = rule_of({**OWN, "price": 4, "top": 3}, MARCH)
    same = rule_of({**OWN, "price": 9}, MARCH)
    assert cheap is not None
    assert other is not None
    assert same is not None
    assert cheap.shape == same.shape != other.shape
