"""A backtest as people read it: what could not be known, in sentences."""

from ..backtest.backtest import Backtest
from ..backtest.past import Unknown
from .reason_texts import ReasonTexts


def text_key(unknown: Unknown) -> str:
    """Return under which key the sentence stands in the translations."""
    return f"backtest_unknown_{unknown}"


def notes_of(backtest: Backtest, texts: ReasonTexts) -> list[str]:
    """Return what could not be known, a sentence each."""
    return [texts.say(text_key(unknown)) for unknown in sorted(backtest.unknown)]
