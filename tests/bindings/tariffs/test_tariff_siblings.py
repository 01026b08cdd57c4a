"""Other entities of an integration that have the prices of the one that was picked."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.bindings.tariffs.day_prices import Day, hours, price_at
from tests.bindings.tariffs.integrations import export_of, read, read_all, tariff_of, validate

from custom_components.optivgi.bindings.tariffs import TariffNotReady
from custom_components.optivgi.bindings.tariffs.day_colours import speaks_of_colours

METER = "octopus_energy_electricity_21l1234567_1200012345678"


def register(hass: HomeAssistant, platform: str, domain: str, unique_id: str) -> str:
    """Let an integration have an entity, and return the name that a person has given it."""
    entity = er.async_get(hass).async_get_or_create(
        domain, platform, unique_id, suggested_object_id=f"my_{len(er.async_get(hass).entities)}"
    )
    return entity.entity_id


def rates(day: Day, share: float = 1.0) -> dict[str, Any]:
    return {
        "event_types": ["octopus_energy_electricity_current_day_rates"],
        "event_type": "octopus_energy_electricity_current_day_rates",
        "tariff_code": "E-1R-AGILE-24-10-01-A",
        "rates": [
            {
                "start": s,
                "end": e,
                "value_inc_vat": round(p * share, 6),
                "is_capped": False,
                "is_intelligent_adjusted": False,
            }
            for s, e, p in day
        ],
    }


@pytest.mark.parametrize(
    "key", ["current_rate", "next_rate", "current_day_rates", "next_day_rates"]
)
@pytest.mark.parametrize("meter", [METER, f"{METER}_export"])
async def test_octopus_keeps_the_days_in_events(home: HomeAssistant, meter: str, key: str) -> None:
    """Both days are read, whichever of a meter's entities was picked, and of that meter only."""
    home.config.currency = "GBP"
    for name, share in ((METER, 1.0), (f"{METER}_export", 0.5)):
        for number, day in enumerate(("current_day_rates", "next_day_rates")):
            entity_id = register(home, "octopus_energy", "event", f"{name}_{day}")
            home.states.async_set(
                entity_id, "2026-11-21T10:00:01.123+00:00", rates(hours(number, 30), share)
            )
    for name in ("current_rate", "next_rate"):
        entity_id = register(home, "octopus_energy", "sensor", f"{meter}_{name}")
        home.states.async_set(entity_id, "0.31", {"unit_of_measurement": "GBP/kWh"})
    domain = "event" if "day" in key else "sensor"
    picked = er.async_get(home).async_get_entity_id(domain, "octopus_energy", f"{meter}_{key}")
    assert picked is not None
    of = export_of if "export" in meter else tariff_of
    series = (await validate(await of(home, picked))).known
    assert len(series.periods) == 96
    assert series.known_until == datetime(2026, 11, 22, 23, tzinfo=UTC)
    for period in series.periods:
        share = 0.5 if "export" in meter else 1.0
        assert period.price == pytest.approx(price_at(period.start) * share)


async def test_octopus_before_tomorrow_is_there(home: HomeAssistant) -> None:
    home.config.currency = "GBP"
    today = register(home, "octopus_energy", "event", f"{METER}_current_day_rates")
    tomorrow = register(home, "octopus_energy", "event", f"{METER}_next_day_rates")
    tariff = await tariff_of(home, today)
    assert tariff.watched_entities == (today, tomorrow)
    home.states.async_set(today, "unknown", {"event_types": []})
    with pytest.raises(TariffNotReady):
        await read(tariff)
    home.states.async_set(today, "2026-11-21T10:00:01+00:00", rates(hours(0, 30)))
    home.states.async_set(tomorrow, "unknown", {})
    assert len((await read(tariff)).periods) == 48


@pytest.mark.parametrize("key", ["current_price", "max_price", "avg_price"])
async def test_entsoe_keeps_its_lists_with_the_average(home: HomeAssistant, key: str) -> None:
    for name in ("current_price", "max_price", "avg_price"):
        entity_id = register(home, "entsoe", "sensor", f"entsoe.home_{name}")
        state: dict[str, Any] = {"unit_of_measurement": "EUR/kWh", "device_class": "monetary"}
        if name == "avg_price":
            for attribute, day in (("prices_today", hours(0)), ("prices_tomorrow", hours(1))):
                state[attribute] = [{"time": str(s), "price": p} for s, _, p in day]
            state["prices"] = state["prices_today"] + state["prices_tomorrow"]
        home.states.async_set(entity_id, "0.43", state)
    picked = er.async_get(home).async_get_entity_id("sensor", "entsoe", f"entsoe.home_{key}")
    assert picked is not None
    series = (await validate(await tariff_of(home, picked))).known
    assert len(series.periods) == 48
    for period in series.periods:
        assert period.price == pytest.approx(price_at(period.start))


def stromligning_rows(day: Day, share: float = 1.0) -> list[dict[str, Any]]:
    """Return today's rows: each ends where the next begins, the last with a text."""
    rows: list[dict[str, Any]] = [
        {"price": p * share * 7.46, "start": s, "end": e} for s, e, p in day
    ]
    rows[-1]["end"] = rows[-1]["end"].isoformat()
    return rows


