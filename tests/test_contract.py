"""What Home Assistant's own checks ask of an integration, and what its users read.

Manifest, actions, texts and icons have to agree with the code. Home Assistant's checker,
hassfest, runs on CI only; its rules that matter here are repeated.
"""

import ast
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any
from urllib.parse import urlparse

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.selector import (
    ObjectSelector,
    SelectOptionDict,
    Selector,
    validate_selector,
)
from homeassistant.util.yaml import load_yaml_dict
import pytest
import voluptuous as vol

from custom_components.optivgi import const
from custom_components.optivgi.backtest.past import Unknown
from custom_components.optivgi.bindings.chargers.discovery import SINGLE_FIELDS
from custom_components.optivgi.bindings.evidence import EvidenceCode
from custom_components.optivgi.bindings.vehicle_discovery import CAR_FIELDS
from custom_components.optivgi.calendar import EventText
from custom_components.optivgi.const import DOMAIN, PriceSource
from custom_components.optivgi.explain.backtest import text_key
from custom_components.optivgi.explain.reason_code import ReasonCode
from custom_components.optivgi.explain.reason_texts import DECIMAL_MARK, WEEKDAYS
from custom_components.optivgi.explain.sessions import OF_GUESTS, SessionText
from custom_components.optivgi.flows import (
    battery,
    charger_schemas,
    charger_tryout,
    circuit,
    device_step,
    guide,
    peak_tariff_schemas,
    site_schemas,
    vehicle_schemas,
)
from custom_components.optivgi.flows.price_entities import ANY_PRICE_ENTITY, price_choice
from custom_components.optivgi.flows.proposal.page import CAR_SCHEMA, Proposal
from custom_components.optivgi.flows.proposal.texts import PROPOSED, ProposalTexts
from custom_components.optivgi.flows.tryout_texts import LEARNED
from custom_components.optivgi.sessions.ledger import MissedWhy
from tests.house import CHARGERS, ENGLISH, GARAGE_DATA, STORE, VEHICLES, House, named_in, subentry

PACKAGE = Path(const.__file__).parent
ICONS: Mapping[str, Any] = json.loads((PACKAGE / "icons.json").read_text())
SERVICES = load_yaml_dict(str(PACKAGE / "services.yaml"))
MANIFEST: Mapping[str, Any] = json.loads((PACKAGE / "manifest.json").read_text())


