#!/bin/sh
# From a checkpoint to everything that is committed with a weight: graph, manifest, golden files, evaluation, card.
# Usage: SOTTO_CORPUS=FOLDER [PYTHON=python] ./release.sh [RUN] [CHECKPOINT] [OPTIONS OF evaluate.py]
set -eu
cd "$(dirname "$0")"
python="${PYTHON:-../.venv/bin/python}"
run="${1:-dense}"
checkpoint="${2:-best.pt}"
[ $# -gt 2 ] && shift 2 || set --
"$python" export.py --run "$run" --weights "$checkpoint"
"$python" evaluate.py "$@"
"$python" card.py