async def test_stromligning_keeps_tomorrow_with_the_sensor_that_says_so(
    home: HomeAssistant,
) -> None:
    home.config.currency = "DKK"
    entry = "01jxyz"
    price = register(home, "stromligning", "sensor", f"current_price_vat_{entry}")
    tomorrow = register(home, "stromligning", "binary_sensor", f"tomorrow_available_vat_{entry}")
    forecast = register(home, "stromligning", "sensor", f"forecasts_vat_{entry}")
    without_tax = register(
        home, "stromligning", "binary_sensor", f"tomorrow_available_ex_vat_{entry}"
    )
    home.states.async_set(
        price,
        "2.3",
        {"prices": stromligning_rows(hours(0, 15)), "unit_of_measurement": "kr/kWh"},
    )
    # It says of each quarter that it lasts an hour.
    late = [
        {"start": s, "end": s.replace(hour=(s.hour + 1) % 24), "price": p * 7.46}
        for s, _, p in hours(1, 15)
        if s.hour < 23
    ]
    home.states.async_set(tomorrow, "on", {"available_at": "13:00:00", "prices": late})
    home.states.async_set(without_tax, "on", {"prices": stromligning_rows(hours(1, 15), 0.8)})
    home.states.async_set(forecast, "unknown", {"prices": stromligning_rows(hours(2), 2.0)})
    series = await read_all(await tariff_of(home, price), h=60)
    for _, _, known in (day := hours(0, 15) + hours(1, 15)):
        assert known > 0
    for start, _, known in day:
        if start.astimezone(UTC) < datetime(2026, 11, 22, 22, tzinfo=UTC):
            assert series.price_at(start.astimezone(UTC)) == pytest.approx(known * 7.46), start
    assert series.known_until == datetime(2026, 11, 22, 22, 45, tzinfo=UTC)
    for start, _, expected in hours(2):
        moment = start.astimezone(UTC)
        assert series.price_at(moment) == pytest.approx(expected * 2 * 7.46), start


@pytest.mark.parametrize(
    ("picked", "other", "counts"),
    [
        ("abc_buy_price", "abc_buy_prices_tomorrow", True),
        ("abc_buy_price", "abc_tomorrow_available", True),
        ("abc_buy_price", "abc_next_day_prices", True),
        ("abc_buy_price", "abc_sell_prices_tomorrow", False),
        ("abc_buy_price", "abc_buy_prices", False),
    ],
)
async def test_tomorrow_is_found_by_its_name_where_nothing_can_be_compared(
    home: HomeAssistant, picked: str, other: str, counts: bool
) -> None:
    entry = MockConfigEntry(domain="supplier")
    entry.add_to_hass(home)
    names = []
    for unique_id, day in ((picked, hours(0)), (other, hours(1))):
        entity = er.async_get(home).async_get_or_create(
            "sensor", "supplier", unique_id, config_entry=entry, suggested_object_id=unique_id
        )
        rows = [{"t": s.isoformat(), "p": p} for s, _, p in day]
        attributes = {"unit_of_measurement": "EUR/kWh", "rows": rows}
        home.states.async_set(entity.entity_id, "0.31", attributes)
        names.append(entity.entity_id)
    series = await read(await tariff_of(home, names[0]))
    assert series.known_until == hours(int(counts))[-1][1]


async def test_prices_of_another_device_with_many_entities_are_not_searched(
    home: HomeAssistant,
) -> None:
    """A price that an inverter shows does not make its hundred sensors a source of prices."""
    entry = MockConfigEntry(domain="inverter")
    entry.add_to_hass(home)
    registry = er.async_get(home)
    names = [
        registry.async_get_or_create(
            "sensor", "inverter", f"n{number}", config_entry=entry
        ).entity_id
        for number in range(100)
    ]
    rows = [{"t": s.isoformat(), "p": p} for s, _, p in hours(0)]
    for name in names:
        home.states.async_set(name, "0.31", {"unit_of_measurement": "EUR/kWh", "rows": rows})
    assert (await tariff_of(home, names[0])).watched_entities == (names[0],)


async def test_entity_without_a_list_has_that_of_its_neighbour(home: HomeAssistant) -> None:
    """The list whose price of now is the one that is shown, and no other."""
    entry = MockConfigEntry(domain="supplier")
    entry.add_to_hass(home)
    names = []
    for unique_id, share in (("now", None), ("sold", 0.5), ("bought", 1.0)):
        entity = er.async_get(home).async_get_or_create(
            "sensor", "supplier", unique_id, config_entry=entry
        )
        rows = [{"t": s.isoformat(), "p": p * (share or 0)} for s, _, p in hours(0)]
        unit = {"unit_of_measurement": "EUR/kWh"}
        home.states.async_set(
            entity.entity_id,
            "0.31" if share is None else "ok",
            {**unit, "rows": rows[: 24 if share else 0]},
        )
        names.append(entity.entity_id)
    series = await read(await tariff_of(home, names[0]))
    for start, _, price in hours(0):
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price)


def test_neighbours_may_have_anything_in_their_attributes() -> None:
    """A light has a list of effects, a media player one of inputs."""
    anything = {"list": ["a", "b"], "map": {"a": [1]}, "nothing": None, "flag": True, "day": []}
    assert not speaks_of_colours(State("light.hall", "on", anything))
    assert speaks_of_colours(State("sensor.day", "red", anything))
