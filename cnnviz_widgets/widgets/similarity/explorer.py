"""The similarity explorer: which pictures a network calls alike, and what in them makes them so."""

from __future__ import annotations

import difflib
import os
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from ...embeddings.decomposition import Place
from ...embeddings.encoding import check_any, sources_of
from ...embeddings.pairs import SimilarityMaps
from ...errors import CnnvizError, ImageError, SettingError
from ...images.image import Image
from ...jobs import Job, worker
from ...style import Style
from ..canvas import Canvas, make_canvas
from ..canvas.layout import Sheet
from ..core.exporting import made_with
from ..core.sizes import ALONE, GAP, LEAST_ALONE, MOST, beside, size_for
from ..core.widget import RootWidget, probe_of
from . import text as say
from .codegen import gallery_in, pair_code
from .exporting import pair_file_name, pair_snapshot
from .gallery_codes import GalleryCodes
from .gallery_images import GalleryImages, numbers_for_strip
from .presenter import SimilarityPresenter
from .question_flow import QuestionFlow
from .scatter import Scatter, planner
from .search import SimilaritySession
from .state import SETTINGS, Picture, SimilarityState, checked_kinds, checked_place, gallery_of, same
from .view import SimilarityView

ASKED = (*SETTINGS, "query", "match", "foil", "place", "place_b", "plane", "click")
SAVED_SIDE = 480
BETWEEN = 12
WIDEST = 640
FULL = 0.92  # of the screen is filled in full screen; see look.css


