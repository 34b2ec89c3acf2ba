"""Runs a trained encoder over labelled clips and keeps its z in a folder of the labels' form: `--codes` of train.py, listen.py.

F0 and codebooks are those of the labels. Can be stopped and started again; another encoder needs another folder.

Example:
    python encoded.py --encoder codes-edge/best.pt --out ~/.cache/sotto/runs/cache/codes-edge --source kokoro
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "common"))

from sotto_models.corpus import Clip  # noqa: E402
from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.onnx_export import sha256_of  # noqa: E402
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, read_clip, runs_folder  # noqa: E402
from sotto_models.voice.codebooks import STORED_DIMENSIONS, Basis  # noqa: E402
from sotto_models.voice.encoder import VoiceEncoder  # noqa: E402
from sotto_models.voice.encoder_export import load_encoder  # noqa: E402
from sotto_models.voice.labels import LabelledClip, LabelWriter, VoiceLabels  # noqa: E402
from sotto_models.voice.mel import log_mel, normalised  # noqa: E402

AS_IT_IS = Basis(np.zeros(STORED_DIMENSIONS, np.float32), np.eye(STORED_DIMENSIONS, dtype=np.float32), 1.0, 1.0)
"""z is stored where a folder of labels has the first of its dimensions."""


@torch.no_grad()
def encode(encoder: VoiceEncoder, signal: np.ndarray) -> np.ndarray:
    """z of a recording, (max(2, ceil(samples / 320)), 64), float32, its mel normalised over the whole of it.

    Args:
        signal: (samples,), 16 kHz.
    """
    mel = normalised(log_mel(signal, SAMPLE_RATE_HZ)).T  # (frames, 80) -> (80, frames)
    return encoder(torch.from_numpy(np.ascontiguousarray(mel, np.float32))[None])[0].numpy().T


def encode_all(encoder: VoiceEncoder, clips: Sequence[LabelledClip], labels: VoiceLabels, folder: Path) -> None:
    """Adds the z of every clip that the folder does not have yet."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(labels.folder / "codebooks.npz", folder / "codebooks.npz")
    writer, begun, seconds = LabelWriter(folder, AS_IT_IS), time.monotonic(), 0.0
    try:
        for number, clip in enumerate(clips):
            if clip.path in writer.paths:
                continue
            path = Path(clip.path)
            z = encode(encoder, read_clip(path.parent, path.name))
            stored = np.pad(z, ((0, 0), (0, STORED_DIMENSIONS - z.shape[1])))
            entry = Clip(clip.path, "speech", clip.source, "", clip.speaker, "", clip.samples / SAMPLE_RATE_HZ, clip.split)
            writer.append(entry, path, clip.samples, stored, labels.f0_hz(clip))
            seconds += entry.duration_seconds
            if number % 200 == 0:
                print(f"{number} of {len(clips)}, {seconds / (time.monotonic() - begun):.0f} times real time", flush=True)
    finally:
        writer.close()


def remember_encoder(weights: Path, folder: Path) -> None:
    """Writes the encoder's checksum into the folder, or refuses another one's folder.

    Raises:
        ValueError: the folder holds z of another encoder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file, found = folder / "encoder.sha256", sha256_of(weights)
    if file.exists() and file.read_text().strip() != found:
        raise ValueError(f"Expected {folder} to hold z of {weights}, found that of another encoder. Use another folder.")
    file.write_text(found + "\n")


def main() -> None:
    """Parses the command line and encodes."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", required=True, help="RUN/FILE of the encoder's training")
    parser.add_argument("--out", required=True)
    parser.add_argument("--runs", default=str(runs_folder()))
    parser.add_argument("--labels", help="default: cache/voice-labels in the folder of runs")
    parser.add_argument("--source", action="append", help="only clips of this source, such as kokoro; repeatable")
    options = parser.parse_args()
    torch.set_num_threads(1)
    runs, folder = Path(options.runs).expanduser(), Path(options.out).expanduser()
    labels = VoiceLabels(Path(options.labels).expanduser() if options.labels else runs / "cache" / "voice-labels")
    weights = runs / options.encoder
    encoder = load_encoder(weights, labels.codebooks)
    remember_encoder(weights, folder)
    clips = [clip for clip in labels.clips if not options.source or clip.source in options.source]
    encode_all(encoder, clips, labels, folder)
    print(f"{folder}: {len(VoiceLabels(folder).clips)} clips")


if __name__ == "__main__":
    main()
