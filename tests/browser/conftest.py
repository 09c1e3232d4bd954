"""What tests in the browser ask for."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from engine.database import connect
from engine.runtime import Runtime
from tests.browser.workshop import Workshop, serve
from tests.support.browsers import NewPage
from tests.support.databases import Databases, create_schema, lend
from webapp.demo.organisation import load_organisation
from webapp.procedures.bundles import deploy_shipped


@pytest.fixture
def organisation_url(databases: Databases) -> Iterator[str]:
    """The address of a database with the demo ward's units and people and the procedures, without plans."""
    yield from organisation_in(databases)


def organisation_in(databases: Databases) -> Iterator[str]:
    """The same in a database of a kind."""

    def load(url: str) -> None:
        create_schema(url)
        runtime = Runtime(connect(url), movable_clock=True)
        with runtime.reading() as connection:
            now = runtime.now(connection)
        deploy_shipped(runtime, load_organisation(runtime, now).tenant_id)
        runtime.close()

    yield from lend(databases, "procedures", load)


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    """The components with sample data, served."""
    made = Workshop()
    server = serve(made)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def desk(workshop: Workshop, new_page: NewPage) -> Page:
    """A page of the workshop."""
    return new_page(base_url=workshop.url)


@pytest.fixture
def phone(workshop: Workshop, new_phone: NewPage) -> Page:
    """The same on a small telephone."""
    return new_phone(base_url=workshop.url)
