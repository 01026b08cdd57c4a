"""Changing the code a little: what is changed, and whether a test that notices is told apart."""

from pathlib import Path
import subprocess
import sys

from scripts.mutation.mutants import mutants_of

ROOT = Path(__file__).parent.parent
HEADROOM = '''"""What a fuse still carries."""

RESERVE: int = 2


def headroom(fuse: float, load: float) -> float:
    """Return what is left."""
    if load < 0:
        LOGGER.warning("%s is less than nothing", load - 1)
        raise ValueError(f"{load + 1}")
    return max(0, fuse - load - RESERVE)
'''


def changes(source: str) -> set[tuple[int, str, str]]:
    """Return the lines that are changed, from what and into what."""
    return {(one.line, one.before, one.after) for one in mutants_of(source)}


def test_what_runs_is_changed_and_nothing_else() -> None:
    whole = "max(0, fuse - load - RESERVE)"
    assert changes(HEADROOM) == {
        (3, "2", "3"),
        (8, "load < 0", "True"),
        (8, "load < 0", "False"),
        (8, "load < 0", "(load <= 0)"),
        (8, "0", "1"),
        (10, 'raise ValueError(f"{load + 1}")', "pass"),
        (11, f"return {whole}", "return None"),
        (11, whole, "min(0, fuse - load - RESERVE)"),
        (11, "0", "1"),
        (11, "fuse - load - RESERVE", "(fuse - load + RESERVE)"),
        (11, "fuse - load", "(fuse + load)"),
    }


def test_each_is_a_whole_file_with_one_change() -> None:
    for mutant in mutants_of(HEADROOM):
        before = HEADROOM.splitlines()
        after = mutant.source.splitlines()
        assert len(before) == len(after)
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_within_a_tolerance_being_equal_is_no_change() -> None:
    assert changes("fits = load < limit + TOLERANCE_KW\n") == {
        (1, "limit + TOLERANCE_KW", "(limit - TOLERANCE_KW)")
    }


def test_more_than_one_byte_for_a_letter_moves_nothing() -> None:
    (only,) = mutants_of('said = "fünf Ampère", 5\n')
    assert only.source == 'said = "fünf Ampère", 6\n'


def test_what_no_test_notices_is_told(tmp_path: Path) -> None:
    # What is tried there knows nothing of Home Assistant, nor of the plugin for its tests.
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\naddopts = -p no:homeassistant\n"
    )
    (tmp_path / "fuse.py").write_text(HEADROOM)
    (tmp_path / "test_fuse.py").write_text(
        "from fuse import headroom\n"
        "def test_house():\n    assert headroom(25, 10) == 13\n"
        "def test_full():\n    assert headroom(25, 30) == 0\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.mutation", "fuse.py", "--tests", "test_fuse.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{ROOT}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = {line for line in ended.stdout.splitlines() if line.startswith("fuse.py:")}
    assert told == {
        "fuse.py:8: load < 0  ->  False",
        "fuse.py:8: load < 0  ->  (load <= 0)",
        "fuse.py:8: 0  ->  1",
        'fuse.py:10: raise ValueError(f"{load + 1}")  ->  pass',
    }, ended.stderr
    assert ended.returncode == 1
    killed = (tmp_path / ".artifacts" / "killed-mutants").read_text().split()
    assert len(killed) == len(changes(HEADROOM)) - len(told)
