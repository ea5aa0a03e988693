"""Small pictures of weights side by side: one path for all squares of a shade."""

import math
from xml.etree.ElementTree import Element

from regcli.report.plots.plot import LEVELS, Tile, Tiles
from regcli.report.writers.svg.elements import SIZE, element, fitting, number, text, titled

_GAP = 8.0
_LEAST, _MOST = 40.0, 80.0
_KEY = 34.0


def _grid(tiles: Tiles, width: float) -> tuple[int, float]:
    """How many tiles stand in a row, and how wide each is."""
    columns = max(1, min(len(tiles.tiles), int((width + _GAP) / (_LEAST + _GAP))))
    side = min(_MOST, (width + _GAP) / columns - _GAP)
    return columns, side


def height_of_tiles(tiles: Tiles, width: float) -> float:
    """The height of a drawing with all of them."""
    columns, side = _grid(tiles, width)
    return math.ceil(len(tiles.tiles) / columns) * (side + SIZE + _GAP) + _KEY


def draw_tiles(svg: Element, tiles: Tiles, width: float) -> None:
    """Draw them in rows, each with its title below it, and what the shades stand for."""
    columns, side = _grid(tiles, width)
    for place, tile in enumerate(tiles.tiles):
        row, column = divmod(place, columns)
        _draw_tile(svg, tile, column * (side + _GAP), row * (side + SIZE + _GAP), side)
    _draw_key(svg, tiles, height_of_tiles(tiles, width) - _KEY + 6)


def _draw_tile(svg: Element, tile: Tile, left: float, top: float, side: float) -> None:
    group = element(svg, "g")
    titled(group, tile.title)
    across = max(len(tile.levels), *map(len, tile.levels))
    unit = side / across
    paths: dict[str, str] = {}
    for y, levels in enumerate(tile.levels):
        for x, level in enumerate(levels):
            name = "none" if level is None else str(level)
            place = f"M{number(left + x * unit)} {number(top + y * unit)}"
            size = f"{unit:.2f}"
            paths[name] = paths.get(name, "") + f"{place}h{size}v{size}h-{size}z"
    for name, path in sorted(paths.items()):
        element(group, "path", class_=f"diverging s{name}", d=path)
    text(group, left + side / 2, top + side + SIZE, fitting(tile.name, side), "middle", "small")


def _draw_key(svg: Element, tiles: Tiles, top: float) -> None:
    for level in range(LEVELS):
        element(
            svg, "rect", class_=f"diverging s{level}", x=60 + level * 20, y=top, width=20, height=10
        )
    text(svg, 56, top + 10, f"−{tiles.widest:.2g}", "end")
    text(svg, 66 + LEVELS * 20, top + 10, f"{tiles.widest:.2g}")
    text(svg, 60 + LEVELS * 10, top + 24, "0", "middle")
