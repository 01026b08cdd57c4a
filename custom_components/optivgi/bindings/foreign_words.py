"""Words of other languages in the names of entities, in English: data, and no code.

Only what names a role or speaks against one. Words that are spelled like an English one of another
meaning are left out, such as the Spanish *red*, a grid.
"""

from collections.abc import Iterator
from typing import Final

_ENGLISH: Final = {
    # What it does
    "charging": """
        laddning laddar opladning oplading ladevorgang recharge ricarica carga carregamento
        ładowanie ładowania nabíjení lataus latauksen töltés
    """,
    "charging current": "laddström laddstrom ladestrøm laadstroom latausvirta nabíjecí",
    "charging power": "laddeffekt ladeeffekt laadvermogen latausteho",
    "charging status": "laadstatus laddstatus laddningsstatus ladetilstand lataustila",
    "charging enable": "ladefreigabe laadvrijgave",
    "allow": "toestaan autoriser permitir consenti tillåt tillat",
    "start": "starta démarrer iniciar avvia avviare käynnistä",
    "stop": "stoppa stoppen stopp arrêter detener parar ferma fermare pysäytä",
    "charging limit": "laadlimiet laddgräns ladegrense ladegrænse ladelimit",
    # What a car reports
    "soc": "ladezustand ladestand laadtoestand laadniveau laddnivå ladenivå",
    "battery": "batteria bateria batería batteri baterie akun",
    "battery level": "batterinivå batteriniveau accuniveau",
    "limit": "limite límite limiet gräns grense grænse",
    "target": "ziel zielladestand doel mål objectif objetivo obiettivo",
    "last": "zuletzt letzte laatst senast sist seneste dernière última ultimo ostatnia",
    "update": """
        aktualisiert aktualisierung bijgewerkt uppdaterad uppdatering oppdatert opdateret
        actualización aggiornamento aktualizacja
    """,
    # What it is about
    "current": "ström strøm courant prąd proud virta",
    "power": "effekt puissance vermogen potencia potência potenza moc výkon teho",
    "status": "état tila stan stav tilstand tillstånd toestand",
    "car": "bil elbil voiture véhicule coche vehículo veicolo carro samochód pojazd vůz voertuig",
    "connected": """
        angeschlossen aangesloten ansluten tilsluttet tilkoblet branché branchée connecté connectée
        conectado conectada collegato connesso podłączony podłączone připojeno kytketty
    """,
    "energy": "énergie energía energi energie energia",
    # What speaks against it
    "house": """
        hausverbrauch huis huisverbruik woning hus huset husförbrukning husforbruk husforbrug
        huseffekt maison logement casa hogar vivienda dom domu dům domu talo talon kotitalous
    """,
    "grid": "netzbezug réseau rete rede sieć síť verkko nät nett",
    "fallback": "ausfallstrom ausfall secours",
    "safe": "veilige säker sikker sicherer sûr seguro",
    "lock": "verrou verrouillage kabelsperre bloqueo blocco blokada lås vergrendeling",
    "schedule": "horaire horario orario tidsplan aikataulu harmonogram creuses",
    "installation": "contratada contrattuale hoofdzekering huvudsäkring hauptsicherung",
}


def _rows() -> Iterator[tuple[str, str]]:
    for english, words in _ENGLISH.items():
        for word in words.split():
            yield word, english


_BY_WORD: Final = dict(_rows())


def in_english(word: str) -> str:
    """Return a word in English; itself where it is not known."""
    return _BY_WORD.get(word, word)
