"""Prints the table of evaluation.json and writes MODEL_CARD.md from it.

Example:
    python card.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.model_card import model_card, overall_table  # noqa: E402


def main() -> None:
    """Writes the card beside this file."""
    card = model_card(HERE)
    (HERE / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    print(overall_table(json.loads((HERE / "evaluation.json").read_text(encoding="utf-8"))))
    print(f"\nWritten: {HERE / 'MODEL_CARD.md'}")


if __name__ == "__main__":
    main()
