"""The codes of many pictures: computed once, streamed, kept on disk, and asked for neighbours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Codes, ImageError, SettingError, TargetError, picture_files, similarity
from cnnviz_widgets.codes import encoding
from tests import models


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.autoencoder())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of seven pictures, two broken ones, and something else."""
    made = tmp_path / "pictures"
    (made / "more").mkdir(parents=True)
    for k in range(7):
        pixels = (models.picture(9 + k, 12, 3, seed=k).pixels * 255).astype(np.uint8)
        PIL.Image.fromarray(pixels).save(made / ("more" if k > 4 else ".") / f"{k}.png")
    (made / "broken.png").write_bytes(b"no picture")
    (made / "cut.png").write_bytes((made / "0.png").read_bytes()[:60])
    (made / "notes.txt").write_text("something else")
    return made


def pictures(count: int = 5) -> list[cnnviz.Image]:
    return [models.picture(channels=1, seed=seed) for seed in range(count)]


# codes


def test_every_picture_has_the_code_that_it_has_alone(probe: cnnviz.Probe) -> None:
    images = pictures()
    found = Codes.of(probe, images)
    assert (len(found), found.layer, found.pooled, found.done) == (5, "encoded", False, 1.0)
    for row, image in zip(found.values, images, strict=True):
        np.testing.assert_allclose(row, probe.code(image, "encoded"), rtol=1e-4, atol=1e-6)
    assert found.names == tuple(image.name for image in images)


def test_pooled_codes_are_means_over_places(probe: cnnviz.Probe) -> None:
    images = pictures(3)
    found = Codes.of(probe, images, "wide", pooled=True)
    assert found.values.shape == (3, 2)
    np.testing.assert_allclose(found.values[1], probe.code(images[1], "wide", pooled=True), rtol=1e-4)


def test_codes_come_batch_by_batch_and_rows_never_change(
    probe: cnnviz.Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "BATCH", 2)
    steps = list(Codes.steps(probe, pictures(5)))
    assert [len(one) for one in steps] == [2, 4, 5]
    assert [one.done for one in steps] == [0.4, 0.8, 1.0]
    assert [one.progress for one in steps] == ["2 of 5", "4 of 5", "5 of 5"]
    np.testing.assert_array_equal(steps[0].values, steps[-1].values[:2])
    with pytest.raises(ValueError, match="read-only"):
        steps[0].values[0, 0] = 1


def test_it_stops_when_no_more_is_asked(probe: cnnviz.Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "BATCH", 2)
    steps = Codes.steps(probe, pictures(6))
    next(steps)
    calls = probe.calls
    steps.close()
    assert probe.calls == calls


def test_pictures_of_mixed_sizes_are_fitted(probe: cnnviz.Probe) -> None:
    found = Codes.of(probe, [models.picture(20, 12), models.picture(8, 30, channels=1)])
    assert found.values.shape == (2, 32)
    assert found.image(0).size == (8, 8)


def test_a_model_of_any_size_gets_all_pictures_at_the_size_of_the_first() -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    found = Codes.of(probe, [models.picture(12, 10), models.picture(9, 16)], "conv_2", pooled=False)
    assert found.values.shape == (2, 6 * 5 * 5)
    assert found.image(1).size == (12, 10)
    assert len(found.nearest(models.picture(30, 30), 2)) == 2


def test_an_array_of_pictures_is_taken(probe: cnnviz.Probe) -> None:
    found = Codes.of(probe, np.stack([image.pixels for image in pictures(3)]))
    assert found.names == ("picture 1", "picture 2", "picture 3")


def test_a_layer_that_is_no_bottleneck_is_allowed_and_named(probe: cnnviz.Probe) -> None:
    assert "is not the bottleneck, which is encoded" in Codes.of(probe, pictures(2), "wide").notes[0]


