"""Further recordings: what is measured of them, who speaks in a clone, and that the folder trains and can grow."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal as scipy_signal

from load_script import load_script
from sotto_models.corpus import PERMISSIVE_LICENCES, read_manifest, training_clips
from sotto_models.recording_quality import measure, without_outer_silence
from sotto_models.recording_sources import (
    Clone, Recording, Source, SourceError, an4, common_voice, common_voice_unheard, listed,
)

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
RATE_HZ = 24_000
TABLE = "client_id\tpath\tsentence\tage\tgender\tlocale\n"


@pytest.fixture()
def make_more():
    return load_script(SCRIPTS / "make_more_recordings.py")


def talk(seconds: float = 4.0, noise_db: float = -60.0, seed: int = 7) -> np.ndarray:
    """Bursts of wide-band sound at -20 dBFS, half a second on and off, over steady noise; float32 at 24 kHz."""
    rng = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    bursts = rng.standard_normal(count) * (np.arange(count) % RATE_HZ < RATE_HZ // 2)
    return (0.1 * bursts + 10 ** (noise_db / 20) * rng.standard_normal(count)).astype(np.float32)


def narrow() -> np.ndarray:
    """`talk` through a telephone's band limit of 3.6 kHz."""
    return np.convolve(talk(noise_db=-90), scipy_signal.firwin(601, 3600, fs=RATE_HZ), "same").astype(np.float32)


def as_file(samples: np.ndarray) -> bytes:
    """The bytes of a wav file; libsndfile goes by them and not by a name."""
    file = io.BytesIO()
    soundfile.write(file, samples, RATE_HZ, format="WAV", subtype="PCM_16")
    return file.getvalue()


def clone_with(folder: Path, name: str, files: dict[str, bytes]) -> str:
    """A git repository OWNER+NAME below `folder` with these files; its commit."""
    root = folder / name.replace("/", "+")
    root.mkdir(parents=True)
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    git = ["git", "-C", str(root), "-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Recordings"], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("noise_db", [-40.0, -55.0, -70.0])
def test_the_ratio_follows_the_noise_between_the_words(noise_db):
    assert measure(talk(noise_db=noise_db), RATE_HZ).snr_db == pytest.approx(-20 - noise_db, abs=1.5)


def test_digital_silence_of_a_coder_does_not_make_a_noisy_recording_clean():
    noisy = np.concatenate([np.zeros(RATE_HZ, np.float32), talk(noise_db=-40)])
    assert measure(noisy, RATE_HZ).snr_db == pytest.approx(20, abs=1.5)


def test_clipping_and_a_narrow_band_are_seen():
    clipped = measure(np.clip(talk() * 12, -1, 1), RATE_HZ)
    assert clipped.clipped_share > 0.05 and clipped.peak == 1
    assert 3400 < measure(narrow(), RATE_HZ).bandwidth_hz < 5200
    assert measure(talk(), RATE_HZ).bandwidth_hz > 10_000


def test_too_little_sound_cannot_be_judged():
    with pytest.raises(ValueError, match="Expected at least 6000 samples"):
        measure(np.ones(100, np.float32), RATE_HZ)


def test_outer_silence_goes_but_for_a_quarter_of_a_second():
    quiet = np.full(2 * RATE_HZ, 1e-5, np.float32)
    kept = without_outer_silence(np.concatenate([quiet, talk(1.0), quiet]), RATE_HZ)
    assert len(kept) / RATE_HZ == pytest.approx(0.5 + 2 * 0.25, abs=0.06)


def test_speech_that_is_not_clean_names_its_fault(make_more):
    def fault(samples, seconds=None):
        return make_more.fault_of_speech(measure(samples, RATE_HZ), seconds or len(samples) / RATE_HZ)

    assert fault(talk()) == ""
    assert fault(talk(noise_db=-40)) == "noisy"
    assert fault(talk() * 0.03) == "faint"
    assert fault(np.clip(talk() * 12, -1, 1)) == "clipped"
    assert fault(talk(), seconds=40.0) == "length"
    assert fault(narrow()) == "narrow"


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg reads what libsndfile does not")
def test_a_recording_whose_index_is_at_its_end_is_read(make_more, tmp_path):
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=24000:duration=2", "-c:a", "aac"]
    subprocess.run([*command, str(tmp_path / "tone.m4a")], check=True, stdin=subprocess.DEVNULL)
    samples, rate = make_more.decode((tmp_path / "tone.m4a").read_bytes())
    assert rate == 24_000 and len(samples) / rate == pytest.approx(2, abs=0.1)
    assert np.abs(np.fft.rfft(samples[:24_000])).argmax() == pytest.approx(440, abs=2)
    with pytest.raises(ValueError, match="nobody can read"):
        make_more.decode(b"not a recording")


