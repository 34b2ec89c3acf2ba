"""Aligned renderings: who is aimed at, what moves with them, and that a run goes on where it stopped."""

from pathlib import Path

import numpy as np
import pytest

from load_script import load_script
from sotto_models.kokoro import Prosody
from sotto_models.voice.pairs import TimingError, mean_log_f0, speak_again, target_mixture

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
NAMES = ["af_one", "am_two", "bf_three", "jf_four", "zm_five"]
ENTRY = {"index": 3, "phonemes": "ab", "voices": {"af_one": 1.0}, "speed": 1.1, "durations": [4, 3, 3, 2]}


class FakeKokoro:
    """Says which styles met: a style is the number of its voice, and F0 depends on it."""

    def style(self, mixture, tokens):
        return np.array([[sum(w * (1 + NAMES.index(name)) for name, w in mixture.items())]], np.float32)

    def front(self, ids, style, speed):
        f0 = np.array([[0.0, 100, 110, 0.0]], np.float32) * style
        return Prosody(np.zeros((1, 512, 12), np.float32), f0, f0, np.array([4, 3, 3, 2]))

    def speak(self, prosody, style, f0_factor=1.0):
        self.heard = float(style[0, 0]), prosody.f0 * f0_factor
        return np.full(100, 1.8, np.float32)


class FakePhonemiser:
    def ids(self, phonemes):
        return [ord(symbol) for symbol in phonemes]


def test_targets_are_one_to_three_voices_whose_weights_sum_to_one():
    rng = np.random.default_rng(5)
    drawn = [target_mixture(rng, NAMES) for _ in range(300)]
    assert {len(mixture) for mixture in drawn} == {1, 2, 3}
    assert all(sum(mixture.values()) == pytest.approx(1) and set(mixture) <= set(NAMES) for mixture in drawn)
    english = sum(w for mixture in drawn for name, w in mixture.items() if name[0] in "ab") / 300
    assert 0.6 < english < 0.8
    assert target_mixture(np.random.default_rng(1), NAMES) == target_mixture(np.random.default_rng(1), NAMES)


def test_the_same_prosody_is_spoken_in_the_other_style_with_its_mean_f0():
    kokoro = FakeKokoro()
    audio, factor = speak_again(kokoro, FakePhonemiser(), ENTRY, {"zm_five": 1.0}, np.random.default_rng(2))
    style, f0 = kokoro.heard
    assert style == 5
    assert abs(np.log2(factor / 5)) < 0.6
    assert f0[0] == pytest.approx(np.array([0, 100, 110, 0]) * factor)
    assert np.abs(audio).max() == pytest.approx(0.9)


def test_another_timing_is_refused():
    with pytest.raises(TimingError, match="sentence 3"):
        speak_again(FakeKokoro(), FakePhonemiser(), {**ENTRY, "durations": [4, 3, 3, 3]}, {"am_two": 1.0}, np.random.default_rng(2))


def test_a_whisper_has_no_mean_f0():
    with pytest.raises(ValueError, match="voiced"):
        mean_log_f0(np.zeros(5))


def test_a_line_that_is_still_being_written_is_left_for_later(tmp_path):
    script = load_script(SCRIPTS / "make_pairs.py")
    file = tmp_path / "sentences.jsonl"
    assert script.entries(file) == {}
    file.write_text('{"index": 0}\n{"index": 4}\n{"index": 5, "te')
    assert list(script.entries(file)) == [0, 4]
