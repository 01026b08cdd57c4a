"""Whatever a source calls its prices and however it writes them, the same prices come out."""

from dataclasses import dataclass
from datetime import UTC, datetime
import json
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import State
from hypothesis import given, settings, strategies as st
import pytest
from tests.bindings.tariffs.worlds import FIGURES, NAMES, TIMES, Slots, World, worlds

from custom_components.optivgi.bindings.tariffs.clock_rates import read_clock_rates
from custom_components.optivgi.bindings.tariffs.day_colours import read_day_colours
from custom_components.optivgi.bindings.tariffs.figures import ShownPrice
from custom_components.optivgi.bindings.tariffs.moments import Clock
from custom_components.optivgi.bindings.tariffs.reader import (
    has_price_list,
    read_quotes,
    unread_lists,
)
from custom_components.optivgi.bindings.tariffs.two_rates import read_two_rates


@dataclass(frozen=True, repr=False)
class Written:
    """What a source has made of a world; each list is cut in what is shown of a failure."""

    attributes: dict[str, Any]
    ambiguous: bool
    form: str
    times: str
    labels: str
    order: int

    def __repr__(self) -> str:
        """Leave out what would fill pages."""
        return f"Written({self.form}, {self.times}, {self.labels}, {self.order})"


@st.composite
def written(draw: st.DrawFn, world: World) -> Written:
    times = draw(st.sampled_from(list(TIMES)))
    as_figure = FIGURES[draw(st.sampled_from(list(FIGURES)))]
    start_key, end_key, value_key, other_key = draw(
        st.lists(NAMES, min_size=4, max_size=4, unique_by=str.lower)
    )
    # One riddle at a time: a time in UTC that does not say so, and is an end, has two answers.
    labels = "both" if times == "naive utc" else draw(st.sampled_from(("start", "end", "both")))

    def rows_of(slots: Slots) -> list[dict[str, Any]]:
        return [
            {
                other_key: "normal",
                **({start_key: TIMES[times](begin, world.zone)} if labels != "end" else {}),
                **({end_key: TIMES[times](until, world.zone)} if labels != "start" else {}),
                value_key: as_figure(world.figure(price)),
            }
            for begin, until, price in slots
        ]

    local_day = world.slots[0][0].astimezone(world.zone).date()
    today = [s for s in world.slots if s[0].astimezone(world.zone).date() == local_day]
    tomorrow = world.slots[len(today) :]
    form = draw(st.sampled_from(("one", "days", "nested", "json", "columns", "keys", "pairs")))
    if form in ("columns", "keys", "pairs"):
        key = (lambda s: s[1]) if labels == "end" else (lambda s: s[0])
        cells = [
            (TIMES[times](key(slot), world.zone), as_figure(world.figure(slot[2])))
            for slot in world.slots
        ]
    order = -1 if draw(st.booleans()) and form != "keys" else 1
    name = draw(NAMES)
    value: dict[str, Any]
    match form:
        case "one":
            value = {name: rows_of(world.slots)[::order]}
        case "days":
            value = {
                f"{name}_today": rows_of(today)[::order],
                f"{name}_tomorrow": rows_of(tomorrow)[::order],
            }
        case "nested":
            value = {name: {"Home": {"rows": rows_of(world.slots)[::order]}}}
        case "json":
            value = {name: json.dumps(rows_of(world.slots)[::order], default=str)}
        case "columns":
            value = {
                start_key: [cell[0] for cell in cells][::order],
                value_key: [cell[1] for cell in cells][::order],
            }
        case "keys":
            value = {name: {str(cell[0]): cell[1] for cell in cells}}
        case _:
            value = {name: [list(cell) for cell in cells][::order]}
    return Written(
        {"unit_of_measurement": world.unit, "friendly_name": "Price", **value},
        ambiguous="naive" in times or times == "day first",
        form=form,
        times=times,
        labels=labels,
        order=order,
    )


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_the_same_prices_come_out(data: st.DataObject) -> None:
    world = data.draw(worlds())
    source = data.draw(written(world))
    series = world.read(source.attributes)
    for begin, _, price in world.slots:
        if not source.ambiguous or world.is_known_by_local_time(begin):
            assert series.price_at(begin) == pytest.approx(price, abs=1e-6), begin


_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.text(max_size=8),
    st.sampled_from(
        (
            "0001-01-01 00:00",
            "9999-12-31T23:59:59Z",
            "9999-12-31 24:00",
            "99.99.9999",
            "2026-13-45 00:00",
            "24:30",
            "[1, 2",
            "{}",
            "Infinity",
            "1e999",
            "00:00-24:00",
            "-0:15",
            10**400,
            1_795_993_200,
            "rouge",
        )
    ),
)
_NAMES = """
    start end from to time hour date price value rate days today tomorrow low high unit
    forecast_start 2026-11-28 00:00 01:00 price_00h couleur_demain prix_bleu_hp
"""
_KEYS = st.sampled_from(_NAMES.split())
_ANYTHING = st.recursive(
    _CELLS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(attributes=st.dictionaries(_KEYS, _ANYTHING, max_size=5), shown=st.text(max_size=5))
def test_nothing_that_an_entity_may_have_is_too_much(
    attributes: dict[str, Any], shown: str
) -> None:
    state = State("sensor.price", shown, {"unit_of_measurement": "EUR/kWh", **attributes})
    clock = Clock(datetime(2026, 11, 28, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
    price = ShownPrice.of(state, "EUR")
    for quote in read_quotes(state.attributes, clock, price):
        assert quote.start < quote.end
    unread_lists(state.attributes, clock, price)
    has_price_list(state.attributes, clock)
    read_clock_rates(state.attributes, clock, price)
    read_day_colours([state], clock, price)
    read_two_rates([state], clock, price)
