"""The session in which a command's subscribers read and write rows of the domain."""

import sqlalchemy as sa
from sqlalchemy.orm import Session


class DomainSession(Session):
    """A command's ORM session: holds what it has loaded, so that one subscriber need not read what another has read."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(bind=connection, expire_on_commit=False)
        self.held: list[object] = []


@sa.event.listens_for(DomainSession, "loaded_as_persistent")
def _hold(session: DomainSession, loaded: object) -> None:
    session.held.append(loaded)