def test_a_clone_is_read_at_its_pinned_commit(tmp_path):
    commit = clone_with(tmp_path, "owner/name", {"a.txt": b"as committed", "with space.txt": b""})
    (tmp_path / "owner+name" / "a.txt").write_bytes(b"changed since")
    with Clone(tmp_path, "owner/name", commit) as clone:
        assert clone.paths() == ["a.txt", "with space.txt"]
        assert clone.read("a.txt") == b"as committed"
        assert clone.read("absent.txt") is None
        assert clone.read("with space.txt") == b""
    with pytest.raises(SourceError, match="found none. Clone it"):
        Clone(tmp_path, "owner/name", "0" * 40)


def test_common_voice_names_speakers_by_its_tables_and_leaves_refused_clips_out(tmp_path):
    commit = clone_with(tmp_path, "o/cv", {
        "de/validated.tsv": (TABLE + 'anna\t1.mp3\tGuten "Tag\t\tfemale_feminine\tde\n'
                             "bert\t2.mp3\tHallo\t\tmale\tde\nanna\tgone.mp3\tWeg\t\t\tde\n").encode(),
        "de/invalidated.tsv": (TABLE + "carl\t3.mp3\tNein\t\t\tde\n").encode(),
        **{f"de/clips/{name}.mp3": b"x" for name in ("1", "2", "3", "common_voice_de_4")},
    })
    with Clone(tmp_path, "o/cv", commit) as clone:
        heard = list(common_voice("cv", r"[^/]+/validated\.tsv", "clips")(clone))
        unheard = list(common_voice_unheard("cv", "de")(clone))
    assert [(r.path, r.gender, r.label, r.transcript) for r in heard] == [
        ("de/clips/1.mp3", "f", "de", 'Guten "Tag'), ("de/clips/2.mp3", "m", "de", "Hallo"),
    ]
    assert heard[0].speaker != heard[1].speaker and "anna" not in heard[0].speaker
    assert [(r.path, r.speaker) for r in unheard] == [("de/clips/common_voice_de_4.mp3", "cv-4")]


def test_an4_finds_the_text_of_an_utterance_in_both_forms(tmp_path):
    commit = clone_with(tmp_path, "o/an4", {
        "etc/an4_train.transcription": b"<s> ENTER SIX </s> (an1-fabc-b)\n",
        "etc/an4_test.transcription": b"P I T T (cen2-mxyz-b)\n",
        "wav/train/fabc/an1-fabc-b.wav": b"", "wav/test/mxyz/cen2-mxyz-b.wav": b"",
    })
    with Clone(tmp_path, "o/an4", commit) as clone:
        found = {r.speaker: (r.gender, r.transcript) for r in an4(clone)}
    assert found == {"an4-fabc": ("f", "enter six"), "an4-mxyz": ("m", "p i t t")}


def test_every_source_is_permissive_and_pinned(make_more):
    for source in make_more.SOURCES:
        assert {source.licence, *(source.licences or {}).values()} <= PERMISSIVE_LICENCES, source.name
        assert len(source.commit) == 40 and source.where
    assert len({source.name for source in make_more.SOURCES}) == len(make_more.SOURCES)


