"""What entities are called in other languages: the charger's, and what must not be taken for it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
from tests.bindings.chargers.cases import RegisteredCase

from custom_components.optivgi.bindings.chargers.discovery import discover

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
        if field in discover(hass, RegisteredCase(hass, case).device_id).data:
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
