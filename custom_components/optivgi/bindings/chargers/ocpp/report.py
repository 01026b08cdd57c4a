"""What is sent to a charge point, and how far it has come with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProfileUse(StrEnum):
    """Which profiles a charger is sent."""

    TX_DEFAULT = "tx_default"
    """The plan for whatever is charged: survives the end of a transaction."""
    TX = "tx"
    """The plan for the transaction that runs, for chargers that ignore others then."""
    BOTH = "both"
    """The plan for the transaction, and the safe limit for any other."""


class ProfileState(StrEnum):
    """How far a charger has come with what it is to do."""

    WAITING = "waiting"
    """Nothing can be sent: it is not connected, or no transaction runs."""
    SENT = "told"
    """It was sent, and the charger has not shown that it follows."""
    CONFIRMED = "confirmed"
    FAILED = "failed"
    """It does not follow; something else has to control it from now on."""


class ProfileProblem(StrEnum):
    """Why a charger does not do what it is to do."""

    OFFLINE = "offline"
    NO_TRANSACTION = "no_transaction"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    ALLOWS_MORE = "allows_more"
    HELD_BACK = "held_back"
    NO_READ_BACK = "no_read_back"


@dataclass(frozen=True, kw_only=True)
class ProfileReport:
    """The result of sending profiles to a charger.

    Attributes:
        state: How far it has come.
        limit_kw: What the charger allows now by the profile it was sent; None where unknown.
        problem: What is in the way.
        detail: What the integration said.
        sent_at: When one was last sent.
    """

    state: ProfileState = ProfileState.WAITING
    limit_kw: float | None = None
    problem: ProfileProblem | None = None
    detail: str = ""
    sent_at: datetime | None = None
