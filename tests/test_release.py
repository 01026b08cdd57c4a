"""A release says the version it is, and is what HACS unpacks."""

import json
from pathlib import Path
import runpy
import subprocess
from typing import Any
import zipfile

import pytest

ROOT = Path(__file__).parent.parent
RELEASE: dict[str, Any] = runpy.run_path(str(ROOT / "scripts" / "release"))
CHANGELOG = """# Changelog

## [Unreleased]

- Later.

## [1.2.3] - 2026-12-01

### Added

- A thing.

## [1.2.2] - 2026-11-01

- Old.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a small project under version control."""
    folder = tmp_path / "custom_components" / "optivgi"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"version": "1.2.3"}))
    (folder / "left_over.pyc").write_text("not under version control")
    (folder / "translations").mkdir()
    (folder / "translations" / "en.json").write_text("{}")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    for command in (["init", "-q"], ["add", "*.json", "*.toml", "*.md"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S603, S607 - our own
    return tmp_path


def test_a_release_holds_what_hacs_unpacks_and_its_notes(project: Path) -> None:
    assert RELEASE["main"]("v1.2.3", project) is None
    packed = project / ".artifacts" / "optivgi.zip"
    with zipfile.ZipFile(packed) as zipped:
        assert zipped.namelist() == ["manifest.json", "translations/en.json"]
    assert (project / ".artifacts" / "notes.md").read_text() == "### Added\n\n- A thing.\n"
    before = packed.read_bytes()
    RELEASE["main"]("v1.2.3", project)
    assert packed.read_bytes() == before


@pytest.mark.parametrize(
    ("tag", "wrong"),
    [("v1.2.4", "manifest.json says 1.2.3"), ("v1.2.2", "manifest.json says 1.2.3")],
)
def test_a_tag_of_another_version_is_refused(project: Path, tag: str, wrong: str) -> None:
    assert wrong in RELEASE["main"](tag, project)
    assert not (project / ".artifacts").exists()


def test_a_release_without_notes_is_refused(project: Path) -> None:
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n- Later.\n")
    assert RELEASE["main"]("v1.2.3", project) == "CHANGELOG.md has no section [1.2.3]"


def test_hacs_is_offered_the_file_that_a_release_makes() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["zip_release"]
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert f".artifacts/{hacs['filename']}" in workflow
