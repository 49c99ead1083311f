"""Any other database that SQLAlchemy can open, with whatever driver its address names."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool

from data_access.connection.address import shown_url
from data_access.errors import SourceUnavailableError, UnsupportedSourceError

KNOWN = ("sqlite", "postgresql", "mariadb", "mysql")


def engine(url: sa.URL) -> sa.Engine:
    """Its own isolation decides whether all tables are of one moment, its account who may write.

    Raises:
        UnsupportedSourceError: SQLAlchemy knows no such database.
        SourceUnavailableError: Its driver is not installed.
    """
    try:
        return sa.create_engine(url, poolclass=NullPool)
    except NoSuchModuleError:
        raise UnsupportedSourceError(url.get_backend_name(), KNOWN) from None
    except ImportError as error:
        reason = f"the driver {error.name} is not installed"
        raise SourceUnavailableError(shown_url(url), reason) from None
