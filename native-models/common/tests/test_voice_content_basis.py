"""The projection that keeps phonemes and drops voices, on numbers made of both."""

import numpy as np

from sotto_models.voice.codebooks import CODE_SIZE, fit_basis, nearest
from sotto_models.voice.content_basis import BLOCK_FRAMES, fit_content_basis, neighbourhood_classes
from sotto_models.voice.phones import UNKNOWN


def test_a_frame_is_named_by_its_phoneme_its_half_and_the_neighbour_on_that_side():
    phones = np.array([3, 3, 3, 3, 7, 7, UNKNOWN, 3, 3, 7])
    classes = neighbourhood_classes(phones)
    assert classes[6] == -1
    # the first half of 3 at the start, the second half before 7, 7 behind 3, 7 before something unknown
    assert len(set(classes[:2])) == 1 and len(set(classes[2:4])) == 1 and classes[1] != classes[2]
    assert classes[4] != classes[5]
    # 3 before 7, and 7 behind 3, are the same wherever they stand
    assert classes[8] == classes[2]
    assert neighbourhood_classes(np.array([3, 3, 7, 7]))[2] == classes[4]


def spoken(frames: int, seed: int):
    """(frames, 100) features: eight "phonemes" in a weak subspace, three "voices" in a strong one, a microphone in another."""
    rng = np.random.default_rng(seed)
    shapes = np.random.default_rng(1)
    phone_shapes, voice_shapes = shapes.normal(size=(8, 100)), shapes.normal(size=(3, 100)) * 6
    microphone = shapes.normal(size=100)
    phones = np.repeat(rng.integers(8, size=frames // 10), 10)
    voices = np.repeat(rng.integers(3, size=frames // BLOCK_FRAMES + 1), BLOCK_FRAMES)[: len(phones)]
    rooms = np.repeat(rng.normal(size=frames // BLOCK_FRAMES + 1), BLOCK_FRAMES)[: len(phones)]
    plain = phone_shapes[phones] + voice_shapes[voices] + rng.normal(size=(len(phones), 100)) * 0.5
    return phones, voices, plain.astype(np.float32), (plain + 9 * rooms[:, None] * microphone).astype(np.float32)


def separation(z: np.ndarray, labels: np.ndarray) -> float:
    """Variance of the label means over the variance of everything."""
    means = np.stack([z[labels == label].mean(0) for label in np.unique(labels)])
    return float(np.square(means[labels] - z.mean(0)).sum() / np.square(z - z.mean(0)).sum())


def test_phonemes_stay_and_voices_and_microphones_go():
    phones, _, features, elsewhere = spoken(12_000, 3)
    basis = fit_content_basis(features, neighbourhood_classes(phones), elsewhere, outputs=70)
    test_phones, test_voices, _, heard = spoken(6_000, 4)
    content, components = basis.project(heard), fit_basis(elsewhere, 70).project(heard)
    assert separation(content, test_phones) > 5 * separation(components, test_phones)
    assert separation(content, test_voices) < 0.05 < separation(components, test_voices)


def test_the_outputs_are_ordered_and_have_unit_variance_on_average():
    phones, _, features, elsewhere = spoken(12_000, 3)
    basis = fit_content_basis(features, neighbourhood_classes(phones), elsewhere, outputs=70)
    z = basis.project(features)
    assert abs(np.square(z).mean() - 1) < 0.01 and z.shape[1] == CODE_SIZE
    assert z[:, :7].var() > 20 * z[:, -20:].var()
    assert 0.5 < basis.kept <= 1
    again = fit_content_basis(features, neighbourhood_classes(phones), elsewhere, outputs=70)
    np.testing.assert_array_equal(again.components, basis.components)


def test_units_of_the_projection_are_phonemes():
    phones, _, features, elsewhere = spoken(12_000, 3)
    basis = fit_content_basis(features, neighbourhood_classes(phones), elsewhere, outputs=70)
    z = basis.project(features)
    centres = np.stack([z[phones == phone].mean(0) for phone in range(8)])
    assert (nearest(z, centres) == phones).mean() > 0.99
