"""What the site, or a circuit of it, may carry by its configuration."""

from collections.abc import Mapping
from typing import Any

from ..const import CONF_FUSE_A, CONF_LIMIT_KW, CONF_PHASES, CONF_VOLTAGE, DEFAULT_VOLTAGE


def connection_limit_kw(data: Mapping[str, Any]) -> float:
    """Return the most that all phases may carry together, by the fuse and the user's own limit."""
    limits = [data[CONF_LIMIT_KW]] if CONF_LIMIT_KW in data else []
    if CONF_FUSE_A in data:
        limits.append(_fuse_kw(data) * int(data[CONF_PHASES]))
    return float(min(limits))


def phase_limit_kw(data: Mapping[str, Any]) -> float | None:
    """Return the most that each phase may carry; None where they are not limited one by one."""
    if int(data[CONF_PHASES]) == 1 or CONF_FUSE_A not in data:
        return None
    return _fuse_kw(data)


def _fuse_kw(data: Mapping[str, Any]) -> float:
    return float(data[CONF_FUSE_A] * data.get(CONF_VOLTAGE, DEFAULT_VOLTAGE) / 1000)
