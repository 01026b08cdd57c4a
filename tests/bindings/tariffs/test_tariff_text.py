"""Prices that are written as plain text: CSV, lines with a time and a price, numbers in a line."""

import csv
from datetime import UTC, timedelta
import io
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from hypothesis import given, settings, strategies as st
import pytest
from tests.bindings.tariffs.integrations import read, tariff_of, validate
from tests.bindings.tariffs.test_tariff_encodings import HOURS, NOW, TODAY, ZONE, Hours
from tests.bindings.tariffs.worlds import NAMES, TIMES, World, worlds

from custom_components.optivgi.bindings.tariffs import TariffError
from custom_components.optivgi.bindings.tariffs.text_rows import DELIMITERS

SHOWN: Final = str(HOURS[10][1])


@st.composite
def csv_texts(draw: st.DrawFn, world: World) -> tuple[dict[str, Any], bool]:
    """Return attributes with a text of prices, and whether its times leave the zone open."""
    times = draw(st.sampled_from([name for name in TIMES if name != "object"]))
    delimiter = draw(st.sampled_from(DELIMITERS))
    start_key, end_key, value_key, other_key = draw(
        st.lists(NAMES, min_size=4, max_size=4, unique_by=str.lower)
    )
    labels = "both" if times == "naive utc" else draw(st.sampled_from(("start", "end", "both")))
    comma, quoted = draw(st.booleans()), draw(st.booleans())
    columns = [
        key for key, left_out in ((start_key, "end"), (end_key, "start")) if labels != left_out
    ]
    columns += [other_key] if draw(st.booleans()) else []
    columns.append(value_key)
    columns = draw(st.permutations(columns)) if not comma or quoted else columns
    text = io.StringIO()
    writer = csv.DictWriter(
        text,
        columns,
        delimiter=delimiter,
        extrasaction="ignore",
        lineterminator=draw(st.sampled_from(("\n", "\r\n"))),
        quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_NONE,
        # What is not quoted is written as it is, a decimal comma between commas too.
        quotechar='"' if quoted else None,
        escapechar=None if quoted else "\0",
    )
    if draw(st.booleans()):
        writer.writeheader()
    order = draw(st.sampled_from((1, -1)))
    for begin, until, price in world.slots[::order]:
        figure = f"{world.figure(price):.6f}"
        writer.writerow(
            {
                start_key: TIMES[times](begin, world.zone),
                end_key: TIMES[times](until, world.zone),
                other_key: "normal",
                value_key: figure.replace(".", ",") if comma else figure,
            }
        )
    written: Any = text.getvalue().replace("\0", "")
    if draw(st.booleans()):
        written = written.splitlines()
    name = draw(NAMES)
    value = {"Home": {name: written}} if draw(st.booleans()) else written
    attributes = {"unit_of_measurement": world.unit, "friendly_name": "Price", name: value}
    return attributes, "naive" in times or times == "day first"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_the_same_prices_come_out_of_any_text(data: st.DataObject) -> None:
    world = data.draw(worlds())
    attributes, ambiguous = data.draw(csv_texts(world))
    series = world.read(attributes)
    for begin, _, price in world.slots:
        if not ambiguous or world.is_known_by_local_time(begin):
            assert series.price_at(begin) == pytest.approx(price, abs=1e-6), begin


def lines(form: str, hours: Hours = HOURS, title: str = "") -> str:
    """Return a line for each hour."""
    written = [
        form.format(
            m=moment,
            e=moment + timedelta(hours=1),
            p=price,
            c=f"{price:.4f}".replace(".", ","),
            ct=price * 100,
        )
        for moment, price in hours
    ]
    return "\n".join([*([title] if title else []), *written])


