"""Words of other languages in the names of entities, in English: data, and no code.

Only what names a role or speaks against one. Words that are spelled like an English one of another
meaning are left out, such as the Spanish *red*, a grid.
"""

from collections.abc import Iterator, Mapping
from typing import Final

_ENGLISH: Final = {
    # What it does
    "charging": """
        laddning laddar opladning oplading ladevorgang recharge ricarica carga carregamento
        ładowanie ładowania nabíjení lataus latauksen töltés lading càrrega carica töltési
    """,
    "charging current": "laddström laddstrom ladestrøm laadstroom latausvirta nabíjecí",
    "charging power": "laddeffekt ladeeffekt laadvermogen latausteho",
    "charging status": "laadstatus laddstatus laddningsstatus ladetilstand lataustila",
    "charging enable": "ladefreigabe laadvrijgave",
    "allow": """
        toestaan autoriser permitir consenti tillåt tillat sallittu salli povoleno povolit zezwól
        zezwalaj zezwolenie engedélyezve toegestaan tillåten tilladt autorizar tillad autorisé
        autorisée
    """,
    "start": """
        starta démarrer iniciar avvia avviare käynnistä spustit uruchom rozpocznij indítás aloita
        starte
    """,
    "stop": """
        stoppa stoppen stopp arrêter detener parar ferma fermare pysäytä zastavit zatrzymaj
        leállítás lopeta
    """,
    "charging limit": "laadlimiet laddgräns ladegrense ladegrænse ladelimit ladegrenze",
    # What a car reports
    "soc": """
        ladezustand ladestand laadtoestand laadniveau laddnivå ladenivå varaustaso varaustila
        naładowania nabití töltöttség opladningsniveau töltöttségi
    """,
    "battery": """
        batteria bateria batería batteri baterie akun baterii akumulator akumulatora akku
        akkumulátor batterij batterie
    """,
    "battery level": "batterinivå batteriniveau accuniveau",
    "limit": "limite límite limiet gräns grense grænse límit korlát",
    "target": "ziel zielladestand doel mål objectif objetivo obiettivo cel",
    "last": """
        zuletzt letzte laatst senast sist seneste dernière última ultimo ostatnia letzter letztes
        viimeksi viimeisin poslední utolsó ostatni
    """,
    "update": """
        aktualisiert aktualisierung bijgewerkt uppdaterad uppdatering oppdatert opdateret
        actualización aggiornamento aktualizacja meldung päivitetty aktualizováno aktualizace
        frissítve atualização
    """,
    # What it is about
    "current": "ström strøm courant prąd proud virta áram corrente corriente stroom corrent",
    "power": """
        effekt puissance vermogen potencia potência potenza moc výkon teho výkonu moci teljesítmény
        potència
    """,
    "status": "état tila stan stav tilstand tillstånd toestand stato estado állapot",
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
        domácnost ház huishouden
    """,
    "grid": """
        netzbezug réseau rete rede sieć síť verkko nät nett sieci sítě hálózati xarxa netstroom
        netvermogen nettstrøm netteffekt
    """,
    "fallback": """
        ausfallstrom ausfall secours repli awaryjny nouzový varavirta emergenza emergencia nødstrøm
        notstrom respaldo
    """,
    "safe": "veilige säker sikker sicherer sûr seguro",
    "lock": """
        verrou verrouillage kabelsperre bloqueo blocco blokada lås vergrendeling zamek zámek zárolás
    """,
    "schedule": """
        horaire horario orario tidsplan aikataulu harmonogram creuses programmée programmata
        programada zaplanowane ajastus ajastettu naplánované ütemezés gepland
    """,
    "installation": "contratada contrattuale hoofdzekering huvudsäkring hauptsicherung",
    "level": "poziom úroveň szint niveau nivel nivell nível livello nivå",
    "cable": "kabla kabelu kabel kaapeli câble cavo cabo kábel",
    "plug": "stecker ladestecker stekker pistoke wtyczka zástrčka",
    "setpoint": "consigne zadany nastavený beállított",
    "maximum": """
        maksymalny maximální máximo máxima massimo massima maks enimmäisvirta maximale maksymalna
        maxeffekt
    """,
    "minimum": """
        mínimo mínima minimo minima vähimmäisvirta minsta mindste minimální minimális mínim
        minimivirta
    """,
    "solar": """
        solární solaire słoneczna nadwyżki přebytků excédent överskott overskudd napelem solare
        soleffekt
    """,
    "breaker": "jistič disjoncteur wyłącznik pääsulake hovedsikring főbiztosíték",
    "discharging": "entladung descarga décharge scarica rozładowania vybíjení kisütés",
    "phase": "fase fas faza fáze fázis vaihe",
    "total energy": "kokonaisenergia",
    "total": "całkowita celková totale totaal gesamt összes teljes",
    "12v": "käynnistysakku starterbatterie bordnetzbatterie",
    "activate": "aktivieren aktiver activer",
    "active": "aktiv",
    "default": """
        standaard domyślny défaut defecto predefinita padrão výchozí alapértelmezett defecte
    """,
    "fuse": "absicherung zabezpieczenie sulake pojistka",
    "charging target": "ladeziel laaddoel laddmål lademål",
    "charging cable": "laddkabel laadkabel töltőkábel",
    "plugged": "angesteckt eingesteckt ingeplugd inkopplad enchufado enchufada",
    "flap": "klapka luukku tapa sportello lucka klep",
}
_BEGINNINGS: Final = {
    "grid": "netz verkko nät",
    "house": "haus hus talo huis",
    "meter": "zähler",
    "solar": "überschuss aurinko zonne solcelle",
    "minimum": "mindest vähimmäis",
    "maximum": "höchst enimmäis",
    "setpoint": "soll",
    "fallback": "notstrom ausfall rückfall notlade noodstr reservstr reservestr",
    "discharging": "entlade urladdnings purku",
    "cable": "kabel kaapeli",
    "charging": "lataus laddnings opladnings",
    "schedule": "zeitgesteuert",
    "default": "standard oletus",
    "battery": "batterie batteri batterij akku",
}
"""What compounds begin with: what it is about, so that the rest alone does not decide."""
_ENDS: Final = {
    "current": "strom ström strøm virta stroom",
    "power": "leistung effekt teho vermogen",
    "status": "status tila",
    "schedule": "plan schema aikataulu",
    "limit": "grenze gräns grense grænse raja",
    "lock": "sperre lås lukko verriegelung lukitus",
    "energy": "energie energi energia",
    "cable": "kabel kaapeli",
    "level": "stand niveau nivå",
    "percent": "prozent procent prosent",
    "flap": "klappe luukku lucka klep",
}
"""What compounds end with, where their beginning is known."""


def _rows(table: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for english, words in table.items():
        for word in words.split():
            yield word, english


_BY_WORD: Final = dict(_rows(_ENGLISH))
_BY_BEGINNING: Final = dict(_rows(_BEGINNINGS))
_BY_END: Final = dict(_rows(_ENDS))


def in_english(word: str) -> str:
    """Return a word in English; itself where it is not known."""
    if (known := _BY_WORD.get(word)) is not None:
        return known
    begin = next(
        (word[:end] for end in range(len(word) - 1, 2, -1) if word[:end] in _BY_BEGINNING), ""
    )
    if not begin:
        return word
    rest = next(
        (_BY_END[word[at:]] for at in range(len(begin), len(word)) if word[at:] in _BY_END), word
    )
    return f"{_BY_BEGINNING[begin]} {rest}"
