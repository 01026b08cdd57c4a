"""The words that sources put into their keys: data, and no code.

They are hints. What an entity shows as its price of now decides; words do where that shows nothing,
and they keep out what is no price.
"""

from collections.abc import Mapping
import re
from typing import Final

_WORD = re.compile(
    r"[A-ZÄÖÅÆØ]?[a-zäöåæøßéèčłńśżźáàãâíóúñü]+|[A-ZÄÖÅÆØ]+(?![a-z])|\d+|[¢€£$]",
)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words that a key is made of, in lower case: ``startsAt``, ``RATE_INC_VAT``."""
    return tuple(word.lower() for word in _WORD.findall(name))


def _each(text: str) -> frozenset[str]:
    return frozenset(text.split())


# When a row counts
BEGIN: Final = _each("""
    start starts starting startzeit starttime startdate begin begins beginn from fra von van since
    desde od debut début inizio inicio anfang alkaa
""")
END: Final = _each("""
    end ends ending endzeit endtime enddate until till to thru expires bis til tot fin fine hasta do
    slut ende einde koniec loppuu
""")
DAY: Final = _each("day dag tag dia día jour giorno dzień den päivä")
HOUR: Final = _each("""
    hour hours hr hod hora heure ora stunde uur time timme tunti godzina std h
""")
PART_OF_DAY: Final = _each("period interval slot index quarter position pos")
ROLLING: Final = _each("next upcoming coming rolling following ahead future")
STEP_WORDS: Final = _each("step interval resolution duration period granularity")
UTC_WORDS: Final = _each("utc gmt zulu")
DAYS: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        _each("today today's heute vandaag idag dag dzis dzisiaj dnes tänään hoy oggi hoje hui"), 0
    ),
    **dict.fromkeys(
        _each("""
            tomorrow tommorow morgen imorgen imorgon jutro zitra zítra huomenna mañana manana
            domani amanhã amanha demain
        """),
        1,
    ),
    **dict.fromkeys(_each("yesterday gestern gisteren igår ieri ayer hier wczoraj"), -1),
}
"""How many days from now the day is that a word names."""

# Which figure is the price
PAID: Final = _each("total all brutto gross inkl incl inc included final end customer")
PRICE: Final = _each("""
    price prices value rate cost costs tariff tarif preis prijs pris prix precio prezzo preco cena
    cijena hinta kaina kwh
""")
PART_OF_PRICE: Final = _each("""
    excl ex exc excluded excluding without net netto raw spot market energy energie network grid
    transfer distribution tax taxes vat moms mwst btw iva fee fees surcharge markup margin component
    variable base low high min max average avg mean previous yesterday delta diff difference change
""")
NO_PRICE: Final = _each("""
    co2 carbon renewable renewables score index level rank count id power percent percentage
    permille humidity temperature volume exr exchange weight
""")
COUNTED: Final = _each("""
    day month year week hour hours minute minutes quarter position slot period timestamp time
    duration interval
""")
"""Words for what counts time, unless they stand beside one for a price."""
MONEY: Final = _each("""
    eur euro usd gbp sek nok dkk isk pln czk huf ron bgn chf aud nzd cad jpy uah inr brl zar
    ct cent cents öre øre ore pence groszy grosz kr zł kč € £ $
""")
"""Other codes of currencies are words of some language."""
NO_MONEY: Final = _each("per price value cost rate spot total tariff")
"""Words in the place of money in a key that names the energy."""

# What a list is about
LIST_OF_PRICES: Final = _each("price prices raw rates all today tomorrow")
ABOUT_PRICES: Final = _each("""
    price prices rate rates tariff data list json raw hourly available forecast sensor binary next
    day
""")
"""Words that do not distinguish an entity from another one of the same prices."""
SOME_OF_THE_DAY: Final = _each("""
    cheapest expensive best worst lowest highest optimal peak window block blocks sorted ranked min
    max average avg mean statistics goedkoopste günstigste
""")
EXPORT: Final = _each("""
    export exports sell selling sold feed feedin injection return returns einspeisung teruglevering
    verkoop production
""")
NO_LIST_OF_PRICES: Final = _each("""
    gas solar pv temperature weather co2 carbon emission emissions
""")
GUESS: Final = _each("""
    forecast forecasts forecasted prediction predictions predicted predict estimate estimated
    estimates prognose prognosis expected
""")
GUESSED_ROW: Final = _each("range predicted spike advanced")
"""Words in the keys of rows that are no prices yet, such as Amber's."""
KIND: Final = _each("type kind status source quality")
"""Keys under which a row says whether it is a forecast."""

DAY_NAMES: Final[Mapping[str, str]] = {
    "mo": "mon", "mon": "mon", "monday": "mon", "mondays": "mon", "montag": "mon",
    "tu": "tue", "tue": "tue", "tues": "tue", "tuesday": "tue", "tuesdays": "tue",
    "we": "wed", "wed": "wed", "wednesday": "wed", "wednesdays": "wed",
    "th": "thu", "thu": "thu", "thurs": "thu", "thursday": "thu", "thursdays": "thu",
    "fr": "fri", "fri": "fri", "friday": "fri", "fridays": "fri", "freitag": "fri",
    "sa": "sat", "sat": "sat", "saturday": "sat", "saturdays": "sat", "samstag": "sat",
    "su": "sun", "sun": "sun", "sunday": "sun", "sundays": "sun", "sonntag": "sun",
}  # fmt: skip
SETS_OF_DAYS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(_each("weekday weekdays workday workdays"), _each("mon tue wed thu fri")),
    **dict.fromkeys(_each("weekend weekends"), _each("sat sun")),
    **dict.fromkeys(_each("all daily everyday any"), _each("mon tue wed thu fri sat sun")),
}

COLOURS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_each("blue bleu bleue 🔵 tempo_bleu"), "blue"),
    **dict.fromkeys(_each("white blanc blanche ⚪ tempo_blanc"), "white"),
    **dict.fromkeys(_each("red rouge 🔴 tempo_rouge"), "red"),
}
OFF_PEAK: Final = _each("hc creuse creuses offpeak off low night nt nizky nízký valle dal")
PEAK: Final = _each("hp pleine pleines peak high day vt vysoky vysoký punta normaal")
NEXT_DAY: Final = _each("next prochain prochaine")
WITHOUT_TAX: Final = _each("ht hors excl excluded")
