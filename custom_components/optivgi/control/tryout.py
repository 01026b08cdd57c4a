"""Tries a charger out: its min current, then to stop, and leaves it as it was.

It never gets more than its min current meanwhile, and afterwards what it had if there is room.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.select import ATTR_OPTION, SERVICE_SELECT_OPTION
from homeassistant.core import Context, Event, HomeAssistant, callback, split_entity_id
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_state_change_event, async_track_time_interval
from homeassistant.util import dt as dt_util

from ..bindings.chargers.calls import Caller
from ..bindings.chargers.charger import Charger, ChargerReading
from ..bindings.chargers.connection import Connection
from ..bindings.chargers.on_off import SELECT_DOMAINS
from ..bindings.quantity import valid_state
from ..const import CONF_STOP_RULE, LOGGER, StopRule
from ..errors import as_part, text_of
from ..truth.trial import (
    ANSWERS_WITHIN,
    TrialOutcome,
    TrialResponse,
    TrialSample,
    TrialStep,
    near_kw,
)
from .loan import Loan

WITHIN: Final = timedelta(seconds=85)
"""With the commands that leave it as it was, each of which may take 10 s, no more than 2 min."""
_STARTS_WITHIN: Final = timedelta(seconds=40)
"""Cars that sleep need half a minute to begin."""
_LOOK_EVERY: Final = timedelta(seconds=1)


class _Ended(Exception):  # noqa: N818
    """The try-out cannot go on."""


class _Noted:
    """What a charger notes while it is tried out is not kept."""

    numbers_left: list[str] | None = None


class TryOut:
    """Commands one charger for a moment, and sees what comes of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        loan: Loan,
        name: str,
        data: Mapping[str, Any],
        *,
        voltage: float,
        phases: int,
    ) -> None:
        """Bind the charger; nothing is commanded before ``async_run``.

        Args:
            hass: Home Assistant.
            loan: By which it is had.
            name: What people call it.
            data: Its configuration.
            voltage: Between phase and neutral, in V.
            phases: From how many its car draws.
        """
        self._hass = hass
        self._loan = loan
        self._charger, self._by_zero = (
            Charger(hass, "", name, {**data, CONF_STOP_RULE: rule}, voltage, remembered=_Noted())
            for rule in (StopRule.SWITCH, StopRule.ZERO)
        )
        self._phases = min(phases, self._charger.phases)
        self._before = self._charger.read()
        self._option: str | None = None
        self._responses: list[TrialResponse] = []
        self._refused: dict[TrialStep, str] = {}
        self._deadline = dt_util.utcnow()
        self._look = asyncio.Event()

    @property
    def charger(self) -> Charger:
        """The charger."""
        return self._charger

    @property
    def reading(self) -> ChargerReading:
        """What it showed before."""
        return self._before

    @property
    def min_kw(self) -> float:
        """What a car draws at its min current."""
        return self._charger.range_kw(self._before, self._phases)[0]

    @property
    def min_value(self) -> float:
        """What is written for that; 0 where its limit accepts nothing so low."""
        return self._value(self.min_kw)

    async def async_run(self, on_progress: Callable[[float], None]) -> TrialOutcome:
        """Try the charger out, and leave it as it was whatever happens.

        Args:
            on_progress: Called with how much of it is done.
        """
        begun = dt_util.utcnow()
        self._deadline = begun + WITHIN
        ended: str | None = None
        self._before, self._option = self._charger.read(), self._selected()
        try:
            with self._looking(lambda now: on_progress(min(1.0, (now - begun) / WITHIN))):
                await self._loan.async_take(self.min_kw, self._before.power_kw or 0.0)
                await self._async_steps()
        except _Ended as why:
            ended = str(why)
        finally:
            # Whoever closes the form ends this task; the charger is left as it was all the same.
            await asyncio.shield(self._hass.async_create_task(self._async_restore()))
        outcome = TrialOutcome(
            responses=self._responses,
            refused=self._refused,
            ended=ended,
            min_kw=self.min_kw,
            is_power=self._before.limit is not None and self._before.limit.is_power,
            phases=self._phases,
        )
        if outcome.phases_used is not None:
            self._loan.note_phases_used(outcome.phases_used, outcome.phase)
        return outcome

    async def _async_steps(self) -> None:
        if not await self._async_step(TrialStep.MIN):
            return
        stopped = False
        if self._charger.can_switch:
            stopped = await self._async_step(TrialStep.SWITCH)
        limit = self._by_zero.read().limit
        if limit is None or not limit.accepts_zero or self._is_late():
            return
        if stopped and not await self._async_step(TrialStep.MIN):
            return
        await self._async_step(TrialStep.ZERO)

    async def _async_step(self, step: TrialStep) -> bool:
        """Command one thing; return whether the car does it, or at least draws where it is to."""
        before = self._sample(None)
        patience = ANSWERS_WITHIN
        if step is TrialStep.MIN:
            self._loan.keep(self.min_kw, self._drawn_kw)
            patience = _STARTS_WITHIN
        self._check()
        response = TrialResponse(
            step,
            before,
            min_kw=self.min_kw,
            step_kw=self._step_kw,
        )
        self._responses.append(response)
        try:
            await self._async_send(step, before.at)
        except HomeAssistantError as err:
            self._refused[step] = as_part(text_of(self._hass, err))
            return False
        until = min(self._deadline, before.at + patience + _LOOK_EVERY)
        sample = before
        while not response.follows and dt_util.utcnow() < until:
            await self._async_look()
            sample = self._sample(before.at)
            response.note(sample)
            self._check()
        return response.follows or (step is TrialStep.MIN and sample.drawing is True)

    async def _async_send(self, step: TrialStep, now: datetime) -> None:
        context = Context()
        self._loan.note_command(self.min_kw if step is TrialStep.MIN else 0.0)
        match step:
            case TrialStep.SWITCH:
                await self._charger.async_switch(on=False, context=context)
            case TrialStep.ZERO:
                await self._by_zero.async_set_limit(0, context)
            case TrialStep.MIN:
                await self._charger.async_set_limit(self.min_value, context)
                if not self._charger.can_switch or self._charger.read().is_on is True:
                    return
                # No car is started by a limit that was left over.
                while not self._shows_min() and dt_util.utcnow() < now + ANSWERS_WITHIN:
                    await self._async_look()
                    self._check()
                if self._shows_min():
                    await self._charger.async_switch(on=True, context=context)

    def _shows_min(self) -> bool:
        limit = self._charger.read().limit
        if limit is None or limit.value is None:
            return False
        kw = limit.to_kw(limit.value, phases=self._phases, voltage=self._charger.voltage)
        return 0 < kw <= self.min_kw + near_kw(self.min_kw, self._step_kw)

    @property
    def _step_kw(self) -> float:
        return self._charger.step_kw(self._before, self._phases)

    def _sample(self, since: datetime | None) -> TrialSample:
        """Return what is seen now; what was measured before a command says nothing of it."""
        reading = self._charger.read()
        measured_at = None if since is None else reading.measured_at
        is_old = since is not None and measured_at is not None and measured_at <= since
        is_known = self._charger.shows_drawing and not is_old
        return TrialSample(
            at=dt_util.utcnow(),
            allowed_kw=self._charger.limit_kw(reading, self._phases),
            drawing=reading.drawing if is_known else None,
            drawn_kw=None if is_old else reading.power_kw,
            phases_kw=self._loan.phases_kw,
        )

    @property
    def _drawn_kw(self) -> float:
        return self._charger.read().power_kw or 0.0

    def _check(self) -> None:
        """End where somebody else commands the charger, the car has left, or the house needs it."""
        if (by := self._loan.taken_away_by) is not None:
            raise _Ended(by)
        if self._charger.read().connection is Connection.UNPLUGGED:
            raise _Ended("unplugged")
        if not self._loan.fits(self._drawn_kw):
            raise _Ended("room")

    def _is_late(self) -> bool:
        """Return whether there is no time left to see anything stop."""
        return self._deadline - dt_util.utcnow() < ANSWERS_WITHIN / 2

    def _value(self, limit_kw: float) -> float:
        if (limit := self._before.limit) is None:
            return 0.0
        return limit.from_kw(limit_kw, phases=self._phases, voltage=self._charger.voltage)

    async def _async_restore(self) -> None:
        """Leave the charger with what it had, as far as there is room for that."""
        try:
            if self._loan.taken_away_by is None:
                await self._async_give_again()
        except HomeAssistantError as err:
            LOGGER.warning("%s is not left as it was: %s", self._charger.name, err)
        finally:
            self._loan.give_back()

    async def _async_give_again(self) -> None:
        """Restore what is switched and the limit; less, or nothing, where the house takes that."""
        before, context = self._before, Context()
        was_on = before.drawing if before.is_on is None else before.is_on
        value = None if before.limit is None else before.limit.value
        if was_on or not self._charger.can_switch:
            value = self._highest((value or 0.0, self.min_value))
            was_on = was_on and value > 0
        if self._charger.can_switch and not was_on and self._charger.read().is_on is not False:
            await self._charger.async_switch(on=False, context=context)
        limit = self._by_zero.read().limit
        # What was not answered may still arrive.
        differs = limit is not None and (limit.value != value or bool(self._refused))
        if value is not None and limit is not None and differs and value >= limit.minimum:
            await self._by_zero.async_set_limit(value, context)
        if self._charger.can_switch and was_on and self._charger.read().is_on is not True:
            await self._charger.async_switch(on=True, context=context)
        await self._async_select_again(context)

    def _highest(self, values: Iterable[float]) -> float:
        """Return the first of some limits that there is room for; 0 where there is for none."""
        for value in values:
            limit = self._before.limit
            kw = 0.0
            if limit is not None:
                kw = limit.to_kw(value, phases=self._phases, voltage=self._charger.voltage)
            self._loan.keep(kw, self._drawn_kw)
            if self._loan.fits(self._drawn_kw):
                self._loan.note_command(kw)
                return value
        self._loan.note_command(0.0)
        return 0.0

    async def _async_select_again(self, context: Context) -> None:
        """Select the option again with which the charger decided by itself."""
        entity_id, option = self._charger.switch_entity, self._option
        if entity_id is not None and option is not None and self._before.is_on is None:
            caller, data = Caller(self._hass, self._charger.name), {ATTR_OPTION: option}
            await caller.async_call(entity_id, SERVICE_SELECT_OPTION, data, context)

    def _selected(self) -> str | None:
        """Return what is selected where a select switches the charger; None for another way."""
        entity_id = self._charger.switch_entity
        if entity_id is None or split_entity_id(entity_id)[0] not in SELECT_DOMAINS:
            return None
        state = valid_state(self._hass, entity_id)
        return None if state is None else state.state

    @contextmanager
    def _looking(self, on_look: Callable[[datetime], None]) -> Iterator[None]:
        """Look whenever the charger reports anything, and each second."""

        @callback
        def look(_: Event[Any] | datetime) -> None:
            on_look(dt_util.utcnow())
            self._look.set()

        undo = (
            async_track_state_change_event(self._hass, self._charger.entity_ids, look),
            async_track_time_interval(self._hass, look, _LOOK_EVERY),
        )
        try:
            yield
        finally:
            for end in undo:
                end()

    async def _async_look(self) -> None:
        self._look.clear()
        await self._look.wait()
