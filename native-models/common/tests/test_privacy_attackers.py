"""Attackers on made-up embeddings and codes, where the truth is known: they find what is there, and nothing where nothing is."""

from dataclasses import replace

import numpy as np
import pytest

from sotto_models.judging.attacks import Material, attack_attribute, attack_speakers, best_joined, joined, trials
from sotto_models.judging.classification import balanced_accuracy, choose_classifier, fit_classifier
from sotto_models.judging.material import Recording
from sotto_models.judging.speaker_backend import choose_backend, cosine, plda
from sotto_models.judging.unit_attacker import CodedRecording, attack_codes, unit_statistics
from sotto_models.judging.verification import Trials, equal_error_rate, error_rate_with_interval, identification_rate

FEATURES = 24


def recording(use: str, speaker: int, piece: int, population: str = "read") -> Recording:
    gender = "f" if speaker % 2 else "m"
    emotion = ("anger", "sadness", "neutral")[piece % 3]
    return Recording(
        f"{use}-{speaker}-{piece}.wav", use, population, f"{use}{speaker}", gender, "en", emotion, "", "train", "x", 0.0, 3.0,
        piece % 2 == 0,
    )


def made_up(speaker_spread: float, seed: int, gender_shift: float = 0.0) -> tuple[list[Recording], np.ndarray]:
    """30 training and 16 judged speakers with four recordings each; `speaker_spread` 0 hides who speaks."""
    rng = np.random.default_rng(seed)
    recordings = [recording("training", s, p) for s in range(30) for p in range(4)]
    recordings += [recording("speaker", s, p) for s in range(16) for p in range(4)]
    voices = {r.speaker: rng.standard_normal(FEATURES) for r in recordings}
    embeddings = np.stack([
        speaker_spread * voices[r.speaker] + gender_shift * (r.gender == "f") + rng.standard_normal(FEATURES) for r in recordings
    ])
    return recordings, embeddings


def test_scores_that_are_all_equal_are_chance_and_perfect_ones_are_zero():
    target = np.array([True] * 5 + [False] * 20)
    assert equal_error_rate(np.zeros(25), target) == pytest.approx(0.5)
    assert equal_error_rate(target.astype(float), target) == 0.0
    assert equal_error_rate(-target.astype(float), target) == 1.0


def test_the_equal_error_rate_of_two_gaussians_is_the_one_known_in_closed_form():
    rng = np.random.default_rng(3)
    scores = np.concatenate([rng.normal(2.0, 1, 40_000), rng.normal(0.0, 1, 40_000)])
    found = equal_error_rate(scores, np.arange(80_000) < 40_000)
    assert found == pytest.approx(0.1587, abs=0.005)  # the normal distribution at -1; 40 000 draws scatter by .002


def test_a_weight_counts_like_a_repeated_trial():
    rng = np.random.default_rng(4)
    scores, target = rng.standard_normal(60), rng.random(60) < 0.4
    times = rng.integers(1, 4, 60)
    repeated = equal_error_rate(np.repeat(scores, times), np.repeat(target, times))
    assert equal_error_rate(scores, target, times) == pytest.approx(repeated)


def test_trials_of_one_kind_and_broken_scores_are_refused():
    with pytest.raises(ValueError, match="one kind only"):
        equal_error_rate(np.arange(4.0), np.ones(4, bool))
    with pytest.raises(ValueError, match="finite"):
        equal_error_rate(np.array([0.0, np.nan]), np.array([True, False]))


def test_the_interval_holds_the_rate_and_is_wider_for_fewer_speakers():
    def of(speakers: int) -> dict:
        rng = np.random.default_rng(speakers)
        names = np.array([f"s{i}" for i in range(speakers)])
        scores = rng.standard_normal((speakers, speakers)) + 1.5 * np.eye(speakers) + np.diag(rng.standard_normal(speakers))
        return error_rate_with_interval(Trials(scores, names, names, np.ones(scores.shape, bool)))

    few, many = of(8), of(60)
    for rate in (few, many):
        assert rate["low"] <= rate["value"] <= rate["high"]
    assert few["high"] - few["low"] > 1.5 * (many["high"] - many["low"])


def test_a_voice_among_ties_is_identified_by_chance_only():
    names = np.array(["a", "b", "c", "d"])
    flat = Trials(np.zeros((4, 4)), names, names, np.ones((4, 4), bool))
    assert identification_rate(flat) == pytest.approx(0.25)


def test_plda_ignores_what_changes_within_a_speaker_where_cosine_does_not():
    rng = np.random.default_rng(5)
    speakers = np.repeat([f"s{i}" for i in range(60)], 4)
    voices = np.repeat(rng.standard_normal((60, FEATURES)), 4, axis=0)
    nuisance = rng.standard_normal((240, 3)) @ (6 * rng.standard_normal((3, FEATURES)))
    embeddings = voices + nuisance + 0.3 * rng.standard_normal((240, FEATURES))
    held = np.arange(240) >= 120
    upper = np.triu_indices(120, 1)
    same = (speakers[held][:, None] == speakers[held][None, :])[upper]
    rates = [
        equal_error_rate(backend.score(embeddings[held], embeddings[held])[upper], same)
        for backend in (cosine(embeddings[~held]), plda(embeddings[~held], speakers[~held], 16, 0.1))
    ]
    assert rates[1] < 0.1 < rates[0]
    chosen, rate = choose_backend(embeddings[~held], speakers[~held])
    assert chosen.name.startswith("plda") and rate < 0.1


