"""The words with which integrations say what a charger, or a car, does: data, and no code.

They are compared without spaces, dashes and capitals. Exact words come first; what is none of them
is read by its parts, in the order given: a negation, an end and a preparation all contain "charg"
though nothing flows. People in other countries name states in their language.
"""

from collections.abc import Mapping, Sequence
import re
from typing import Final

from ..link_words import is_state_of_link
from .connection import Connection

_OF_CHARGERS: Final[Mapping[Connection, str]] = {
    Connection.UNPLUGGED: """
        off false no 0off available reserved ocppreserved idle ready locked standby sleep free
        chargerfree chargerreadynovehicle evdisconnected noev nocar waitingforschedule
        frei vrij libre libero ledig disponible disponibile beschikbaar verfügbar wolny volný vapaa
        a statea a1 a2 statea1 statea2 stateok
    """,
    Connection.PLUGGED: """
        on true yes preparing occupied evconnected suspendedevse
        b stateb b1 b2 stateb1 stateb2 statebok statecok requeststateb requeststatec
        suspended paused pause stopped stopping scheduled sleeping waiting
        canceled cancelled chargingreservation deauthorizing hightariffperiod needauth nopower
        outofactivationperiod pendingapproval starting waitforcar waitcar wakeup chargerinsert
        chargerpause chargerwait activate authorizationrejected authorized authenticated authorizing
        busy busyblocked busynoncharging busynonreleased busyreserved busyscheduled cardactivation
        chargingnoncharging connect evready loadbalancingforcedoff loadbalancinglimited lowsoc
        modemsetup negotiating preparingcomm preparinginsulation queuebyecosmart queuebypowerboost
        reserving scheduleend searchcomm sleepmode solarchargingwait startcharging startdelay
        stationlocked stopcharging suspendedevdisconnected switchingto1phase switchingto3phase
        vehicledetected waitvehiclecharging cablelocked present
    """,
    Connection.CHARGING: """
        charging discharging c statec c1 c2 statec1 statec2 d stated d1 d2
        activemode boosting busycharging
        chargercharging connectedcharging inuse partialsolarcharging pluggedcharging solarcharging
        started laden ladt lädt wirdgeladen laadt aanhetladen enchargement encharge cargando
        carregando incarica lader laddar oplader ładowanie ładuje nabíjí lataa latautuu
    """,
    Connection.FINISHED: """
        suspendedev finishing complete completed finished ended done charged fullycharged full
        chargerend chargingfinishedvehiclestillconnected completedfullcharge connectedfinished
        facilityfinishing finishcharging finishwaitdisconnect finishwaitvehicle
        ocppchargefinishing geladen vollgeladen opgeladen chargé fertig färdig ferdig færdig valmis
    """,
    Connection.FAULT: """
        unavailable faulted invalid e statee f statef alarm booting checkmains cpshorted
        criticaltemperature diodecheckfailed gfciselftestfailure inoperative noground
        ocppunavailable offline outofservice overcurrent overtemperature overheat passive restarting
        seeerrorstate stuckrelay unconfiguredpowersharing update updating updatingfirmware
        ventrequired ventilationrequired faultunplugged
    """,
}
_OF_CARS: Final[Mapping[Connection, str]] = {
    Connection.UNPLUGGED: "connectcable stationnotdetected none",
    Connection.PLUGGED: """
        charginginterrupted connecting establishingsession initialization nopoweravailable
        poweravailablebutnotactivated prepare scheduledcharging timerwait v2gchargingwait
        v2gchargingwaiting v2lconnected waitingforaplannedcharge
    """,
    Connection.CHARGING: """
        chargeinprogress inprogress heating providingpower topoff v2gdischarging v2xdischarging
    """,
    Connection.FINISHED: """
        chargepurposereachedandconservationcharging chargepurposereachedandnotconservationcharging
        conservation conserving targetreached finishednotfull
    """,
    Connection.FAULT: "plugerror",
    # Of a charger they say that no car is there, or that one is; of a car only that it does not
    # charge.
    Connection.UNKNOWN: """
        idle notcharging nocharging notincharge off ready standby unavailable notready
        notreadyforcharging
    """,
}
_PLUGGED_ABROAD: Final = (
    "verbunden|angesteckt|angeschlossen|verbonden|aangesloten|ansluten|tilsluttet|tilkoblet"
    "|branch[eé]|connect[eé]e?$|conectad|enchufad|collegat|connesso|podłącz|připojen|kytketty"
)
"""Beginnings of what says in other languages that a car is there."""
_FAULTS: Final = (
    r"emergency|error|fault|failure|failed|overheat|over(volt|curr|temp)|undervolt|residualcurrent|shorted"
    r"|störung|stoerung|fehler|storing|erreur|d[eé]faut|errore|błąd|chyba|aver[ií]a"
)
_NO_CAR_ABROAD: Final = (
    r"(kein|geen|ingen|inget|pasde|aucun|sin|nessun|brak|eiole)"
    r"(auto|fahrzeug|voertuig|bil|fordon|voiture|v[eé]hicule|coche|veh[ií]culo|veicolo|pojazd)"
)
_UNPLUGGED_ABROAD: Final = (
    r"getrennt|d[eé]branch|d[eé]connect[eé]|desconectad|scollegat|(?<!p)odłącz|odpojen|frånkoppl"
    r"|frakobl|losgekoppeld|irrotettu"
)
_NO_CAR_YET: Final = (
    r"wait\w*(to(be)?(connect|plug)|connection$)|unoccupied|vacant|available(for|to)"
)
_HELD: Final = (
    r"charg(e|ing)(is|not)*(disabled|blocked|denied|refused|rejected|allowed|onhold|timeout)"
    r"|(delay(ed)?|blocked|disabled|pre)charg|suspended(by)?(the)?(charger|evse|station|grid|user)"
)
_ENDS: Final = (
    r"finish|complet[ae]|endof|charg\w*(?<!susp)ended|charg(e|ing)end|(?<!susp)ended$|fully|done$|charged$|(target|limit|purpose)reached"
    r"|suspended(by)?(the)?(ev|car|vehicle)(?!se)"
    r"|beendet|abgeschlossen|voltooid|termin([eé]e?|ado|ato)$|zakończon|dokončen|slutför"
)
_PREPARES: Final = (
    r"await|wait|prepar|ready(to|for)|scheduled?|queue|pending|authori|suspend|startingcharg|warte"
    r"|wacht|enattente|esperando|inattesa|väntar|venter|oczekuj|odottaa"
)
_PARTS: Final[Sequence[tuple[str, Connection]]] = (
    (_FAULTS, Connection.FAULT),
    (
        r"(not|no)(yet)?(ev|car|vehicle|cable)?(is)?(connected|plugged)|disconnected|unplugged",
        Connection.UNPLUGGED,
    ),
    (r"no(ev|car|vehicle|cable)(?!r)", Connection.UNPLUGGED),
    (_NO_CAR_YET, Connection.UNPLUGGED),
    (rf"(nicht|niet|ej|inte|ikke|nie|non?|não|ei|ne)({_PLUGGED_ABROAD})", Connection.UNPLUGGED),
    (_NO_CAR_ABROAD, Connection.UNPLUGGED),
    (_UNPLUGGED_ABROAD, Connection.UNPLUGGED),
    (r"(not|no|non|nicht|niet|inte|ikke)(charg|laed|läd|lad|laad)", Connection.PLUGGED),
    (_HELD, Connection.PLUGGED),
    (r"stop|cancel|abort|interrupt|paus", Connection.PLUGGED),
    (_ENDS, Connection.FINISHED),
    (_PREPARES, Connection.PLUGGED),
    (r"charging", Connection.CHARGING),
    (rf"connected|plugged|occupied|{_PLUGGED_ABROAD}", Connection.PLUGGED),
)


def compact(word: str) -> str:
    """Return a word as it is compared: letters and digits only, without capitals."""
    return re.sub(r"[\W_]+", "", word.casefold())


def _by_word(table: Mapping[Connection, str]) -> Mapping[str, Connection]:
    return {word: connection for connection, words in table.items() for word in words.split()}


_CHARGER_WORDS: Final = _by_word(_OF_CHARGERS)
_CAR_WORDS: Final = _by_word(_OF_CARS)


def charger_word(state: str) -> Connection:
    """Return what a charger's word says; UNKNOWN where nobody knows it."""
    word = compact(state)
    if (known := _CHARGER_WORDS.get(word)) is not None:
        return known
    if is_state_of_link(word):
        return Connection.UNKNOWN
    found = (connection for pattern, connection in _PARTS if re.search(pattern, word))
    return next(found, Connection.UNKNOWN)


def car_word(state: str) -> Connection | None:
    """Return what a car's word says of its plug, UNKNOWN for nothing; None for no known word."""
    if (known := _CAR_WORDS.get(compact(state))) is not None:
        return known
    found = charger_word(state)
    return None if found is Connection.UNKNOWN else found
