"""The dashboard of the demo: the one that OptiVGI brings, and the page that opens first."""

from .client import Client

URL_PATH = "charging-plan"

# What the clock and the calendar look like, whatever the browser's own settings are.
LOCALE = {
    "language": "en",
    "number_format": "language",
    "time_format": "24",
    "date_format": "DMY",
    "first_weekday": "monday",
    "time_zone": "server",
}


async def add_dashboard(client: Client) -> None:
    """Add the dashboard as a person does, and make it the one that Home Assistant opens on."""
    await client.call(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="Charging plan",
        icon="mdi:ev-station",
        show_in_sidebar=True,
        require_admin=False,
    )
    await client.call(
        "lovelace/config/save",
        url_path=URL_PATH,
        config={"strategy": {"type": "custom:optivgi"}},
    )
    await client.call("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})
    await client.call("frontend/set_user_data", key="language", value=LOCALE)