def texts(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield all texts with where they stand."""
    for key, value in node.items():
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            yield from texts(value, where)
        else:
            yield where, value


def keys(node: Mapping[str, Any]) -> Iterator[str]:
    """Yield all keys."""
    for key, value in node.items():
        yield key
        if isinstance(value, dict):
            yield from keys(value)


# The manifest


def test_manifest_is_in_order_and_complete() -> None:
    assert list(MANIFEST) == ["domain", "name", *sorted(set(MANIFEST) - {"domain", "name"})]
    assert MANIFEST["domain"] == DOMAIN == PACKAGE.name
    assert MANIFEST["config_flow"] is True
    assert MANIFEST["integration_type"] in {"hub", "service"}
    assert MANIFEST["iot_class"] == "calculated"
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    for key in ("documentation", "issue_tracker"):
        assert urlparse(MANIFEST[key]).scheme == "https"


def test_versions_and_requirements_are_those_of_the_project() -> None:
    project = (PACKAGE.parent.parent / "pyproject.toml").read_text()
    assert f'version = "{MANIFEST["version"]}"' in project
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])
    for requirement in MANIFEST["requirements"]:
        assert f'"{requirement}"' in project


# Texts


@pytest.mark.parametrize(("where", "text"), texts(ENGLISH))
def test_text_keeps_the_rules(where: str, text: str) -> None:
    assert text == text.strip()
    assert text
    assert "[%" not in text
    assert not re.search(r"<[a-z/]", text)
    assert not re.search(r"\w+://|www\.", text)
    assert not re.search(r"'{\w+}'", text)
    assert "  " not in text


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (where, text)
        for where, text in texts(ENGLISH)
        # Parts of sentences, and lines of a list
        if not where.startswith(
            (
                "exceptions.calendar_",
                "exceptions.card_",
                "exceptions.clock_",
                "exceptions.proposal_",
            )
        )
        and not {"error", "abort", "exceptions", "description", "data_description"}.isdisjoint(
            where.split(".")
        )
        and not where.endswith((".title", ".name"))
    ],
)
def test_sentence_ends_like_one(where: str, text: str) -> None:
    assert text.endswith((".", "?", "!"))


def test_keys_are_slugs() -> None:
    slug = re.compile(r"(?!.*[_-]{2})[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
    assert [key for key in (*keys(ENGLISH), *keys(ICONS)) if not slug.fullmatch(key)] == []


# Forms

FORECASTS: list[SelectOptionDict] = [{"value": "roof", "label": "Roof"}]
FORMS: dict[str, vol.Schema] = {
    "config.step.house": Proposal((), ProposalTexts({}, {}, {})).schema("Home"),
    "config.step.car": CAR_SCHEMA,
    "config.step.site": site_schemas.site_schema(FORECASTS),
    "config.step.reconfigure": site_schemas.site_schema(FORECASTS),
    "config.step.price_entity": site_schemas.price_schema(
        PriceSource.ENTITY, ANY_PRICE_ENTITY, price_choice({})
    ),
    "config.step.time_of_use": site_schemas.price_schema(PriceSource.TIME_OF_USE, ANY_PRICE_ENTITY),
    "config.step.constant": site_schemas.price_schema(PriceSource.CONSTANT, ANY_PRICE_ENTITY),
    **{
        f"config.step.{step}": vol.Schema({})
        for step in ("prices_known", "prices_forecast", "prices_now", "prices_unread")
    },
    "config_subentries.battery.step.user": battery.BATTERY_SCHEMA,
    "config_subentries.battery.step.reconfigure": battery.BATTERY_SCHEMA,
    "config_subentries.charger.step.charger": guide.next_schema("charger"),
    "config_subentries.charger.step.vehicle": guide.next_schema("vehicle"),
    "config_subentries.charger.step.begin": guide.BEGIN_SCHEMA,
    "config_subentries.charger.step.vehicle_device": device_step.DEVICE_SCHEMA,
    "config_subentries.charger.step.vehicle_entities": vehicle_schemas.vehicle_schema({}),
    "config_subentries.charger.step.user": device_step.DEVICE_SCHEMA,
    "config_subentries.charger.step.choose": device_step.choice_schema(
        dict.fromkeys(SINGLE_FIELDS, ())
    ),
    "config_subentries.charger.step.vehicle_choose": device_step.choice_schema(
        dict.fromkeys(CAR_FIELDS, ())
    ),
    "config_subentries.vehicle.step.choose": device_step.choice_schema(
        dict.fromkeys(CAR_FIELDS, ())
    ),
    "config_subentries.charger.step.entities": charger_schemas.charger_schema(
        phases="3", circuits={"shed": "Shed"}
    ),
    "config_subentries.charger.step.reconfigure": charger_schemas.charger_schema(
        phases="3", circuits={"shed": "Shed"}
    ),
    "config_subentries.charger.step.tried": charger_tryout.TRIED_SCHEMA,
    "config_subentries.circuit.step.user": circuit.circuit_schema({"shed": "Shed"}),
    "config_subentries.circuit.step.reconfigure": circuit.circuit_schema({"shed": "Shed"}),
    "config_subentries.peak_tariff.step.preset": peak_tariff_schemas.preset_schema(),
    "config_subentries.peak_tariff.step.own": peak_tariff_schemas.own_schema(),
    "config_subentries.vehicle.step.user": device_step.DEVICE_SCHEMA,
    "config_subentries.vehicle.step.entities": vehicle_schemas.vehicle_schema({}),
    "config_subentries.vehicle.step.reconfigure": vehicle_schemas.vehicle_schema({}),
}


def at(path: str) -> Any:
    """Return what stands at a place of the texts."""
    node: Any = ENGLISH
    for key in path.split("."):
        node = node[key]
    return node


def test_every_step_has_a_form() -> None:
    steps = {
        f"config.step.{name}"
        for name, step in ENGLISH["config"]["step"].items()
        if "menu_options" not in step
    }
    for kind, of_kind in ENGLISH["config_subentries"].items():
        steps |= {
            f"config_subentries.{kind}.step.{name}"
            for name, step in of_kind["step"].items()
            if "menu_options" not in step
        }
    assert steps == FORMS.keys()


@pytest.mark.parametrize("path", FORMS)
def test_every_field_is_named_and_described(path: str) -> None:
    schema = FORMS[path].schema
    sections = {str(key): value for key, value in schema.items() if isinstance(value, section)}
    fields = {str(field) for field in schema} - sections.keys()
    step = at(path)
    assert step.keys() >= {"title", "description"}
    assert step.get("data", {}).keys() == fields
    assert step.get("data_description", {}).keys() == fields
    assert step.get("sections", {}).keys() == sections.keys()
    for name, part in sections.items():
        texts_of_it = step["sections"][name]
        assert texts_of_it.keys() == {"name", "description", "data", "data_description"}
        # Shown as it is, unlike all else.
        assert not set("*_`[") & set(texts_of_it["description"].replace("limit_", ""))
        for of_fields in ("data", "data_description"):
            assert texts_of_it[of_fields].keys() == {str(field) for field in part.schema.schema}


def test_forms_shown_twice_read_the_same() -> None:
    for one, two in (
        ("config.step.site", "config.step.reconfigure"),
        (
            "config_subentries.charger.step.entities",
            "config_subentries.charger.step.reconfigure",
        ),
        (
            "config_subentries.vehicle.step.entities",
            "config_subentries.vehicle.step.reconfigure",
        ),
        (
            "config_subentries.vehicle.step.entities",
            "config_subentries.charger.step.vehicle_entities",
        ),
        ("config_subentries.vehicle.step.user", "config_subentries.charger.step.vehicle_device"),
        ("config_subentries.vehicle.step.choose", "config_subentries.charger.step.vehicle_choose"),
        ("config_subentries.circuit.step.user", "config_subentries.circuit.step.reconfigure"),
        ("config_subentries.battery.step.user", "config_subentries.battery.step.reconfigure"),
    ):
        for part in ("data", "data_description"):
            assert at(one)[part] == at(two)[part]
        assert at(one).get("sections") == at(two).get("sections")


def _selectors(selector: Selector[Any] | section) -> Iterator[Mapping[str, Any]]:
    """Yield the configuration of a selector and of those in its fields, or in a section."""
    if isinstance(selector, section):
        for part in selector.schema.schema.values():
            yield from _selectors(part)
        return
    yield selector.config
    if isinstance(selector, ObjectSelector):
        for field in selector.config.get("fields", {}).values():
            yield from _selectors(field["selector"])


def test_every_option_of_the_forms_is_translated() -> None:
    used: dict[str, set[str]] = {}
    for schema in FORMS.values():
        for selector in schema.schema.values():
            for config in _selectors(selector):
                if (key := config.get("translation_key")) is not None:
                    options = config.get("options") or config.get("fields", {})
                    used.setdefault(key, set()).update(
                        option["value"] if isinstance(option, dict) else option
                        for option in options
                    )
    for action in SERVICES.values():
        for field in action["fields"].values():
            choice = field["selector"].get("select") or {}
            if "translation_key" in choice:
                used.setdefault(choice["translation_key"], set()).update(choice["options"])
    translated = {
        key: set(texts.get("options") or texts["fields"])
        for key, texts in ENGLISH["selector"].items()
    }
    assert translated == used


# What goes wrong


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            yield name, node


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def _constants() -> dict[str, str]:
    """Return the texts that the modules have given a name."""
    found = {}
    for _, tree in _sources():
        for node in tree.body:
            target = node.target if isinstance(node, ast.AnnAssign) else None
            if isinstance(node, ast.Assign):
                target = node.targets[0]
            if isinstance(target, ast.Name) and isinstance(
                value := getattr(node, "value", None), ast.Constant
            ):
                found[target.id] = value.value
    return found


CONSTANTS = _constants()


def _text(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return CONSTANTS.get(node.id) if isinstance(node, ast.Name) else None


def _texts(node: ast.expr, tree: ast.Module) -> list[str]:
    """Return what a text may be: one, or any of a table that stands in the same module."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return [
            _text(value) or ""
            for statement in tree.body
            if isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.target.id == node.value.id
            and isinstance(statement.value, ast.Dict)
            for value in statement.value.values
        ]
    text = _text(node)
    return [] if text is None else [text]


