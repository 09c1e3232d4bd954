"""Every table of the product, for migrations and tests."""

from engine.models import Base
from webapp.accounts import models as accounts
from webapp.cases import models as cases
from webapp.cycles import models as cycles
from webapp.difficulties import models as difficulties
from webapp.documents import models as documents
from webapp.indicators import models as indicators
from webapp.notifications import models as notifications
from webapp.organisation import models as organisation
from webapp.plans import models as plans
from webapp.procedures import migration_models as version_moves
from webapp.procedures import models as procedures
from webapp.rehearsals import models as rehearsals
from webapp.searching import models as searching
from webapp.unit_changes import models as unit_changes

__all__ = [
    "Base",
    "accounts",
    "cases",
    "cycles",
    "difficulties",
    "documents",
    "indicators",
    "notifications",
    "organisation",
    "plans",
    "procedures",
    "rehearsals",
    "searching",
    "unit_changes",
    "version_moves",
]
