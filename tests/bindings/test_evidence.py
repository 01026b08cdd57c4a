"""Whatever else an entity says: what speaks against it rules it out, and order means nothing."""

from hypothesis import given, strategies as st
import pytest

from custom_components.optivgi.bindings.chargers.limit_role import LIMIT
from custom_components.optivgi.bindings.chargers.on_off_roles import (
    PAUSE,
    SELECT,
    START,
    STOP,
    SWITCH,
)
from custom_components.optivgi.bindings.chargers.report_roles import MAXIMUM, POWER, STATUS
from custom_components.optivgi.bindings.evidence import Candidate, rank, split_words

SPEAK_FOR = (
    *("charging", "charge", "charger", "current", "dynamic", "requested", "limit", "enabled"),
    *("start", "stop", "session", "control", "status", "state", "connector", "vehicle", "plugged"),
    *("power", "total", "active", "ev", "mode", "force", "max"),
)
SPEAK_AGAINST = {
    "limit": (LIMIT, "safe fallback fixed stored grid house solar min default offline phase led"),
    "switch": (SWITCH, "schedule lock solar smart card plug storm proxy limiter led auto boost"),
    "pause": (PAUSE, "schedule dynamic timer lock led"),
    "select": (SELECT, "phase lock led schedule ocpp logic outlet"),
    "start": (START, "reboot unlock refresh schedule climate stop"),
    "stop": (STOP, "reboot unlock refresh schedule climate start"),
    "status": (
        STATUS,
        "reason error cloud wifi firmware lock boot mode grid solar link connection reachable",
    ),
    "power": (POWER, "l1 phase grid house solar max limit offered peak meter ct"),
    "maximum": (MAXIMUM, "grid house min cable l2 available"),
}


DOMAINS = {"limit": "number", "select": "select", "status": "sensor", "power": "sensor"}
UNITS = {"limit": "A", "maximum": "A", "power": "W"}


def entity(name: str, words: str, number: int = 0) -> Candidate:
    """Return an entity that fits a role in all but its words."""
    role, _ = SPEAK_AGAINST[name]
    domain = DOMAINS.get(name, min(role.domains))
    return Candidate(
        entity_id=f"{domain}.entity_{number}",
        domain=domain,
        named=words,
        words=words,
        unit=UNITS.get(name),
        options=("Don't charge", "Charge") if name == "select" else (),
        minimum=6,
        maximum=32,
    )


some_words = st.lists(st.sampled_from(SPEAK_FOR), max_size=6)


@pytest.mark.parametrize("name", SPEAK_AGAINST)
@given(before=some_words, after=some_words, data=st.data())
def test_nothing_makes_up_for_what_rules_it_out(
    name: str, before: list[str], after: list[str], data: st.DataObject
) -> None:
    role, against = SPEAK_AGAINST[name]
    word = data.draw(st.sampled_from(against.split()))
    assert rank(role, [entity(name, " ".join((*before, word, *after)))]) == []


@pytest.mark.parametrize("name", SPEAK_AGAINST)
@given(texts=st.lists(st.lists(st.sampled_from(SPEAK_FOR), min_size=1, max_size=4)), data=st.data())
def test_the_order_of_entities_means_nothing(
    name: str, texts: list[list[str]], data: st.DataObject
) -> None:
    role, _ = SPEAK_AGAINST[name]
    entities = [entity(name, " ".join(words), at) for at, words in enumerate(texts)]
    shuffled = data.draw(st.permutations(entities))
    assert rank(role, shuffled) == rank(role, entities)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EVPlugState", "ev plug state"),
        ("charge_cur_set", "charge cur set"),
        ("SmartEVSE-6201-ChargeCurrentOverride", "smart evse 6201 charge current override"),
        ("Soll-Ladestrom (Sofortladen)", "soll ladestrom sofortladen"),
        ("", ""),
    ],
)
def test_words_are_found_in_whatever_way_they_are_joined(text: str, words: str) -> None:
    assert split_words(text) == words
