"""Past weeks planned again: by what was known, within all limits, and to the right cost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
import json
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.optivgi.backtest import __main__ as command_line
from custom_components.optivgi.backtest.backtest import Backtest, run
from custom_components.optivgi.backtest.past import SLOT, SLOT_H, Past, Stay, Unknown
from custom_components.optivgi.backtest.readings import ChargerPast, slots_of, stays_of
from custom_components.optivgi.backtest.rolling import Rolling, StoppedError, roll
from custom_components.optivgi.scheduler.runner import DEFAULT_ALGORITHMS, Runner

ZONE = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2026, 10, 19, tzinfo=ZONE).astimezone(UTC)
"""The clocks go back on the Sunday after."""
DAY = 96


def slot(day: int, hour: float) -> int:
    return day * DAY + round(hour * 4)


def stay(
    charger: str, first: int, end: int, kwh: float, *, leaves: int | None = None, kw: float = 11.0
) -> Stay:
    """Return a car that charged at plug-in."""
    drawn, left = [], kwh
    for _ in range(first, end):
        power = min(kw, left / SLOT_H)
        drawn.append(power)
        left -= power * SLOT_H
    return Stay(
        charger=charger,
        first=first,
        end=end,
        drawn_kw=tuple(drawn),
        max_kw=kw,
        departure=None if leaves is None else MONDAY + leaves * SLOT,
    )


def past_of(
    prices: Sequence[float], *stays: Stay, house: Sequence[float] | float = 0.5, **fields: object
) -> Past:
    count = len(prices)
    return replace(
        Past(
            start=MONDAY,
            zone=ZONE,
            house_kw=(house,) * count if isinstance(house, float) else tuple(house),
            import_price=tuple(prices),
            export_price=(0.05,) * count,
            stays=stays,
            limit_kw=17.25,
        ),
        **fields,
    )


def backtest(past: Past) -> Backtest:
    return asyncio.run(run(past, DEFAULT_ALGORITHMS))


def rolled(past: Past) -> Rolling:
    runner = Runner(DEFAULT_ALGORITHMS)
    try:
        return asyncio.run(roll(past, runner, lambda _: None))
    finally:
        runner.shutdown(wait=True)


def night_prices(days: int) -> list[float]:
    """Return 0.30, and 0.10 from two to four."""
    return [0.1 if 2 <= quarter / 4 % 24 < 4 else 0.3 for quarter in range(days * DAY)]


def test_cheap_nights_are_found_and_cost_what_they_say() -> None:
    nights = [stay("garage", slot(day, 18), slot(day + 1, 7), 20.0) for day in range(4)]
    result = backtest(past_of(night_prices(5), *nights))
    for bill in (result.as_it_was, result.at_plug_in, result.planned, result.foresight):
        assert bill.total.kwh == pytest.approx(80, abs=0.01)
        assert bill.total.not_ready == 0
    assert result.as_it_was.total.cost == pytest.approx(80 * 0.3)
    assert result.at_plug_in.total.cost == pytest.approx(80 * 0.3)
    assert result.planned.total.cost == pytest.approx(80 * 0.1)
    assert result.foresight.total.cost == pytest.approx(80 * 0.1)
    assert result.planned.total.starts == 4
    assert result.planned.total.highest_kw == pytest.approx(11.5, abs=0.01)
    assert result.stays == 4
    assert result.planned.weeks.keys() == {"2026-10-19"}


def test_sun_costs_what_its_export_earns() -> None:
    sun = [-6.0 if 10 <= quarter / 4 % 24 < 14 else 0.5 for quarter in range(2 * DAY)]
    home = stay("garage", slot(0, 8), slot(0, 20), 12.0)
    result = backtest(past_of([0.3] * 2 * DAY, home, house=sun))
    assert result.foresight.total.cost == pytest.approx(12 * 0.05, abs=0.01)
    assert result.at_plug_in.total.cost == pytest.approx(12 * 0.3)


def test_who_leaves_earlier_than_expected_is_not_ready() -> None:
    late = stay("garage", slot(0, 18), slot(1, 1), 20.0, leaves=slot(1, 7))
    result = backtest(past_of(night_prices(2), late))
    assert result.planned.total.not_ready == 1
    assert result.planned.total.missing_kwh == pytest.approx(20)
    assert result.at_plug_in.total.not_ready == 0


def test_prices_of_tomorrow_are_known_from_one_o_clock_on() -> None:
    """In the morning, tomorrow looks like today, and noon is the cheapest time until departure."""
    noon = [0.25 if 10 <= quarter / 4 < 13 else 0.3 for quarter in range(DAY)]
    prices = noon + [0.1] * DAY
    home = stay("garage", slot(0, 10), slot(1, 10), 11.0)

    def drawn_kwh(past: Past, until: int) -> float:
        return sum(rolled(past).way.drawn_kw[home.id][: until - home.first]) * SLOT_H

    assert drawn_kwh(past_of(prices, home), slot(0, 13)) == pytest.approx(11)
    assert drawn_kwh(past_of(prices, home, published_at=time(9)), slot(1, 0)) == 0
    assert drawn_kwh(past_of(prices, home, published_at=None), slot(1, 0)) == 0


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32), st.integers(30, 150))
def test_nothing_is_known_that_comes_later(seed: int, now: int) -> None:
    """Other prices, loads and cars of later change nothing of what was drawn before."""
    random = Random(seed)  # noqa: S311 - nothing to keep secret
    prices = [random.choice((0.1, 0.2, 0.3)) for _ in range(3 * DAY)]
    house = [random.uniform(-3, 6) for _ in range(3 * DAY)]
    cars = [
        stay(
            "garage",
            slot(day, 17),
            slot(day + 1, 7),
            random.uniform(4, 40),
            leaves=slot(day + 1, 7),
        )
        for day in range(2)
    ]
    cars.append(stay("shed", slot(1, 0), slot(1, 23), 25.0, leaves=slot(1, 23)))
    past = past_of(prices, *cars, house=house)
    # Prices are known until midnight, or from one o'clock on until the next one.
    local = past.local(now)
    known = (local.date().toordinal() - past.local(0).date().toordinal() + 1) * DAY
    known += DAY if local.time() >= time(13) else 0
    other = past_of(
        [*prices[:known], *(1 - price for price in prices[known:])],
        *cars,
        house=[*house[: now + 1], *(kw + 3 for kw in house[now + 1 :])],
    )
    one, two = rolled(past).way.drawn_kw, rolled(other).way.drawn_kw
    for car in cars:
        seen = max(0, now + 1 - car.first)
        assert one[car.id][:seen] == two[car.id][:seen]


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32))
def test_limits_are_kept_and_nobody_gets_more_than_it_drew(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - nothing to keep secret
    house = [random.uniform(0, 14) for _ in range(2 * DAY)]
    cars = [
        stay(name, slot(0, random.uniform(14, 20)), slot(1, random.uniform(5, 9)), kwh)
        for name, kwh in (("garage", random.uniform(5, 60)), ("shed", random.uniform(5, 60)))
    ]
    past = past_of([random.random() for _ in range(2 * DAY)], *cars, house=house)
    result = backtest(past)
    for bill in (result.at_plug_in, result.planned, result.foresight):
        assert bill.total.highest_kw <= 17.25 + 1e-6
        assert bill.total.kwh <= sum(car.kwh for car in cars) + 1e-6
        missing = sum(car.kwh for car in cars) - bill.total.kwh
        assert bill.total.missing_kwh == pytest.approx(missing, abs=1e-6)
    # Who knows all never pays more for as much.
    if result.planned.total.missing_kwh < 0.01 > result.foresight.total.missing_kwh:
        allowed = 0.02 * result.planned.total.cost + 0.05
        assert result.foresight.total.cost <= result.planned.total.cost + allowed


def test_it_can_be_stopped() -> None:
    nights = [stay("garage", slot(day, 18), slot(day + 1, 7), 20.0) for day in range(4)]
    told: list[float] = []

    def progress(part: float) -> None:
        told.append(part)
        if part > 0.5:
            raise StoppedError

    with pytest.raises(StoppedError):
        asyncio.run(run(past_of(night_prices(5), *nights), DEFAULT_ALGORITHMS, progress))
    assert told == sorted(told)
    assert 0.5 < told[-1] < 0.6


# What the recorder keeps


def test_readings_of_any_interval_become_quarters() -> None:
    minutes = {MONDAY + timedelta(minutes=5 * n): float(n) for n in range(6)}
    assert slots_of(minutes, MONDAY, 3, timedelta(minutes=5)) == [1.0, 4.0, None]
    hours = {MONDAY + timedelta(hours=1): 2.0}
    assert slots_of(hours, MONDAY, 9, timedelta(hours=1)) == [None] * 4 + [2.0] * 4 + [None]


def charger(
    drawn: Sequence[float], plugged: Sequence[bool | None], **fields: object
) -> ChargerPast:
    return replace(ChargerPast(name="garage", drawn_kw=drawn, plugged=plugged), **fields)


def test_stays_are_known_by_the_plug_else_by_what_was_drawn() -> None:
    drawn = [0.0] * 8 + [11.0] * 4 + [0.0] * 84
    known = list(stays_of(charger(drawn, [4 <= n < 40 for n in range(96)]), MONDAY))
    assert [(one.first, one.end, one.kwh) for one in known] == [(4, 40, 11.0)]
    unknown: list[bool | None] = [None] * 96
    guessed = list(stays_of(charger(drawn, unknown), MONDAY))
    assert [(one.first, one.end) for one in guessed] == [(8, 12)]
    leaving = charger(drawn, unknown, leaves=lambda moment: moment + timedelta(hours=7))
    assert [(one.first, one.end) for one in stays_of(leaving, MONDAY)] == [(8, 36)]
    # What is known of the evening and what is guessed of the morning are two.
    half = [None] * 10 + [n < 60 for n in range(10, 96)]
    assert [(one.first, one.end) for one in stays_of(charger(drawn, half), MONDAY)] == [
        (8, 10),
        (10, 60),
    ]


def test_command_line_reads_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "past.csv"
    rows = ["time,price,house_kw,garage_kw,garage_plugged"]
    for quarter, price in enumerate(night_prices(3)):
        hour = quarter / 4 % 24
        drawn = 11.0 if 18 <= hour < 20 else 0.0
        there = int(hour >= 18 or hour < 7)
        rows.append(f"{(MONDAY + quarter * SLOT).isoformat()},{price},0.5,{drawn},{there}")
    file.write_text("\n".join(rows))
    assert command_line.main([str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    # The car that came on the third evening is still there, and is charged until midnight.
    assert told["sessions"] == 3
    assert told["as_it_was"]["cost"] == pytest.approx(66 * 0.3)
    assert told["planned"]["cost"] == pytest.approx(44 * 0.1 + 22 * 0.3)
    assert set(told["unknown"]) == {Unknown.DEPARTURES, Unknown.EXPORT_PRICE}
    assert command_line.main([str(file)]) == 0
    assert "as it was" in capsys.readouterr().out
    file.write_text("time,price\n2026-10-19,x")
    assert command_line.main([str(file)]) == 2
