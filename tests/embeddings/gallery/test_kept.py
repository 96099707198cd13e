"""Codes kept on disk: computed once, checked, and never taken for those of something else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Codes, SettingError
from cnnviz_widgets.embeddings import encoding
from tests import models
from tests.embeddings.gallery.common import pictures


class Counting:
    """A probe that notes how many pictures it was asked for the codes of."""

    def __init__(self, probe: cnnviz.Probe, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pictures = 0
        run = probe.activations

        def counted(images: Any, layer: str) -> np.ndarray:
            self.pictures += len(images)
            return run(images, layer)

        monkeypatch.setattr(probe, "activations", counted)


def test_kept_codes_are_not_computed_again_but_one_is_checked(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe, file = cnnviz.Probe(models.autoencoder()), tmp_path / "codes.npz"
    first = Codes.of(probe, folder, keep=file)
    counting = Counting(probe, monkeypatch)
    again = Codes.of(probe, folder, keep=file)
    assert counting.pictures == 1
    np.testing.assert_array_equal(first.values, again.values)
    assert again.names == first.names


def test_only_new_pictures_are_computed_whatever_their_names(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe, file = cnnviz.Probe(models.autoencoder()), tmp_path / "codes.npz"
    Codes.of(probe, folder, keep=file)
    (folder / "0.png").rename(folder / "zero.png")
    PIL.Image.fromarray(np.full((9, 9), 7, np.uint8)).save(folder / "new.png")
    counting = Counting(probe, monkeypatch)
    found = Codes.of(probe, folder, keep=file)
    assert counting.pictures == 2
    assert len(found) == 8
    counting.pictures = 0
    Codes.of(probe, folder, keep=file)
    assert counting.pictures == 1


def test_what_is_known_is_kept_when_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probe, file = cnnviz.Probe(models.autoencoder()), tmp_path / "codes.npz"
    monkeypatch.setattr(encoding, "BATCH", 2)
    steps = Codes.steps(probe, pictures(6), keep=file)
    next(steps)
    next(steps)
    steps.close()
    counting = Counting(probe, monkeypatch)
    Codes.of(probe, pictures(6), keep=file)
    assert counting.pictures == 1 + 2


def test_codes_of_another_layer_or_of_other_weights_are_computed_anew_and_said_to_be(tmp_path: Path) -> None:
    probe, file = cnnviz.Probe(models.autoencoder()), tmp_path / "codes.npz"
    Codes.of(probe, pictures(3), keep=file)
    said = "codes.npz held the codes of another model or layer; they are computed anew."
    other = Codes.of(probe, pictures(3), "rebuilt", keep=file)
    assert said in other.notes
    assert other.values.shape == (3, 64)
    Codes.of(probe, pictures(3), keep=file)
    probe.model.get_layer("encoded").set_weights(
        [w * 2 for w in probe.model.get_layer("encoded").get_weights()]
    )
    changed = Codes.of(probe, pictures(3), keep=file)
    assert said in changed.notes
    np.testing.assert_allclose(changed.values, Codes.of(probe, pictures(3)).values, rtol=1e-5)


def test_codes_that_the_model_does_not_give_to_the_pictures_are_found_out(tmp_path: Path) -> None:
    model, file = models.autoencoder(), tmp_path / "codes.npz"
    Codes.of(cnnviz.Probe(model, preprocess=lambda x: x / 2), pictures(3), keep=file)
    probe = cnnviz.Probe(model, preprocess=lambda x: x * 2)
    found = Codes.of(probe, pictures(3), keep=file)
    assert any("does not give to these pictures" in note for note in found.notes)
    np.testing.assert_allclose(found.values, Codes.of(probe, pictures(3)).values, rtol=1e-5)


@pytest.mark.parametrize("content", [b"something of mine", b"", None])
def test_a_file_that_holds_something_else_is_not_replaced(
    probe: cnnviz.Probe, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "mine.npz"
    if content is None:
        np.savez(file, weights=np.ones(3))
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    with pytest.raises(
        SettingError, match=r"mine\.npz is there already and holds no codes\. Choose another name"
    ):
        Codes.of(probe, pictures(1), keep=file)
    assert file.read_bytes() == before


def test_a_pickle_is_never_opened(probe: cnnviz.Probe, tmp_path: Path) -> None:
    file = tmp_path / "codes.npz"
    Codes.of(probe, pictures(2), keep=file)
    with np.load(file) as found:
        fields = dict(found)
    np.savez(file, **{**fields, "digests": np.array(["a", "b"], object)})
    with pytest.raises(SettingError, match="holds no codes"):
        Codes.of(probe, pictures(2), keep=file)


@pytest.mark.parametrize(
    "changes",
    [
        {"codes": np.ones((3, 32), np.float32)},
        {"codes": np.full((2, 32), np.nan, np.float32)},
        {"codes": np.ones((2, 32))},
        {"format": np.array("other")},
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(
    probe: cnnviz.Probe, tmp_path: Path, changes: dict[str, np.ndarray]
) -> None:
    file = tmp_path / "codes.npz"
    Codes.of(probe, pictures(2), keep=file)
    with np.load(file) as found:
        fields = dict(found)
    np.savez(file, **{**fields, **changes})
    with pytest.raises(SettingError, match=r"codes\.npz holds no codes that can be read"):
        Codes.of(probe, pictures(2), keep=file)


@pytest.mark.parametrize(
    ("name", "said"), [("codes.pkl", r"ends in \.npz"), ("no/codes.npz", "there is no folder 'no'")]
)
def test_a_place_to_keep_codes_that_will_not_do_is_refused_before_any_work(
    probe: cnnviz.Probe, tmp_path: Path, name: str, said: str
) -> None:
    calls = probe.calls
    with pytest.raises(SettingError, match=said):
        Codes.of(probe, pictures(1), keep=tmp_path / name)
    assert probe.calls == calls


def test_no_half_written_file_is_left(
    probe: cnnviz.Probe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space left"):
        Codes.of(probe, pictures(1), keep=tmp_path / "codes.npz")
    assert list(tmp_path.iterdir()) == []


def test_a_list_of_any_kind_is_taken(probe: cnnviz.Probe, folder: Path) -> None:
    def some() -> Iterator[Any]:
        yield folder / "0.png"
        yield (folder / "1.png").read_bytes()
        yield PIL.Image.open(folder / "2.png")
        yield models.picture()

    found = Codes.of(probe, some())
    assert found.names == ("0", "picture 2", "picture 3", "random 0")
    np.testing.assert_allclose(found.values[:3], Codes.of(probe, folder).values[:3], rtol=1e-5)
