"""Faults of one charger, and of what else commands it."""

from typing import Any, Final

from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError

from .fault import AILING, Broken, Event, Fault, Passing, Repeated, words
from .stand import Stand
from .world import VOLT, Charger

DISOBEYS: Final = words("not_following")
GONE: Final = words("out_of_reach")
NOT_FOLLOWING: Final = "charger_does_not_follow"
RIVAL: Final = "charger_has_rival"


def _ailing(stand: Stand) -> Charger:
    return stand.world[AILING]


def _broken(name: str, becomes: dict[str, Any], **kwargs: Any) -> Broken:
    return Broken(name=f"charger {name}", what=_ailing, becomes=becomes, **kwargs)


def _passing(name: str, becomes: dict[str, Any], **kwargs: Any) -> Passing:
    return Passing(name=f"charger {name}", what=_ailing, becomes=becomes, **kwargs)


def _refuses(name: str, error: Exception) -> Broken:
    return _broken(name, {"refuses": error}, says=DISOBEYS, issue=NOT_FOLLOWING)


def _set_full(stand: Stand, context: Context) -> None:
    stand.world[AILING].taken_over = True
    stand.soon(stand.async_operate(AILING, "set_value", 16, context=context))


def _automation_writes(stand: Stand) -> None:
    context = Context()
    stand.hass.states.async_set(
        "automation.old", "on", {"friendly_name": "Old charging"}, context=context
    )
    _set_full(stand, Context(parent_id=context.id))


def _cloud_writes(stand: Stand) -> None:
    charger = stand.world[AILING]
    charger.taken_over = True
    charger.command(stand.world.now, limit=16, on=True)


def _left_alone(stand: Stand) -> None:
    stand.world[AILING].taken_over = False


def _person_writes(stand: Stand) -> None:
    _set_full(stand, stand.person)


async def _resume(stand: Stand) -> None:
    _left_alone(stand)
    await stand.async_mode(AILING, "now")


async def _told_off(stand: Stand) -> None:
    """A switch is used by who stops the car only."""
    stand.world[AILING].deaf_to_switch = True
    await stand.async_mode(AILING, "off")


async def _hears_again(stand: Stand) -> None:
    stand.world[AILING].deaf_to_switch = False
    await stand.async_mode(AILING, "now")


async def _stopped(stand: Stand) -> None:
    await stand.async_mode(AILING, "off")


def _turns_on(stand: Stand) -> None:
    stand.world[AILING].taken_over = True
    stand.world[AILING].command(stand.world.now, on=True)


def _in_steps(*amperes: float) -> Any:
    """Return a power sensor that shows the nearest of some currents, on three phases."""

    def shown(watts: float) -> float:
        return 3 * 1000 * VOLT * min(amperes, key=lambda a: abs(3 * 1000 * VOLT * a - watts))

    return {"power_says": shown}


CHARGER: Final[tuple[Fault, ...]] = (
    _refuses("refuses", HomeAssistantError("not now")),
    _refuses("times out", TimeoutError()),
    _refuses("raises nonsense", KeyError("socket")),
    # The loop's own time stands still here, and with it the patience with a call.
    _broken("hangs", {"hangs_s": 60.0}),
    _broken("ignores its limit", {"deaf_to_limit": True}, says=DISOBEYS, issue=NOT_FOLLOWING),
    _broken("leaks", {"leaks": True}, says=DISOBEYS, issue=NOT_FOLLOWING),
    _passing("away for a minute", {"away": True}, seconds=60, says=GONE),
    _broken("away", {"away": True}, says=GONE),
    _passing("says unplugged for a second", {"word": "Available"}, seconds=1, every_s=90),
    _passing("says finished for a second", {"word": "Finishing"}, seconds=1, every_s=90),
    _broken("says what nobody knows", {"word": "Zzz"}),
    _broken("says nothing", {"word": "unknown"}),
    _broken("power stuck", {"power_says": lambda watts: 8280.0}),
    _broken("power unavailable", {"power_says": lambda watts: "unavailable"}),
    _broken("power silent", {"power_says": lambda watts: None}),
    _broken("power zero", {"power_says": lambda watts: 0.0}),
    _broken("power in kW", {"power_says": lambda watts: watts / 1000}),
    _broken("power not a number", {"power_says": lambda watts: "nan"}),
    _passing(
        "power overflown for moments",
        {"power_says": lambda watts: 4_294_967.0},
        seconds=3,
        every_s=60,
    ),
    _broken("power reversed", {"power_says": lambda watts: -watts}),
    _broken("power in whole amperes", _in_steps(*range(17))),
    _broken("power as 0, 6, 10 or 16 A", _in_steps(0, 6, 10, 16)),
    _broken("limit in steps of 6, 10 and 16 A", {"steps_a": (6.0, 10.0, 16.0)}),
    _broken("limit not a number", {"limit_says": "nan"}, says=DISOBEYS | GONE),
    _broken("limit unknown", {"limit_says": "unknown"}, says=DISOBEYS | GONE),
    _broken("limit stuck", {"limit_says": "16"}, says=DISOBEYS, issue=NOT_FOLLOWING),
    _broken("slow", {"follows_s": 12.0, "shows_s": 8.0}),
)
RIVALS: Final[tuple[Fault, ...]] = (
    Repeated(
        name="an automation writes each 10 s",
        does=_automation_writes,
        every_s=10,
        undoes=_left_alone,
        says=words("held"),
        issue=RIVAL,
        recovers=False,
    ),
    Repeated(
        name="a cloud writes each 30 s",
        does=_cloud_writes,
        every_s=30,
        undoes=_left_alone,
        says=words("held"),
        issue=RIVAL,
        recovers=False,
    ),
    Event(
        name="a person sets the limit",
        happens=_person_writes,
        undoes=_resume,
        says=words("held"),
        writes=0,
    ),
)
SWITCHES: Final[tuple[Fault, ...]] = (
    Event(
        name="a switch that does not stop",
        happens=_told_off,
        undoes=_hears_again,
        says=DISOBEYS,
        issue=NOT_FOLLOWING,
    ),
    Repeated(
        name="a switch that turns itself on again",
        first=_stopped,
        does=_turns_on,
        every_s=10,
        undoes=_resume,
        says=words("held"),
        issue=RIVAL,
    ),
)
