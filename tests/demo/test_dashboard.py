"""The demo's dashboard says in words what has come of a plan that a charger follows by itself."""

from demo.dashboard import PROFILE
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template
import pytest

from custom_components.optivgi.bindings.chargers.ocpp.report import ProfileState


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        (None, "none yet"),
        (ProfileState.WAITING, "waits to be sent"),
        (ProfileState.SENT, "sent"),
        (ProfileState.CONFIRMED, "followed"),
        (ProfileState.FAILED, "not followed"),
    ],
)
def test_charging_profile_is_in_words(
    hass: HomeAssistant, profile: ProfileState | None, says: str
) -> None:
    attributes = {} if profile is None else {"profile": profile}
    hass.states.async_set("sensor.yard_status", "waiting", attributes)
    template = Template(PROFILE.replace("STATUS", "sensor.yard_status"), hass)
    assert template.async_render().strip() == f"Charging profile: {says}"


def test_every_state_of_a_profile_has_a_word() -> None:
    assert all(f"'{state}'" in PROFILE for state in ProfileState)