def test_no_picture_at_all_is_refused(probe: cnnviz.Probe, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="images is empty"):
        Codes.of(probe, [])
    with pytest.raises(ImageError, match="holds no picture files"):
        Codes.of(probe, tmp_path)


# folders


def test_a_folder_is_taken_in_the_order_of_names_and_broken_files_are_listed(
    probe: cnnviz.Probe, folder: Path
) -> None:
    found = Codes.of(probe, folder)
    assert found.names == ("0", "1", "2", "3", "4", "more/5", "more/6")
    assert [one.name for one in found.skipped] == ["broken", "cut"]
    assert "is not a picture of a kind that Pillow knows" in found.skipped[0].why
    assert "damaged or cut short" in found.skipped[1].why
    assert (found.given, found.done, found.progress) == (9, 1.0, "9 of 9 · 2 skipped")
    np.testing.assert_array_equal(found.places, [0, 1, 2, 3, 4, 7, 8])


def test_a_row_opens_its_own_picture(probe: cnnviz.Probe, folder: Path) -> None:
    found = Codes.of(probe, folder)
    for row in range(len(found)):
        np.testing.assert_allclose(
            probe.code(found.image(row), "encoded"), found.values[row], rtol=1e-3, atol=1e-5
        )
    with pytest.raises(SettingError, match="row must be from 0 to 6; got 7"):
        found.image(7)


def test_a_folder_is_never_held_whole(
    probe: cnnviz.Probe, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    decoded = picture_files.decoded
    monkeypatch.setattr(picture_files, "decoded", lambda c, name: opened.append(name) or decoded(c, name))
    monkeypatch.setattr(encoding, "BATCH", 2)
    steps = Codes.steps(probe, folder)
    next(steps)
    assert opened == ["0", "1"]
    next(steps)
    assert opened == ["0", "1", "2", "3"]


def test_a_folder_of_broken_files_alone_has_no_codes_and_says_why(
    probe: cnnviz.Probe, tmp_path: Path
) -> None:
    (tmp_path / "one.png").write_bytes(b"")
    found = Codes.of(probe, tmp_path)
    assert (len(found), len(found.skipped)) == (0, 1)
    with pytest.raises(ImageError, match="no picture could be opened"):
        found.nearest(pictures(1)[0])
    with pytest.raises(ImageError, match="no picture could be opened"):
        found.plane()


# neighbours


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
def test_the_similarity_of_a_neighbour_is_that_of_the_pair(probe: cnnviz.Probe, metric: str) -> None:
    images = pictures()
    found = Codes.of(probe, images).nearest(2, 3, metric)
    assert 2 not in found.rows
    for row, value in zip(found.rows, found.similarity, strict=True):
        assert similarity(probe, images[2], images[row], metric=metric).value == pytest.approx(
            value, rel=1e-4
        )


def test_a_picture_of_ones_own_finds_itself_first(probe: cnnviz.Probe) -> None:
    images = pictures()
    found = Codes.of(probe, images).nearest(images[3], 2)
    assert found.rows[0] == 3
    assert found.similarity[0] == pytest.approx(1, abs=1e-6)


def test_a_code_is_a_query_too(probe: cnnviz.Probe) -> None:
    codes = Codes.of(probe, pictures())
    np.testing.assert_array_equal(codes.nearest(codes.values[1], 1).rows, [1])
    with pytest.raises(SettingError, match="a code at encoded has 32 numbers; got 3"):
        codes.nearest(np.ones(3))


def test_a_gallery_of_one_has_no_neighbour(probe: cnnviz.Probe) -> None:
    codes = Codes.of(probe, pictures(1))
    assert len(codes.nearest(0)) == 0
    assert codes.plane().points.shape == (1, 2)


def test_a_query_of_zeros_has_no_cosine(probe: cnnviz.Probe) -> None:
    with pytest.raises(TargetError, match="the query's code is all zero"):
        Codes.of(probe, pictures(2)).nearest(np.zeros(32, np.float32))


# kept on disk


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
