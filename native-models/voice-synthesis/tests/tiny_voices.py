"""A folder of voices, pairs and labels as the real commands make them, out of the tiny committed recordings, in a second.

The second recording has labels once more, as what it is: a person's recording.
"""

import json
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from sotto_models.corpus import Clip
from sotto_models.voice.codebooks import fit_basis, fit_codebooks, save_arrays
from sotto_models.voice.labels import LabelWriter

TINY = Path(__file__).resolve().parents[2] / "common" / "tests" / "data"
SENTENCES = ("de_rhasspy-0004", "de_rhasspy-0063", "de_rhasspy-0084")


def features_of(signal: np.ndarray) -> np.ndarray:
    """(frames, 384): log spectra of 40 ms every 20 ms, a stand-in for what the teacher says."""
    frames = max(2, -(-len(signal) // 320))
    padded = np.pad(signal, (160, frames * 320 + 640 - len(signal)))
    framed = np.stack([padded[320 * t : 320 * t + 640] for t in range(frames)]) * np.hanning(640)
    return np.log(np.abs(np.fft.rfft(framed, 766)) + 1e-3).astype(np.float32)


def loud_f0(signal: np.ndarray, frames: int) -> np.ndarray:
    """200 Hz where there is sound: enough for a loss that must fall."""
    padded = np.pad(signal, (0, 160 * frames))
    level = np.array([np.abs(padded[160 * t : 160 * t + 160]).mean() for t in range(frames)])
    return np.where(level > 0.3 * level.mean(), 200.0, 0.0).astype(np.float32)


def make_tiny_voices(folder: Path) -> tuple[Path, Path, Path]:
    """Folders of voices, pairs (the first sentence only) and labels; the third sentence is of a held-out voice."""
    voices, pairs, labels = folder / "voices", folder / "pairs", folder / "labels"
    for part in (voices / "speech", voices / "wide", pairs / "wide"):
        part.mkdir(parents=True)
    signals = [soundfile.read(str(TINY / f"{name}.flac"), dtype="float32")[0] for name in SENTENCES]
    features = [features_of(signal) for signal in signals]
    basis = fit_basis(np.concatenate(features), 128)
    writer = LabelWriter(labels, basis)
    for index, (signal, said) in enumerate(zip(signals, features, strict=True)):
        name = f"{index:06d}.flac"
        wide = np.clip(resample_poly(signal, 3, 2), -1, 1)
        soundfile.write(str(voices / "speech" / name), signal, 16_000)
        soundfile.write(str(voices / "wide" / name), wide, 24_000)
        entry = {"index": index, "voices": {"af_heart": 0.6, "bm_lewis": 0.4}, "f0Factor": 1.0,
                 "phonemes": "ab", "durations": [30, 40, 30, 20]}
        with open(voices / "sentences.jsonl", "a") as file:
            file.write(json.dumps(entry) + "\n")
        speaker = "kokoro-007" if index == 2 else "kokoro-001"
        path = (voices / "speech" / name).resolve()
        clip = Clip(str(path), "speech", "kokoro", "Apache-2.0", speaker, "en", len(signal) / 16_000, "train")
        writer.append(clip, path, len(signal), said, loud_f0(signal, 2 * len(said)))
    clip = Clip("", "speech", "rhasspy", "CC0-1.0", "someone", "de", len(signals[1]) / 16_000, "train")
    writer.append(clip, TINY / f"{SENTENCES[1]}.flac", len(signals[1]), features[1], loud_f0(signals[1], 2 * len(features[1])))
    writer.close()
    z = np.concatenate([basis.project(said) for said in features])
    books = fit_codebooks(z, seed=1, codes=32)
    save_arrays(labels / "codebooks.npz", first=books.first, residual=books.residual)
    soundfile.write(str(pairs / "wide" / "000000.flac"), np.clip(resample_poly(signals[0], 3, 2)[::1] * 0.7, -1, 1), 24_000)
    (pairs / "pairs.jsonl").write_text(json.dumps({"index": 0, "voices": {"am_adam": 1.0}, "f0Factor": 0.5}) + "\n")
    return voices, pairs, labels
