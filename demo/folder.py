"""The configuration folder of the demo's Home Assistant."""

import fcntl
import json
from pathlib import Path
import shutil
from typing import Any

REPO = Path(__file__).resolve().parent.parent
LOG_NAME = "console.log"
HOST = "127.0.0.1"

USER_NAME = "Demo"
USER_ID = "0d1e2f30" * 4
TIME_ZONE = "Europe/Amsterdam"

AUTOMATIONS = "automations.yaml"
"""What the editor of Home Assistant writes."""

# The base of default_config that a plan is looked at with; the whole of it would want
# Bluetooth, cameras and the cloud. There is no http block on purpose: Home Assistant takes one as
# a trial, and goes back on it after five minutes.
CONFIGURATION = f"""\
homeassistant:
  name: Demo house
  latitude: 52.0907
  longitude: 5.1214
  elevation: 5
  unit_system: metric
  currency: EUR
  country: NL
  language: en
  time_zone: {TIME_ZONE}
  auth_providers:
    - type: trusted_networks
      trusted_networks: [127.0.0.1/32]
      allow_bypass_login: true
automation: !include {AUTOMATIONS}
frontend:
calendar:
config:
energy:
history:
logbook:
my:
recorder:
  commit_interval: 1
sun:
logger:
  default: warning
  logs:
    custom_components.optivgi: info
    custom_components.demo_house: info
    # Tells every message
    ocpp: warning
    # Says of each custom integration that nobody has tested it
    homeassistant.loader: error
    # What a demo without cameras lacks
    haffmpeg: critical
    homeassistant.components.camera: critical
"""


def prepare(folder: Path, port: int, *, keep: bool) -> bool:
    """Write the folder, fresh or with what an earlier demo left in it; return whether it is fresh.

    Raises:
        OSError: Another demo runs in it.
    """
    _check_unused(folder / ".ha_run.lock")
    if folder.exists() and not keep:
        shutil.rmtree(folder)
    fresh = not (folder / ".storage").exists()
    components = folder / "custom_components"
    components.mkdir(parents=True, exist_ok=True)
    ours = Path(__file__).resolve().parent / "custom_components"
    for source in (
        REPO / "custom_components" / "optivgi",
        ours / "demo_house",
        ours / "ocpp",
    ):
        link = components / source.name
        link.unlink(missing_ok=True)
        link.symlink_to(source, target_is_directory=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION)
    (folder / AUTOMATIONS).touch()
    _store(folder, "http", 2, 2, _http(port))
    if fresh:
        _store(folder, "auth", 1, 1, _auth())
        _store(folder, "onboarding", 4, 1, {"done": _ONBOARDING_STEPS})
    return fresh


def _check_unused(lock: Path) -> None:
    """Home Assistant holds this lock for as long as it runs."""
    if not lock.exists():
        return
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OSError(f"Another demo runs in {lock.parent}: end it first") from error


_ONBOARDING_STEPS = ["user", "core_config", "analytics", "integration"]


def _http(port: int) -> dict[str, Any]:
    """Listen to this machine alone."""
    listen = {
        "server_host": [HOST],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": "2026-01-01T00:00:00+00:00",
        "error": None,
        "error_message": None,
    }
    return {"stable": listen, "pending": None, "yaml_migration_done": True}


def _auth() -> dict[str, Any]:
    """One owner, logged in by the trusted network."""
    user = {
        "id": USER_ID,
        "group_ids": ["system-admin"],
        "is_owner": True,
        "is_active": True,
        "name": USER_NAME,
        "system_generated": False,
        "local_only": True,
    }
    groups = [
        {"id": "system-admin", "name": "Administrators"},
        {"id": "system-users", "name": "Users"},
        {"id": "system-read-only", "name": "Read Only"},
    ]
    return {"users": [user], "groups": groups, "credentials": [], "refresh_tokens": []}


def _store(folder: Path, key: str, version: int, minor: int, data: dict[str, Any]) -> None:
    path = folder / ".storage" / key
    path.parent.mkdir(exist_ok=True)
    content = {"version": version, "minor_version": minor, "key": key, "data": data}
    path.write_text(json.dumps(content, indent=2))
