"""A virtual environment with the built package and what it requires, without any network."""

from importlib.metadata import PathDistribution, distribution
from pathlib import Path
from shutil import copytree
import subprocess
import sys

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent.parent
OUTSIDE = {"..", "__pycache__"}
"""What files of a package begin with that are not in folders of its own."""


def build_wheel(folder: Path) -> Path:
    """Build the package as ``pip install .`` does; return the wheel."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


class EmptyVenv:
    """A virtual environment that has nothing but a wheel, and what its metadata requires."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        """Make it: the wheel is installed, and what it requires is linked from here."""
        self.bin = folder / "bin"
        self._uv("venv", "--python", sys.executable, str(folder))
        self._uv("pip", "install", "--python", self.python, "--no-deps", str(wheel))
        (self.site_packages,) = (folder / "lib").glob("python3.*/site-packages")
        (installed,) = self.site_packages.glob("optivgi_scheduler-*.dist-info")
        for name in _closure(PathDistribution(installed).requires or []):
            self._link(name)

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.bin / "python")

    def _uv(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "uv", "--offline", "--no-config", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def check(self) -> str:
        """Return what uv says of the packages: whether each has what it requires."""
        return self._uv("pip", "check", "--python", self.python)

    def run(self, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of it somewhere else than in the repository; text is its input."""
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.bin.parent,
            check=False,
            capture_output=True,
            input=text,
            text=True,
        )

    def _link(self, name: str) -> None:
        for top in {path.parts[0] for path in distribution(name).files or []} - OUTSIDE:
            place, there = self.site_packages / top, Path(str(distribution(name).locate_file(top)))
            if top.endswith(".dist-info"):
                copytree(there, place)  # uv follows no links to these
            else:
                place.symlink_to(there)


def _closure(requirements: list[str]) -> set[str]:
    """Return the names of all packages that these requirements need, without extras."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        needed = waiting.pop()
        if needed.name in found or (needed.marker and not needed.marker.evaluate({"extra": ""})):
            continue
        found.add(needed.name)
        waiting += [Requirement(text) for text in distribution(needed.name).requires or []]
    return found