def test_embeddings_that_are_all_the_same_give_chance_and_not_a_crash():
    speakers = np.repeat([f"s{i}" for i in range(12)], 3)
    backend, rate = choose_backend(np.ones((36, FEATURES)), speakers)
    assert rate == pytest.approx(0.5)
    assert np.ptp(backend.score(np.ones((3, FEATURES)), np.ones((4, FEATURES)))) == 0


def test_a_speaker_is_found_on_raw_and_is_chance_where_nothing_of_it_is_left():
    recordings, raw = made_up(2.0, seed=6)
    hidden = np.random.default_rng(7).standard_normal(raw.shape)
    open_rates = attack_speakers(Material(recordings, raw, raw))
    hidden_rates = attack_speakers(Material(recordings, raw, hidden))
    for knowledge in ("ignorant", "lazyInformed", "informed"):
        assert open_rates[knowledge]["pooled"]["value"] < 5
        assert open_rates[knowledge]["identified"]["read"]["value"] > 90
        rate = hidden_rates[knowledge]["pooled"]
        assert rate["low"] - 5 < 50 < rate["high"] + 5


def test_only_the_informed_attacker_undoes_a_disguise_that_all_files_share_in_kind():
    """A disguise that drowns the voice in a few directions, drawn anew for each file: who has seen it, looks elsewhere."""
    recordings, raw = made_up(1.5, seed=8)
    rng = np.random.default_rng(9)
    disguised = raw + rng.standard_normal((len(raw), 4)) @ (8 * rng.standard_normal((4, FEATURES)))
    rates = attack_speakers(Material(recordings, raw, disguised))
    assert rates["ignorant"]["pooled"]["value"] > 25
    assert rates["informed"]["pooled"]["value"] < 10


def test_halves_of_one_speaker_meet_but_never_a_half_itself():
    recordings, raw = made_up(2.0, seed=10)
    material = Material(recordings, raw, raw)
    indices = material.of("speaker")
    found = trials(material, indices, cosine(raw), raw, raw)
    assert found.scores.shape == (32, 64)
    assert found.allowed.sum() == 16 * 16 * 4  # each recording is asked of the other half of every speaker
    rows, columns = np.nonzero(found.allowed & (found.enrolled[:, None] == found.unknown[None, :]))
    assert len(rows) == 64 and set(columns) == set(range(64))


def test_speakers_of_two_populations_are_never_set_against_each_other():
    names = np.array(["a", "b"])
    part = Trials(np.zeros((2, 2)), names, names, np.ones((2, 2), bool))
    both = joined([part, Trials(np.ones((2, 2)), np.array(["c", "d"]), np.array(["c", "d"]), np.ones((2, 2), bool))])
    assert both.allowed.sum() == 8 and not both.allowed[:2, 2:].any() and not both.allowed[2:, :2].any()


def two_populations(levels: tuple[float, float], gaps: tuple[float, float]) -> list[Trials]:
    """40 speakers each; pairs of different ones score `level`, pairs of one `gap` more, both with a spread of 1."""
    rng, parts = np.random.default_rng(17), []
    for level, gap, prefix in zip(levels, gaps, ("read", "acted"), strict=True):
        names = np.array([f"{prefix}{i}" for i in range(40)])
        scores = level + rng.standard_normal((40, 40)) + gap * np.eye(40)
        parts.append(Trials(scores, names, names, np.ones(scores.shape, bool)))
    return parts


def test_populations_that_score_at_different_levels_are_each_held_to_their_own_threshold():
    parts = two_populations((0.0, 6.0), (3.0, 3.0))
    separate = np.mean([error_rate_with_interval(part)["value"] for part in parts])
    assert error_rate_with_interval(joined(parts))["value"] > 10
    assert abs(error_rate_with_interval(best_joined(parts))["value"] - separate) < 2


def test_populations_that_one_threshold_suits_are_not_moved_apart():
    parts = two_populations((-3.0, -1.5), (6.0, 3.0))  # both cross at 0, as log-likelihood ratios do
    plain, levelled = (error_rate_with_interval(joined(parts, levelled))["value"] for levelled in (False, True))
    assert plain < levelled
    assert error_rate_with_interval(best_joined(parts))["value"] == plain


