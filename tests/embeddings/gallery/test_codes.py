"""The codes of many pictures: computed once, streamed, read from folders, and asked for neighbours."""

from pathlib import Path

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Codes, ImageError, SettingError, TargetError, similarity
from cnnviz_widgets.embeddings import encoding
from cnnviz_widgets.images import files
from tests import models
from tests.embeddings.gallery.common import pictures

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
    decoded = files.decoded
    monkeypatch.setattr(files, "decoded", lambda c, name: opened.append(name) or decoded(c, name))
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
