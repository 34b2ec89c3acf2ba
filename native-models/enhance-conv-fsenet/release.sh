#!/bin/sh
# From a checkpoint to everything that is committed with a weight: graph, manifest, golden files, evaluation, card.
# Usage: SOTTO_CORPUS=FOLDER [PYTHON=python] ./release.sh [RUN] [CHECKPOINT]
set -eu
cd "$(dirname "$0")"
python="${PYTHON:-../.venv/bin/python}"
"$python" export.py --run "${1:-dense}" --weights "${2:-best.pt}"
"$python" evaluate.py
"$python" card.py
