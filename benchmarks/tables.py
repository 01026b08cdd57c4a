"""Writes a result for people."""

from collections.abc import Sequence
from typing import Any

type Row = dict[str, Any]

CASE_COLUMNS = (
    ("case", "name", ""),
    ("starts cost", "start_cost", ""),
    ("build", "build_ms", ".1f"),
    ("LP", "lp_ms", ".1f"),
    ("total", "total_ms", ".1f"),
    ("max", "total_max_ms", ".1f"),
    ("x LP", "ratio", ".1f"),
    ("gap", "gap", ".3%"),
    ("above LP", "lp_gap", ".3%"),
    ("short", "unserved_kwh", ".2f"),
    ("least", "unserved_lp_kwh", ".2f"),
    ("worst", "worst_missing_fraction", ".2%"),
    ("fairest", "worst_missing_fraction_exact", ".2%"),
    ("RSS", "rss_mb", ".0f"),
    ("grown", "rss_growth_mb", ".1f"),
)
CASE_LEGEND = """\
build, LP (the bare linear relaxation), total in ms: medians; max: the slowest problem
gap: proven by the scheduler; above LP: cost above the relaxation's; both of the worst problem
short, least: kWh that are missing, and that have to be; worst, fairest: the same for the car that
misses most of what it wants, where there is too little; RSS: peak memory in MB, grown since import
"""
PEER_COLUMNS = (
    ("cars", "n", ""),
    ("theirs s", "theirs_s", ".3f"),
    ("ours s", "ours_s", ".4f"),
    ("ratio", "ratio", ".0f"),
    ("their min", "their_min_fraction", ".4f"),
    ("our min", "our_min_fraction", ".4f"),
    ("their mean", "their_mean_fraction", ".4f"),
    ("our mean", "our_mean_fraction", ".4f"),
    ("their over kWh", "their_overshoot_kwh", ".2f"),
    ("our over kWh", "our_overshoot_kwh", ".2f"),
    ("their excess kW", "their_violation_kw", ".6f"),
    ("our excess kW", "our_violation_kw", ".6f"),
)
EVENING_COLUMNS = (
    ("evening", "name", ""),
    ("CPU ms", "cpu_ms", ".1f"),
    ("bill", "bill", ".4f"),
    ("gap", "gap", ".3%"),
    ("status", "status", ""),
)
COMBINED_COLUMNS = (
    ("combined", "name", ""),
    ("wall ms", "wall_ms", ".0f"),
    ("CPU ms", "cpu_ms", ".0f"),
    ("bill", "bill", ".4f"),
    ("cold bill", "cold_bill", ".4f"),
    ("ours above", "excess", "+.2%"),
    ("gap", "gap", ".2%"),
    ("status", "status", ""),
)
HOME_COLUMNS = (
    ("home", "name", ""),
    ("first CPU ms", "first_cpu_ms", ".0f"),
    ("its bill", "first_bill", ".4f"),
    *COMBINED_COLUMNS[1:],
)
SECTIONS = (
    ("evening", EVENING_COLUMNS),
    ("combined", COMBINED_COLUMNS),
    ("homes", HOME_COLUMNS),
)
PEERS = {
    "opti_vgi": "Opti-VGI 0.2.0 on its own problem (480 minutes, no prices), enough for all",
    "opti_vgi_scarce": "the same with too little for all, and one car that leaves after an hour",
}


def table(columns: Sequence[tuple[str, str, str]], rows: Sequence[Row]) -> list[str]:
    """Lay rows out; columns are a title, a key and a number format.

    A row's ``error`` stands at its end, what a row lacks is a dash.
    """
    lines = [[title for title, _, _ in columns]]
    lines += [[_cell(row.get(key), form) for _, key, form in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    errors = ["", *(str(row.get("error", "")) for row in rows)]
    return [
        "  ".join(
            # Names to the left, numbers to the right.
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + (f"  {error}" if error else "")
        for line, error in zip(lines, errors, strict=True)
    ]


def _cell(value: Any, form: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format(value, form)


def report(result: Row) -> str:
    """Write a whole result."""
    lines = [*table(CASE_COLUMNS, result["cases"]), CASE_LEGEND]
    for key, title in PEERS.items():
        found = result.get(key)
        if isinstance(found, list):
            lines += [f"{title}:", *table(PEER_COLUMNS, found), ""]
        elif found is not None:
            lines += [f"{title}: {found['error']}", ""]
    told = {"cases", *PEERS}
    for key, columns in SECTIONS:
        if key in result:
            told.add(key)
            rest = {name: value for name, value in result[key].items() if name != "rows"}
            lines += [*table(columns, result[key]["rows"]), f"{key}: {rest}", ""]
    lines += [f"{name}: {value}" for name, value in result.items() if name not in told]
    return "\n".join(lines)