def _raised(*errors: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the reasons that errors are raised for, and what their texts may name."""
    for _, tree in _sources():
        for name, call in _calls(tree):
            if name in errors:
                yield _text(call.args[0]) or "", {keyword.arg or "" for keyword in call.keywords}


def _tariff_errors() -> Iterator[tuple[str, set[str]]]:
    yield from _raised("TariffError", "TariffNotReady")


@pytest.mark.parametrize(("reason", "named"), _tariff_errors())
def test_reason_why_prices_cannot_be_read_has_its_text(reason: str, named: set[str]) -> None:
    """It is shown with the field of a form, and as an exception when a site is set up."""
    text = ENGLISH["exceptions"][reason]["message"]
    assert ENGLISH["config"]["error"][reason] == f"{{field}}: {text}"
    assert named_in(text) <= named


def _translated(function: str | None = None) -> Iterator[tuple[str, set[str]]]:
    """Yield the keys and placeholders that calls with a translation key name."""
    for _, tree in _sources():
        for name, call in _calls(tree):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            is_issue = name == "async_create_issue"
            if "translation_placeholders" not in given or is_issue is (function is None):
                continue
            placeholders = given["translation_placeholders"]
            for key in _texts(given["translation_key"], tree):
                assert isinstance(placeholders, ast.Dict)
                yield key, {_text(name) or "" for name in placeholders.keys}


@pytest.mark.parametrize(
    ("key", "named"), [*_translated(), *_raised("RefusedError", "SolarForecastError")]
)
def test_exception_has_its_text(key: str, named: set[str]) -> None:
    assert named_in(ENGLISH["exceptions"][key]["message"]) <= named


@pytest.mark.parametrize(("key", "named"), _translated("async_create_issue"))
def test_issue_has_its_text(key: str, named: set[str]) -> None:
    issue = ENGLISH["issues"][key]
    if "fix_flow" in issue:
        assert issue.keys() == {"title", "fix_flow"}
        steps = issue["fix_flow"]["step"].values()
        # One that is only confirmed has nothing to choose from, and a menu has no fields.
        shown = {"title", "description"}
        assert all(step.keys() - {"menu_options", "data"} == shown for step in steps)
        assert not any(step.keys() >= {"menu_options", "data"} for step in steps)
        text = "".join(step["title"] + step["description"] for step in steps)
    else:
        assert issue.keys() == {"title", "description"}
        text = issue["description"]
    assert named_in(issue["title"] + text) <= named


def test_no_text_is_left_over() -> None:
    reasons = {reason for reason, _ in _tariff_errors()}
    raised = {key for key, _ in (*_translated(), *_raised("RefusedError", "SolarForecastError"))}
    explained = {f"reason_{code}" for code in ReasonCode} | {f"clock_{day}" for day in WEEKDAYS}
    explained |= {f"evidence_{code}" for code in EvidenceCode} | {DECIMAL_MARK}
    explained |= {
        f"found_{part}" for part in ("another", "chosen", "second", "left_out", "disabled")
    }
    explained |= {f"proposal_{text}" for text in PROPOSED}
    explained |= set(EventText)
    explained |= {f"tried_{text}" for text in LEARNED}
    explained |= set(SessionText) | {f"{text}_guest" for text in OF_GUESTS}
    explained |= {f"session_missed_{why}" for why in MissedWhy}
    explained |= {text_key(unknown) for unknown in Unknown}
    # Those of the card are looked for in its source: test_card.py.
    ours = {key for key in ENGLISH["exceptions"] if not key.startswith("card_")}
    assert ours == reasons | raised | explained
    assert ENGLISH["issues"].keys() == {key for key, _ in _translated("async_create_issue")}


_OF_VEHICLES = ["flows/vehicle.py", "flows/departure_schemas.py"]


@pytest.mark.parametrize(
    ("files", "flow", "others"),
    [
        (
            [
                "config_flow.py",
                "flows/price_checks.py",
                "flows/site_checks.py",
                "flows/meter_checks.py",
                "flows/proposal/page.py",
            ],
            ENGLISH["config"],
            {reason for reason, _ in _tariff_errors()},
        ),
        (
            [
                "flows/charger.py",
                "flows/charger_checks.py",
                "flows/charger_conflicts.py",
                "flows/charger_tryout.py",
                "flows/device_step.py",
                "flows/phase_schemas.py",
                "flows/state_schemas.py",
                "flows/tags.py",
                # It goes on with cars
                "flows/guide.py",
                *_OF_VEHICLES,
            ],
            ENGLISH["config_subentries"]["charger"],
            {reason for reason, _ in _raised("WeeklyTableError")},
        ),
        (
            ["flows/battery.py", "flows/battery_checks.py", "flows/subentry.py"],
            ENGLISH["config_subentries"]["battery"],
            set(),
        ),
        (
            ["flows/circuit.py", "flows/meter_checks.py", "flows/subentry.py"],
            ENGLISH["config_subentries"]["circuit"],
            set(),
        ),
        (
            [*_OF_VEHICLES, "flows/device_step.py", "flows/state_schemas.py", "flows/tags.py"],
            ENGLISH["config_subentries"]["vehicle"],
            {reason for reason, _ in _raised("WeeklyTableError")},
        ),
    ],
)
def test_refusals_of_a_flow_have_their_texts(
    files: list[str], flow: Mapping[str, Any], others: set[str]
) -> None:
    """A refusal is what a flow answers for a field: in a tuple after it, or in a mapping."""
    tree = ast.parse("\n".join((PACKAGE / file).read_text() for file in files))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) == 3:
            field, reason, _ = node.elts
        elif isinstance(node, ast.Dict) and len(node.keys) == 1:
            field, reason = node.keys[0] or node.values[0], node.values[0]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            field, reason = node.targets[0].slice, node.value
        else:
            continue
        if isinstance(field, ast.Name) and field.id.startswith(("CONF_", "SECTION_", "key")):
            found.add(_text(reason))
    assert flow["error"].keys() == (found - {None}) | others
    aborts = {
        _text([*call.args, *(keyword.value for keyword in call.keywords)][0])
        for name, call in _calls(tree)
        if name in {"AbortFlow", "async_abort"}
    }
    assert flow.get("abort", {}).keys() == aborts


def test_same_refusal_reads_the_same_where_chargers_lead_on_to_cars() -> None:
    both = ENGLISH["config_subentries"]
    cars = both["vehicle"]["error"]
    assert {key: both["charger"]["error"][key] for key in cars} == cars


# Actions


async def test_actions_are_described_wherever_they_have_to_be(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    registered = hass.services.async_services_for_domain(DOMAIN)
    assert registered.keys() == SERVICES.keys()
    assert registered.keys() == ENGLISH["services"].keys()
    assert registered.keys() == ICONS["services"].keys()
    for name, action in registered.items():
        fields = {str(field) for field in action.schema.schema} if action.schema else set()
        if "target" in SERVICES[name]:
            target = {str(field) for field in cv.TARGET_SERVICE_FIELDS}
            assert fields >= target
            fields -= target
        assert fields == SERVICES[name]["fields"].keys()
        text = ENGLISH["services"][name]
        assert text.keys() == {"name", "description", "fields"}
        assert fields == text["fields"].keys()
        for field in fields:
            assert text["fields"][field].keys() == {"name", "description"}
            validate_selector(SERVICES[name]["fields"][field]["selector"])
        assert ICONS["services"][name]["service"].startswith("mdi:")


# Entities


async def test_every_entity_has_a_name_an_icon_and_words_for_its_states(
    hass: HomeAssistant, house: House
) -> None:
    house.set_battery(0, 50)
    switching = {
        "phase_entity": "input_select.garage_phases",
        "one_phase": "one",
        "three_phases": "three",
    }
    garage = subentry("garage", "charger", "Garage", {**GARAGE_DATA, **switching})
    peak = subentry("peak", "peak_tariff", "BE", {"preset": "be_antwerpen"})
    await house.async_set_up_site(garage, CHARGERS[1], *VEHICLES, STORE, peak)
    found: dict[str, set[str]] = {}
    for entry in er.async_entries_for_config_entry(er.async_get(hass), "site"):
        assert entry.translation_key is not None
        found.setdefault(entry.domain, set()).add(entry.translation_key)
        text = ENGLISH["entity"][entry.domain][entry.translation_key]
        assert text["name"]
        attributes = {} if entry.disabled else house.state(entry.entity_id).attributes
        states = set(attributes.get("options") or ()) - {"Zoe", "Leaf", "Garage", "Carport"}
        assert text.get("state", {}).keys() == states
        if entry.domain == "event":
            types = text["state_attributes"]["event_type"]["state"]
            assert types.keys() == set(attributes["event_types"])
        icon = ICONS["entity"][entry.domain][entry.translation_key]
        assert icon["default"].startswith("mdi:")
        assert icon.get("state", {}).keys() <= states
    for described in (ENGLISH["entity"], ICONS["entity"]):
        assert {domain: set(entities) for domain, entities in described.items()} == found
