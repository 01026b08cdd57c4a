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
        frei vrij libre libero libera ledig ledigt disponible disponibile disponível livre lliure
        beschikbaar verfügbar wolny wolna dostępny dostępna volný volná vapaa szabad
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
        vehicledetected waitvehiclecharging cablelocked present besetzt belegt bezet occupé occupée
        ocupado ocupada ocupat occupato occupata upptagen opptatt optaget zajęty zajęta obsazeno
        foglalt fermo parado arrêté
    """,
    Connection.CHARGING: """
        charging discharging c statec c1 c2 statec1 statec2 d stated d1 d2
        activemode boosting busycharging
        chargercharging connectedcharging inuse partialsolarcharging pluggedcharging solarcharging
        started laden ladt lädt wirdgeladen laadt aanhetladen enchargement encharge cargando
        carregando incarica lader laddar oplader ładowanie ładuje nabíjí nabíjení lataa latautuu
        laddning opladning
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
        ventrequired ventilationrequired faultunplugged fel vika erro fout panne
    """,
}
_OF_CARS: Final[Mapping[Connection, str]] = {
    Connection.UNPLUGGED: "connectcable stationnotdetected none",
    Connection.PLUGGED: """
        charginginterrupted connecting establishingsession initialisation initialising
        initialization initializing nopoweravailable
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
_CONNECTED_ABROAD: Final[Mapping[str, str]] = {
    "nicht": "verbunden|angesteckt|angeschlossen|(?:ein)?(?<!ab)(?<!aus)gesteckt",
    "niet": "verbonden|aangesloten|ingeplugd",
    "ej|inte": "ansluten|inkoppl",
    "ikke": "tilsluttet|tilkobl",
    "non|pas": r"branch[eé]|connect[eé]e?$|collegat|(?<!dis)conness",
    "não|nao|no": r"conectad|(?<!des)enchufad|(?<!des)ligad|(?<!des)connectat|(?<!des)endollat",
    "nie": "podłącz",
    "ne|není": "připojen",
    "ei": "kytketty",
    "nem|nincs": "csatlakozt|bedugva",
}
"""Beginnings of what says in other languages that a car is there, by what denies it there."""
_PLUGGED_ABROAD: Final = "|".join(_CONNECTED_ABROAD.values())
_BETWEEN: Final = "ist|jest|ole|est[aáà]?|è|är|er|noch|encore|aún|ancora|ainda"
"""What may stand between a negation and what it denies."""
_DENIED_ABROAD: Final = "|".join(
    rf"(?:{negations})(?:{_BETWEEN})*(?:{connected})"
    for negations, connected in _CONNECTED_ABROAD.items()
)
_FAULTS: Final = (
    r"emergency|error|fault|failure|failed|overheat|over(volt|curr|temp)|undervolt|residualcurrent|shorted"
    r"|störung|stoerung|fehler|storing|erreur|d[eé]faut|errore|błąd|chyba|aver[ií]a"
    r"|feil$|fejl|virhe|hiba|fallo|falha|guasto|porucha|awari|enpanne"
)
_NO_CAR_ABROAD: Final = (
    r"(kein|geen|ingen|inget|pasde|aucune?|sin|nessun[oa]?|brak|^ei|eiole|bez|žádn[éý]|nincs|sem|sans"
    r"|utan|uten|uden|zonder|ohne|senza|^cap|sense)"
    r"(auto|fahrzeug|voertuig|bil|fordon|voiture|v[eé]h[ií]c|coche|veicolo|veículo|carro|pojazd"
    r"|samoch|vozid|jármű|kabel|câble|cable|cavo|cabo|stecker)"
)
_UNPLUGGED_ABROAD: Final = (
    r"getrennt|d[eé]branch|d[eé]connect(é|e(?!d))|desconect|desconnect|scollegat|disconness"
    r"|(?<!p)odłącz|rozłącz|odpojen|frånkoppl|urkoppl|frakobl|afkobl|losgekoppeld|ontkoppeld"
    r"|irrotettu|kytkemätön|abgesteckt|ausgesteckt|desenchuf|desendoll|desligad|leválaszt|kihúzva"
)
_NO_CAR_YET: Final = (
    r"wait\w*(to(be)?(connect|plug)|connection$)|unoccupied|vacant|available(for|to)"
)
_NOT_CHARGING: Final = (
    r"(not|no|non|nicht|niet|inte|ikke)(en|in)?(charg|laed|läd|lad|laad|gelad|(ri)?caric)|nieład|nenabíj"
    r"|eilat|nãocarreg|naocarreg|nocarg|nemtölt|(lädt|laedt|laadt|laddar|lader)(nicht|niet|inte|ikke)"
    r"|chargepas"
)
_HELD: Final = (
    r"charg(e|ing)(is|not)*(disabled|blocked|denied|refused|rejected|allowed|onhold|timeout)"
    r"|(delay(ed)?|blocked|disabled|pre)charg|suspended(by)?(the)?(charger|evse|station|grid|user)"
)
_STOPS: Final = (
    r"stop|cancel|abort|interrupt|paus|pauz|unterbroch|angehalten|onderbrok|avbr[ouy]t|afbrudt"
    r"|arrêté|interromp|interrott|detenid|sospes|suspens|wstrzym|zatrzym|przerwan|pozastav|zastaven"
    r"|přeruš|keskeyt|pysäyt|szünet|leállít|aturad"
)
_ENDS: Final = (
    r"finish|complet[aeo]|endof|charg\w*(?<!susp)ended|charg(e|ing)end|(?<!susp)ended$|fully|done$|charged$|(target|limit|purpose)reached"
    r"|suspended(by)?(the)?(ev|car|vehicle)(?!se)"
    r"|beendet|abgeschlossen|(?<!wird)geladen$|voltooid|beëindigd|termin([eé]e?|ad[oa]|at[oa]?)$|complèt"
    r"|finalizad|conclu[ií]d|carregad[oa]$|acabad|zakończon|naładowan|dokončen|ukončen|nabito"
    r"|slutför|avslutad|fär?digladda|fulladdad|ferdigla|avsluttet|færdigopla|afsluttet"
    r"|latausvalmis|täynnä|feltöltve|befejez"
)
_PREPARES: Final = (
    r"await|wait|prepar|ready(to|for)|scheduled?|queue|pending|authori|suspend|startingcharg|warte"
    r"|wacht|enattente|espera|aguard|inattesa|väntar|vente[rt]|afventer|oczek|čeká|odottaa|várako"
    r"|prépar|vorbereit|voorbereid|förbered|forbered|przygotow|příprav|előkész"
    r"|ladebereit|(bereit|klar|redo|prêtà|listo|pronto|gotow[yae]|připraven[oa]?)"
    r"(zum|für|til|att|para|per|do|k)?(la|lä|lå|opl|charg|carg|ricar|carreg|ład|nab)"
)
_CHARGES_ABROAD: Final = (
    r"lädt|ladung(läuft|aktiv)|ladevorgang(läuft|aktiv)|laadt|encharge$|chargeencours|cargando"
    r"|cargaencurso|in(ri)?carica|(ri)?caricaincorso|carregando|acarregar|carregant|laddar"
    r"|(laddning|lading|opladning)(pågår|igang)|ładuje|ładowaniewtoku|nabíjí|probíhánabíjení|lataa"
    r"|ladataan|latautuu|latauskäynnissä|tölt$|töltés"
)
_PARTS: Final[Sequence[tuple[str, Connection]]] = (
    (_FAULTS, Connection.FAULT),
    (
        r"(not|no)(yet)?(ev|car|vehicle|cable)?(is)?(connected|plugged)|disconnected|unplugged",
        Connection.UNPLUGGED,
    ),
    (r"no(ev|car|vehicle|cable)(?!r)", Connection.UNPLUGGED),
    (_NO_CAR_YET, Connection.UNPLUGGED),
    # Without a car, or with one that may not charge
    (r"notready", Connection.UNKNOWN),
    (_DENIED_ABROAD, Connection.UNPLUGGED),
    (_NO_CAR_ABROAD, Connection.UNPLUGGED),
    (_UNPLUGGED_ABROAD, Connection.UNPLUGGED),
    (_NOT_CHARGING, Connection.PLUGGED),
    (_HELD, Connection.PLUGGED),
    (_STOPS, Connection.PLUGGED),
    (_ENDS, Connection.FINISHED),
    (_PREPARES, Connection.PLUGGED),
    (rf"charging|{_CHARGES_ABROAD}", Connection.CHARGING),
    (rf"connected|plugged|occupied|{_PLUGGED_ABROAD}", Connection.PLUGGED),
)
_ONLY_NOT_CHARGING: Final = re.compile(rf"(?:{_NOT_CHARGING})\w{{0,6}}")
"""A car that does not charge may be anywhere."""
_NAMES_OF_STATES: Final = re.compile(
    r"(?:evse|ev|cp|controlpilot|pilot|iec61851|iec|charger|charging|charge|point|connector|station"
    r"|wallbox|wb|vehicle|car|plug|socket|outlet|ocpp)*(?:state|status|pilot|cp)"
)
"""What stands before the word itself in the names of constants: ``EVSE_STATE_AVAILABLE``."""


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
    bare = word[match.end() :] if (match := _NAMES_OF_STATES.match(word)) else word
    for known in (word, bare):
        if known in _CHARGER_WORDS:
            return _CHARGER_WORDS[known]
    if is_state_of_link(word):
        return Connection.UNKNOWN
    found = (connection for pattern, connection in _PARTS if re.search(pattern, word))
    return next(found, Connection.UNKNOWN)


def car_word(state: str) -> Connection | None:
    """Return what a car's word says of its plug, UNKNOWN for nothing; None for no known word."""
    word = compact(state)
    if (known := _CAR_WORDS.get(word)) is not None:
        return known
    if _ONLY_NOT_CHARGING.fullmatch(word):
        return Connection.UNKNOWN
    found = charger_word(state)
    return None if found is Connection.UNKNOWN else found
