"""What speaks for an entity that starts or stops a charger, and against it."""

from typing import Final

from ..evidence import Candidate, EvidenceCode, Role, Sign, says, when
from .options import on_off_options
from .role_words import CHARGING, HOUSE, RULED_OUT

_ONLY_CHARGING: Final = frozenset(
    (
        *("charge", "charges", "charging", "laden", "ladung", "laadpaal", "charger", "ev", "evse"),
        *("evcharger",),
        *("car", "vehicle", "station", "point", "box", "wallbox", "connector", "socket", "outlet"),
        *("control", "controls", "switch", "button", "mode", "state", "main", "power", "virtual"),
        *("session", "enable", "enabled", "disable", "allow", "allowed", "start", "stop", "force"),
        *("startstop", "activate", "active", "resume", "pause", "paused", "on", "off", "is", "the"),
        *("and", "of", "erlauben", "erlaubt", "freigabe", "freigeben", "ladevorgang", "starten"),
    )
)
"""A switch that says none but these words is about charging, and nothing else."""

_SETTING: Final = (
    HOUSE,
    # Who else may decide
    "auto auto* smart* schedule* scheduling timer* delay* countdown eco green boost storm guard",
    "awattar tibber dynamic modulat* load balanc* limit* proxy server ocpp cloud evcc override",
    "manual remote plan* night weekend holiday tariff price* cost* reserve* reservation backup",
    "island shar*",
    "group",
    # Who may charge
    "lock* unlock* verriegel* child card cards rfid nfc auth* login logout pin plug simulat* free",
    "public guest availab* block* inhibit* privacy safe* sleep* standby maintenance",
    # How it charges
    "fast quick turbo slow low reduced single three phase phases current currents amp amps soc",
    "intercharge",
    "percent min minimum max maximum permanent* remain* discharg* bidirectional v2g v2h v2l",
    "temperature failsafe fallback hold keep stay retry ramp* random* wait* calculate* detect*",
    # Something else of a device, or of a car
    "sperre *verriegelung überschuss* zeitplan offline led leds light* lamp backlight display",
    "screen sound buzzer beep* volume update* updating upgrade live api wifi wlan ethernet",
    "bluetooth ble mqtt modbus debug diagnos* log log* monitor* ventil* fan heat* cool* climate",
    "*condition* defrost valet sentry camera poll* steering seat* horn door window trunk frunk",
    "port flap cable notif* alarm alert protect* ground* earth* relay contactor reboot reset",
    "restart factory identify demo test* tracking sync* clock daylight language unit units record*",
    "status offset discover* refresh calibrat* beta experiment* ambient anti* legacy button",
    "buttons weather",
)
_is_paused_by = says("pause paused pausing suspend suspended stop stopped")
_resumes = says(
    "resume continue start started starting startstop enable enabled allow allowed active control"
)


def _says_only_charging(entity: Candidate) -> bool:
    words = (entity.named or entity.words).split()
    return bool(words) and all(
        word in _ONLY_CHARGING or any(char.isdigit() for char in word) for word in words
    )


def _is_nameless(entity: Candidate) -> bool:
    """Return whether it is called like its device: what the device is there for."""
    says_nothing = all(word.isdigit() or word == "indexed" for word in entity.named.split())
    return says_nothing and not entity.setting


def _pauses(entity: Candidate) -> bool:
    """Return whether it is on while the charger does not charge."""
    return _is_paused_by(entity) is not None and _resumes(entity) is None


def _called(entity: Candidate) -> str:
    return entity.named or entity.words


# Some integrations call all their controls configuration; then the words have to be clear.
_OF_SETTINGS: Final = Sign(-3, EvidenceCode.SETTING, when(lambda entity: entity.setting, _called))

SWITCH: Final = Role(
    domains=frozenset({"switch"}),
    suits=lambda entity: not _pauses(entity),
    signs=(
        Sign(6, EvidenceCode.WORDS, says(CHARGING)),
        Sign(5, EvidenceCode.WORDS, says("charger evse wallbox laadpaal lader")),
        Sign(
            4,
            EvidenceCode.WORDS,
            says(
                "start starting stop startstop enable enabled allow allowed release freigabe",
                "permit activate active resume session transaction ladevorgang erlauben erlaubt",
                "freigeben starten",
            ),
        ),
        Sign(2, EvidenceCode.WORDS, says("control virtual")),
        Sign(7, EvidenceCode.NAMELESS, when(_is_nameless, lambda entity: "")),
        Sign(3, EvidenceCode.ONLY_CHARGING, when(_says_only_charging, _called)),
        Sign(
            -2,
            EvidenceCode.OTHER_WORDS,
            when(lambda entity: bool(entity.named) and not _says_only_charging(entity), _called),
        ),
        _OF_SETTINGS,
        Sign(RULED_OUT, EvidenceCode.NOT_IT, says(*_SETTING)),
    ),
    needed=6,
)
"""On while it may charge."""

