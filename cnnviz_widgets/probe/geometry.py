"""Where in the picture the cells of a layer look, and how many there are."""

from __future__ import annotations

from ..errors import LayerError, SettingError, TargetError
from ..objectives import Unit
from .image_path import Ways
from .receptive_field import ReceptiveField, extent_of, map_sizes, receptive_field


class Geometry(Ways):
    """The part of a `Probe` that tells where the places of its layers are in the picture."""

    _sizes: dict[int, tuple[int, int] | None]
    _sized: tuple[int, int] | None = None
    _extents: dict[tuple[int, tuple[int, int]], tuple[float, float, float, float] | None]

    def receptive_field(
        self, layer: str, position: tuple[int, int], size: tuple[int, int] | None = None
    ) -> ReceptiveField:
        """Return the part of the picture that a cell of a layer can see.

        Parameters
        ----------
        layer : str
            A layer that has maps.
        position : tuple of int
            (row, column) of the cell.
        size : tuple of int, optional
            (height, width) of the picture, for a model that takes pictures of any size.

        Raises
        ------
        LayerError
            If there is no such layer, or it has no maps.
        TargetError
            If it has no such cell.
        SettingError
            If `size` is left out for a model that takes pictures of any size.
        """
        graph, slot = self.engine.graph, self.engine.slots[self.layer(layer).name]
        sizes = self._map_sizes(self._picture_size(size))
        cells = sizes[slot]
        if cells is None:
            raise LayerError(self.why_no_maps(layer))
        place = Unit(layer, None, position).position or (0, 0)
        for axis, at, most in zip(("row", "column"), place, cells, strict=True):
            if not 0 <= at < most:
                raise TargetError(f"position {axis} must be from 0 to {most - 1} in {layer}; got {at}.")
        return receptive_field(graph, self.engine.image, slot, place, sizes)

    def map_extent(
        self, layer: str, size: tuple[int, int] | None = None
    ) -> tuple[float, float, float, float] | None:
        """Return where the maps of a layer lie on the picture, by the middle of what their cells see.

        Maps are usually stretched over all of the picture. Where convolutions leave out its edge, as
        ``padding="valid"`` does, that would draw what they found too far out.

        Parameters
        ----------
        layer : str
            A layer that has maps.
        size : tuple of int, optional
            (height, width) of the picture, for a model that takes pictures of any size.

        Returns
        -------
        tuple of float or None
            (top, left, height, width) in shares of the picture. None for all of it: the outermost cells look no more
            than 0.6 of a cell, or 3 % of the picture, further in or out than they are drawn then; or where a cell
            looks cannot be told.

        Raises
        ------
        LayerError
            If there is no such layer.
        SettingError
            If the network takes pictures of any size and none is given.
        """
        slot, whole = self.engine.slots[self.layer(layer).name], self._picture_size(size)
        return None if self.map_size(layer, whole) is None else self._extent_of(slot, whole)

    def output_extent(self, size: tuple[int, int] | None = None) -> tuple[float, float, float, float] | None:
        """Return where the places of the output lie on the picture; as `map_extent`, and None if it has no places."""
        return (
            self._extent_of(self.engine.output, self._picture_size(size))
            if len(self.output_shape) == 3
            else None
        )

    def _extent_of(self, slot: int, whole: tuple[int, int]) -> tuple[float, float, float, float] | None:
        if (slot, whole) not in self._extents:
            graph = self.engine.graph
            self._extents[slot, whole] = extent_of(graph, self.engine.image, slot, self._map_sizes(whole))
        return self._extents[slot, whole]

    def map_size(self, layer: str, size: tuple[int, int] | None = None) -> tuple[int, int] | None:
        """Return how many rows and columns the maps of a layer have; None if that cannot be told.

        Parameters
        ----------
        layer : str
            Name of the layer.
        size : tuple of int, optional
            Height and width of the picture in pixels; only needed for a network of any size.

        Raises
        ------
        LayerError
            If there is no such layer.
        SettingError
            If the network takes pictures of any size and none is given.
        """
        found = self.layer(layer)
        if not found.spatial:
            return None
        rows, columns = found.shape[:2]
        if rows is not None and columns is not None:
            return rows, columns
        whole = self._picture_size(size)
        try:
            return self._map_sizes(whole).get(self.engine.slots[found.name])
        except Exception:  # the size is none that this network takes
            return None

    def _picture_size(self, size: tuple[int, int] | None) -> tuple[int, int]:
        height, width = (n or m for n, m in zip(self.input_shape[:2], size or (None, None), strict=True))
        if height is None or width is None:
            raise SettingError(f"{self.name} takes pictures of any size: give size=(height, width).")
        return height, width

    def _map_sizes(self, size: tuple[int, int]) -> dict[int, tuple[int, int] | None]:
        """Return the sizes of all maps for a picture's size, worked out once."""
        if self._sized != size:
            self._sizes, self._sized = map_sizes(self.engine.graph, self.engine.image, size), size
        return self._sizes
