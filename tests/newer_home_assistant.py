"""Lets the test plugin of Home Assistant 2026.10 run with 2026.11; pytest loads it first (``-p``).

It goes when there is a plugin for 2026.11. What the plugin expects of 2026.10, and finds elsewhere:

- ``homeassistant`` is to be imported before ``httpx``, whose place it gives to ``httpx2``.
- ``_clear_logger_overwrites`` has moved within ``homeassistant.components.logger``.
"""

import homeassistant  # noqa: F401  # isort: skip

# In the plugin's own order: they change what is imported after them.
from pytest_homeassistant_custom_component import patch_json  # noqa: F401  # isort: skip
from pytest_homeassistant_custom_component import patch_recorder  # noqa: F401  # isort: skip
from pytest_homeassistant_custom_component import patch_time  # noqa: F401  # isort: skip

from homeassistant.components import logger

if not hasattr(logger, "_clear_logger_overwrites"):
    from homeassistant.components.logger import helpers

    logger._clear_logger_overwrites = helpers._clear_logger_overwrites