class SimilarityExplorer(RootWidget, SimilarityState):
    """See which pictures a network calls alike, and what in them makes them so.

    A picture A, its nearest neighbours in code space, and maps on A and on B: what in each makes it like the other. A
    click on a place of one lights up what answers it in the other; a third picture C asks why B rather than C. The
    codes of the gallery are computed in the background and laid out in a plane whose points can be clicked.

    Its traits are those of `SimilarityState`: query, match, foil, layer, metric, by, pooled, place, place_b, plane,
    click, style, explanation, neighbours, progress, status and error.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network: an autoencoder, a classifier, one branch of a siamese network.
    images : sequence, or path of a folder
        The gallery: anything that `Image.load` opens, what `cnnviz.demo.gallery` gives, or the picture files of a
        folder, which are opened one at a time and never held. Files that cannot be opened are listed and left out.
    layer : str, optional
        The layer that holds the code: the bottleneck of an autoencoder, the penultimate layer of a classifier if None.
    labels : sequence of str, optional
        What each picture shows, for the colours of the plane.
    metric : str
        ``"cosine"``, ``"dot"`` or ``"euclidean"``.
    by : str
        How the maps are made: ``"patches"`` exactly, ``"gradient"``, ``"occlusion"``, or ``"auto"``.
    pooled : bool, optional
        Whether the means of a layer's maps are compared instead of place with place; None suits the model.
    query : int or Image
        Picture A.
    match, foil : int or Image, optional
        Picture B, the nearest neighbour if None, and picture C.
    place : tuple of int, optional
        (row, column) of a cell of A whose likes are shown on B.
    keep : path-like, optional
        A file ending in ``.npz`` in which the codes are kept for the next time.
    preprocess, value_range
        As for `Probe`; only if `model` is not one already.
    style : Style, optional
        How to draw.
    size : str
        ``"auto"`` follows the width of the column; ``"S"``, ``"M"``, ``"L"``, ``"XL"`` stay.
    renderer : str
        ``"auto"``, ``"ipympl"`` or ``"image"``, whose pictures cannot be clicked.
    name : str, optional
        An earlier explorer of the same name is closed, so that a cell can be run again.

    Raises
    ------
    ModelError, ImageError, LayerError
        If what is given cannot be explored: there is no such folder, or none of its pictures can be opened.

    Examples
    --------
    >>> import cnnviz_widgets as cnnviz
    >>> cnnviz.SimilarityExplorer(cnnviz.demo.autoencoder(), cnnviz.demo.gallery())  # doctest: +SKIP
    """

    _talk = SimilaritySession
    session: SimilaritySession
    view: SimilarityView
    explanation: Any  # Likeness | None
    _column = 0

    def __init__(
        self,
        model: Any,
        images: Any,
        *,
        layer: str | None = None,
        labels: Sequence[str] | None = None,
        metric: str = "cosine",
        by: str = "auto",
        pooled: bool | None = None,
        query: Picture = 0,
        match: Picture | None = None,
        foil: Picture | None = None,
        place: Place | None = None,
        keep: str | os.PathLike[str] | None = None,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        style: Style | None = None,
        size: str = "auto",
        renderer: str = "auto",
        name: str | None = None,
    ) -> None:
        probe = probe_of(model, None, preprocess, value_range)
        SimilarityMaps(layer).resolved(probe)
        pictures, labels = gallery_of(images, labels)
        self._gallery = gallery_in(images)
        sources = sources_of(pictures)
        check_any(sources)
        self._kinds = checked_kinds(labels, len(sources))
        self.count = len(sources)
        traits = {
            "layer": layer or "", "metric": metric, "by": by, "pooled": pooled,
            "query": query, "match": match, "foil": foil, "place": place,
        }  # fmt: skip
        super().__init__(probe, style, size, renderer, **traits)
        self.gallery = GalleryImages(probe, sources)
        self.gallery_codes = GalleryCodes(probe, sources, keep, self._lock)
        self.pair_canvases = self.canvas, make_canvas(self._canvas_size(self._size), renderer)
        self.scatter = Scatter(
            make_canvas(self._plane_size(self._size), renderer), self.gallery, self._kinds, self._lock
        )
        self._visited: list[Picture] = []
        self.add_class("cv-alike")
        with self._looks.lent():
            self.view = SimilarityView(self)
            self.presenter = SimilarityPresenter(self, self.view)
        self._flow = QuestionFlow(self, self.presenter, untouched=query == 0)
        self.children = self.view.children
        self._listen()
        self._begin(name)

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the codes, the neighbours and the maps that the traits name; returns at once."""
        with self._lock:
            if not self.closed:
                self._flow.ask(rest)

    @property
    def recipe(self) -> SimilarityMaps:
        """How pairs are compared, with all that was left open chosen from the model."""
        return SimilarityMaps(self.layer or None, self.metric, self.by, self.pooled).resolved(self.probe)

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self.presenter.redraw()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait for codes, neighbours, maps and plane; False if `timeout` seconds pass first."""
        end = None if timeout is None else time.monotonic() + timeout
        owners = self, self.gallery_codes, self.session, self.presenter.pages
        working = [*((worker, one) for one in owners), (planner, self.scatter)]
        while any(where.busy(one) for where, one in working):
            for where, one in working:
                if not where.wait(one, None if end is None else max(0.0, end - time.monotonic())):
                    return False
        return True

    def cancel(self) -> None:
        """Stop computing; what there is stays on the screen, and neighbours are sought among the codes known."""
        with self._lock:
            self.session.cancel()
            if self.gallery_codes.stop():
                self._flow.lay_out()
                self.presenter.follow()

    # what is asked

    def _listen(self) -> None:
        self.observe(lambda change: self.live(self._anew, change["name"]), list(ASKED))
        self.gallery_codes.changed = lambda: self.live(self._flow.gathered)
        self.gallery_codes.failed = self.session.refuse
        self.pair_canvases[1].on_ready = lambda: self.live(self.redraw)
        self.scatter.view.on_ready = lambda: self.live(self.scatter.draw)
        self.view.suggest(self.gallery.names)
        worker.submit(self, self._fill_strip, urgent=False)

    def _anew(self, name: str) -> None:
        """Follow a trait that the reader or a linked widget changed."""
        if not self._quiet_depth:
            self._flow.follow(name)

    def _answered(self, what: str) -> None:
        self.presenter.update(what)

    # size

    def _canvases(self) -> tuple[Canvas, ...]:
        """Return every view that the widget draws on."""
        return *self.pair_canvases, self.scatter.view

    def _canvas_size(self, size: str | int) -> str | int:
        """Return the side of one picture of the pair: two beside each other, or one over the other."""
        width = Sheet.of(size).width
        half = (width - BETWEEN) // 2
        return half if half >= LEAST_ALONE else max(LEAST_ALONE, min(width, WIDEST))

    def _plane_size(self, size: str | int) -> int:
        """Return the side of the plane; a screen is at least as wide as the column, and leaves a rim free."""
        if size != "XL":
            return beside(size, self._column)
        room = round(FULL * self._column) - Sheet.of(size).width - GAP
        return max(MOST, min(ALONE, room))

    def _resize(self, size: str | int) -> None:
        self.pair_canvases[1].resize(self._canvas_size(size))
        self.scatter.view.resize(self._plane_size(size))
        self.scatter.draw()
        super()._resize(size)

    def _fill(self, width: int) -> None:
        self._column = width
        size = size_for(width)
        if width:
            self._resize(size if isinstance(size, str) else max(LEAST_ALONE, min(WIDEST, width - 8)))

    # on paper

    def snapshot(self) -> bytes:
        """Return the pictures with their maps and a caption as a PNG file."""
        return pair_snapshot(self.explanation, self.style, self._place_of_a)

    def code(self) -> str:
        """Return the lines that make these maps again without widgets."""
        if self.explanation is None:
            return ""
        rows = self.gallery.rows(self.presenter.pictures)
        made = made_with(self.probe)
        return pair_code(self.explanation, self.style, self._place_of_a, made, rows, self._gallery)

    def file_name(self) -> str:
        """Return a file name that says what the pictures are, e.g. ``shirt-3-like-coat-7.png``."""
        return pair_file_name(self.explanation)

    @property
    def _place_of_a(self) -> Place | None:
        place, turned = self.presenter.place()
        return None if turned else place

    # the end

    def _stop(self) -> None:
        worker.cancel(self)
        self.gallery_codes.close()
        self.presenter.close()
        self.scatter.close()
        self.pair_canvases[1].close()

    def choose(self, number: int) -> None:
        """Take a picture of the gallery as what `click` says: A, B or C."""
        with self._lock:
            ranking = self.presenter.pages.ranking
            match = self.match if ranking is None else ranking.match
            taken = {"match": (self.foil, "C"), "foil": (match, "B")}.get(self.click)
            if taken is not None and same(number, taken[0]):
                self.session.refuse(SettingError(say.taken(self.gallery.name(number), taken[1])))
                return
            before = getattr(self, self.click)
            setattr(self, self.click, number)
            if before == number and self.session.state == "error":
                self.ask()

    def revisit(self, place: int) -> None:
        """Take a picture of the strip as A."""
        with self._lock:
            self.query = self._visited[place]

    def take_own(self, images: list[Image], refused: list[str]) -> None:
        """Take a picture that the reader opened as A; those that could not be opened are said below."""
        with self._lock:
            if images:
                self._visit(images, images)
            if images and not refused:
                self.query = images[0]
            if refused:
                self.session.refuse(ImageError(" ".join(refused)))

    def swap(self) -> None:
        """Exchange A and B."""
        with self._lock:
            ranking = self.presenter.pages.ranking
            if ranking is None:
                return
            with self.quietly():
                self.foil = None if same(self.foil, self.query) else self.foil
                self.query, self.match = ranking.match, self.query
                self.place, self.place_b = self.place_b, self.place
            self.ask()

    def drop_foil(self) -> None:
        """Compare A and B alone."""
        with self._lock:
            self.foil = None

    def turn(self, by: int) -> None:
        """Turn the pages of the neighbours: 1 to those further off, -1 back."""
        with self._lock:
            self.presenter.pages.turn(by)

    def seek(self, text: str) -> None:
        """Take the picture that a text names, as a click on it would."""
        with self._lock:
            found = self.gallery.found(text)
            if found:
                self.choose(found[0])
            else:
                near = difflib.get_close_matches(text, self.gallery.names, n=1)
                self.session.refuse(SettingError(say.unknown(text, near)))

    def light(self, place: Place, on_b: bool = False) -> None:
        """Show what answers a cell of A, or of B; a code without exact parts says below why it cannot."""
        with self._lock:
            found = self.explanation
            if found is None:
                return
            try:
                checked = checked_place(found, place, on_b)
            except CnnvizError as error:
                self.session.refuse(error)
            else:
                setattr(self, "place_b" if on_b else "place", checked)

    def light_none(self) -> None:
        """Show the whole maps again."""
        with self._lock:
            self.place = self.place_b = None

    def seek_place(self, text: str) -> None:
        """Show what answers the cell of A that a text such as ``2, 1`` names; nothing shows the whole maps."""
        numbers = re.findall(r"\d+", text)
        if not text.strip():
            self.light_none()
        elif len(numbers) == 2:
            self.light((int(numbers[0]), int(numbers[1])))
        else:
            with self._lock:
                self.session.refuse(
                    SettingError(
                        f"A place is row, column of a cell, both from 0, such as 2, 1; got {text!r}."
                    )
                )

    def visited(self, picture: Picture) -> int | None:
        """Return where a picture stands in the strip, or None."""
        return next((k for k, one in enumerate(self._visited) if same(one, picture)), None)

    def visit(self, picture: Picture, image: Image) -> None:
        """Put a picture into the strip, unless it stands there."""
        if self.visited(picture) is None:
            self._visit([picture], [image])

    def _visit(self, pictures: Sequence[Picture], images: Sequence[Image]) -> None:
        """Put pictures into the strip."""
        self._visited += pictures
        self.view.strip.append(images)

    def _fill_strip(self, job: Job) -> None:
        """Open pictures for the strip: all, one a kind or some evenly apart; those that open."""
        for number in numbers_for_strip(self.count, self._kinds):
            try:
                image = self.gallery.image(number)
            except CnnvizError:
                continue
            with self._lock:
                if job.cancelled or self.closed:
                    return
                self.visit(number, image)
