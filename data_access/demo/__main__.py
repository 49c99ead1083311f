"""Build the demo CRM: `python -m data_access.demo --customers 20000 --to var/demo/crm.sqlite`.

Instead of an SQLite file, `--url` takes an empty database: `--url mariadb://writer@host/crm`.
"""

from __future__ import annotations

import argparse
import logging
from datetime import datetime
from pathlib import Path

from data_access.bulk_load import write_database
from data_access.connection.address import shown_url
from data_access.demo.build import build
from data_access.demo.generate import AS_OF, CUSTOMERS, SEED, generate
from data_access.demo.seasons import SHANGHAI


def main() -> None:
    """Parse the command line and build the database."""
    parser = argparse.ArgumentParser(prog="python -m data_access.demo", description=__doc__)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--to", type=Path, default=Path("var/demo/crm.sqlite"))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--as-of", type=_moment, default=AS_OF, help="ISO; Shanghai if no zone")
    parser.add_argument("--url", help="load it into this database instead, without its truth")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if given.url:
        chunks = generate(given.customers, seed=given.seed, as_of=given.as_of)
        rows = write_database(given.url, chunks)
    else:
        rows = build(given.to, given.customers, seed=given.seed, as_of=given.as_of)
    place = shown_url(given.url) if given.url else given.to
    logging.getLogger(__name__).info("%s: %s rows", place, f"{sum(rows.values()):,}")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


if __name__ == "__main__":
    main()
