"""Which recordings judge a sanitiser, who speaks in them, and which may train an attacker.

Recordings are cut before they are sanitised, because each piece must get randomness of its own: two pieces of one export would
share its target voice and be told to belong together by that alone.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..corpus import EVALUATION_ONLY_PREFIX, PERMISSIVE_LICENCES, read_manifest
from ..pcm_cache import SAMPLE_RATE_HZ, read_clip
from .systems import write_recording

LEAST_PIECE_SECONDS = 3.0
READ_SOURCE = "librispeech-train-clean-100"
SPEAKERS_UNKNOWN = ("common-voice-en-unheard", "picovoice-wake-word", "picovoice-speech-to-intent")
"""Sources that do not say who speaks: their one name stands for many people, or their many names for one. An attacker who learned
from them who is alike would be the weaker for it, and the sanitiser would look the better."""


@dataclass(frozen=True)
class Sizes:
    """How much is judged; the defaults cost about five processor minutes for each system.

    Attributes:
        piece_seconds: length of a piece of a read recording, at least LEAST_PIECE_SECONDS.
        pieces: of each judged reader, half of which are enrolled; readers with fewer are left out.
        training_speakers, training_pieces: readers (and as many of each further corpus), and pieces of each, that train informed
            attackers.
        acted_clips: recordings of each of the acted English speakers.
        mood_clips: recordings of each German speaker in each mood.
        word_readers, word_actors, word_acted: whole recordings whose words are counted: of readers, of acted English (one of each
            speaker), and of acted German.
    """

    piece_seconds: float = 3.0
    pieces: int = 4
    training_speakers: int = 100
    training_pieces: int = 2
    acted_clips: int = 2
    mood_clips: int = 3
    word_readers: int = 12
    word_actors: int = 8
    word_acted: int = 12


@dataclass(frozen=True)
class Recording:
    """One file of the judged folder.

    Attributes:
        name: of the WAV file.
        use: which measure it serves: words, speaker, training or emotion.
        population: read (LibriSpeech), acted-en (RAVDESS) or acted-de (EmoDB), or another source.
        speaker, gender, language, emotion, transcript: as the manifest says; empty where unknown.
        split: of the corpus; a recording of `use` training is always of its train split.
        source: path in the corpus.
        start_seconds, seconds: which part of it.
        enrolled: the speaker is known by this recording.
    """

    name: str
    use: str
    population: str
    speaker: str
    gender: str
    language: str
    emotion: str
    transcript: str
    split: str
    source: str
    start_seconds: float
    seconds: float
    enrolled: bool = False
    corpus: str = field(default="", compare=False)


def choose_material(corpus: Path, also: Sequence[Path] = (), sizes: Sizes = Sizes()) -> list[Recording]:
    """The judged recordings and those that train attackers, always the same for the same corpus and sizes.

    Args:
        corpus: folder with manifest.csv.
        also: further corpus folders whose train rows train informed attackers, but for SPEAKERS_UNKNOWN.
    Raises:
        ValueError: pieces would be too short to tell voices apart, a training row is not of a train split, or two recordings
            have one name.
    """
    if sizes.piece_seconds < LEAST_PIECE_SECONDS or sizes.pieces < 2:
        raise ValueError(f"Expected at least 2 pieces of {LEAST_PIECE_SECONDS} s, found {sizes.pieces} of {sizes.piece_seconds}.")
    rows = _rows(corpus)
    readers = [row for row in rows if row["source"] == READ_SOURCE]
    judged_readers = [row for row in readers if row["split"] in ("valid", "test")]
    acted = _sampled([row for row in rows if row["source"] == "ravdess"], sizes.acted_clips)
    german = _of_each_mood([row for row in rows if row["source"] == "emodb"], sizes.mood_clips)
    judged_german = [row for row in german if row["split"] != "train"]
    recordings = [
        *_pieces(judged_readers, "speaker", "read", sizes.piece_seconds, sizes.pieces, sizes.pieces),
        *(_whole(row, "speaker", "acted-en", enrolled=order % 2 == 0) for row, order in acted),
        *(_whole(row, "words", "read") for row in _balanced(judged_readers, sizes.word_readers)),
        *(_whole(row, "words", "acted-en") for row in _balanced([row for row, _ in acted], sizes.word_actors)),
        *(_whole(row, "words", "acted-de") for row in _balanced(judged_german, sizes.word_acted)),
        *(_whole(row, "emotion", "acted-de") for row in judged_german),
    ]
    training = [row for row in readers if row["split"] == "train"]
    pieces = _pieces(_balanced(training, len(training)), "training", "read", sizes.piece_seconds, 2, sizes.training_pieces)
    recordings += _several_each(pieces, sizes)
    for folder in also:
        others = [row for row in _rows(folder) if row["kind"] == "speech" and row["split"] == "train"
                  and row["licence"] in PERMISSIVE_LICENCES and row["speaker"] and row["source"] not in SPEAKERS_UNKNOWN]
        known = {recording.speaker for recording in recordings}
        pieces = _pieces(_balanced(others, len(others)), "training", "more", sizes.piece_seconds, 1, sizes.training_pieces)
        recordings += _several_each([piece for piece in pieces if piece.speaker not in known], sizes)
    recordings += [_whole(row, "training", "acted-de") for row in german if row["split"] == "train"]
    _check(recordings)
    return recordings


def material_key(recordings: Iterable[Recording]) -> str:
    """A short hash of everything about these recordings but where the corpus lies."""
    told = [{key: value for key, value in asdict(recording).items() if key != "corpus"} for recording in recordings]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]


def write_material(recordings: Iterable[Recording], target: Path) -> Path:
    """Cuts the recordings out of the corpus into WAV files, unless they are there; returns the folder."""
    target.mkdir(parents=True, exist_ok=True)
    for recording in recordings:
        if not (target / recording.name).exists():
            samples = read_clip(Path(recording.corpus), recording.source)
            first = round(recording.start_seconds * SAMPLE_RATE_HZ)
            write_recording(target / recording.name, samples[first : first + round(recording.seconds * SAMPLE_RATE_HZ)])
    return target


def _rows(folder: Path) -> list[dict]:
    """Rows of the manifest as they are, after corpus.py has refused what breaks its rules."""
    read_manifest(folder)
    with open(folder / "manifest.csv", newline="", encoding="utf-8") as file:
        return [{**row, "corpus": str(folder)} for row in csv.DictReader(file)]


def _pieces(rows: list[dict], use: str, population: str, seconds: float, least: int, most: int) -> list[Recording]:
    """The first pieces of each row that is long enough; the first half of them is enrolled."""
    found = []
    for row in rows:
        count = min(int(float(row["duration_s"]) / seconds), most)
        if count >= least:
            # Apart as far as the recording allows, because neighbouring pieces share more than the voice.
            gap = (float(row["duration_s"]) - count * seconds) / count
            for index in range(count):
                start = round(index * (seconds + gap), 3)
                found.append(_recording(row, use, population, start, seconds, enrolled=index < count // 2))
    return found


def _whole(row: dict, use: str, population: str, enrolled: bool = False) -> Recording:
    return _recording(row, use, population, 0.0, float(row["duration_s"]), enrolled)


def _recording(row: dict, use: str, population: str, start: float, seconds: float, enrolled: bool) -> Recording:
    language = {"acted-de": "de"}.get(population, "en" if population != "more" else row["label"])
    # Named by what it is and not by its place in the list, so that other sizes find the measurements of these again.
    told = f"{row['path']} {start} {seconds}"
    if population == "more":
        # Folders of two corpora may hold one path each: the whole row says which of them, and says it wherever they lie.
        told = f"{json.dumps({key: row[key] for key in sorted(row) if key != 'corpus'})} {told}"
    name = hashlib.sha256(told.encode()).hexdigest()[:12]
    return Recording(
        f"{use}-{name}.wav", use, population if population != "more" else row["source"], row["speaker"], row["gender"], language,
        row["label"] if row["kind"] == "emotion" else "", row["transcript"], row["split"], row["path"], start, seconds,
        enrolled, row["corpus"],
    )


def _balanced(rows: list[dict], count: int) -> list[dict]:
    """So many rows, spread evenly over genders, then speakers, in a fixed order."""
    order: list[tuple[int, str, dict]] = []
    seen: dict[str, int] = {}
    for row in sorted(rows, key=lambda r: hashlib.sha256(r["path"].encode()).hexdigest()):
        turn = seen[row["speaker"]] = seen.get(row["speaker"], -1) + 1
        order.append((turn, row["gender"], row))
    order.sort(key=lambda entry: entry[0])
    by_gender = {gender: [row for _, g, row in order if g == gender] for gender in sorted({g for _, g, _ in order})}
    mixed = [row for step in range(len(rows)) for own in by_gender.values() for row in own[step : step + 1]]
    return mixed[:count]


def _sampled(rows: list[dict], each: int) -> list[tuple[dict, int]]:
    """So many rows of each speaker, moods and sentences mixed, with their number within the speaker."""
    chosen = []
    for speaker in sorted({row["speaker"] for row in rows}):
        own = [row for row in rows if row["speaker"] == speaker]
        own.sort(key=lambda row: hashlib.sha256(row["path"].encode()).hexdigest())
        chosen += [(row, order) for order, row in enumerate(own[:each])]
    return chosen


def _several_each(training: list[Recording], sizes: Sizes) -> list[Recording]:
    """Speakers with at least two pieces, not more than asked for, and not more pieces of each."""
    counts: dict[str, int] = {}
    for recording in training:
        counts[recording.speaker] = counts.get(recording.speaker, 0) + 1
    speakers = [name for name, count in counts.items() if count > 1][: sizes.training_speakers]
    kept, taken = [], dict.fromkeys(speakers, 0)
    for recording in training:
        if recording.speaker in taken and taken[recording.speaker] < sizes.training_pieces:
            taken[recording.speaker] += 1
            kept.append(recording)
    return kept


def _of_each_mood(rows: list[dict], count: int) -> list[dict]:
    """So many rows of each speaker and mood."""
    taken: dict[tuple[str, str], int] = {}
    kept = []
    for row in rows:
        pair = row["speaker"], row["label"]
        taken[pair] = taken.get(pair, 0) + 1
        if taken[pair] <= count:
            kept.append(row)
    return kept


def _check(recordings: list[Recording]) -> None:
    names: dict[str, Recording] = {}
    for recording in recordings:
        if names.setdefault(recording.name, recording) is not recording:
            raise ValueError(f"Expected a name for each recording, found {recording.name} twice: {recording.source}.")
    judged = {recording.speaker for recording in recordings if recording.use != "training"}
    for recording in recordings:
        forbidden = recording.split != "train" or recording.source.startswith(EVALUATION_ONLY_PREFIX)
        if recording.use == "training" and (forbidden or recording.speaker in judged):
            raise ValueError(f"Expected {recording.source} out of the attackers' training: it is judged, or not a train row.")
