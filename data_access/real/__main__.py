"""Build the real-data CRM: `python -m data_access.real --to var/real/crm.sqlite`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from data_access.real.build import build


def main() -> None:
    """Parse the command line and build the database."""
    parser = argparse.ArgumentParser(prog="python -m data_access.real", description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("var/real/crm.sqlite"))
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    rows = build(given.to)
    logging.getLogger(__name__).info("%s: %s rows", given.to, f"{sum(rows.values()):,}")


if __name__ == "__main__":
    main()
