"""A charge point is broken beside a sound one, alone and with the meter; as for any charger."""

from demo.custom_components.ocpp.hardware import Quirks
import pytest

from tests.faults.fault import AILING, SOUND, Fault
from tests.faults.judge import BACK_WITHIN_S, WIRINGS, Evening, async_live_through
from tests.faults.rows_meter import METER
from tests.faults.world import World
from tests.house import House

from .bench import Bench
from .fault_rows import STATION
from .fault_stand import OcppStand, station

NEXT_PLAN_S = 300.0
"""A station is given up after two meter intervals, and others are planned with that at the next."""
LONGEST_OVER_S = 40.0
"""The meter is missed for half a minute, and what a profile then leaves takes a look to be sent."""
WATTS = Quirks(measures=frozenset({"Power.Offered", "Power.Active.Import"}))
HUAWEI = Quirks(ends_at_zero=True, finishing=True)
ROWS = {row.name: row for row in (*STATION, *METER)}
PAIRS = (
    ("station refuses profiles", "meter silent"),
    ("station refuses profiles", "meter zero"),
    ("station accepts and does not obey", "meter unavailable"),
    ("station accepts and does not obey", "meter gone for moments"),
    ("station answers after 20 s", "meter silent"),
    ("station reboots and forgets twice", "meter reversed"),
    ("station offline for 5 min", "meter stuck"),
    ("station offline for 5 min", "meter late by 15 s"),
    ("Home Assistant dies", "meter late by 15 s"),
)


async def async_judge(
    house: House,
    bench: Bench,
    caplog: pytest.LogCaptureFixture,
    *faults: Fault,
    quirks: Quirks | None = None,
    oven_a: float = 6.0,
) -> None:
    """Live through an evening with faults of two charge points of both versions.

    Afterwards both charge. That they charge as before may take an hour: they were written often.
    """
    there = World([station(AILING, "1.6", quirks), station(SOUND, "2.0.1")])
    stand = OcppStand(house, there, dict(WIRINGS["both"]), bench=bench)
    evening = Evening(
        stand,
        faults,
        settles_s=180,
        oven_a=oven_a,
        holds_s=900,
        back_within_s=BACK_WITHIN_S + NEXT_PLAN_S,
        longest_over_s=LONGEST_OVER_S,
        recovered_a=12.0,
        around=frozenset({"ocpp"}),
    )
    await async_live_through(evening, caplog)


@pytest.mark.parametrize("fault", STATION, ids=lambda fault: fault.name)
async def test_a_station(
    house: House, bench: Bench, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    await async_judge(house, bench, caplog, fault)


@pytest.mark.parametrize("names", PAIRS, ids=" + ".join)
async def test_with_the_meter(
    house: House, bench: Bench, caplog: pytest.LogCaptureFixture, names: tuple[str, ...]
) -> None:
    await async_judge(house, bench, caplog, *(ROWS[name] for name in names))


@pytest.mark.parametrize(
    "name", ["meter silent", "meter off by a tenth", "station accepts and does not obey"]
)
async def test_a_station_that_offers_watts_only(
    house: House, bench: Bench, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    await async_judge(house, bench, caplog, ROWS[name], quirks=WATTS)


@pytest.mark.parametrize("name", ["meter late by 15 s", "meter gone for a minute"])
async def test_a_station_that_ends_at_zero_begins_again(
    house: House, bench: Bench, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Beside such a load there is room for one car only."""
    await async_judge(house, bench, caplog, ROWS[name], quirks=HUAWEI, oven_a=15.0)
