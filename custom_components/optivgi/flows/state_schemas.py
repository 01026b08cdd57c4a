"""What the states of a charger or a car mean, as a person enters it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.data_entry_flow import section
import voluptuous as vol

from ..bindings.chargers.meanings import CONFIGURED_STATES
from .fields import WORDS_FIELD, Refusal

SECTION_STATES: Final = "states"
STATES: Final = section(
    vol.Schema({vol.Optional(key): WORDS_FIELD for key in CONFIGURED_STATES}),
    {"collapsed": True},
)


def check_states(entered: Mapping[str, Any]) -> Refusal | None:
    """Return which state is said to mean two things; None where none is."""
    states = [
        state.strip().casefold() for key in CONFIGURED_STATES for state in entered.get(key, ())
    ]
    twice = next((state for state in states if states.count(state) > 1), None)
    return None if twice is None else (SECTION_STATES, "state_means_two_things", {"state": twice})
