"""The similarity explorer: which pictures a network calls alike, and what in them makes them so."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from ...codes import SimilarityMaps
from ...codes.sources import sources_of
from ...decomposition import Place
from ...errors import CnnvizError, ImageError, SettingError
from ...export import pair_png
from ...jobs import worker
from ...render import Style
from ..canvas import make_view
from ..canvas.sheet import Sheet
from ..feature_maps.places import beside
from ..layouts import LEAST, size_for
from ..paper import made_with
from ..root import probe_of
from . import words as say
from .actions import Actions
from .code import pair_code
from .desk import SimilarityDesk
from .gather import Gathering
from .plane_view import PlaneView
from .screen import SimilarityScreen
from .search import Search, Talk, row_of
from .shelf import Shelf
from .state import SETTINGS, Picture

REST_SECONDS = 0.15
OFTEN = 1.0  # seconds between two looks at the neighbours while codes are being computed
ASKED = (*SETTINGS, "query", "match", "foil", "place", "place_b", "plane", "click")
SAVED_SIDE = 480
BETWEEN = 12
WIDEST = 640


class SimilarityExplorer(Actions):
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
        The gallery: anything that `Image.load` opens, or the picture files of a folder, which are opened one at a time
        and never held. Files that cannot be opened are listed and left out.
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

    Raises
    ------
    ModelError, ImageError, SettingError, LayerError
        If what is given cannot be explored.

    Examples
    --------
    >>> import cnnviz_widgets as cnnviz
    >>> gallery = cnnviz.demo.gallery()  # doctest: +SKIP
    >>> cnnviz.SimilarityExplorer(cnnviz.demo.autoencoder(), gallery.images, labels=gallery.labels)  # doctest: +SKIP
    """

    _talk = Talk
    session: Talk
    explanation: Any  # Likeness | None
    _desk: SimilarityDesk
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
        keep: str | os.PathLike[str] | None = None,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        style: Style | None = None,
        size: str = "auto",
        renderer: str = "auto",
    ) -> None:
        probe = probe_of(model, None, preprocess, value_range)
        SimilarityMaps(layer).resolved(probe)
        sources = sources_of(images)
        kinds = checked_kinds(labels, len(sources))
        self.count = len(sources)
        super().__init__(probe, style, size, renderer)
        self._shelf = Shelf(probe, sources)
        self._gathering = Gathering(probe, sources, keep, self._lock)
        self._views = self._view, make_view(self._canvas_size(self._size), renderer)
        self._plane = PlaneView(make_view(beside(self._size, 0), renderer), self._shelf, kinds, self._lock)
        self._visited: list[Picture] = []
        self._begun_with, self._looked_at = query, 0.0
        given = {"layer": layer or "", "metric": metric, "by": by, "pooled": pooled, "query": query}
        try:
            with self._quietly():
                for name, value in (*given.items(), ("match", match), ("foil", foil)):
                    setattr(self, name, value)
        except CnnvizError:
            self._close_views()
            raise
        self.add_class("cv-alike")
        self._desk = SimilarityDesk(self)
        self._screen = SimilarityScreen(self)
        self.children = self._desk.children
        self._listen()
        self._begin()

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the codes, the neighbours and the maps that the traits name; returns at once."""
        with self._lock:
            if self._closed:
                return
            try:
                recipe = self.recipe
            except CnnvizError as error:
                self.session.refuse(error)
                return
            self._gathering.want(recipe)
            self._lay_out()
            self._compare(rest)

    @property
    def recipe(self) -> SimilarityMaps:
        """How pairs are compared, with all that was left open chosen from the model."""
        return SimilarityMaps(self.layer or None, self.metric, self.by, self.pooled).resolved(self.probe)

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self._screen.redraw()

    def wait(self, timeout: float | None = 60.0) -> bool:
        """Wait for codes, neighbours, maps and plane; False if `timeout` seconds pass first."""
        end = None if timeout is None else time.monotonic() + timeout
        working = self._gathering, self.session, self._screen, self._plane
        while any(worker.busy(one) for one in working):
            for one in working:
                if not one.wait(None if end is None else max(0.0, end - time.monotonic())):
                    return False
        return True

    def cancel(self) -> None:
        """Stop computing; what there is stays on the screen, and neighbours are sought among the codes known."""
        with self._lock:
            self.session.cancel()
            if self._gathering.stop():
                self._lay_out()
                self._screen.follow()

    def snapshot(self) -> bytes:
        """Return the pictures with their maps and a caption as a PNG file."""
        if self.explanation is None:
            raise ImageError("there is no picture yet: call wait() first.")
        side = max(SAVED_SIDE, *self.explanation.on_a.image.size)
        return pair_png(self.explanation, self.style, size=side, place=self._place_of_a)

    def code(self) -> str:
        """Return the lines that make these maps again without widgets."""
        if self.explanation is None:
            return ""
        return pair_code(self.explanation, self.style, self._place_of_a, made_with(self.probe))

    def file_name(self) -> str:
        """Return a file name that says what the pictures are, e.g. ``shirt-3-like-coat-7.png``."""
        if self.explanation is None:
            return "picture.png"
        a, b = (image.name or "picture" for image in self.explanation.images[:2])
        return "".join(c if c.isalnum() or c == "_" else "-" for c in f"{a} like {b}".lower()) + ".png"

    @property
    def _place_of_a(self) -> Place | None:
        place, turned = self._screen.place()
        return None if turned else place

    # what is asked

    def _listen(self) -> None:
        self.observe(lambda change: self._live(self._anew, change["name"]), list(ASKED))
        self._gathering.changed = lambda: self._live(self._gathered)
        self._gathering.failed = self.session.refuse
        for view in (self._views[1], self._plane.view):
            view.on_ready = lambda: self._live(self.redraw)
        worker.submit(self, self._fill_strip, urgent=False)

    def _anew(self, name: str) -> None:
        """Follow a trait that the reader or a linked widget changed."""
        if self._quiet_depth:
            return
        with self._quietly():
            if name == "query":
                self.match = self.foil = self.place = self.place_b = None
            elif name in ("layer", "pooled"):
                self.place = self.place_b = None
            elif name in ("place", "place_b") and getattr(self, name) is not None:
                setattr(self, "place" if name == "place_b" else "place_b", None)
        if name in ("place", "place_b", "click"):
            self._screen.put() if name == "click" else self._screen.redraw()
            return
        self._put_controls()
        self.ask()

    def _put_controls(self) -> None:
        """Bring the controls in line; settings that do not fit each other are said below when they are asked for."""
        try:
            self._screen.put()
        except CnnvizError:
            return

    def _gathered(self) -> None:
        """Follow the codes: look for neighbours now and then, and lay all out once they are whole."""
        gathering, now = self._gathering, time.monotonic()
        codes = gathering.codes
        self._lay_out()
        if codes is not None and not len(codes) and gathering.complete:
            self.session.refuse(ImageError(say.none_opened(codes)))
        elif codes is not None and len(codes) and (gathering.complete or now - self._looked_at > OFTEN):
            if self.query == self._begun_with == 0 and row_of(codes, 0) is None:
                with self._quietly():
                    self.query = int(codes.places[0])
            self._compare()
        self._screen.follow()

    def _compare(self, rest: float = 0.0) -> None:
        """Ask for the neighbours and the maps; without a code to compare with, they have to wait."""
        codes = self._gathering.codes
        if self.match is None and (codes is None or not len(codes)):
            self._screen.follow()
            return
        self._looked_at = time.monotonic()
        search = Search(self.query, self.match, self.foil, self.recipe, codes, self._shelf, self._screen.told)
        self.session.compare(search, rest)

    def _lay_out(self) -> None:
        """Have the plane laid out, unless more codes are on their way."""
        codes = self._gathering.codes
        if codes is not None and not self._gathering.running:
            self._plane.lay(codes, self.plane, self.metric)

    def _answered(self, what: str) -> None:
        self._screen.update(what)

    # size

    def _canvas_size(self, size: str | int) -> str | int:
        """Return the side of one picture of the pair: two beside each other, or one over the other."""
        width = Sheet.of(size).width
        half = (width - BETWEEN) // 2
        return half if half >= LEAST else max(LEAST, min(width, WIDEST))

    def _resize(self, size: str | int) -> None:
        self._views[1].resize(self._canvas_size(size))
        self._plane.view.resize(beside(size, self._column))
        super()._resize(size)

    def _fill(self, width: int) -> None:
        self._column = width
        size = size_for(width)
        if width:
            self._resize(size if isinstance(size, str) else max(LEAST, min(WIDEST, width - 8)))

    # the end

    def _stop(self) -> None:
        worker.cancel(self)
        self._gathering.close()
        self._screen.close()
        self._close_views()

    def _close_views(self) -> None:
        self._plane.close()
        self._views[1].close()
        self._view.close()


def checked_kinds(labels: Any, count: int) -> tuple[str, ...] | None:
    """Return what each picture shows, or raise `SettingError` if there is not a label for each."""
    if labels is None:
        return None
    kinds = tuple(map(str, labels))
    if isinstance(labels, str) or len(kinds) != count:
        raise SettingError(
            f"labels must say what each of the {count} pictures shows; got {len(kinds)}. "
            "Names of a classifier's classes belong to Probe(model, labels=...)."
        )
    return kinds
