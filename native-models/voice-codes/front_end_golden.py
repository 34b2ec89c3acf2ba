"""Writes golden/front-end.json: short recordings at three rates and what the voice front end must make of them.

Read by Python and TypeScript alike; the definition is in sotto_models/voice/mel.py.

Example:
    python front_end_golden.py
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import soundfile
from scipy import signal as scipy_signal

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.onnx_export import write_json  # noqa: E402
from sotto_models.voice.mel import BANDS, log_mel, normalised, running_normalised  # noqa: E402

CLIP = HERE.parent / "common" / "tests" / "data" / "de_rhasspy-0004.flac"
ATTRIBUTION = "Speech: rhasspy dataset-voice-kerstin, CC0-1.0."
SECONDS = {16_000: 2.5, 44_100: 0.6, 48_000: 0.6}
ODD_SAMPLES = 37
MAX_ABSOLUTE_ERROR = 2e-3
"""In nepers: room for a float32 FFT. A shifted frame, or a window of another phase, errs by more than 1."""


def recording(rate_hz: int) -> np.ndarray:
    """The start of the speech at a rate, (samples,), not a whole number of frames, with 0.1 s of digital silence inside."""
    clean, _ = soundfile.read(str(CLIP), dtype="float64")
    count = int(SECONDS[rate_hz] * rate_hz) + ODD_SAMPLES
    sound = scipy_signal.resample_poly(clean, rate_hz, 16_000, window=("kaiser", 14.0))[4 * rate_hz // 10 :][:count]
    sound[rate_hz // 5 : 3 * rate_hz // 10] = 0
    return sound


def main() -> None:
    """Writes recordings, arrays and the index."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=str(HERE / "golden"), help="folder that receives the files")
    folder = Path(parser.parse_args().out)
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for rate_hz in SECONDS:
        name = f"front-end-{rate_hz}"
        soundfile.write(str(folder / f"{name}.wav"), recording(rate_hz), rate_hz, subtype="PCM_16")
        stored, _ = soundfile.read(str(folder / f"{name}.wav"), dtype="float64")
        logarithms = log_mel(stored, rate_hz)
        arrays = {"logMel": logarithms}
        if rate_hz == 16_000:
            arrays |= {"normalised": normalised(logarithms), "runningNormalised": running_normalised(logarithms)}
        for kind, values in arrays.items():
            values.astype("<f4").tofile(folder / f"{name}-{kind}.f32")
        cases.append({
            "sampleRateHz": rate_hz, "samples": len(stored), "sound": f"{name}.wav", "shape": [len(logarithms), BANDS],
            **{kind: f"{name}-{kind}.f32" for kind in arrays},
        })
    write_json(folder / "front-end.json", {
        "schema": "sotto.front-end-golden/1", "order": "frames,bands", "type": "float32le", "cases": cases,
        "maxAbsoluteError": MAX_ABSOLUTE_ERROR, "attribution": ATTRIBUTION,
    })


if __name__ == "__main__":
    main()
