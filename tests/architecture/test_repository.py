"""What is tracked builds anywhere: no address of a registry or folder of one machine gets in."""

import re
import tomllib
from pathlib import Path

from tests.architecture.sources import ROOT, tracked
from webapp.incoming import FORM_BYTES
from webapp.settings import MEGABYTE, Settings

LOCKS = ("requirements.txt", "requirements-dev.txt", "package-lock.json", ".npmrc")
REGISTRY = re.compile(
    r"--(?:extra-)?index-url|--find-links|--trusted-host|\"resolved\"|^registry\s*=|https?://", re.MULTILINE
)
FUNDING = re.compile(r'"funding": (?:"[^"]*"|\{[^}]*\}|\[[^\]]*\])|"url": "[^"]*"')
MACHINE = re.compile(r"""(?<![\w.~<-])/(?:root|home/\w+|work|mnt|Users)/[\w.]|file:///(?!\{|%)\w""")


def text_of(name: str) -> str:
    path = ROOT / name
    return path.read_text() if path.exists() else ""


def test_lock_files_name_no_registry() -> None:
    assert {name: found for name in LOCKS if (found := REGISTRY.findall(FUNDING.sub("", text_of(name))))} == {}


def test_every_locked_package_has_a_hash() -> None:
    for name in LOCKS[:2]:
        requirements = re.findall(r"^[a-z0-9][^\n]*\\\n\s+--hash=sha256:[0-9a-f]{64}", text_of(name), re.MULTILINE)
        assert len(requirements) == len(re.findall(r"^[a-z0-9]", text_of(name), re.MULTILINE)) > 0


def test_what_the_project_needs_is_locked() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    for name, needs in (LOCKS[0], project["dependencies"]), (LOCKS[1], project["optional-dependencies"]["dev"]):
        locked = set(re.findall(r"^([a-z0-9-]+)==", text_of(name), re.MULTILINE))
        assert {need for need in needs if plain_name(need) not in locked} == set()


def plain_name(requirement: str) -> str:
    found = re.match(r"[\w-]+", requirement)
    assert found
    return found[0].lower().replace("_", "-")


def test_tracked_files_name_no_folder_of_a_machine() -> None:
    faults = []
    for path in tracked():
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue  # A picture or a font.
        faults += [
            f"{path.relative_to(ROOT)}:{n} {line.strip()}" for n, line in enumerate(lines, 1) if MACHINE.search(line)
        ]
    assert faults == []


def test_the_proxy_refuses_nothing_that_the_product_takes_and_has_the_pages_that_it_names(tmp_path: Path) -> None:
    proxy = text_of("docs/deploy/nginx.conf")
    taken = Settings.from_environment({"DATA_DIR": str(tmp_path)}).max_upload_bytes + FORM_BYTES
    assert f"client_max_body_size {taken // MEGABYTE}m;" in proxy
    named = re.findall(r"error_page [\d ]+ /(\d+\.html);", proxy)
    assert sorted(named) == sorted(path.name for path in (ROOT / "docs/deploy/pages").iterdir())
