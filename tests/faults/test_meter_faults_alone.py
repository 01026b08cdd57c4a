"""Each fault of the meter alone, in turn for each way a meter is set up."""

import pytest

from tests.house import House

from .fault import Fault
from .judge import WIRINGS, async_judge
from .rows_meter import METER


@pytest.mark.parametrize(
    ("fault", "wiring"),
    [
        pytest.param(fault, sorted(WIRINGS)[index % len(WIRINGS)], id=fault.name)
        for index, fault in enumerate(METER)
    ],
)
async def test_a_meter(
    house: House, caplog: pytest.LogCaptureFixture, fault: Fault, wiring: str
) -> None:
    await async_judge(house, caplog, wiring, fault)
