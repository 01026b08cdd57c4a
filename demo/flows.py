"""Walks through the forms of a configuration flow, as a person in the UI does."""

from collections.abc import Mapping
from typing import Any

from .client import Client, DemoError

ENTRY_FLOW = "config/config_entries/flow"
SUBENTRY_FLOW = "config/config_entries/subentries/flow"
MAX_STEPS = 10


async def add_integration(client: Client, domain: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Set an integration up and return the flow's last result."""
    step = await client.post(ENTRY_FLOW, {"handler": domain})
    return await _walk(client, ENTRY_FLOW, step, wanted)


async def add_subentry(
    client: Client, entry_id: str, kind: str, wanted: Mapping[str, Any]
) -> dict[str, Any]:
    """Add a subentry to an integration that is set up."""
    step = await client.post(SUBENTRY_FLOW, {"handler": [entry_id, kind]})
    return await _walk(client, SUBENTRY_FLOW, step, wanted)


async def skip(client: Client, flow_id: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a subentry flow that another flow has led on to, until it ends with nothing added."""
    step = await client.get(f"{SUBENTRY_FLOW}/{flow_id}")
    return await _walk(client, SUBENTRY_FLOW, step, wanted, end="abort")


async def _walk(
    client: Client,
    path: str,
    step: dict[str, Any],
    wanted: Mapping[str, Any],
    end: str = "create_entry",
) -> dict[str, Any]:
    for _ in range(MAX_STEPS):
        if step["type"] == end:
            return step
        if step["type"] == "menu":
            answer: dict[str, Any] = {"next_step_id": wanted[step["step_id"]]}
        elif step["type"] == "form" and not step.get("errors"):
            answer = fill_in(step["data_schema"], wanted)
        else:
            break
        step = await client.post(f"{path}/{step['flow_id']}", answer)
    raise DemoError(
        f"The flow of {step.get('handler')} stops at step {step.get('step_id')}: "
        f"{step.get('errors') or step.get('reason') or step['type']}"
    )


def fill_in(schema: list[dict[str, Any]], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Fill a form in: with what is wanted, else with what it suggests."""
    answer: dict[str, Any] = {}
    for field in schema:
        name = field["name"]
        suggested = (field.get("description") or {}).get("suggested_value")
        if field.get("type") == "expandable":
            answer[name] = fill_in(field["schema"], wanted)
        elif name in wanted:
            answer[name] = wanted[name]
        elif suggested is not None:
            answer[name] = suggested
        elif field.get("required") and "default" in field:
            answer[name] = field["default"]
    return answer
