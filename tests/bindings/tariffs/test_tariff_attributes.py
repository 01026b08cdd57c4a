"""Price lists in attributes, each built as its source builds it.

All of them hold the same prices: an hour of a day costs 20 cents and its number in cents.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.optivgi.bindings.tariffs import PriceSeries, TariffError, TariffNotReady
from custom_components.optivgi.bindings.tariffs.attributes import AttributeTariff
from custom_components.optivgi.scheduler.model import Horizon

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR = timedelta(hours=1)
ENTITY = "sensor.price"

type Day = list[tuple[datetime, datetime, float]]


def price_at(moment: datetime) -> float:
    return (20 + moment.astimezone(AMSTERDAM).hour) / 100


def hours(days: int = 0, minutes: int = 60) -> Day:
    """Return the local slots of a day with their prices."""
    local = dt_util.utcnow().astimezone(AMSTERDAM)
    midnight = datetime(local.year, local.month, local.day, tzinfo=AMSTERDAM)
    moment = (midnight + timedelta(days=days)).astimezone(UTC)
    end = (midnight + timedelta(days=days + 1)).astimezone(UTC)
    slots: Day = []
    while moment < end:
        after = moment + timedelta(minutes=minutes)
        slots.append((moment.astimezone(AMSTERDAM), after.astimezone(AMSTERDAM), price_at(moment)))
        moment = after
    return slots


def both(minutes: int = 60) -> Day:
    return hours(0, minutes) + hours(1, minutes)


def utc_iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def custom_nordpool() -> dict[str, Any]:
    def raw(day: Day) -> list[dict[str, Any]]:
        return [{"start": start, "end": end, "value": round(p * 100, 3)} for start, end, p in day]

    return {
        "average": 31.5,
        "unit": "kWh",
        "currency": "EUR",
        "country": "Netherlands",
        "region": "NL",
        "today": [round(p * 100, 3) for _, _, p in hours(0, 15)],
        "tomorrow": [round(p * 100, 3) for _, _, p in hours(1, 15)],
        "tomorrow_valid": True,
        "raw_today": raw(hours(0, 15)),
        "raw_tomorrow": raw(hours(1, 15)),
        "current_price": 31.0,
        "price_in_cents": True,
        "unit_of_measurement": "c/kWh",
    }


def custom_nordpool_per_mwh() -> dict[str, Any]:
    return {
        "raw_today": [{"start": s, "end": e, "value": p * 1000} for s, e, p in hours(0)],
        "raw_tomorrow": [{"start": s, "end": e, "value": p * 1000} for s, e, p in hours(1)],
        "price_in_cents": False,
        "unit_of_measurement": "EUR/MWh",
    }


def epex_spot() -> dict[str, Any]:
    return {
        "data": [
            {"start_time": s.isoformat(), "end_time": e.isoformat(), "price_per_kwh": round(p, 5)}
            for s, e, p in both(15)
        ],
        "unit_of_measurement": "€/kWh",
    }


def epex_spot_before_4() -> dict[str, Any]:
    return {
        "data": [
            {
                "start_time": s.isoformat(),
                "end_time": e.isoformat(),
                "price_eur_per_mwh": p * 1000,
                "price_ct_per_kwh": p * 100,
            }
            for s, e, p in both()
        ],
        "unit_of_measurement": "€/MWh",
    }


def entsoe() -> dict[str, Any]:
    def rows(day: Day) -> list[dict[str, Any]]:
        return [{"time": str(start), "price": p} for start, _, p in day]

    return {
        "prices_today": rows(hours(0)),
        "prices_tomorrow": rows(hours(1)),
        "prices": rows(both()),
        "unit_of_measurement": "EUR/kWh",
    }


def energidataservice() -> dict[str, Any]:
    def rows(day: Day) -> list[dict[str, Any]]:
        return [{"hour": start, "price": round(p * 100, 3)} for start, _, p in day]

    return {
        "unit": "kWh",
        "currency": "DKK",
        "tomorrow_valid": True,
        "today": [round(p * 100, 3) for _, _, p in hours(0)],
        "tomorrow": [round(p * 100, 3) for _, _, p in hours(1)],
        "raw_today": rows(hours(0)),
        "raw_tomorrow": rows(hours(1)),
        "today_min": {"hour": hours(0)[0][0], "price": 20.0},
        "use_cent": True,
        "unit_of_measurement": "Øre/kWh",
    }


def stromligning() -> dict[str, Any]:
    return {
        "prices": [{"price": p, "start": s, "end": e} for s, e, p in both()],
        "unit_of_measurement": "EUR/kWh",
    }


def ge_spot() -> dict[str, Any]:
    def rows(day: Day) -> list[dict[str, Any]]:
        return [{"time": s, "value": round(p, 5), "raw_value": p - 0.1} for s, _, p in day]

    return {
        "today_interval_prices": rows(hours(0, 15)),
        "tomorrow_interval_prices": rows(hours(1, 15)),
        "unit_of_measurement": "EUR/kWh",
    }


def frank_energie() -> dict[str, Any]:
    return {
        "prices": [{"from": s, "till": e, "price": p} for s, e, p in both()],
        "unit_of_measurement": "€/kWh",
    }


def zonneplan() -> dict[str, Any]:
    return {
        "forecast": [
            {
                "start_date": s.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
                "end_date": e.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z"),
                "price_tax_included": {"amount": round(p * 1e7)},
                "price_tax_excluded": {"amount": round(p * 1e7) - 1_500_000},
                "sustainability_score": {"permille": 700},
            }
            for s, e, p in both(15)
        ],
        "unit_of_measurement": "€/kWh",
    }


def zonneplan_legacy() -> dict[str, Any]:
    return {
        "forecast": [
            {
                "datetime": s.astimezone(UTC),
                "electricity_price": round(p * 1e7),
                "electricity_price_excl_tax": round(p * 1e7) - 1_500_000,
                "sustainability_score": 700,
                "tariff_group": "normal",
            }
            for s, _, p in both()
        ],
        "unit_of_measurement": "€/kWh",
    }


def octopus() -> dict[str, Any]:
    return {
        "event_types": ["octopus_energy_electricity_current_day_rates"],
        "event_type": "octopus_energy_electricity_current_day_rates",
        "rates": [
            {
                "start": s,
                "end": e,
                "value_inc_vat": p,
                "is_capped": False,
                "is_intelligent_adjusted": False,
            }
            for s, e, p in both(30)
        ],
        "tariff_code": "E-1R-AGILE",
    }


def amber() -> dict[str, Any]:
    """Periods begin a second late; the nearest ones have 5 minutes, the others 30."""
    slots = hours(0, 5) + hours(1, 30)
    return {
        "channel_type": "general",
        "forecasts": [
            {
                "duration": round((e - s) / timedelta(minutes=1)),
                "date": s.date().isoformat(),
                "nem_date": e.isoformat(),
                "per_kwh": p,
                "spot_per_kwh": p - 0.1,
                "start_time": (s + timedelta(seconds=1)).isoformat(),
                "end_time": e.isoformat(),
                "renewables": 40,
                "spike_status": "none",
                "descriptor": "low",
            }
            for s, e, p in slots
        ],
        "unit_of_measurement": "$/kWh",
    }


def tibber() -> dict[str, Any]:
    return {
        "price_info": [
            {"startsAt": s.isoformat(timespec="milliseconds"), "total": p, "energy": p - 0.1}
            for s, _, p in both(15)
        ],
        "unit_of_measurement": "EUR/kWh",
    }


def cz_energy_spot_prices() -> dict[str, Any]:
    return {
        **{s.isoformat(): p for s, _, p in both()},
        "unit_of_measurement": "€/kWh",
        "device_class": "monetary",
        "friendly_name": "Current Spot Electricity Price",
    }


def mapping_within_an_attribute() -> dict[str, Any]:
    return {
        "prices": {s.strftime("%Y-%m-%d %H:%M"): str(p) for s, _, p in both()},
        "unit_of_measurement": "EUR/kWh",
    }


def plain_numbers() -> dict[str, Any]:
    return {
        "today": [p for _, _, p in hours(0)],
        "tomorrow": [p for _, _, p in hours(1)],
        "unit_of_measurement": "EUR/kWh",
    }


def pvpc() -> dict[str, Any]:
    """Build the attributes as pvpc_hourly_pricing does."""

    def keyed(day: Day, prefix: str) -> dict[str, float]:
        attributes: dict[str, float] = {}
        for start, _, p in day:
            key = f"{prefix}_{start.hour:02d}h"
            attributes[f"{key}_d" if key in attributes else key] = p
        return attributes

    return {
        "tariff": "2.0TD",
        "period": "P3",
        "min_price": 0.2,
        "min_price_at": 0,
        **keyed(hours(0), "price"),
        **keyed(hours(1), "price_next_day"),
        "unit_of_measurement": "€/kWh",
    }


def pairs() -> dict[str, Any]:
    return {
        "prediction": [[s.timestamp() * 1000, p * 100] for s, _, p in both()],
        "unit_of_measurement": "c/kWh",
    }


def naive_local_times() -> dict[str, Any]:
    return {
        "prices": [
            {"start": s.replace(tzinfo=None), "end": e.replace(tzinfo=None, fold=0), "price": p}
            for s, e, p in both(15)
        ],
        "unit_of_measurement": "EUR/kWh",
    }


SHAPES: list[tuple[Callable[[], dict[str, Any]], int]] = [
    (custom_nordpool, 15),
    (custom_nordpool_per_mwh, 60),
    (epex_spot, 15),
    (epex_spot_before_4, 60),
    (entsoe, 60),
    (energidataservice, 60),
    (stromligning, 60),
    (ge_spot, 15),
    (frank_energie, 60),
    (zonneplan, 15),
    (zonneplan_legacy, 60),
    (octopus, 30),
    (tibber, 15),
    (cz_energy_spot_prices, 60),
    (mapping_within_an_attribute, 60),
    (plain_numbers, 60),
    (pvpc, 60),
    (pairs, 60),
    (naive_local_times, 15),
]


async def read(hass: HomeAssistant, entity_id: str = ENTITY) -> PriceSeries:
    now = dt_util.utcnow()
    return await AttributeTariff(hass, [entity_id]).async_read(now, now + 24 * HOUR)


def set_state(hass: HomeAssistant, attributes: dict[str, Any], state: str = "0.31") -> None:
    hass.states.async_set(ENTITY, state, attributes)


@pytest.mark.parametrize(
    "day", ["2026-11-21", "2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"]
)
@pytest.mark.parametrize(("shape", "minutes"), SHAPES)
async def test_shape(
    home: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    shape: Callable[[], dict[str, Any]],
    minutes: int,
    day: str,
) -> None:
    """Every shape gives today's and tomorrow's prices, once, be the day 23, 24 or 25 h long."""
    freezer.move_to(f"{day} 10:05:00+00:00")
    set_state(home, shape())
    series = await read(home)
    expected = both(minutes)
    if shape is mapping_within_an_attribute and "10-2" in day:
        # The text of the hour that is there twice is the same
        expected = [slot for slot in expected if slot[0].fold == 0]
    for start, _, price in expected:
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price), start
    assert len(series.periods) == len(expected)
    assert series.known_until == expected[-1][1]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
async def test_24_plain_numbers_on_a_day_of_23_or_25_hours(
    home: HomeAssistant, freezer: FrozenDateTimeFactory, day: str
) -> None:
    freezer.move_to(f"{day} 10:05:00+00:00")
    set_state(
        home,
        {"today": [0.20 + n / 100 for n in range(24)], "unit_of_measurement": "EUR/kWh"},
    )
    series = await read(home)
    for start, _, price in hours(0):
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price), start


async def test_mixed_lengths(home: HomeAssistant) -> None:
    set_state(home, amber(), "0.31")
    series = await read(home)
    assert len(series.periods) == 24 * 12 + 48
    for start, end, price in hours(0, 5) + hours(1, 30):
        assert series.price_at(start.astimezone(UTC)) == pytest.approx(price)
        assert series.price_at(end.astimezone(UTC) - timedelta(seconds=1)) == pytest.approx(price)


async def test_first_list_counts_where_a_forecast_goes_further(home: HomeAssistant) -> None:
    attributes = energidataservice()
    attributes["forecast"] = [{"hour": s, "price": 99} for s, _, _ in hours(1) + hours(2)]
    set_state(home, attributes)
    series = await read(home)
    tomorrow, later = hours(1)[5], hours(2)[5]
    assert series.price_at(tomorrow[0].astimezone(UTC)) == pytest.approx(tomorrow[2])
    assert series.price_at(later[0].astimezone(UTC)) == pytest.approx(0.99)


@pytest.mark.parametrize("tomorrow", [[], None])
async def test_tomorrow_not_there_yet(home: HomeAssistant, tomorrow: list[Any] | None) -> None:
    attributes = {**custom_nordpool(), "raw_tomorrow": tomorrow, "tomorrow": tomorrow}
    set_state(home, attributes)
    series = await read(home)
    assert series.known_until == hours(0)[-1][1]
    now = dt_util.utcnow()
    horizon = Horizon.aligned(now, now + 24 * HOUR, timedelta(minutes=15))
    prices, estimated = series.resample(horizon)
    for edge, price, guess in zip(horizon.edges, prices, estimated, strict=False):
        assert price == pytest.approx(price_at(edge))
        assert guess == (edge >= series.known_until)


async def test_rows_without_a_number_are_left_out(home: HomeAssistant) -> None:
    attributes = custom_nordpool_per_mwh()
    attributes["raw_today"][15]["value"] = None
    attributes["raw_today"][16]["value"] = "nan"
    attributes["raw_today"][17] = "?"
    attributes["raw_tomorrow"] = [{"start": "soon", "value": 3}, {"value": 4}]
    set_state(home, attributes)
    series = await read(home)
    assert len(series.periods) == 21
    assert series.price_at(hours(0)[15][0].astimezone(UTC)) is None


async def test_negative_prices_stay(home: HomeAssistant) -> None:
    attributes = {
        "prices": [{"start": s, "end": e, "price": -p} for s, e, p in both()],
        "unit_of_measurement": "EUR/kWh",
    }
    set_state(home, attributes)
    series = await read(home)
    assert all(period.price < 0 for period in series.periods)


async def test_a_state_alone_is_the_price_of_the_slot(home: HomeAssistant) -> None:
    set_state(home, {"unit_of_measurement": "ct/kWh"}, "27.5")
    series = await read(home)
    start = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert [(p.start, p.end) for p in series.periods] == [(start, start + HOUR / 4)]
    now = dt_util.utcnow()
    prices, estimated = series.resample(Horizon.aligned(now, now + 24 * HOUR, HOUR / 4))
    assert prices == pytest.approx((0.275,) * len(prices))
    assert estimated[0] is False
    assert all(estimated[1:])


async def test_two_entities_share_what_is_known(home: HomeAssistant) -> None:
    tariff = AttributeTariff(home, ["sensor.today", "sensor.tomorrow"])
    assert tariff.watched_entities == ("sensor.today", "sensor.tomorrow")
    now = dt_util.utcnow()
    for entity_id, days in (("sensor.today", 0), ("sensor.tomorrow", 1)):
        rates = [{"start": s, "end": e, "value_inc_vat": p} for s, e, p in hours(days)]
        home.states.async_set(entity_id, "2026-11-21T09:00:00", {"rates": rates})
        series = await tariff.async_read(now, now + 24 * HOUR)
        assert series.known_until == hours(days)[-1][1]


@pytest.mark.parametrize(
    ("attributes", "state", "error", "key"),
    [
        ({}, STATE_UNAVAILABLE, TariffNotReady, "price_not_available"),
        ({}, STATE_UNKNOWN, TariffNotReady, "price_not_available"),
        ({"rates": []}, "2026-11-21T09:00:00", TariffNotReady, "price_not_available"),
        ({}, "sunny", TariffError, "price_unreadable"),
        ({"forecast_source": [1, 2]}, "sunny", TariffError, "price_unreadable"),
        ({"unit_of_measurement": "W"}, "230", TariffError, "price_unit_unknown"),
        ({"unit_of_measurement": "bananas/kWh"}, "0.2", TariffError, "price_unit_unknown"),
    ],
)
async def test_reasons(
    home: HomeAssistant, attributes: dict[str, Any], state: str, error: type[TariffError], key: str
) -> None:
    set_state(home, attributes, state)
    with pytest.raises(TariffError) as caught:
        await read(home)
    assert type(caught.value) is error
    assert caught.value.translation_domain == "optivgi"
    assert caught.value.translation_key == key
    assert caught.value.translation_placeholders == caught.value.placeholders
    assert caught.value.placeholders["entity"] == ENTITY


async def test_a_list_that_has_passed(home: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    set_state(home, frank_energie())
    freezer.tick(timedelta(days=3))
    with pytest.raises(TariffNotReady):
        await read(home)


async def test_missing_entity(home: HomeAssistant) -> None:
    with pytest.raises(TariffError) as caught:
        await read(home)
    assert type(caught.value) is TariffError
    assert caught.value.translation_key == "price_entity_missing"
    home.set_state(CoreState.starting)
    with pytest.raises(TariffNotReady):
        await read(home)


async def test_registered_entity_without_a_state(
    home: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    entity = entity_registry.async_get_or_create("sensor", "epex_spot", "total")
    with pytest.raises(TariffNotReady):
        await read(home, entity.entity_id)
    entity_registry.async_update_entity(entity.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    with pytest.raises(TariffError) as caught:
        await read(home, entity.entity_id)
    assert caught.value.translation_key == "price_entity_disabled"


@pytest.mark.parametrize(
    ("attributes", "state", "key"),
    [
        ({"unit_of_measurement": "EUR/kWh"}, "31", "price_implausible"),
        ({"unit_of_measurement": "EUR/MWh"}, "0.31", "price_implausible"),
        ({"unit_of_measurement": "NOK/kWh"}, "1.31", "price_currency_mismatch"),
        ({}, "31", "price_unit_missing"),
    ],
)
async def test_validation_judges_what_reading_accepts(
    home: HomeAssistant, attributes: dict[str, Any], state: str, key: str
) -> None:
    set_state(home, attributes, state)
    tariff = AttributeTariff(home, [ENTITY])
    now = dt_util.utcnow()
    assert (await tariff.async_read(now, now + HOUR)).periods
    with pytest.raises(TariffError) as caught:
        await tariff.async_validate(now, now + HOUR)
    assert caught.value.translation_key == key


async def test_no_unit_and_a_common_price(home: HomeAssistant) -> None:
    set_state(home, {}, "0.31")
    now = dt_util.utcnow()
    series = await AttributeTariff(home, [ENTITY]).async_validate(now, now + HOUR)
    assert series.periods[0].price == 0.31


async def test_a_key_that_tells_the_unit_needs_none_beside_it(home: HomeAssistant) -> None:
    """A price that would be too high to be taken for granted is fine where the key says so."""
    rates = [{"start": s, "end": e, "value_inc_vat": 2.5} for s, e, _ in both(30)]
    set_state(home, {"rates": rates}, "2026-11-21T09:00:00")
    now = dt_util.utcnow()
    series = await AttributeTariff(home, [ENTITY]).async_validate(now, now + HOUR)
    assert series.price_at(now) == 2.5