def test_a_folder_is_made_once_and_trains(make_more, tmp_path, monkeypatch, capsys):
    speech = clone_with(tmp_path / "clones", "o/speech", {f"{n}.wav": as_file(talk(4, seed=n)) for n in range(4)}
                        | {"noisy.wav": as_file(talk(noise_db=-35)), "broken.wav": b"not a recording"})
    noise = clone_with(tmp_path / "clones", "o/noise", {"wind.wav": as_file(talk(24.0)), "rain.wav": as_file(talk(11.0))})

    def speakers(clone):
        for path in clone.paths():
            yield Recording(path, "anna" if path[0] in "012" else "bert", "", "en", "words\tand  words")

    monkeypatch.setattr(make_more, "SOURCES", (
        Source("read", "o/speech", speech, "speech", "CC0-1.0", "README", speakers, longest_speaker_seconds=6.0),
        Source("scenes", "o/noise", noise, "noise", "CC0-1.0", "README", listed({"wind.wav": "wind", "rain.wav": "rain"}),
               licences={"rain.wav": "CC-BY-4.0"}),
    ))
    folders = {"--clones": "clones", "--out": "more", "--json": "j"}
    command = ["make", *(part for name, folder in folders.items() for part in (name, str(tmp_path / folder)))]
    monkeypatch.setattr("sys.argv", command)
    make_more.main()
    clips = training_clips(read_manifest(tmp_path / "more"))
    found = {clip.path: clip for clip in clips}
    # The third of anna's clips is over her 6 s; noisy and broken ones stay out; a rest of 1 s is no piece.
    assert sorted(found) == [
        "noise-scenes/scenes/rain_000.flac", "noise-scenes/scenes/wind_000.flac", "noise-scenes/scenes/wind_001.flac",
        "noise-scenes/scenes/wind_002.flac", "speech/read/0.flac", "speech/read/1.flac", "speech/read/3.flac",
    ]
    rain = found["noise-scenes/scenes/rain_000.flac"]
    assert (rain.kind, rain.label, rain.licence) == ("noise", "rain", "CC-BY-4.0")
    assert found["noise-scenes/scenes/wind_000.flac"].licence == "CC0-1.0"
    for path, clip in found.items():
        samples, rate = soundfile.read(str(tmp_path / "more" / path))
        assert rate == 16_000 and len(samples) <= 160_000
        assert len(samples) / rate == pytest.approx(clip.duration_seconds, abs=1e-3)
    with open(tmp_path / "more" / "examined.csv", newline="") as file:
        outcomes = {row["file"]: row["outcome"] for row in csv.DictReader(file)}
    assert outcomes["noisy.wav"] == "noisy" and outcomes["broken.wav"] == "unreadable" and outcomes["2.wav"] == "enough"

    held = json.loads((tmp_path / "j").read_text())
    assert (held["read"]["clips"], held["read"]["speakers"], held["read"]["hours"]) == (3, 2, round(12 / 3600, 2))
    assert held["read"]["files"] == {"enough": 1, "kept": 3, "noisy": 1, "unreadable": 1}
    assert held["scenes"]["licences"] == ["CC-BY-4.0", "CC0-1.0"] and held["scenes"]["files"] == {"kept": 2}

    # While another run is at work, holding the folder, with a file half done: the same, and nothing is touched.
    whole, busy = (tmp_path / "j").read_text(), make_more.Collection(tmp_path / "more")
    tables = {name: (tmp_path / "more" / name).read_text() for name in ("manifest.csv", "examined.csv")}
    for table, half in (("manifest.csv", "speech/read/9.flac,speech,read,CC0-1.0,anna,,en,words,2.000,16000,train\n"),
                        ("examined.csv", "read,9.wav,ke")):
        with open(tmp_path / "more" / table, "a") as file:
            file.write(half)
    monkeypatch.setattr("sys.argv", ["make", "--out", str(tmp_path / "more"), "--json", str(tmp_path / "now"), "--json-only"])
    make_more.main()
    assert (tmp_path / "now").read_text() == whole
    busy.close()
    for name, text in tables.items():
        assert (tmp_path / "more" / name).read_text().startswith(text)
        (tmp_path / "more" / name).write_text(text)
    monkeypatch.setattr("sys.argv", command)

    before = (tmp_path / "more" / "manifest.csv").read_text()
    make_more.main()
    assert (tmp_path / "more" / "manifest.csv").read_text() == before

    # A run that ended between a clip's row and its examination, or lost a row, makes that file again, once.
    for table, begin in (("examined.csv", "read,3.wav"), ("manifest.csv", "speech/read/1.flac"),
                         ("examined.csv", "scenes,wind.wav,kept,noise-scenes/scenes/wind_001")):
        lines = (tmp_path / "more" / table).read_text().splitlines(keepends=True)
        assert any(line.startswith(begin) for line in lines)
        (tmp_path / "more" / table).write_text("".join(line for line in lines if not line.startswith(begin)))
        make_more.main()
        assert "interrupted run left" in capsys.readouterr().err
        assert sorted(clip.path for clip in read_manifest(tmp_path / "more")) == sorted(found), begin


def test_two_runs_do_not_share_a_folder(make_more, tmp_path):
    first = make_more.Collection(tmp_path)
    with pytest.raises(SystemExit, match="found another one at work"):
        make_more.Collection(tmp_path)
    first.close()
    make_more.Collection(tmp_path).close()
