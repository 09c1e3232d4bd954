"""What ships deploys: every form parses, every diagram is free of errors."""

import pytest

from forms.definition import FormDefinition
from tests.architecture.sources import ROOT
from webapp.procedures.bundles import SHIPPED, check_file

FORMS = sorted((ROOT / "forms").glob("*.form"))
DIAGRAMS = sorted((ROOT / "workflows").glob("*.bpmn"))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_shipped_form_parses(path) -> None:
    assert FormDefinition.parse(path.read_bytes()).fields


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_shipped_diagram_deploys(path) -> None:
    checked = check_file(path)
    assert checked.deployable, checked.to_text()


def test_every_form_is_used_by_a_diagram() -> None:
    drawn = "".join(path.read_text() for path in DIAGRAMS)
    assert [form.stem for form in FORMS if f'"{form.stem}"' not in drawn] == []


def test_every_diagram_in_the_folder_ships() -> None:
    assert {path.stem for path in DIAGRAMS} <= set(SHIPPED)
