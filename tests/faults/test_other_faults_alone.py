"""Each fault of a car, of prices and of Home Assistant alone."""

import pytest

from tests.house import House

from .fault import Fault
from .judge import async_judge
from .rows_beside import CAR, SITE


@pytest.mark.parametrize("fault", [*CAR, *SITE], ids=lambda fault: fault.name)
async def test_something_else(house: House, caplog: pytest.LogCaptureFixture, fault: Fault) -> None:
    await async_judge(house, caplog, "both", fault)
