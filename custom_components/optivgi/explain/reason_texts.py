"""Reasons as people read them, in the language of Home Assistant."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant
from homeassistant.helpers import translation
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from .reasons import CodedReason, Placeholder, digits_of

_CATEGORY: Final = "exceptions"
"""The part of the translations for texts that name something and belong to no entity."""
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""How a time of each day is written stands in the translations, under ``clock_<day>``."""

DECIMAL_MARK: Final = "decimal_mark"
"""What is between whole numbers and their parts stands there, too."""


class ReasonTexts:
    """Writes reasons as sentences."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Write English until the texts are loaded."""
        self._hass = hass
        self.language = translation.LOCALE_EN
        """What is written."""

    async def async_load(self) -> None:
        """Load the texts in the language of Home Assistant, English where there is none."""
        language = self._hass.config.language
        await translation.async_get_translations(self._hass, language, _CATEGORY, [DOMAIN])
        self.language = language

    def async_follow_language(self, show: Callable[[], None]) -> CALLBACK_TYPE:
        """Write another language when a person changes that, and have all shown in it.

        Returns what ends that.
        """

        async def follow(event: Event[Any]) -> None:
            if self._hass.config.language != self.language:
                await self.async_load()
                show()

        return self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, follow)

    def text(self, reasons: Iterable[CodedReason], now: datetime) -> str:
        """Return reasons as sentences, one after the other."""
        return " ".join(self.sentence(reason, now) for reason in reasons)

    def sentence(self, reason: CodedReason, now: datetime) -> str:
        """Return one reason as a sentence."""
        shown = {name: self._shown(name, value, now) for name, value in reason.placeholders.items()}
        return self.say(f"reason_{reason.code}", **shown)

    def clock(self, moment: datetime, now: datetime) -> str:
        """Return the local time of a moment, with its day where that is another than today."""
        local = dt_util.as_local(moment)
        time = f"{local:%H:%M}"
        if local.date() == dt_util.as_local(now).date():
            return time
        return self.say(f"clock_{WEEKDAYS[local.weekday()]}", time=time)

    def number(self, value: float, digits: int) -> str:
        """Return a number with so many decimals and the decimal mark of the language."""
        return f"{value:.{digits}f}".replace(".", self.say(DECIMAL_MARK))

    def say(self, key: str, **named: str) -> str:
        """Return a text of the translations, with what it names."""
        # Home Assistant has put English where the language has no text.
        texts = translation.async_get_cached_translations(
            self._hass, self.language, _CATEGORY, DOMAIN
        )
        return texts[f"component.{DOMAIN}.{_CATEGORY}.{key}.message"].format(**named)

    def _shown(self, name: str, value: Placeholder, now: datetime) -> str:
        match value:
            case datetime():
                return self.clock(value, now)
            case tuple():
                return ", ".join(value)
            case str():
                return value
            case _:
                return self.number(value, digits_of(name))
