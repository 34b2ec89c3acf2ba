"""Every model folder keeps what its runner promises; folders are found rather than listed."""

import json
from pathlib import Path

import pytest

from shipped_promises import PROMISES

MODELS = Path(__file__).resolve().parents[2]
ASKED = [
    pytest.param(manifest.parent, promise, id=f"{manifest.parent.name}-{promise.__name__}")
    for manifest in sorted(MODELS.glob("*/model.json"))
    for promise in PROMISES[json.loads(manifest.read_text())["runner"]]
]


def test_there_is_a_model():
    assert ASKED


@pytest.mark.parametrize(("folder", "promise"), ASKED)
def test_a_shipped_model_keeps_its_promise(folder, promise):
    promise(folder, json.loads((folder / "model.json").read_text()))
