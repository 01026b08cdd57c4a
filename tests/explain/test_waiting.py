"""Why a charger waits: what the plan has decided that by, and nothing that is not so."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant
import pytest
from tests.house import CHARGERS, House
from tests.test_sensor import NIGHT

from custom_components.optivgi.explain.reason_code import ReasonCode
from custom_components.optivgi.explain.reason_texts import ReasonTexts
from custom_components.optivgi.explain.waiting import why_it_never_starts, why_it_waits
from custom_components.optivgi.planning.plan import Plan
from custom_components.optivgi.scheduler.model import (
    EVSchedule,
    GridConnection,
    Horizon,
    PeakTariff,
    PriceStep,
    Problem,
    Reason,
    ReasonKind,
    Schedule,
    SolveStatus,
)


@pytest.fixture
async def texts(hass: HomeAssistant) -> ReasonTexts:
    """Return the texts in English."""
    texts = ReasonTexts(hass)
    await texts.async_load()
    return texts


NOW = datetime(2026, 11, 20, 19, tzinfo=UTC)
STEPS = (PriceStep(above_kw=2, price=7.0),)
LATER = NOW + timedelta(hours=1)


def planned(
    now: Reason | None,
    later: ReasonKind = ReasonKind.CHEAP,
    *,
    price: float = 0.3,
    later_price: float = 0.3,
    estimated: bool = False,
    peaks: tuple[PeakTariff, ...] = (),
) -> Plan:
    """Return a plan of two hours that charges in the second one."""
    horizon = Horizon(start=NOW, step_h=(1.0, 1.0))
    site = GridConnection(
        limit_kw=(17.0, 17.0),
        import_price=(price, later_price),
        estimated=(False, estimated),
        peak_tariffs=peaks,
    )
    reasons = () if now is None else (now, Reason(kind=later))
    own = EVSchedule(id="a", limit_kw=(0.0, 11.0), energy_kwh=9.9, cost=3.0, reasons=reasons)
    schedule = Schedule(
        horizon=horizon, evs=(own,), algorithm="optimal", status=SolveStatus.OPTIMAL
    )
    return Plan(problem=Problem(horizon=horizon, site=site, evs=()), schedule=schedule, made_at=NOW)


def of(kind: ReasonKind, cost_per_kwh: float = 0.0, detail: str = "") -> Reason:
    return Reason(kind=kind, cost_per_kwh=cost_per_kwh, detail=detail)


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (planned(of(ReasonKind.SITE)), "Waits for 20:00, when there is room."),
        (
            planned(of(ReasonKind.SITE), price=0.4),
            "Waits for 20:00, when there is room.",
        ),
        (
            planned(of(ReasonKind.PHASE, detail="L1")),
            "Waits for 20:00, when there is room on L1.",
        ),
        (
            planned(of(ReasonKind.CIRCUIT, detail="garage")),
            "Waits for 20:00, when there is room in garage.",
        ),
        (
            planned(of(ReasonKind.MIN_POWER)),
            "Waits for 20:00, when there is room for its min power.",
        ),
        (
            planned(of(ReasonKind.PV), price=0.4),
            "Waits for 20:00, when solar surplus is expected.",
        ),
        (
            planned(of(ReasonKind.PRICE, 0.3), ReasonKind.PV),
            "Waits for 20:00, when solar surplus is expected.",
        ),
        (
            planned(of(ReasonKind.PRICE), price=0.4),
            "Waits for 20:00, when a kWh costs 0.100 EUR less.",
        ),
        (
            planned(of(ReasonKind.ESTIMATE), price=0.4, estimated=True),
            "Waits for 20:00, when a kWh costs 0.100 EUR less by estimate.",
        ),
        (
            planned(of(ReasonKind.PRICE)),
            "Planned to start at 20:00; charging now would cost the same.",
        ),
        (
            planned(of(ReasonKind.PRICE), price=0.3004),
            "Planned to start at 20:00; charging now would cost the same.",
        ),
        (
            planned(of(ReasonKind.PRICE, 0.05), price=0.25),
            "Planned to start at 20:00; charging now would cost 0.050 EUR more per kWh.",
        ),
        (
            planned(of(ReasonKind.KEPT), price=0.29),
            "Planned to start at 20:00; charging now would hardly cost less.",
        ),
        (
            planned(of(ReasonKind.START), price=0.2),
            "Planned to start at 20:00; starting twice would cost more than it saves.",
        ),
        (
            planned(of(ReasonKind.KEPT)),
            "Planned to start at 20:00; charging now would cost the same.",
        ),
        # What is said to be saved is none of what it would cost.
        (
            planned(of(ReasonKind.PEAK, 0.1), price=0.2, peaks=(PeakTariff(price_per_kw=4.5),)),
            "Waits for 20:00: charging now would raise the peak, at 4.50 EUR per kW.",
        ),
        (
            planned(of(ReasonKind.PEAK), peaks=(PeakTariff(price_per_kw=0, price_steps=STEPS),)),
            "Waits for 20:00: charging now would raise the peak, at 7.00 EUR per kW.",
        ),
        # The last plan that there was may have no reasons.
        (planned(None), "Planned to start at 20:00; charging now would cost the same."),
        (planned(None, price=0.2), "Planned to start at 20:00."),
        (planned(None, price=0.4), "Waits for 20:00, when a kWh costs 0.100 EUR less."),
    ],
)
async def test_what_the_plan_decided_by_is_said(texts: ReasonTexts, plan: Plan, says: str) -> None:
    said = texts.sentence(why_it_waits(plan, "a", LATER, NOW, "EUR"), NOW)
    assert said == says.replace("20:00", texts.clock(LATER, NOW))


async def test_beyond_its_horizon_a_plan_says_nothing() -> None:
    after = LATER + timedelta(hours=9)
    assert why_it_waits(planned(None), "a", after, NOW, "EUR").code is ReasonCode.STARTS_AT


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (planned(of(ReasonKind.SITE)), "There is no room to charge."),
        (planned(of(ReasonKind.PRICE)), "No charging is planned."),
        (planned(None), "No charging is planned."),
    ],
)
async def test_only_a_plan_without_room_says_so(texts: ReasonTexts, plan: Plan, says: str) -> None:
    assert texts.sentence(why_it_never_starts(plan, "a"), NOW) == says


def why(house: House, charger: str = "garage") -> str:
    """Return why a charger does what it does."""
    reason: str = house.state(f"sensor.{charger}_status").attributes["reason"]
    return reason


async def test_start_that_is_no_cheaper_than_now_is_just_planned(house: House) -> None:
    """The price of now falls to that of the night; the plan that is followed is as good."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site(*CHARGERS)
    await house.async_plug_in("garage")
    assert why(house).startswith("Waits for Sat 02:00, when a kWh costs 0.200 EUR less.")
    prices = list(NIGHT)
    prices[20] = prices[21] = prices[22] = 0.10
    house.set_hourly_prices(prices)
    await house.async_settle()
    planned = "Planned to start at Sat 02:00; charging now would cost the same."
    assert why(house).startswith(planned)


async def test_car_that_waits_for_another_waits_for_room(house: House) -> None:
    """The connection carries one car; the other one goes first."""
    await house.async_set_up_site(data={"fuse_a": 10})
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    house.set_soc("leaf", 80)
    await house.async_plug_in("carport")
    said = "Waits for Sat 01:15, when there is room for its min power."
    assert why(house, "carport").startswith(said)
