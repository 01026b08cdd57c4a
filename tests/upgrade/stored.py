"""What a version has stored, as files: written once, read by the tests ever after."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
import json
from pathlib import Path
from typing import Any, Final, Self

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.optivgi.const import DOMAIN

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"
# Lists and objects nested deeper than this stand in one line.
_DEPTH: Final = 3
_DEPTHS: Final = {"core.config_entries": 7, "outside": 2}
_KEYS: Final = ("core.config_entries", "core.device_registry", "core.entity_registry")
_OUTSIDE: Final = "outside"
# Fields that only help to find others or begin something, or whose value is the title
_NOT_STORED: Final = frozenset({"device_id", "entity_id", "name", "try_out"})
# What is remembered once, not for each charger or car
_SINGLE: Final = frozenset({"meter", "operator"})
# What an evening at these sites does not bring about: each has the value that it begins with
_NOT_SEEN: Final = frozenset(
    {
        "chargers.phase",
        "histories.takes",
        "ledgers.basis",
        "ledgers.end",
        "ledgers.gaps",
        "ledgers.unobserved_h",
        "ledgers.until",
        "meter.changes_only",
        "peaks.earlier",
        "peaks.month",
        "peaks.seen_at",
        "phases.changes_only",
        "phases.surplus_kw",
        "sessions.finished",
        "sessions.given_kwh",
        "sessions.held_by",
        "sessions.held_until",
        "sessions.phases_held",
        "sessions.shortage_accepted",
    }
)
_SETTINGS: Final = frozenset({"datetime", "number", "select", "time"})


@dataclass(frozen=True)
class Stored:
    """What lies on the disk of a house when Home Assistant stops, and what stands around it.

    Attributes:
        files: Home Assistant's files, by their names.
        now: When that was.
        states: What everything outside showed.
        settings: What our own entities showed that a person sets.
    """

    files: Mapping[str, Any]
    now: datetime
    states: list[Mapping[str, Any]]
    settings: Mapping[str, str]

    @property
    def entries(self) -> Mapping[str, Mapping[str, Any]]:
        """Our config entries, by their ids."""
        return {entry["entry_id"]: entry for entry in self._entries if entry["domain"] == DOMAIN}

    @property
    def _entries(self) -> list[Mapping[str, Any]]:
        entries: list[Mapping[str, Any]] = self.files["core.config_entries"]["data"]["entries"]
        return entries

    @property
    def entities(self) -> list[Mapping[str, Any]]:
        """Our entities in the registry."""
        return [
            entity
            for entity in self.files["core.entity_registry"]["data"]["entities"]
            if entity["platform"] == DOMAIN
        ]

    @property
    def entity_ids(self) -> dict[str, str]:
        """The ids of our entities, by platform and unique id."""
        return {
            f"{entity['entity_id'].partition('.')[0]} {entity['unique_id']}": entity["entity_id"]
            for entity in self.entities
        }

    def named(self, value: Any) -> Any:
        """Return a value in which names take the places of ids, which are made by chance."""
        names = {}
        for entry in self._entries:
            names[entry["entry_id"]] = entry["title"]
            names |= {part["subentry_id"]: part["title"] for part in entry["subentries"]}
        for device in self.files["core.device_registry"]["data"]["devices"]:
            names[device["id"]] = device["name"]
        text = json.dumps(value)
        for id_, name in names.items():
            text = text.replace(id_, name)
        return json.loads(text)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read what a version has written."""
        files = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
        outside = files.pop(_OUTSIDE)
        now = datetime.fromisoformat(outside.pop("now"))
        return cls(files=files, now=now, **outside)

    def write(self, folder: Path) -> None:
        """Write it, into a folder that is not there yet: what is stored does not change."""
        folder.mkdir(parents=True)
        outside = {"now": self.now.isoformat(), "settings": self.settings, "states": self.states}
        for name, content in {**self.files, _OUTSIDE: outside}.items():
            text = "".join(_lines(content, _DEPTHS.get(name, _DEPTH)))
            (folder / f"{name}.json").write_text(text + "\n")


def _lines(value: Any, depth: int, indent: str = "") -> Iterator[str]:
    if not value or not depth or not isinstance(value, list | dict):
        yield json.dumps(value, ensure_ascii=False)
        return
    keyed = isinstance(value, dict)
    opened, closed = "{}" if keyed else "[]"
    items = value.items() if keyed else ((None, item) for item in value)
    yield opened
    for n, (key, item) in enumerate(items):
        yield ("," if n else "") + f"\n{indent} " + (f"{json.dumps(key)}: " if keyed else "")
        yield from _lines(item, depth - 1, f"{indent} ")
    yield f"\n{indent}{closed}"


async def async_end(hass: HomeAssistant, storage: Mapping[str, Any], now: datetime) -> Stored:
    """Let go of all sites and write everything, as when Home Assistant stops."""
    ours = {
        entry.entity_id
        for entry in er.async_get(hass).entities.values()
        if entry.platform == DOMAIN
    }
    states = [
        {
            "entity_id": state.entity_id,
            "state": state.state,
            "attributes": state.attributes,
            "timestamp": state.last_changed_timestamp,
        }
        for state in sorted(hass.states.async_all(), key=lambda state: state.entity_id)
        if state.entity_id not in ours
    ]
    settings = {
        state.entity_id: state.state
        for state in sorted(hass.states.async_all(_SETTINGS), key=lambda state: state.entity_id)
        if state.entity_id in ours
    }
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        assert await hass.config_entries.async_unload(entry.entry_id)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    files = {key: file for key, file in storage.items() if key in _KEYS or DOMAIN in key}
    # As they are read again, without the types that only live in memory.
    told = json.loads(json.dumps({"files": files, "states": states}, default=str))
    return Stored(now=now, settings=settings, **told)


def differences(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """Yield what is lost or changed; what is new is fine."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key not in after:
                yield f"{path}/{key} is gone"
            else:
                yield from differences(value, after[key], f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}/{n}")
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


def settings_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is configured of a site and its parts, by their names."""
    return {part["title"]: dict(part["data"]) for part in (entry, *entry["subentries"])}


def folder_of(version: str) -> Path:
    """Return where a version is to be written: what it has stored before stays beside that."""
    names = (version, *(f"{version}-{n}" for n in range(2, 100)))
    return next(folder for name in names if not (folder := FIXTURES / name).exists())


def _remembered(section: str, rows: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a section of the memory holds, by its fields; what has none as it is."""
    of_section = [rows] if section in _SINGLE else getattr(rows, "values", lambda: [rows])()
    for row in of_section:
        if isinstance(row, dict):
            yield from ((f"{section}.{key}", value) for key, value in row.items())
        else:
            yield section, row


def unused(stored: Stored, fields: Iterable[str]) -> list[str]:
    """Return the form fields that nothing was entered in, and what is remembered nowhere.

    Of the latter every field that an evening can bring about has at least two values, or it may as
    well have its default.
    """
    parts = [part for entry in stored.entries.values() for part in (entry, *entry["subentries"])]
    entered = {key for part in parts for key in (*part["data"], *part.get("options", ()))}
    remembered: dict[str, set[str]] = {}
    for entry_id in stored.entries:
        for section, rows in stored.files[f"{DOMAIN}.{entry_id}"]["data"].items():
            for key, value in _remembered(section, rows):
                remembered.setdefault(key, set()).add(json.dumps(value))
    same = [key for key, values in remembered.items() if len(values) == 1 and key not in _NOT_SEEN]
    return sorted({*fields} - entered - _NOT_STORED) + same
