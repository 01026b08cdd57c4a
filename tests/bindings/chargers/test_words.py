"""Words of chargers and cars however they are spelled, also those that contain "charg"."""

import pytest

from custom_components.optivgi.bindings.chargers.connection import Connection
from custom_components.optivgi.bindings.chargers.meanings import connection_of
from custom_components.optivgi.bindings.chargers.words import car_word, compact

UNPLUGGED, PLUGGED, CHARGING = Connection.UNPLUGGED, Connection.PLUGGED, Connection.CHARGING
FINISHED, FAULT, UNKNOWN = Connection.FINISHED, Connection.FAULT, Connection.UNKNOWN

CHARGERS: dict[Connection, list[str]] = {
    UNPLUGGED: [
        "State A",
        "A1",
        "No EV",
        "Charger ready, no vehicle",
        "EV Disconnected",
        "Cable not connected",
        "nicht verbunden",
        "Waiting for schedule",
        "Unoccupied",
        "Available for charging",
        "Waiting for EV to connect",
        "Awaiting vehicle connection",
        *("EVSE_STATE_AVAILABLE", "STATUS_AVAILABLE", "EV_STATE_A", "Pilot state A1"),
        "ZAPTEC_MODE_DISCONNECTED",
    ],
    PLUGGED: [
        "Wait Car",
        "EV Ready",
        "low_soc",
        "switching_to_1_phase",
        "vehicle_detected",
        "sleep_mode",
        "station_locked",
        "Schedule end",
        "Queue by power boost",
        "Authenticated",
        "Verbunden",
        "CHARGING_CANCELLED",
        "Charging Cancelled",
        "Stop Charging",
        "stop_charging",
        "Preparing Charging",
        "Suspended EVSE",
        "suspended-evse",
        "Charging (non charging)",
        "Busy, non-charging",
        "Wait vehicle / charging",
        "start_charging",
        "not-charging",
        "Nicht ladend",
        "Waiting for charging permission",
        "Charging interrupted by user",
        "Charging will be scheduled",
        *("Charging not allowed", "charging_disabled", "Charging blocked", "Charging denied"),
        *("Charging on hold", "Charging timeout", "Delayed charging", "Pre-charging"),
        *("Charging suspended by charger", "Suspended by EVSE", "Paused by user"),
        # "mode connected" is no French "déconnecté"
        *("ZAPTEC_MODE_CONNECTED_REQUESTING", "Vehicle side connected", "CP_STATE_B1"),
    ],
    CHARGING: [
        "In Use",
        "active_mode",
        "plugged_in_charging",
        "Charging (solar)",
        "Charging limit",
        "connected, charging",
        "State C2",
        "D",
        "Lädt",
        "Charging 3 phases",
        *("EVSE_STATE_C", "CP_C1", "Connector status: charging"),
    ],
    FINISHED: [
        "charged",
        "Fully Charged",
        "Finish Wait Vehicle",
        "Charging ended",
        "End of Charging",
        "SUSPENDED_EV",
        "Suspended EV",
        "suspended-ev",
        "Charging complete",
        "Charge done",
        "Finishing",
        "Charging: finished!",
        "charging_end_ok",
        "Charging suspended by EV",
        "Suspended by vehicle",
    ],
    FAULT: [
        "Emergency stop",
        "CP shorted",
        "Residual current detected",
        "RCD fault",
        "critical-temperature",
        "E",
    ],
    UNKNOWN: [
        *("disabled", "banana", "", "7", "discharge budget", "manual"),
        # Without a car, or with one that may not charge
        *("Not ready", "not_ready_for_charging"),
        # These are about the link to a server.
        *("Online", "Connected to cloud", "connected to the server", "Disconnected from OCPP"),
        *("Cloud connected", "WiFi disconnected", "Mit dem Server verbunden", "not reachable"),
    ],
}
ABROAD: dict[Connection, list[str]] = {
    UNPLUGGED: [
        *("Frei", "Nicht angeschlossen", "Kein Fahrzeug", "Niet aangesloten", "Geen auto", "Vrij"),
        *("Non branché", "Débranché", "Déconnecté", "Pas de véhicule", "No conectado"),
        *("Desconectado", "Scollegato", "Non collegato", "Nessun veicolo", "Ej ansluten"),
        *("Inte ansluten", "Frånkopplad", "Ikke tilsluttet", "Ikke tilkoblet", "Ingen bil"),
        *("Niepodłączony", "Odłączony", "Nepřipojeno", "Odpojeno", "Ei kytketty", "Ledig"),
        *("Ausgesteckt", "Nicht eingesteckt", "Fahrzeug ist nicht angeschlossen", "Ohne Fahrzeug"),
        *("Kein Kabel angeschlossen", "Disconnesso", "Desenchufado", "Desligado", "Não conectado"),
        *("N'est pas branché", "No está conectado", "Nie jest podłączony", "Není připojeno"),
        *("Ei ole kytketty", "Ei autoa", "Kytkemätön", "Ontkoppeld", "Urkopplad", "Afkoblet"),
        *("Bez vozidla", "Sem veículo", "Wolna", "Volná", "Disponível", "Nincs csatlakoztatva"),
        *("Leválasztva", "Desconnectat", "No connectat"),
    ],
    PLUGGED: [
        *("Fahrzeug angeschlossen", "Auto aangesloten", "Branché", "Voiture connectée"),
        *("Conectado", "Collegato", "Connesso", "Ansluten", "Bil tilsluttet", "Tilkoblet"),
        *("Podłączony", "Připojeno", "Kytketty", "Wacht op auto", "En attente", "In attesa"),
        *("Esperando", "Väntar", "Venter på bil", "Nicht ladend", "Laddar inte, pausad"),
        *("Eingesteckt", "Borne connectée", "Maschine verbunden", "Lädt nicht", "Laddar inte"),
        *("Nie ładuje", "Ei lataa", "Ladung unterbrochen", "Wstrzymano", "Pozastaveno"),
        *("Keskeytetty", "Avbruten", "Gepauzeerd", "Arrêté", "Interrotto", "Detenido", "Sospeso"),
        *("Bereit zum Laden", "Ladebereit", "Klar til lading", "Prêt à charger", "Redo att ladda"),
        *("Gotowy do ładowania", "Oczekiwanie", "Čeká", "Aguardando", "Várakozik", "Przygotowanie"),
        *("Besetzt", "Occupé", "Ocupado", "Upptagen", "Csatlakoztatva", "Veículo ligado"),
        *("Connectat", "Véhicule non en charge"),
    ],
    CHARGING: [
        *("Wird geladen", "Laadt", "En charge", "Cargando", "Carregando", "In carica", "Laddar"),
        *("Lader", "Oplader", "Ładowanie", "Nabíjí", "Latautuu"),
        *("Verbunden - lädt", "Ladung aktiv", "Ladataan", "Lataus käynnissä", "Laddning pågår"),
        *("Charge en cours", "Carga en curso", "Carica in corso", "In ricarica", "A carregar"),
        *("Véhicule en charge", "Nabíjení", "Töltés", "Töltés folyamatban"),
    ],
    FINISHED: [
        *("Ladevorgang beendet", "Vollgeladen", "Opgeladen", "Voltooid", "Charge terminée"),
        *("Terminado", "Completato", "Färdig", "Ferdig", "Zakończono", "Valmis"),
        *("Vollständig geladen", "Charge complète", "Carga finalizada", "Carica terminata"),
        *("Concluído", "Carregado", "Naładowano", "Nabito", "Ukončeno", "Lataus valmis"),
        *("Färdigladdad", "Fulladdad", "Ferdigladet", "Færdigopladet", "Feltöltve"),
    ],
    FAULT: [
        *("Störung", "Fehler 12", "Storing", "Erreur", "En défaut", "Errore", "Błąd", "Avería"),
        *("Virhe", "Vika", "Fel", "Feil", "Fejl", "Erro", "Guasto", "Awaria", "Hiba"),
    ],
    # Ready with a car, or without; done, or clear
    UNKNOWN: ["Nicht bereit", "Klar", "Klaar", "Bereit"],
}
CARS: dict[Connection | None, list[str]] = {
    UNPLUGGED: ["connect_cable", "Disconnected", "none"],
    PLUGGED: [
        "INITIALIZATION",
        "initialising",
        "plugged_not_charging",
        "establishing_session",
        "prepare",
        "chargingStopped",
        "Plugged in",
    ],
    CHARGING: ["InProgress", "IN_PROGRESS", "charge_in_progress", "topoff", "charging"],
    FINISHED: ["conservation", "TARGET_REACHED", "done", "chargePurposeReachedAndConservation"],
    UNKNOWN: [
        "notReadyForCharging",
        "NOCHARGING",
        "NOT_READY",
        "Not charging",
        "idle",
        "Off",
        "Lädt nicht",
    ],
    None: ["0", "1", "2", "3", "banana"],
}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param(word, expected, id=word or "nothing")
        for expected, words in [*CHARGERS.items(), *ABROAD.items()]
        for word in words
    ],
)
def test_words_of_chargers(word: str, expected: Connection) -> None:
    assert connection_of(word) is expected
    # However it is spelled
    for spelled in (word.upper(), word.replace(" ", "_"), word.replace("_", "-"), compact(word)):
        assert connection_of(spelled) is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [pytest.param(word, expected, id=word) for expected, words in CARS.items() for word in words],
)
def test_words_of_cars(word: str, expected: Connection | None) -> None:
    assert car_word(word) is expected


@pytest.mark.parametrize("word", ["charging", "Laden", "in carica"])
@pytest.mark.parametrize("negation", ["not {}", "non {}", "no {}"])
def test_a_negation_is_never_charging(word: str, negation: str) -> None:
    assert connection_of(negation.format(word)) is not CHARGING
