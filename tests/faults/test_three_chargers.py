"""One of three chargers is broken, and the other two are none the worse for it."""

import pytest

from tests.house import House

from .fault import Fault
from .judge import async_judge
from .rows_charger import CHARGER, RIVALS, SWITCHES
from .rows_meter import METER
from .test_fault_pairs import CHARGERS
from .world import Car, Charger

ONE_BROKEN = (*CHARGERS, "charger limit stuck", "a switch that turns itself on again")


def third() -> Charger:
    """Return a charger that is stopped by its limit."""
    return Charger(name="charlie", car=Car(), minimum=0, has_switch=False, limit=0)


@pytest.mark.parametrize(
    "fault",
    [row for row in (*CHARGER, *RIVALS, *SWITCHES) if row.name in ONE_BROKEN],
    ids=lambda fault: fault.name,
)
async def test_two_are_unharmed(
    house: House, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    await async_judge(house, caplog, "both", fault, others=[third()])


async def test_all_three_give_way_to_a_meter_that_is_gone(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    silent = next(row for row in METER if row.name == "meter silent")
    await async_judge(house, caplog, "both", silent, others=[third()])
