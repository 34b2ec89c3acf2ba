"""Writes golden/speech-windows.json: a short recording and the windows of speech that the embedder must be given of it.

Read by Python and TypeScript alike; the definition is in sotto_models/voice/speech_windows.py.

Example:
    python speech_golden.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import soundfile

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.voice.mel import BANDS, log_mel  # noqa: E402
from sotto_models.voice.speech_windows import speech_frames, speech_windows  # noqa: E402

CLIPS = HERE.parent / "common" / "tests" / "data"
NAMES = ("de_rhasspy-0004", "de_rhasspy-0063")
ATTRIBUTION = "Speech: rhasspy dataset-voice-kerstin, CC0-1.0."
RATE_HZ = 16_000
PAUSE_SAMPLES, ODD_SAMPLES = 8_000, 37
MAX_ABSOLUTE_ERROR = 2e-3
"""In nepers: room for a float32 FFT. A window that begins at another frame errs by more than 1."""


def recording() -> np.ndarray:
    """Two sentences, the second at half the level, a pause of noise between them, not a whole number of frames, (samples,)."""
    first, second = (soundfile.read(str(CLIPS / f"{name}.flac"), dtype="float64")[0] for name in NAMES)
    pause = 1e-4 * np.random.default_rng(5).normal(size=PAUSE_SAMPLES)
    return np.concatenate([first, pause, 0.5 * second, np.zeros(ODD_SAMPLES)])


def main() -> None:
    """Writes recording, windows and the index."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=str(HERE / "golden"), help="folder that receives the files")
    folder = Path(parser.parse_args().out)
    folder.mkdir(parents=True, exist_ok=True)
    sound = f"speech-{RATE_HZ}.wav"
    soundfile.write(str(folder / sound), recording(), RATE_HZ, subtype="PCM_16")
    stored, _ = soundfile.read(str(folder / sound), dtype="float64")
    logarithms, seconds = log_mel(stored, RATE_HZ), len(stored) / RATE_HZ
    windows = speech_windows(logarithms, seconds)
    np.concatenate(windows).astype("<f4").tofile(folder / "speech-windows.f32")
    write_json(folder / "speech-windows.json", {
        "schema": "sotto.speech-windows-golden/1", "order": "frames,bands", "type": "float32le", "sound": sound,
        "sampleRateHz": RATE_HZ, "samples": len(stored), "bands": BANDS, "speechFrames": speech_frames(logarithms, seconds).tolist(),
        "windows": "speech-windows.f32", "windowFrames": [len(window) for window in windows],
        "maxAbsoluteError": MAX_ABSOLUTE_ERROR, "attribution": ATTRIBUTION,
    })


if __name__ == "__main__":
    main()
