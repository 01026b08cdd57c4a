"""``scripts/docs`` writes docs/reference.md: what there is to see, to call and to wait for.

It comes from the code and its English texts, so that it cannot lag behind them.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
import json
from pathlib import Path
from typing import Any, Final

from homeassistant.helpers.entity import EntityDescription
from homeassistant.util.yaml import load_yaml_dict

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "reference.md"
_SOURCE: Final = ROOT / "custom_components" / "optivgi"
_MODULES: Final = ("number", "sensor", "session_sensor")
"""Where descriptions of entities are."""
_BEGIN: Final = """# Reference

Written by `scripts/docs` from the code and its texts. How things are used: [every day](usage.md),
[sessions](sessions.md) and [automations](automations.md).
"""


def reference() -> str:
    """Return the page."""
    texts: dict[str, Any] = json.loads((_SOURCE / "translations" / "en.json").read_text("utf-8"))
    parts = (_entities(texts), _actions(texts), _automations(texts), _events(texts))
    return "\n".join([_BEGIN, *(line for part in parts for line in part)]).rstrip() + "\n"


def _entities(texts: Mapping[str, Any]) -> Iterator[str]:
    known = dict(_descriptions())
    yield "## Entities\n"
    yield "Those marked *off* are disabled until you enable them.\n"
    yield from _header("entity", "kind", "key", "unit", "states")
    for domain, of_domain in sorted(texts["entity"].items()):
        for key, text in sorted(of_domain.items()):
            description = known.get((domain, key))
            name = text.get("name", "")
            off = description is not None and not description.entity_registry_enabled_default
            unit = getattr(description, "native_unit_of_measurement", None) or ""
            states = ", ".join(f"`{state}` {said}" for state, said in text.get("state", {}).items())
            yield _row(f"{name} (*off*)" if off else name, domain, f"`{key}`", unit, states)
    yield ""


def _descriptions() -> Iterator[tuple[tuple[str, str], EntityDescription]]:
    for name in _MODULES:
        for value in vars(import_module(f"custom_components.optivgi.{name}")).values():
            for one in value if isinstance(value, tuple) else ():
                if isinstance(one, EntityDescription):
                    yield (name.rpartition("_")[2], one.key), one


def _actions(texts: Mapping[str, Any]) -> Iterator[str]:
    yield "## Actions\n"
    fields = load_yaml_dict(str(_SOURCE / "services.yaml"))
    for name, text in sorted(texts["services"].items()):
        yield f"### optivgi.{name}\n"
        yield f"{text['description']}\n"
        given = (fields[name] or {}).get("fields", {})
        if given:
            yield from _header("field", "required", "what it is")
        for field, of_field in given.items():
            said = text["fields"][field]
            required = "yes" if of_field.get("required") else ""
            about = said.get("description", "")
            yield _row(f"`{field}`", required, f"**{said['name']}**. {about}".strip())
        yield ""


def _automations(texts: Mapping[str, Any]) -> Iterator[str]:
    for kind in ("triggers", "conditions"):
        yield f"## {kind.title()}\n"
        yield from _header(kind.removesuffix("s"), "key", "what it is")
        for key, text in sorted(texts[kind].items()):
            yield _row(text["name"], f"`optivgi.{key}`", text["description"])
        yield ""


def _events(texts: Mapping[str, Any]) -> Iterator[str]:
    module = import_module("custom_components.optivgi.explain.session_news")
    yield "## Events\n"
    yield from _header("event", "type", "what it is")
    for key, text in sorted(texts["entity"]["event"].items()):
        types = text["state_attributes"]["event_type"]["state"]
        for type_, said in sorted(types.items()):
            yield _row(f"{text['name']} (`event`, `{key}`)", f"`{type_}`", said)
    yield _row("On the bus", f"`{module.EVENT_SESSION_FINISHED}`", "[A session ended](sessions.md)")


def _header(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield "|" + "---|" * len(cells)


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