def test_recordings_whose_gender_nobody_knows_neither_train_nor_count():
    recordings, raw = made_up(0.5, seed=18, gender_shift=2.0)
    unknown = [replace(r, gender="") if int(r.speaker.removeprefix(r.use)) % 3 == 0 else r for r in recordings]
    material = Material(unknown, raw, raw)
    told = attack_attribute(material, "gender", ["read"], material.of("speaker"))
    for rate in told.values():
        assert rate["chance"] == 50 and rate["value"] > 95 and rate["speakers"] == 10


def test_gender_is_told_where_it_shows_and_by_chance_where_it_does_not():
    recordings, raw = made_up(0.5, seed=11, gender_shift=2.0)
    hidden = np.random.default_rng(12).standard_normal(raw.shape)
    material = Material(recordings, raw, hidden)
    clear = attack_attribute(Material(recordings, raw, raw), "gender", ["read"], material.of("speaker"))
    gone = attack_attribute(material, "gender", ["read"], material.of("speaker"))
    assert clear["informed"]["value"] > 95 and clear["informed"]["chance"] == 50
    assert gone["informed"]["low"] - 5 < 50 < gone["informed"]["high"] + 5


def test_balanced_accuracy_does_not_reward_naming_the_commonest_class():
    true = ["a"] * 90 + ["b"] * 10
    rate = balanced_accuracy(["a"] * 100, true, [f"s{i % 5}" for i in range(100)])
    assert rate["value"] == pytest.approx(50) and rate["chance"] == 50


def test_a_rare_class_weighs_as_much_as_a_common_one():
    rng = np.random.default_rng(13)
    features = np.concatenate([rng.normal(0, 1, (300, 2)), rng.normal(1.5, 1, (20, 2))])
    labels = ["common"] * 300 + ["rare"] * 20
    said = fit_classifier(features, labels, 0.01).predict(features)
    assert np.mean(said[300:] == "rare") > 0.75
    with pytest.raises(ValueError, match="two classes"):
        fit_classifier(features, ["one"] * 320, 0.01)
    speakers = [f"s{i % 8}" for i in range(320)]
    assert choose_classifier(features, labels, speakers).classes.tolist() == ["common", "rare"]


def codes(speaker: str, gender: str, taste: np.ndarray, rng: np.random.Generator) -> CodedRecording:
    return CodedRecording(rng.choice(len(taste), size=400, p=taste), speaker, gender)


def coded_speakers(rng: np.random.Generator, prefix: str, count: int, contrast: float) -> list[CodedRecording]:
    """Speakers who prefer codes of their own by `contrast`, and by half of it codes of their gender."""
    by_gender = {g: rng.standard_normal(32) for g in "fm"} if contrast else {g: np.zeros(32) for g in "fm"}
    found = []
    for index in range(count):
        gender = "fm"[index % 2]
        logits = contrast * rng.standard_normal(32) + by_gender[gender] * contrast / 2
        taste = np.exp(logits) / np.exp(logits).sum()
        found += [codes(f"{prefix}{index}", gender, taste, rng) for _ in range(4)]
    return found


def test_codes_that_prefer_a_speakers_sounds_give_the_speaker_away():
    rng = np.random.default_rng(14)
    training, judged = coded_speakers(rng, "t", 24, 0.8), coded_speakers(rng, "j", 12, 0.8)
    rates = attack_codes(training, judged[0::4] + judged[1::4], judged[2::4] + judged[3::4], 32)
    assert rates["speakerEer"]["value"] < 10


def test_codes_without_anybody_in_them_leave_chance():
    rng = np.random.default_rng(15)
    training, judged = coded_speakers(rng, "t", 24, 0.0), coded_speakers(rng, "j", 16, 0.0)
    rates = attack_codes(training, judged[0::4] + judged[1::4], judged[2::4] + judged[3::4], 32)
    for rate in (rates["speakerEer"], rates["genderAccuracy"]):
        assert rate["low"] - 5 < 50 < rate["high"] + 5


def test_codes_tell_gender_where_women_and_men_use_others():
    rng = np.random.default_rng(16)
    tastes = {}
    for gender in "fm":
        logits = rng.standard_normal(32)
        tastes[gender] = np.exp(logits) / np.exp(logits).sum()
    made = [codes(f"{i // 4}", "fm"[i // 4 % 2], tastes["fm"[i // 4 % 2]], rng) for i in range(160)]
    rates = attack_codes(made[:96], made[96::2], made[97::2], 32)
    assert rates["genderAccuracy"]["value"] > 95


def test_statistics_of_codes_see_order_and_duration_and_refuse_strangers():
    first, second = np.tile([1, 2, 3], 50), np.tile([3, 2, 1], 50)
    assert not np.allclose(unit_statistics(first, 8), unit_statistics(second, 8))
    assert not np.allclose(unit_statistics(first, 8), unit_statistics(np.repeat(first, 2), 8))
    for wrong in (np.array([8]), np.array([], int)):
        with pytest.raises(ValueError, match="code"):
            unit_statistics(wrong, 8)
    with pytest.raises(ValueError, match="apart from the judged"):
        same = CodedRecording(first, "a", "f")
        attack_codes([same, same], [same], [same], 8)
