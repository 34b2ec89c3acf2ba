"""Writes MODEL_CARD.md out of model.json, evaluation.json and training.json.

Example:
    python card.py
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.voice_card import embedder_card  # noqa: E402


def main() -> None:
    """Writes the card beside this file."""
    (HERE / "MODEL_CARD.md").write_text(embedder_card(HERE), encoding="utf-8")
    print(f"Written: {HERE / 'MODEL_CARD.md'}")


if __name__ == "__main__":
    main()
