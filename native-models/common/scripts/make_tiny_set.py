"""Cuts the tiny training set of common/tests/data out of CC0 clips of the corpus' train and valid splits.

Example:
    python make_tiny_set.py --corpus FOLDER
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sotto_models.corpus import corpus_folder  # noqa: E402
from sotto_models.pcm_cache import SAMPLE_RATE_HZ, read_clip  # noqa: E402

LONGEST_SECONDS = {"speech": 3.0, "noise": 3.0, "event": 2.0}
WANTED = (("speech", "rhasspy-kerstin", "train", 3), ("noise", "esc-10", "train", 3), ("noise", "esc-10", "valid", 1),
          ("event", "esc-10", "train", 1))
COLUMNS = ("path", "kind", "source", "licence", "speaker", "label", "duration_s", "split")


def main() -> None:
    """Writes FLAC cuts, manifest.csv and ATTRIBUTION.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", help="corpus folder; default: environment variable SOTTO_CORPUS")
    parser.add_argument("--out", default=str(Path(__file__).resolve().parents[1] / "tests" / "data"))
    options = parser.parse_args()
    corpus, out = corpus_folder(options.corpus), Path(options.out)
    with open(corpus / "manifest.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(corpus / "attribution.csv", newline="", encoding="utf-8") as file:
        origin = {row["path"]: row["author_and_origin"] for row in csv.DictReader(file)}
    chosen, lines = [], []
    for kind, source, split, count in WANTED:
        labels: set[str] = set()
        for row in rows:
            fits = (row["kind"], row["source"], row["split"], row["licence"]) == (kind, source, split, "CC0-1.0")
            if not fits or not row["path"].endswith(".flac") or (kind != "speech" and row["label"] in labels):
                continue
            if kind == "speech" and float(row["duration_s"]) < 3:
                continue
            labels.add(row["label"])
            samples = read_clip(corpus, row["path"])[: int(LONGEST_SECONDS[kind] * SAMPLE_RATE_HZ)]
            name = Path(row["path"]).name
            soundfile.write(str(out / name), samples, SAMPLE_RATE_HZ, subtype="PCM_16")
            duration = f"{len(samples) / SAMPLE_RATE_HZ:.3f}"
            chosen.append({**{c: row[c] for c in COLUMNS}, "path": name, "duration_s": duration})
            author = origin.get(row["path"], "rhasspy/dataset-voice-kerstin, https://github.com/rhasspy/dataset-voice-kerstin")
            lines.append(f"| {name} | {kind}, {row['label']} | {author} | CC0-1.0 |")
            count -= 1
            if count == 0:
                break
    with open(out / "manifest.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(chosen)
    head = "# Tiny training set for tests\n\nMade by `common/scripts/make_tiny_set.py`; cut to at most 3 s.\n\n"
    table = "| file | what | author and origin | licence |\n|---|---|---|---|\n"
    (out / "ATTRIBUTION.md").write_text(head + table + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
