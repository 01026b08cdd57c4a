"""The scheduler as a package of its own: installed where there is no Home Assistant."""

from importlib.metadata import PathDistribution
import json
from pathlib import Path
import re
import subprocess
import sys

import pytest

from custom_components.optivgi import scheduler

from .empty_venv import ROOT, EmptyVenv, build_wheel

pytestmark = pytest.mark.xdist_group("package")

LIBRARY = (ROOT / "docs" / "library.md").read_text()
FORMAT = (ROOT / "docs" / "problem-format.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", LIBRARY, re.DOTALL)


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> EmptyVenv:
    """The package in an environment of its own."""
    folder = tmp_path_factory.mktemp("package")
    return EmptyVenv(folder / "venv", build_wheel(folder))


def test_it_is_the_files_of_the_integration(venv: EmptyVenv) -> None:
    source = Path(scheduler.__file__).parent
    installed = venv.site_packages / "optivgi_scheduler"

    def files(folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }

    assert files(installed) == files(source)
    assert "py.typed" in files(installed)


def test_it_requires_four_packages_and_they_are_enough(venv: EmptyVenv) -> None:
    (metadata,) = venv.site_packages.glob("optivgi_scheduler-*.dist-info")
    required = [
        text for text in PathDistribution(metadata).requires or [] if "extra ==" not in text
    ]
    named = {re.match(r"[\w-]+", text) for text in required}
    assert {match[0] for match in named if match} == {"highspy", "numpy", "pulp", "pydantic"}
    assert "All installed packages are compatible" in venv.check()
    missing = venv.run("python", "-c", "import homeassistant")
    assert "No module named 'homeassistant'" in missing.stderr


def test_the_command_plans(venv: EmptyVenv) -> None:
    example = re.search(r"```json\n(.*?)```", FORMAT, re.DOTALL)
    assert example
    done = venv.run("optivgi-plan", "-", text=example[1])
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["algorithm"] == "optimal"
    assert answer["evs"][0]["energy_kwh"] == pytest.approx(18)
    refused = venv.run(
        "optivgi-plan", "-", text=example[1].replace('"energy_kwh": 18', '"energy_kwh": -3')
    )
    assert refused.returncode == 2
    assert refused.stderr == "optivgi-plan: evs[0].energy_kwh: must be at least 0, not -3\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=["plan", "translation"])
def test_the_examples_of_the_documentation_run(venv: EmptyVenv, example: str) -> None:
    done = venv.run("python", "-c", example)
    assert done.returncode == 0, done.stderr
    if "asyncio.run" in example:
        assert re.fullmatch(r"optimal \{'A1': [\d.]+\}\n", done.stdout)


def test_mypy_sees_its_types(venv: EmptyVenv, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    wrong = "\nplan('no problem')\nreveal_type(plan)\n"
    program.write_text(EXAMPLES[0] + wrong + EXAMPLES[1])
    # Where mypy runs every day: what it knows of numpy already need not be read again.
    cache = f"--cache-dir={ROOT / '.mypy_cache' / 'package'}"
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", cache]
    done = subprocess.run(
        [*command, f"--python-executable={venv.python}", str(program)],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1, done.stdout
    assert 'incompatible type "str"; expected "Problem"' in errors[0]
    assert "optivgi_scheduler.model.schedule.Schedule" in done.stdout
