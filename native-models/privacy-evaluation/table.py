"""Prints evaluation.json as tables, with VoicePrivacy's and EDGY's published figures beside them.

Example:
    python table.py            # to the screen
    python table.py --readme   # into README.md, between its markers
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.judging.tables import all_tables, with_tables  # noqa: E402


def main() -> None:
    """Parses the command line, prints or writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--evaluation", default=str(HERE / "evaluation.json"))
    parser.add_argument("--readme", action="store_true", help="write them into README.md instead")
    options = parser.parse_args()
    evaluation = json.loads(Path(options.evaluation).read_text(encoding="utf-8"))
    published = json.loads((HERE / "published.json").read_text(encoding="utf-8"))
    tables = all_tables(evaluation, published)
    if options.readme:
        readme = HERE / "README.md"
        readme.write_text(with_tables(readme.read_text(encoding="utf-8"), tables), encoding="utf-8")
    else:
        print(tables)


if __name__ == "__main__":
    main()
