"""What the train.py scripts share: their options, and how a run begins."""

import pytest

from sotto_models.training_command import begin, configured, training_parser


class FakeRun:
    """Says what was asked of it."""

    def __init__(self):
        self.asked = []

    def resume(self):
        self.asked.append("resume")
        return True

    def start_from(self, weights):
        self.asked.append(weights)


@pytest.fixture()
def parse(tmp_path):
    (tmp_path / "base.yaml").write_text("training: {steps: 40, threads: 2}\n")
    (tmp_path / "mine").mkdir()
    parser = training_parser("Trains.", tmp_path / "base.yaml", "mine")
    return lambda *words: parser.parse_args(["--runs", str(tmp_path), *words])


def test_the_command_line_goes_over_the_file_only_where_it_speaks(parse):
    assert configured(parse()) == {"training": {"steps": 40, "threads": 2}}
    spoken = configured(parse("--steps", "7", "--until-minutes", "1.5", "--threads", "1"))
    assert spoken == {"training": {"steps": 7, "until_minutes": 1.5, "threads": 1}}


def test_a_run_goes_on_from_its_own_last_weights_before_it_takes_over_others(parse, tmp_path, capsys):
    options = parse("--resume", "--start-from", "other/best.pt")
    run, seen = FakeRun(), []
    begin(run, options, seen.append)
    assert run.asked == seen == [tmp_path / "other" / "best.pt"]
    assert "Expected last.pt to resume from, found none" in capsys.readouterr().err
    (tmp_path / "mine" / "last.pt").write_bytes(b"")
    run, seen = FakeRun(), []
    begin(run, options, seen.append)
    assert run.asked == ["resume"] and seen == [tmp_path / "mine" / "last.pt"]
    assert capsys.readouterr().err == ""


def test_weights_that_cannot_be_used_are_not_read(parse):
    def refuse(weights):
        raise ValueError(weights.name)

    run = FakeRun()
    with pytest.raises(ValueError, match="best.pt"):
        begin(run, parse("--start-from", "other/best.pt"), refuse)
    assert run.asked == []


def test_without_words_a_run_begins_with_its_own_first_values(parse, tmp_path):
    (tmp_path / "mine" / "last.pt").write_bytes(b"")
    run = FakeRun()
    begin(run, parse())
    assert run.asked == []
