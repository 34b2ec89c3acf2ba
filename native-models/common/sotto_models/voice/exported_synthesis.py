"""A shipped synthesis: its graph and its table of voices in the place of the trained net."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..onnx_export import open_session
from .synthesis_export import INPUTS


class ExportedSynthesis:
    """The first level of a folder with model.json of the runner `voice-synthesis`; `render` takes it as it takes a net.

    Attributes:
        registers_hz: how high each voice of the table speaks, (54,).
    """

    def __init__(self, folder: Path):
        manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        table = json.loads((folder / manifest["voices"]["file"]).read_text(encoding="utf-8"))["voices"]
        self._session = open_session(folder / manifest["levels"][0]["file"])
        self._vectors = torch.tensor([row["vector"] for row in table])
        self.registers_hz = np.array([row["registerHz"] for row in table])

    def voice(self, weights: Tensor) -> Tensor:
        """As `SynthesisNet.voice`, from the table."""
        return weights @ self._vectors

    def __call__(self, z: Tensor, pitch: Tensor, voice: Tensor, mode: Tensor) -> Tensor:
        """As `SynthesisNet.forward`."""
        inputs = (z, pitch, voice, mode)
        (filters,) = self._session.run(None, {name: value.numpy() for name, value in zip(INPUTS, inputs, strict=True)})
        return torch.from_numpy(filters)
