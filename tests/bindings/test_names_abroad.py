"""What entities are called in other languages: what is wanted, and what must not be taken."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
from tests.bindings.chargers.cases import RegisteredCase

from custom_components.optivgi.bindings.chargers.discovery import discover
from custom_components.optivgi.bindings.vehicle_discovery import CAR_FIELDS, discover_vehicle

_KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "limit_entity": {
        "domain": "number",
        "unit": "A",
        "device_class": "current",
        "min": 6,
        "max": 32,
    },
    "switch_entity": {"domain": "switch", "state": "on"},
    "power_entity": {"domain": "sensor", "unit": "W", "device_class": "power"},
    # Of a car
    "soc_entity": {"domain": "sensor", "unit": "%", "state": "60"},
    "plugged_entity": {"domain": "binary_sensor", "state": "on"},
    "soc_limit_entity": {"domain": "number", "unit": "%", "min": 50, "max": 100},
}
_IS_IT: Final = {
    "limit_entity": """
        Ladestrom | Sollstrom | Stromvorgabe | Ladestrombegrenzung | Prąd ładowania | Limit prądu
        Prąd zadany | Latausvirta | Virtaraja | Laddström | Strömgräns | Ladestrøm | Strømgrense
        Ladestrømsgrænse | Laadstroom | Stroomlimiet | Courant de charge | Limite de courant
        Consigne de courant | Intensité de charge | Corriente de carga | Límite de corriente
        Intensidad de carga | Corrente di ricarica | Limite di corrente | Corrente de carregamento
        Limite de corrente | Nabíjecí proud | Limit proudu | Töltőáram | Töltési áram | Áramkorlát
        Corrent de càrrega | Límit de corrent
    """,
    "switch_entity": """
        Laden | Ladung | Ladefreigabe | Laden erlaubt | Laden freigeben | Laden aktivieren
        Ładowanie | Zezwól na ładowanie | Lataus | Lataus sallittu | Salli lataus | Laddning
        Tillåt laddning | Laddning aktiv | Lading | Tillat lading | Opladning | Tillad opladning
        Laden toestaan | Laadvrijgave | Charge | Charge autorisée | Autoriser la charge | Carga
        Permitir carga | Ricarica | Consenti ricarica | Carregamento | Permitir carregamento
        Nabíjení | Povolit nabíjení | Töltés | Töltés engedélyezve | Càrrega
    """,
    "soc_entity": """
        Ladezustand | Batteriestand | Batterieladestand | Akkustand | Ladestand Batterie
        Poziom naładowania | Stan naładowania | Poziom baterii | Varaustila | Akun varaustaso
        Batterinivå | Laddnivå | Batteriets laddnivå | Batteriprocent | Ladenivå | Ladestand
        Batteriniveau | Opladningsniveau | Accuniveau | Laadniveau | Batterijniveau | Laadtoestand
        Niveau de batterie | État de charge | Niveau de charge | Charge de la batterie
        Nivel de batería | Estado de carga | Nivel de carga | Livello batteria | Stato di carica
        Carica batteria | Nível da bateria | Stav baterie | Stav nabití | Úroveň nabití | Töltöttség
        Töltöttségi szint | Akkumulátor töltöttség | Nivell de bateria
    """,
    "plugged_entity": """
        Ladekabel angeschlossen | Ladekabel | Ladestecker | Stecker | Angesteckt | Kabel podłączony
        Wtyczka | Latauskaapeli | Latausjohto kytketty | Laddkabel ansluten | Laddkabel | Inkopplad
        Ladekabel tilkoblet | Ladekabel tilsluttet | Laadkabel | Laadkabel aangesloten | Stekker
        Ingeplugd | Câble branché | Câble de charge | Cable conectado | Cable de carga | Enchufado
        Cavo collegato | Cavo di ricarica | Cabo ligado | Cabo de carregamento | Kabel připojen
        Nabíjecí kabel | Zástrčka | Kábel csatlakoztatva | Töltőkábel
    """,
    "soc_limit_entity": """
        Ladelimit | Ladegrenze | Ziel-Ladestand | Ladeziel | Limit ładowania | Cel ładowania
        Latausraja | Laddgräns | Laddmål | Ladegrense | Lademål | Opladningsgrænse | Laadlimiet
        Laaddoel | Limite de charge | Objectif de charge | Límite de carga | Objetivo de carga
        Limite di carica | Limite de carga | Limit nabíjení | Töltési korlát | Límit de càrrega
    """,
}
_IS_NOT: Final = {
    "limit_entity": """
        Mindeststrom | Minimaler Ladestrom | Notladestrom | Rückfallstrom | Standardstrom
        Hausanschlussstrom | Absicherung | Netzbezugsgrenze | Maximaler Netzstrom | Entladestrom
        Batterieladestrom | Prąd minimalny | Minimalny prąd | Zabezpieczenie główne
        Prąd rozładowania | Prąd sieci | Domyślny prąd | Limit sieci | Vähimmäisvirta | Pääsulake
        Oletusvirta | Akun latausvirta | Minimivirta | Huvudsäkring | Minsta laddström | Reservström
        Standardström | Husets ström | Batteriets laddström | Hovedsikring | Minimum ladestrøm
        Min. ladestrøm | Reservestrøm | Nettstrøm | Batteriladestrøm | Hovedsikring strøm
        Mindste ladestrøm | Husets strøm | Hoofdzekering | Minimale laadstroom
        Standaard laadstroom | Netstroom | Batterij laadstroom | Noodstroom
        Courant minimum de charge | Courant par défaut | Courant de secours | Courant du réseau
        Courant maison | Disjoncteur | Courant de décharge | Corriente mínima
        Corriente por defecto | Corriente de red | Corriente de la casa | Corriente de descarga
        Corriente de respaldo | Corrente minima | Corrente predefinita | Corrente di rete
        Corrente casa | Corrente di scarica | Corrente mínima | Corrente padrão | Corrente da rede
        Corrente da casa | Minimální proud | Výchozí proud | Proud sítě | Nouzový proud
        Hlavní jistič | Minimális áram | Alapértelmezett áram | Hálózati áram | Főbiztosíték
        Ház árama | Corrent mínim | Corrent per defecte
    """,
    "switch_entity": """
        Zeitplan | Ladeplan | Überschussladen | PV-Laden | Solarladen | Geplantes Laden
        Kabelsperre | Sperre | Kindersicherung | LED | RFID-Pflicht | Autom. Entriegelung
        Lastmanagement | Harmonogram | Ładowanie solarne | Blokada | Blokada kabla | Autoryzacja
        Aikataulu | Aurinkolataus | Ajastettu lataus | Lukitus | Kuormanhallinta | Schema
        Solladdning | Schemalagd laddning | Kabellås | Lås | Laststyrning | Lastbalansering
        Solcellelading | Tidsplan | Planlagt lading | Solopladning | Planlagt opladning | Zonneladen
        Gepland laden | Kabelslot | Vergrendeling | Charge solaire | Charge programmée
        Verrouillage du câble | Charge différée | Carga solar | Carga programada | Bloqueo del cable
        Ricarica solare | Ricarica programmata | Blocco cavo | Carregamento solar
        Carregamento agendado | Bloqueio do cabo | Solární nabíjení | Naplánované nabíjení
        Zámek kabelu | Napelemes töltés | Ütemezett töltés | Kábelzár | Càrrega solar
        Càrrega programada
    """,
    "power_entity": """
        Netzleistung | Hausleistung | Batterieleistung | PV-Leistung | Maximale Leistung
        Überschussleistung | Leistung Phase 1 | Leistung L1 | Moc sieci | Moc domu | Moc baterii
        Moc maksymalna | Moc faza 1 | Verkkoteho | Talon teho | Akun teho | Aurinkoteho
        Enimmäisteho | Vaihe 1 teho | Näteffekt | Huseffekt | Batterieffekt | Soleffekt | Maxeffekt
        Effekt fas 1 | Netteffekt | Solcelleeffekt | Netvermogen | Huisvermogen | Batterijvermogen
        Zonnevermogen | Vermogen fase 1 | Puissance réseau | Puissance maison | Puissance solaire
        Puissance batterie | Puissance maximale | Puissance phase 1 | Potencia de red
        Potencia casa | Potencia solar | Potencia batería | Potencia máxima | Potencia fase 1
        Potenza rete | Potenza casa | Potenza solare | Potenza massima | Potência da rede
        Potência casa | Výkon sítě | Výkon domu | Solární výkon | Výkon baterie
        Hálózati teljesítmény | Ház teljesítménye | Napelem teljesítmény | Potència xarxa
    """,
    "soc_entity": """
        Zielladestand | Ladeziel | Ladelimit | 12V-Batterie | Batteriegesundheit | Restreichweite
        Tankfüllstand | Luftfeuchtigkeit | Limit ładowania | Cel ładowania | Akumulator 12V
        Poziom paliwa | Latausraja | Tavoitevaraus | 12V akku | Polttoainetaso | Laddgräns | Målnivå
        12V-batteri | Bränslenivå | Ladegrense | 12V batteri | Drivstoffnivå | Laadlimiet
        Doelniveau | Brandstofniveau | Limite de charge | Objectif de charge | Batterie 12V
        Niveau de carburant | Límite de carga | Nivel de combustible | Batería 12V
        Limite di carica | Livello carburante | Limite de carga | Nível de combustível
        Limit nabíjení | Cílová úroveň | Hladina paliva | Töltési korlát | Üzemanyagszint
    """,
    "plugged_entity": """
        Verbindung | Online | Tür | Ladeklappe | Ladeklappe verriegelt | Kabelverriegelung
        Połączenie | Drzwi | Klapka ładowania | Yhteys | Ovet | Latausluukku | Anslutning | Dörrar
        Laddlucka | Forbindelse | Dører | Ladeluke | Verbinding | Deuren | Laadklep | Connexion
        Portes | Trappe de charge | Conexión | Puertas | Tapa de carga | Connessione | Porte
        Sportello | Ligação | Portas | Připojení | Dveře | Kapcsolat | Ajtók
    """,
}


def names_in(text: str) -> set[str]:
    """Return the names of a text, each between bars or ends of a line."""
    return {name.strip() for line in text.strip().splitlines() for name in line.split("|")}


def bound(hass: HomeAssistant, field: str, names: set[str]) -> set[str]:
    """Return which names are bound by themselves, each of a device with nothing else."""
    found = set()
    for name in sorted(names):
        entity = {**_KINDS[field], "unique_id": f"x_{name}_q", "name": name}
        case = {"platform": "mqtt", "device": {"name": "X9"}, "entities": [entity]}
        device_id = RegisteredCase(hass, case).device_id
        find = discover_vehicle if field in CAR_FIELDS else discover
        if field in find(hass, device_id).data:
            found.add(name)
    return found


@pytest.mark.parametrize("field", _IS_IT)
async def test_what_it_is_called_elsewhere_is_understood(hass: HomeAssistant, field: str) -> None:
    names = names_in(_IS_IT[field])
    assert bound(hass, field, names) == names


@pytest.mark.parametrize("field", _IS_NOT)
async def test_what_else_is_called_elsewhere_is_not_taken(hass: HomeAssistant, field: str) -> None:
    """Minimum and fallback, fuse and house, grid, solar and battery, lock and schedule."""
    assert bound(hass, field, names_in(_IS_NOT[field])) == set()
