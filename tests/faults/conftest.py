"""The databases of `tests/data_access`, which the faults are those of."""

from tests.data_access.conftest import (  # noqa: F401
    mariadb_crm,
    mariadb_server,
    postgres_crm,
    postgres_server,
)
