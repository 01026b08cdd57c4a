"""Each fault of a charger alone, and everybody else who commands it."""

import pytest

from tests.house import House

from .fault import Fault
from .judge import async_judge
from .rows_charger import CHARGER, RIVALS, SWITCHES


@pytest.mark.parametrize("fault", [*CHARGER, *RIVALS, *SWITCHES], ids=lambda fault: fault.name)
async def test_a_charger(house: House, caplog: pytest.LogCaptureFixture, fault: Fault) -> None:
    await async_judge(house, caplog, "both", fault)
