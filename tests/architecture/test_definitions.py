"""What ships deploys: every form parses, every diagram is free of errors."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.definition import FormDefinition
from tests.architecture.sources import ROOT
from tests.support.servers import environment_for
from webapp.cli import main
from webapp.procedures.bundles import SHIPPED

FORMS = sorted((ROOT / "forms").glob("*.form"))
DIAGRAMS = sorted((ROOT / "workflows").glob("*.bpmn"))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_shipped_form_parses(path: Path) -> None:
    assert FormDefinition.parse(path.read_bytes()).fields


def test_shipped_diagrams_deploy(tmp_path: Path) -> None:
    """By the command line, as an administrator would check them."""
    environment = environment_for(f"sqlite:///{tmp_path}/none.db", tmp_path)
    said = CliRunner().invoke(main, ["definition", "check", *map(str, DIAGRAMS)], env=environment).stdout
    assert said.count("triển khai được") == len(DIAGRAMS)


def test_every_form_is_used_by_a_diagram() -> None:
    drawn = "".join(path.read_text() for path in DIAGRAMS)
    assert [form.stem for form in FORMS if f'"{form.stem}"' not in drawn] == []


def test_every_diagram_in_the_folder_ships() -> None:
    assert {path.stem for path in DIAGRAMS} == set(SHIPPED)
