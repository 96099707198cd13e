"""Films: every picture in its order, a caption that does not move, and how they were made."""

import gc
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import ActivationMaximization, ClassScore, GeneratedImage, Image
from cnnviz_widgets.errors import ImageError, MissingPackageError, SettingError
from cnnviz_widgets.export import film, film_bytes, film_kinds, save_film

COLOURS = ((200, 30, 30), (30, 160, 60), (40, 60, 200))


def made(colour: Sequence[int], step: int, side: int = 64) -> GeneratedImage:
    """Return a picture of one colour."""
    grey = Image(np.full((side, side, 3), 0.5, np.float32), (0, 1), "noise")
    return GeneratedImage(
        image=grey,
        recipe=ActivationMaximization(steps=24, target=ClassScore(1)),
        target="class 1",
        values=np.full((1, side, side, 3), np.array(colour) / 255, np.float32),
        curve=np.zeros((step, 1), np.float32),
    )


def three() -> list[GeneratedImage]:
    return [made(colour, 8 * k + 8) for k, colour in enumerate(COLOURS)]


def opened(content: bytes) -> PIL.Image.Image:
    return PIL.Image.open(io.BytesIO(content))


def pages(content: bytes) -> list[np.ndarray]:
    """Return all frames, (H, W, 3)."""
    with opened(content) as film_file:
        found = []
        for k in range(film_file.n_frames):
            film_file.seek(k)
            found.append(np.asarray(film_file.convert("RGB")).astype(int))
        return found


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_film_shows_each_picture_in_its_order(kind: str) -> None:
    found = pages(film_bytes(three(), kind))
    assert len(found) == 3
    for page, colour in zip(found, COLOURS, strict=True):
        assert np.abs(page[100, 200] - colour).max() <= 8


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_the_caption_stands_still_below_the_pictures(kind: str) -> None:
    captions = [page[448:] for page in pages(film_bytes(three(), kind))]
    assert captions[0].shape[0] > 60
    assert captions[0].max() > 200
    assert max(np.abs(one - captions[0]).mean() for one in captions) < 2


def test_the_last_picture_stays_longer() -> None:
    with opened(film_bytes(three(), "gif", frame_seconds=0.1)) as shown:
        times = []
        for k in range(3):
            shown.seek(k)
            times.append(shown.info["duration"])
    assert times == [100, 100, 2000]


def test_a_film_says_how_it_was_made() -> None:
    with opened(film_bytes(three(), "gif")) as shown:
        assert b"cnnviz.ActivationMaximization(steps=24" in shown.info["comment"]
    with opened(film_bytes(three(), "webp")) as shown:
        assert "cnnviz.ActivationMaximization(steps=24" in shown.getexif()[0x010E]


def noisy(count: int, side: int = 448) -> list[GeneratedImage]:
    """Return pictures that hardly compress, each a little brighter than the one before."""
    noise = np.random.default_rng(0).random((1, side, side, 3)).astype(np.float32)
    frames = [made(COLOURS[0], k + 1, side) for k in range(count)]
    return [replace(one, values=noise * (k + 1) / count) for k, one in enumerate(frames)]


def test_a_gif_of_a_long_film_stays_small_and_keeps_its_first_and_last_picture() -> None:
    frames = noisy(40)
    content = film_bytes(frames, "gif")
    found = pages(content)
    assert len(content) < 4e6
    assert film.LEAST_GIF_FRAMES <= len(found) < 40
    means = [page[:448].mean() for page in found]
    assert means == sorted(means)
    assert abs(means[0] - 255 * frames[0].values.mean()) < 4
    assert abs(means[-1] - 255 * frames[-1].values.mean()) < 4


def test_a_gif_of_pictures_that_compress_well_shows_them_all() -> None:
    assert len(pages(film_bytes([made((4 * k, 90, 90), k + 1) for k in range(40)], "gif"))) == 40


def test_a_webp_of_a_long_film_shows_every_picture() -> None:
    assert len(pages(film_bytes(noisy(16, side=96), "webp", size=96))) == 16


@pytest.mark.parametrize(("kind", "side"), [("gif", 448), ("webp", 600)])
def test_a_gif_of_large_pictures_is_no_larger_than_448_pixels(kind: str, side: int) -> None:
    assert opened(film_bytes([made(COLOURS[0], 1, side=600)], kind)).width == side


def test_smaller_pictures_are_enlarged_to_the_size_of_the_last() -> None:
    grown = [made(COLOURS[0], 2, side=32), made(COLOURS[1], 4, side=64)]
    first, last = pages(film_bytes(grown, "gif", size=96))
    assert first.shape == last.shape
    assert np.abs(first[90, 160] - COLOURS[0]).max() <= 8


def test_a_film_is_saved_by_the_end_of_its_name(tmp_path: Path) -> None:
    save_film(three(), tmp_path / "dream.WEBP")
    with PIL.Image.open(tmp_path / "dream.WEBP") as shown:
        assert (shown.format, shown.n_frames) == ("WEBP", 3)


def test_another_name_is_refused_and_says_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"must end in one of .*\.gif.*; got .*dream\.avi"):
        save_film(three(), tmp_path / "dream.avi")


def test_a_film_for_a_folder_that_is_not_there_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    with pytest.raises(
        SettingError, match=r"save_film cannot write .* holds no 'film'\. Did you mean 'films'\?"
    ):
        save_film(three(), tmp_path / "film" / "dream.gif")


def test_no_pictures_make_no_film() -> None:
    with pytest.raises(ImageError, match="there are no pictures"):
        film_bytes([])


def test_an_impossible_time_is_refused() -> None:
    with pytest.raises(SettingError, match=r"frame_seconds must be from 0\.02 to 3600; got 0"):
        film_bytes(three(), frame_seconds=0)


def test_without_an_encoder_an_mp4_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film.importlib.util, "find_spec", lambda name: None)
    assert film_kinds() == ("gif", "webp")
    with pytest.raises(MissingPackageError, match=r"pip install cnnviz_widgets\[film\]"):
        film_bytes(three(), "mp4")


# imageio leaves the pipes to its encoder to the garbage collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_an_mp4_shows_each_picture_in_its_order() -> None:
    import imageio.v3 as imageio

    found = imageio.imread(
        film_bytes(three(), "mp4", frame_seconds=0.5), extension=".mp4", plugin="FFMPEG"
    ).astype(int)
    assert len(found) == 3 + 4
    for page, colour in zip(found, COLOURS, strict=False):
        assert np.abs(page[100, 200] - colour).max() <= 12
    gc.collect()