PAUSE: Final = Role(
    domains=frozenset({"switch"}),
    suits=_pauses,
    signs=(
        Sign(4, EvidenceCode.PAUSES, _is_paused_by),
        Sign(3, EvidenceCode.ONLY_CHARGING, when(_says_only_charging, _called)),
        _OF_SETTINGS,
        Sign(RULED_OUT, EvidenceCode.NOT_IT, says(*_SETTING)),
    ),
    needed=6,
)
"""On while it may not charge."""


def _options(entity: Candidate) -> str:
    return ", ".join(on_off_options(entity.options) or ())


def names_charging(entity: Candidate) -> bool:
    """Return whether the options of a select that start and stop say that they do."""
    found = on_off_options(entity.options)
    return found is not None and found.names_charging


SELECT: Final = Role(
    domains=frozenset({"select"}),
    suits=lambda entity: on_off_options(entity.options) is not None,
    signs=(
        Sign(5, EvidenceCode.OPTIONS, when(lambda entity: True, _options)),
        Sign(4, EvidenceCode.OPTIONS, when(names_charging, _options)),
        Sign(
            2,
            EvidenceCode.WORDS,
            says(CHARGING, "charger force forced start stop override control operation lademodus"),
        ),
        Sign(1, EvidenceCode.WORDS, says("mode modus state command")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(
                "lock* cable outlet led light display phase* schedule* scheduling rfid auth* card",
                "access language sound wifi network ocpp load balanc* logic update color climate",
                "heat* seat* battery house grid log log* unit timer weekday day month availab*",
                "connection protocol tariff failsafe fallback sleep ambient scene c2",
            ),
        ),
    ),
    needed=6,
)
"""It has an option with which it charges, and one with which it does not."""

_OTHER_BUTTONS: Final = (
    HOUSE,
    "request data reboot restart reset unlock lock identify update* updating refresh logout login",
    "auth* led light schedule* scheduling climate heat* *condition* ventil* horn flash wake engine",
    "timer firmware factory clear log test card rfid boost eco smart discharg* v2g v2h v2l door",
    "window trunk port cable locate find sync defrost fan fault error alarm ocpp wifi discover*",
    "pair* scan delete override approve reserve* reservation plan program auto automatic",
)
_CHARGING_OR_SESSION: Final = (CHARGING, "charger session transaction ladevorgang")
START: Final = Role(
    domains=frozenset({"button"}),
    suits=lambda entity: True,
    signs=(
        Sign(5, EvidenceCode.WORDS, says("start begin starten")),
        Sign(4, EvidenceCode.WORDS, says("enable activate on einschalten")),
        Sign(3, EvidenceCode.WORDS, says("resume continue allow")),
        Sign(4, EvidenceCode.WORDS, says(*_CHARGING_OR_SESSION)),
        Sign(2, EvidenceCode.ONLY_CHARGING, when(_says_only_charging, _called)),
        # Of two, the one that starts whatever else is set.
        Sign(2, EvidenceCode.WORDS, says("force forced now")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says(*_OTHER_BUTTONS, "stop stopping stopped pause disable end off"),
        ),
    ),
    needed=6,
)
"""Pressed to start charging."""

STOP: Final = Role(
    domains=frozenset({"button"}),
    suits=lambda entity: True,
    signs=(
        Sign(5, EvidenceCode.WORDS, says("stop stopping stopped")),
        Sign(4, EvidenceCode.WORDS, says("disable deactivate off end terminate ausschalten")),
        Sign(3, EvidenceCode.WORDS, says("pause suspend")),
        Sign(4, EvidenceCode.WORDS, says(*_CHARGING_OR_SESSION)),
        Sign(2, EvidenceCode.ONLY_CHARGING, when(_says_only_charging, _called)),
        Sign(
            RULED_OUT, EvidenceCode.NOT_IT, says(*_OTHER_BUTTONS, "start resume continue enable on")
        ),
    ),
    needed=6,
)
"""Pressed to stop charging."""

PLUG: Final = Role(
    domains=frozenset({"switch"}),
    suits=lambda entity: not entity.setting,
    signs=(
        Sign(6, EvidenceCode.WORDS, says("outlet plug relay socket output")),
        Sign(
            RULED_OUT,
            EvidenceCode.NOT_IT,
            says("led leds light lock child schedule* auto* boost smart timer power_on overload"),
        ),
    ),
    needed=6,
)
"""What a plug at the wall has: what hangs on it is on or off."""
