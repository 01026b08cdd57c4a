"""A charger is tried out in its form: what is commanded, what is learned, what it has after it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.flows.charger_forms import suggested
from tests.flows.forms import in_form
from tests.house import ENGLISH, House, named_in
from tests.plant import MIN_KW, Box, Plant, build, wattbox

TWO_MINUTES = timedelta(minutes=2)


@pytest.fixture(autouse=True)
async def _closed(hass: HomeAssistant, house: House) -> AsyncGenerator[None]:
    """Close the forms that a test leaves open: what waits there would wait for ever."""
    yield
    flows = hass.config_entries.subentries
    for result in flows.async_progress():
        flows.async_abort(result["flow_id"])


def unbound(name: str, **kwargs: Any) -> Box:
    """Return a charger that the site does not have yet."""
    return Box(name, bound=False, **kwargs)


async def at_rest(house: House, *boxes: Box, **kwargs: Any) -> Plant:
    """Return a plant in which a car is plugged in everywhere, looked at every two seconds."""
    plant = await build(house, *boxes, **kwargs)
    for box in boxes:
        if box.bound:
            await plant.async_mode(box.name, "off")
        await plant.async_plug(box.name)
    await plant.async_step(6)
    plant.step_s = plant.meter_every_s = 2
    plant.writes.clear()
    return plant


async def ask(plant: Plant, box: Box, **changes: Any) -> SubentryFlowResult:
    """Ask for a try-out in the form of a charger."""
    flow = plant.hass.config_entries.subentries
    context: dict[str, Any] = {"source": SOURCE_USER}
    if box.bound:
        context = {"source": "reconfigure", "subentry_id": box.name}
    result = await flow.async_init(("site", "charger"), context=context)
    if not box.bound:
        result = await flow.async_configure(result["flow_id"], {})
    entered = {"name": box.name.title(), **box.data(), **changes, "try_out": True}
    return await flow.async_configure(result["flow_id"], in_form(result, entered))


async def until_done(plant: Plant, result: SubentryFlowResult) -> SubentryFlowResult:
    """Let time pass until a try-out is over, and return the form of what was learned."""
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    flow, begun = plant.hass.config_entries.subentries, dt_util.utcnow()
    while result["type"] is FlowResultType.SHOW_PROGRESS:
        assert dt_util.utcnow() - begun <= TWO_MINUTES
        await plant.async_step(pump=True)
        result = await flow.async_configure(result["flow_id"])
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "tried")
    return result


async def tried(plant: Plant, box: Box, **changes: Any) -> tuple[dict[str, Any], str]:
    """Try a charger out; return what its form proposes then, and what it says."""
    result = await until_done(plant, await ask(plant, box, **changes))
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    return suggested(result["data_schema"]), placeholders["learned"]


def said(key: str, **named: str) -> str:
    """Return what is said of something that was learned."""
    text: str = ENGLISH["exceptions"][f"tried_{key}"]["message"]
    return text.format(**named) if named else text


def commanded(plant: Plant, name: str) -> list[tuple[str, float | None]]:
    """Return what was commanded of a charger."""
    return [(service, value) for _, box, service, value in plant.writes if box == name]


@pytest.mark.parametrize("bound", [True, False], ids=["a charger of the site", "a new one"])
async def test_one_that_obeys_is_started_and_stopped_and_left_as_it_was(
    house: House, *, bound: bool
) -> None:
    """(a) Its limit goes no lower than the min current, so only its switch stops it."""
    box = Box("a", bound=bound, value=16)
    plant = await at_rest(house, box)
    learned, text = await tried(plant, box)
    assert commanded(plant, "a") == [
        ("set_value", 6), ("turn_on", None), ("turn_off", None), ("set_value", 16),
    ]  # fmt: skip
    assert learned == {"settle": 15, "stop_rule": "switch"}
    assert said("switch_stops") in text
    assert said("drawn", power="4.1") in text
    assert (box.value, box.is_on) == (16, False)
    assert plant.broken == []


async def test_what_was_learned_is_kept_with_what_was_entered(house: House) -> None:
    box = unbound("b")
    plant = await at_rest(house, Box("a"), box)
    result = await until_done(plant, await ask(plant, box, max_a=15))
    result = await plant.hass.config_entries.subentries.async_configure(
        result["flow_id"], {"settle": 12, "stop_rule": "switch"}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert house.entry is not None
    kept = next(s for s in house.entry.subentries.values() if s.title == "B")
    assert kept.data == {**box.data(), "max_a": 15, "settle": 12, "stop_rule": "switch"}
    await house.async_settle()


async def test_one_that_ignores_0_is_never_stopped(house: House) -> None:
    """(b) It has no switch, and shows a limit of 0 while its car goes on."""
    box = wattbox("a", keeps_min=True, bound=False, value=9000)
    plant = await at_rest(house, box, Box("b"))
    learned, text = await tried(plant, box)
    assert commanded(plant, "a") == [("set_value", 4140), ("set_value", 0), ("set_value", 9000)]
    assert learned["stop_rule"] == "never"
    assert said("zero_fails") in text
    assert said("never_stops") in text


async def test_one_whose_switch_does_nothing_is_stopped_by_0(house: House) -> None:
    """(c) What its switch shows is not what it does."""
    box = Box("a", minimum=0, dead_switch=True, is_on=True)
    plant = await at_rest(house, box)
    learned, text = await tried(plant, box)
    assert learned["stop_rule"] == "zero"
    assert said("switch_fails") in text
    assert said("zero_stops") in text
    assert ("set_value", 0) in commanded(plant, "a")


async def test_a_car_on_one_phase_has_followed_when_it_draws_that_much(house: House) -> None:
    """At 16 A it draws less than one on three phases at 6 A."""
    box = Box("a", phases=1, reaction_s=12)
    plant = await at_rest(house, box)
    await plant.async_mode("a", "now")
    await plant.async_step(30)
    learned, text = await tried(plant, box)
    assert said("drawn", power="1.4") in text
    assert learned["settle"] >= 15


@pytest.mark.parametrize("stop_rule", ["zero", "never"])
async def test_the_rule_is_followed_from_then_on(house: House, stop_rule: str) -> None:
    """By 0 its switch is left alone; where nothing stops it, it gets its min current."""
    box = Box("a", minimum=0, dead_switch=True, is_on=True)
    plant = await at_rest(house, box)
    result = await until_done(plant, await ask(plant, box))
    flow = plant.hass.config_entries.subentries
    result = await flow.async_configure(result["flow_id"], {"stop_rule": stop_rule})
    assert result["reason"] == "reconfigure_successful"
    await house.async_settle()
    await plant.async_mode("a", "now")
    await plant.async_step(20)
    assert box.standing_kw > MIN_KW
    plant.writes.clear()
    await plant.async_mode("a", "off")
    await plant.async_step(20)
    assert commanded(plant, "a") == [("set_value", 0 if stop_rule == "zero" else 6)]


async def test_one_that_answers_late_has_a_longer_response_time(house: House) -> None:
    """(d) It shows its commands after 20 s, and its car follows then."""
    box = unbound("a", confirm_s=20, reaction_s=20)
    plant = await at_rest(house, box, Box("b"))
    learned, _ = await tried(plant, box)
    assert learned["settle"] >= 30
    assert max(kw for _, kw in box.drawn_since) == pytest.approx(MIN_KW)
    assert learned["stop_rule"] == "switch"


async def test_one_that_rounds_what_it_shows_is_understood(house: House) -> None:
    """(e) 4140 W are shown as 4250."""
    box = wattbox("a", rounds_to=250, bound=False, value=8000)
    plant = await at_rest(house, box, Box("b"))
    learned, text = await tried(plant, box)
    assert learned == {"settle": 15, "stop_rule": "zero"}
    assert said("not_shown") not in text


async def test_one_whose_integration_hangs_is_given_up(house: House) -> None:
    """(f) No answer within 10 s: nothing more is tried, and it is not waited for either."""
    box = unbound("a", is_on=True)
    plant = await at_rest(house, box, Box("b"))
    plant.hanging, plant.gate = "a", asyncio.Event()
    try:
        result = await ask(plant, box)
        plant.step_s = 10
        result = await until_done(plant, result)
    finally:
        plant.gate.set()
    assert "settle" not in suggested(result["data_schema"])
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert "no answer within 10 s" in placeholders["learned"]
    assert [value for _, value in commanded(plant, "a")] == [6, 16]


async def test_a_full_car_shows_nothing_of_stopping(house: House) -> None:
    """(g) It draws nothing, so that nobody can see whether it stops."""
    box = unbound("a", wants=False)
    plant = await at_rest(house, box, Box("b"))
    learned, text = await tried(plant, box)
    assert "stop_rule" not in learned
    assert said("nothing_drawn") in text
    assert ("turn_off", None) in commanded(plant, "a")
    assert not box.is_on


async def test_one_that_ignores_its_limit_is_named(house: House) -> None:
    box = unbound("a", is_on=True, ignores=True)
    plant = await at_rest(house, box, Box("b"), site={"fuse_a": 40})
    _, text = await tried(plant, box)
    assert said("too_much", power="11.0") in text


async def test_one_that_does_not_show_the_min_current_is_not_started(house: House) -> None:
    """It would begin with the 16 A that were left in it."""
    box = unbound("a", ignores=True, value=16)
    plant = await at_rest(house, box, Box("b"))
    learned, text = await tried(plant, box)
    assert ("turn_on", None) not in commanded(plant, "a")
    assert "settle" not in learned
    assert said("not_shown") in text


# What it refuses


async def refused(plant: Plant, box: Box, reason: str, **changes: Any) -> None:
    """Assert that a try-out is refused for a reason, and that nothing is commanded."""
    result = await ask(plant, box, **changes)
    assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"try_out": reason})
    text = ENGLISH["config_subentries"]["charger"]["error"][reason]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()
    assert plant.writes == []
    # Whoever gives it up saves what was entered.
    entered = {"name": box.name.title(), **box.data(), **changes}
    entered = {key: value for key, value in entered.items() if value is not None}
    result = await plant.hass.config_entries.subentries.async_configure(
        result["flow_id"], in_form(result, entered)
    )
    assert result["type"] in {FlowResultType.CREATE_ENTRY, FlowResultType.ABORT}
    await plant.house.async_settle()


async def test_without_a_car_nothing_is_tried(house: House) -> None:
    plant = await at_rest(house, Box("a"))
    await plant.async_unplug("a")
    await plant.async_step(30)
    plant.writes.clear()
    await refused(plant, plant["a"], "try_out_no_car")


async def test_where_no_room_is_nothing_is_tried(house: House) -> None:
    box = unbound("a")
    plant = await at_rest(house, box, Box("b"))
    plant.house_kw = 15.0
    await plant.async_step(10)
    await refused(plant, box, "try_out_no_room")


@pytest.mark.parametrize("gone", [True, False], ids=["a silent meter", "no meter"])
async def test_where_room_is_not_known_nothing_is_tried(house: House, *, gone: bool) -> None:
    box = unbound("a")
    site: Mapping[str, Any] = {} if gone else {"power_entity": None, "power_covers": None}
    plant = await at_rest(house, box, Box("b"), site=site)
    if gone:
        plant.meter_gone = True
        await plant.async_step(120)
        plant.writes.clear()
    await refused(plant, box, "try_out_room_unknown")


async def test_an_assumed_base_load_says_what_room_there_is(house: House) -> None:
    box = unbound("a")
    site = {"power_entity": None, "power_covers": None, "base_load_kw": 1.0}
    plant = await at_rest(house, box, Box("b"), site=site)
    learned, _ = await tried(plant, box)
    assert learned["stop_rule"] == "switch"


async def test_what_cannot_be_reached_is_not_tried(house: House) -> None:
    box = Box("a")
    plant = await at_rest(house, box)
    box.unavailable = True
    await plant.async_step()
    plant.writes.clear()
    await refused(plant, box, "try_out_missing")


async def test_a_charger_without_a_limit_is_not_tried(house: House) -> None:
    """It would draw its max current."""
    box = unbound("a")
    plant = await at_rest(house, box, Box("b"))
    data = {key: value for key, value in box.data().items() if key != "limit_entity"}
    flow = plant.hass.config_entries.subentries
    result = await flow.async_init(("site", "charger"), context={"source": SOURCE_USER})
    result = await flow.async_configure(result["flow_id"], {})
    entered = {"name": "A", **data, "try_out": True}
    result = await flow.async_configure(result["flow_id"], in_form(result, entered))
    assert result["errors"] == {"try_out": "try_out_unlimited"}
    assert plant.writes == []


# Others


async def test_closing_the_form_leaves_it_as_it_was(house: House) -> None:
    box = Box("a", value=14)
    plant = await at_rest(house, box)
    result = await ask(plant, box)
    while not box.is_on:
        await plant.async_step(pump=True)
    plant.hass.config_entries.subentries.async_abort(result["flow_id"])
    await plant.async_step(4)
    assert (box.value, box.is_on) == (14, False)
    assert (
        house.state(house.entity_id("sensor", "a", "status")).attributes.get("reason_code")
        != "tried_out"
    )


async def test_the_controller_leaves_it_alone_meanwhile(house: House) -> None:
    """It charges at once, is tried out, and charges on; nobody fights, and its status says so."""
    box = Box("a")
    plant = await at_rest(house, box)
    await plant.async_mode("a", "now")
    await plant.async_step(30)
    before_kw = box.standing_kw
    assert before_kw > MIN_KW + 1
    plant.writes.clear()
    result = await ask(plant, box)
    await plant.async_step(3, pump=True)
    assert (
        house.state(house.entity_id("sensor", "a", "status")).attributes.get("reason_code")
        == "tried_out"
    )
    await until_done(plant, result)
    assert commanded(plant, "a")[:2] == [("set_value", 6), ("turn_off", None)]
    assert max(value or 0 for _, value in commanded(plant, "a")[:-2]) == 6
    await plant.async_step(60)
    assert box.standing_kw == pytest.approx(before_kw, abs=0.7)
    assert plant.broken == []


async def test_another_car_is_not_given_the_room_of_who_is_tried_out(house: House) -> None:
    """Also while that one is stopped for a moment, and draws nothing."""
    box, other = unbound("a", confirm_s=6), Box("b")
    plant = await at_rest(house, box, other, site={"fuse_a": 20})
    result = await ask(plant, box)
    mode = {"entity_id": "select.b_mode", "option": "now"}
    await plant.hass.services.async_call("select", "select_option", mode, blocking=True)
    seen = []
    while not any(service == "turn_off" for service, _ in commanded(plant, "a")):
        await plant.async_step(pump=True)
        seen.append(other.standing_kw)
    await until_done(plant, result)
    assert MIN_KW < max(seen) <= 20 * 0.69 - plant.house_kw - MIN_KW


async def test_the_house_goes_first(house: House) -> None:
    """The load rises while a car is tried out: it is stopped, and what it had is not restored."""
    box = unbound("a", is_on=True)
    plant = await at_rest(house, box, Box("b"))
    result = await ask(plant, box)
    await plant.async_step(2, pump=True)
    plant.house_kw = 16.5
    result = await until_done(plant, result)
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert said("ended_for_room") in placeholders["learned"]
    assert box.standing_kw == 0


async def test_a_person_who_operates_it_has_it(house: House, hass_admin_user: MockUser) -> None:
    box = Box("a")
    plant = await at_rest(house, box)
    result = await ask(plant, box)
    await plant.async_step(2, pump=True)
    await plant.async_hand(hass_admin_user, "a", "set_value", 10)
    plant.writes.clear()
    result = await until_done(plant, result)
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert said("ended_by_hand") in placeholders["learned"]
    assert plant.writes == []
    assert box.value == 10


async def test_a_car_that_leaves_ends_it(house: House) -> None:
    box = unbound("a")
    plant = await at_rest(house, box, Box("b"))
    result = await ask(plant, box)
    await plant.async_step(2, pump=True)
    box.status = "Available"
    result = await until_done(plant, result)
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert said("ended_without_car") in placeholders["learned"]


async def test_only_one_is_tried_out_at_a_time(house: House) -> None:
    first, second = unbound("a"), unbound("b")
    plant = await at_rest(house, first, second, Box("c"))
    result = await ask(plant, first)
    plant.writes.clear()
    busy = await ask(plant, second)
    assert busy["errors"] == {"try_out": "try_out_busy"}
    await until_done(plant, result)


# A car that uses one phase of three

PER_PHASE = {f"l{number}_entity": f"sensor.l{number}" for number in (1, 2, 3)}
ON_L2 = ("l2", "l3", "l1")


async def beside_one_phase(house: House, *, bound: bool, measured: bool) -> tuple[Plant, Box]:
    """Return a plant whose car draws from one phase, which nobody has said."""
    box = Box("a", bound=bound, phases=1, says_phases=False, wired=ON_L2)
    others = [] if bound else [Box("b")]
    for entity_id in PER_PHASE.values():
        house.set_power(entity_id, 200)
    plant = await at_rest(house, box, *others, site=PER_PHASE if measured else {})
    return plant, box


@pytest.mark.parametrize("bound", [True, False], ids=["a charger of the site", "a new one"])
async def test_car_on_one_phase_shows_which_that_is(house: House, *, bound: bool) -> None:
    plant, box = await beside_one_phase(house, bound=bound, measured=True)
    learned, text = await tried(plant, box)
    assert said("one_phase", phase="L2") in text
    assert said("drawn", power="1.4") in text
    assert learned["phase_rotation"] == "l2_l3_l1"
    assert learned["stop_rule"] == "switch"
    assert plant.broken == []


async def test_rotation_that_is_right_is_left(house: House) -> None:
    plant, box = await beside_one_phase(house, bound=True, measured=True)
    learned, _ = await tried(plant, box, phase_rotation="l2_l3_l1")
    assert learned["phase_rotation"] == "l2_l3_l1"


async def test_car_on_one_phase_is_seen_where_phases_are_not_measured(house: House) -> None:
    plant, box = await beside_one_phase(house, bound=True, measured=False)
    learned, text = await tried(plant, box)
    assert said("fewer_phases", used="1", phases="3") in text
    assert "phase_rotation" not in learned


@pytest.mark.parametrize("measured", [True, False])
async def test_phases_that_were_seen_are_remembered(house: House, *, measured: bool) -> None:
    """The room that a car takes at the fuse is that of one phase from then on."""
    plant, box = await beside_one_phase(house, bound=True, measured=measured)
    await tried(plant, box)
    assert house.entry is not None
    memory = house.entry.runtime_data.site.store.memory
    assert memory.chargers["a"].phase == ("L2" if measured else None)
    (history,) = (h for h in memory.histories.values() if h.takes)
    assert history.takes[3].phases == 1


async def test_car_on_all_phases_says_nothing_of_phases(house: House) -> None:
    box = Box("a", says_phases=False)
    for entity_id in PER_PHASE.values():
        house.set_power(entity_id, 200)
    plant = await at_rest(house, box, site=PER_PHASE)
    learned, text = await tried(plant, box)
    assert " phase" not in text
    assert "phase_rotation" not in learned
