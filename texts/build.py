"""``scripts/texts``: writes the translations of all languages from one table for each.

English is written by hand, in ``translations/en.json``: keys, and a text for each. The table of
another language, ``texts/<language>.json``, says each English text once, whatever the number of
keys that have it. Home Assistant resolves no references in custom integrations, so all is written
out. With ``--check`` nothing is written: it fails where a table lacks a text, holds one that is no
longer needed, loses a placeholder, or where what is written is not what the tables give.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
import json
from pathlib import Path
import re
import sys

TABLES = Path(__file__).parent
TRANSLATIONS = TABLES.parent / "custom_components" / "optivgi" / "translations"
LANGUAGES = ("ca", "cs", "da", "de", "es", "fi", "fr", "hu", "it", "nb", "nl", "pl", "pt", "sv")
"""Those that there are besides English."""
MARKS = ("**", "](", "`", "\n", "http")
"""What has to be as often in a translation as it is in English."""
LONGER = 1.7
"""A text may be so many times as long as the English one,"""
LONGER_BY = 25
"""and by so many characters more: short labels grow more."""

type Tree = Mapping[str, "Tree | str"]


def texts_of(tree: Tree) -> Iterator[str]:
    """Yield all texts of a tree of keys, in their order."""
    for value in tree.values():
        if isinstance(value, str):
            yield value
        else:
            yield from texts_of(value)


def translated(tree: Tree, table: Mapping[str, str]) -> dict[str, object]:
    """Return a tree of keys with the texts of a table, the English ones where it has none."""
    return {
        key: table.get(value, value) if isinstance(value, str) else translated(value, table)
        for key, value in tree.items()
    }


def placeholders(text: str) -> list[str]:
    """Return what a text names, sorted."""
    return sorted(re.findall(r"\{[^{}]*\}", text))


def faults(english: Sequence[str], table: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with a table."""
    needed = dict.fromkeys(english)
    yield from (f"no text for: {text}" for text in needed if not table.get(text, "").strip())
    yield from (f"not needed: {text}" for text in table if text not in needed)
    for text, other in table.items():
        if placeholders(text) != placeholders(other):
            yield f"other placeholders: {text}"
        if any(text.count(mark) != other.count(mark) for mark in MARKS):
            yield f"other markup: {text}"
        if len(other) > LONGER * len(text) + LONGER_BY:
            yield f"too long: {other}"


def read(path: Path) -> dict[str, str]:
    """Return a file's JSON object; an empty one where there is no file."""
    content: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return content


def written(content: object) -> str:
    """Return JSON as it is kept."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def main(argv: Sequence[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="scripts/texts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail on faults")
    check = parser.parse_args(argv).check
    tree = json.loads((TRANSLATIONS / "en.json").read_text("utf-8"))
    english = list(texts_of(tree))
    found = 0
    for language in LANGUAGES:
        path, table = TABLES / f"{language}.json", read(TABLES / f"{language}.json")
        for fault in faults(english, table):
            print(f"{path.name}: {fault}", file=sys.stderr)
            found += 1
        target, content = TRANSLATIONS / f"{language}.json", written(translated(tree, table))
        if not check:
            target.write_text(content, "utf-8")
        elif not target.exists() or target.read_text("utf-8") != content:
            print(f"{target.name} is not what the table gives: scripts/texts", file=sys.stderr)
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
