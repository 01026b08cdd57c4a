"""Two faults at a time: of the meter and a charger, of a car, of prices, of Home Assistant."""

from itertools import chain, product
from typing import Final

import pytest

from tests.house import House

from .fault import Fault
from .judge import WIRINGS, async_judge
from .rows_beside import CAR, SITE
from .rows_charger import CHARGER, RIVALS
from .rows_meter import METER

ROWS: Final = {row.name: row for row in (*METER, *CHARGER, *RIVALS, *CAR, *SITE)}
METERS: Final = (
    "meter silent",
    "meter unavailable",
    "meter not a number",
    "meter zero",
    "meter reversed",
    "meter overflown",
    "meter with a dead phase",
    "meter gone for moments",
    "meter overflown for moments",
    "meter once a minute",
)
CHARGERS: Final = (
    "charger refuses",
    "charger hangs",
    "charger ignores its limit",
    "charger leaks",
    "charger away",
    "charger power zero",
    "charger says unplugged for a second",
    "an automation writes each 10 s",
)
CARS: Final = ("car takes nothing", "car uses one phase", "car reports no number")
SITES: Final = ("restart", "clock jumps by 20 minutes", "prices unavailable", "prices absurd")
PAIRS: Final = tuple(
    chain(
        product(METERS, CHARGERS),
        product(METERS[:4], CARS),
        product(SITES[:2], (*METERS[3:6], *CHARGERS)),
        product(SITES[2:], (*METERS[:2], *CHARGERS[:2])),
    )
)


def _wiring(index: int) -> str:
    """Return a way of setting up the meter, so that each fault meets all of them."""
    return sorted(WIRINGS)[index % len(WIRINGS)]


def test_there_are_as_many_as_are_promised() -> None:
    assert len(set(PAIRS)) >= 110


@pytest.mark.parametrize(
    ("wiring", "faults"),
    [
        pytest.param(_wiring(index), tuple(ROWS[name] for name in names), id=" + ".join(names))
        for index, names in enumerate(PAIRS)
    ],
)
async def test_two_at_a_time(
    house: House, caplog: pytest.LogCaptureFixture, wiring: str, faults: tuple[Fault, ...]
) -> None:
    await async_judge(house, caplog, wiring, *faults)
