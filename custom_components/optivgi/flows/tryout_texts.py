"""What a try-out has shown of a charger, as people read it."""

from collections.abc import Iterator, Mapping
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import translation

from ..const import DOMAIN
from ..truth.trial import TrialOutcome, TrialStep

STOPPED: Final[Mapping[tuple[TrialStep, bool], str]] = {
    (TrialStep.SWITCH, True): "switch_stops",
    (TrialStep.SWITCH, False): "switch_fails",
    (TrialStep.ZERO, True): "zero_stops",
    (TrialStep.ZERO, False): "zero_fails",
}
ENDED: Final[Mapping[str, str]] = {
    "hand": "ended_by_hand",
    "room": "ended_for_room",
    "site": "ended_with_site",
    "unplugged": "ended_without_car",
}
LEARNED: Final = (
    *("response", "shown", "not_shown", "drawn", "too_much", "nothing_drawn", "unmeasured"),
    *("refused", "never_stops", "not_again", "fewer_phases", "one_phase"),
    *STOPPED.values(),
    *ENDED.values(),
)
"""The texts, by what comes after ``tried_`` in their keys."""


class TryOutTexts:
    """Writes what was learned, in the language of Home Assistant."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Write with the texts of the translations, by their keys."""
        self._texts = texts

    def write(self, outcome: TrialOutcome) -> str:
        """Return a list of what was learned."""
        return "\n".join(f"- {line}" for line in self._lines(outcome))

    def _lines(self, outcome: TrialOutcome) -> Iterator[str]:
        yield from self._of_min(outcome)
        for error in outcome.refused.values():
            yield self._say("refused", error=error)
        for (step, works), key in STOPPED.items():
            if outcome.works(step) is works:
                yield self._say(key)
        if outcome.never_stops:
            yield self._say("never_stops")
        if outcome.response_s is not None:
            yield self._say("response", seconds=f"{outcome.response_s:.0f}")
        if outcome.ended is not None:
            yield self._say(ENDED[outcome.ended])

    def _of_min(self, outcome: TrialOutcome) -> Iterator[str]:
        """Yield what came of the min current."""
        answers = [r for r in outcome.responses if r.step is TrialStep.MIN]
        if not answers or TrialStep.MIN in outcome.refused:
            return
        first, last = answers[0], answers[-1]
        if first.shown_s is not None:
            yield self._say("shown", seconds=f"{first.shown_s:.0f}")
        elif first.verdict is not True and outcome.ended is None:
            yield self._say("not_shown")
        if first.draws_too_much:
            yield self._say("too_much", power=f"{first.drawn_kw:.1f}")
        elif first.verdict is False:
            yield self._say("nothing_drawn")
        elif first.verdict is None and outcome.ended is None:
            yield self._say("unmeasured")
        elif first.drawn_kw is not None and first.follows:
            yield self._say("drawn", power=f"{first.drawn_kw:.1f}")
        yield from self._of_phases(outcome)
        if last is not first and last.verdict is False:
            yield self._say("not_again")

    def _of_phases(self, outcome: TrialOutcome) -> Iterator[str]:
        """Yield from which phases the car draws where those are not all."""
        if outcome.phase is not None:
            yield self._say("one_phase", phase=outcome.phase)
        elif outcome.phases_used is not None:
            named = {"used": str(outcome.phases_used), "phases": str(outcome.phases)}
            yield self._say("fewer_phases", **named)

    def _say(self, key: str, **named: str) -> str:
        return self._texts[f"component.{DOMAIN}.exceptions.tried_{key}.message"].format(**named)


async def async_tryout_texts(hass: HomeAssistant) -> TryOutTexts:
    """Return what writes in the language of Home Assistant, English where it has no texts."""
    return TryOutTexts(
        await translation.async_get_translations(hass, hass.config.language, "exceptions", [DOMAIN])
    )
