"""What shows that an entity is about the link of a device to a network or a server.

Such a link is "connected" and "disconnected" as a car is, and says nothing of one.
"""

import re
from typing import Final

from .evidence import says

_TO: Final = (
    "cloud|server|internet|wifi|wlan|lan|ethernet|network|netzwerk|backend|backoffice|mqtt|broker"
    "|ocpp|csms|centralsystem|websocket|modbus|bluetooth|gateway|router|api|app|portal"
)
_STATE: Final = re.compile(
    rf"online|reachable|erreichbar|(?:{_TO})(?:(?:is)?(?:not|dis)?connected|(?:nicht)?verbunden)"
    rf"|(?:connect\w*|verbunden|getrennt)(?:to|from|with|via|mit|von|over)(?:the|der|dem)?(?:{_TO})"
)

names_link: Final = says(
    "cloud* network wifi wi_fi wlan lan internet ethernet backend backoffice back_office boot ocpp",
    "proxy web_socket server signal modem sim lte gsm gprs tls websocket heartbeat mqtt modbus",
    "bluetooth api online* csms link uplink sync gateway_status gateway_state reachab* erreichbar*",
    "connection connections connectivity communication communications comm verbindung*",
    "verbinding* connexion conexión conexion connessione conexão connexió forbindelse* tilkobling*",
    "anslutning* połączenie připojení yhteys kapcsolat",
)
"""The words of a link in the names of an entity."""


def is_state_of_link(word: str) -> bool:
    """Return whether a state, in letters and digits only, says that a link is there, or is not."""
    return _STATE.search(word) is not None