TEXTS: Final[dict[str, tuple[dict[str, Any], Hours]]] = {
    "time;price": ({"prices_today": lines("{m:%H:%M};{p}", TODAY)}, TODAY),
    "time;price, decimal comma": ({"today": lines("{m:%H:%M};{c}", TODAY)}, TODAY),
    "time,price, decimal comma": ({"today": lines("{m:%H:%M},{c}", TODAY)}, TODAY),
    "hour and price": ({"x": lines("{m.hour};{c}", TODAY)}, TODAY),
    "list of lines": ({"x": lines("{m:%Y-%m-%d %H:%M}\t{p}").splitlines()}, HOURS),
    "a title, a note and a unit in the header": (
        {
            "x": lines(
                "{m:%d.%m.%Y};{m:%H:%M};CET;{e:%H:%M};CET;{ct:.3f}",
                title="Preise der EPEX\n\nDatum;von;Zeitzone von;bis;Zeitzone bis;Preis in ct/kWh",
            )
            + "\nAlle Angaben ohne Gewähr"
        },
        HOURS,
    ),
    "spans, with a unit behind": ({"x": lines("{m:%d-%m-%Y} {m:%H}:00 - {e:%H}:00;{c} €")}, HOURS),
    "byte order mark, quoted": (
        {"x": "\ufeff" + lines('"{m:%Y-%m-%dT%H:%M:%S%z}","{c}"', title='"start","price"')},
        HOURS,
    ),
    "numbers in a line": ({"today": ", ".join(str(p) for _, p in TODAY)}, TODAY),
    "two lines side by side": (
        {
            "times": ";".join(f"{m:%Y-%m-%d %H:%M}" for m, _ in HOURS),
            "values": ";".join(f"{p}".replace(".", ",") for _, p in HOURS),
        },
        HOURS,
    ),
}


async def at_home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)
    await hass.config.async_set_time_zone(str(ZONE))
    hass.config.currency = "EUR"


@pytest.mark.parametrize("name", TEXTS)
async def test_prices_as_text(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, name: str
) -> None:
    await at_home(hass, freezer)
    attributes, hours = TEXTS[name]
    hass.states.async_set("sensor.price", SHOWN, {"unit_of_measurement": "EUR/kWh", **attributes})
    series = await read(await tariff_of(hass, "sensor.price"))
    assert [(p.start, p.price) for p in series.periods] == [
        (moment.astimezone(UTC), pytest.approx(price)) for moment, price in hours
    ]


async def test_a_state_that_is_lines(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A state has room for 255 characters."""
    await at_home(hass, freezer)
    text = lines("{m.hour};{p:.2f}", TODAY)
    hass.states.async_set("sensor.price", text, {"unit_of_measurement": "EUR/kWh"})
    series = await read(await tariff_of(hass, "sensor.price"))
    assert [period.price for period in series.periods] == [round(price, 2) for _, price in TODAY]


@pytest.mark.parametrize("in_state", [False, True])
async def test_lines_whose_scale_nothing_shows_are_refused(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, *, in_state: bool
) -> None:
    await at_home(hass, freezer)
    text = lines("{m.hour};{ct:.0f}", TODAY)
    if in_state:
        hass.states.async_set("sensor.price", text)
    else:
        hass.states.async_set("sensor.price", "unknown", {"x": text})
    with pytest.raises(TariffError) as refused:
        await validate(await tariff_of(hass, "sensor.price"))
    assert refused.value.translation_key == "price_unit_missing"


@pytest.mark.parametrize(
    "text",
    [
        "Turn it on, wait, turn it off.\nThen, if it rains, close the window.",
        "1.2.3, 4.5.6",
        "255,255,255",
        "a;b\nc;d",
        "\n".join(["0,1"] * 3),
        ";\n;\n;",
        '"\n"",',
    ],
)
async def test_texts_that_are_no_prices(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, text: str
) -> None:
    await at_home(hass, freezer)
    attributes = {"unit_of_measurement": "EUR/kWh", "x": text}
    hass.states.async_set("sensor.price", SHOWN, attributes)
    series = await read(await tariff_of(hass, "sensor.price"))
    assert [period.start for period in series.periods] == [NOW.replace(minute=0)]
