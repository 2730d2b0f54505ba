"""Make node/web/europe.json, the map of the pages, from Natural Earth as world-atlas has it.

    python deploy/map/make_europe.py countries-50m.json

The source is named in node/web/static/vendored.toml, with its hash, and is not kept here.
Coordinates are projected to equal areas, simplified along the borders that two countries
share (so that no gaps open), rounded to whole units, and cut at the frame. Two things differ
from the source, which draws who holds what: Crimea is drawn as Ukraine and the north of
Cyprus as Cyprus, as the General Assembly of the United Nations and the EU see them.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import json
import math
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Point = tuple[float, float]
Ring = list[Point]

WEB = Path(__file__).resolve().parents[2] / "node" / "web"
VENDORED = WEB / "static" / "vendored.toml"
OUT = WEB / "europe.json"
CENTRE = (13.0, 52.0)
# The corners of the frame are where these places (longitude, latitude) need them to be.
FARTHEST = ((-24.6, 65.5), (-9.9, 37.0), (25.7, 71.3), (23.5, 34.7), (33.0, 34.4), (50.6, 40.3))
WIDTH, MARGIN = 1000, 8
LEAST_AREA, LEAST_ISLAND, SMALL = 12.0, 24.0, 260.0
CODES = {
    "008": "AL", "020": "AD", "051": "AM", "040": "AT", "031": "AZ", "112": "BY", "056": "BE",
    "070": "BA", "100": "BG", "191": "HR", "196": "CY", "203": "CZ", "208": "DK", "233": "EE",
    "246": "FI", "248": "FI", "250": "FR", "268": "GE", "276": "DE", "300": "GR", "348": "HU",
    "352": "IS", "372": "IE", "380": "IT", "428": "LV", "438": "LI", "440": "LT", "442": "LU",
    "470": "MT", "498": "MD", "492": "MC", "499": "ME", "528": "NL", "807": "MK", "578": "NO",
    "616": "PL", "620": "PT", "642": "RO", "643": "RU", "674": "SM", "688": "RS", "703": "SK",
    "705": "SI", "724": "ES", "752": "SE", "756": "CH", "792": "TR", "804": "UA", "826": "GB",
    "336": "VA", "504": "MA", "012": "DZ", "788": "TN", "434": "LY", "818": "EG", "376": "IL",
    "422": "LB", "760": "SY", "368": "IQ", "364": "IR", "398": "KZ", "400": "JO", "275": "PS",
    "Kosovo": "XK", "N._Cyprus": "CY",
}  # fmt: skip
CRIMEA = (34.1, 45.2)


def main(source: Path) -> None:
    """Write the map."""
    content = source.read_bytes()
    (told,) = tomllib.loads(VENDORED.read_text())["source"]
    if hashlib.sha256(content).hexdigest() != told["sha256"]:
        sys.exit("this is not the file that vendored.toml names")
    topology = json.loads(content)
    frame = Frame()
    arcs = [frame.simplified(arc) for arc in _degrees(topology)]
    countries = {}
    for code, polygons in sorted(_polygons(topology).items()):
        drawn = _country(frame, arcs, polygons)
        if drawn is not None:
            countries[code] = drawn
    shapes = {"width": WIDTH, "height": frame.height, "countries": countries}
    OUT.write_text(json.dumps(shapes, separators=(",", ":"), sort_keys=True) + "\n")
    print(f"{OUT.name}: {len(countries)} countries, {OUT.stat().st_size} bytes")


class Frame:
    """The projection (Lambert's azimuthal one, of equal areas), and what is cut out of it."""

    def __init__(self) -> None:
        """Fit the farthest places into the width."""
        places = [_projected(place) for place in FARTHEST]
        xs, ys = [x for x, _ in places], [y for _, y in places]
        self._scale = (WIDTH - 2 * MARGIN) / (max(xs) - min(xs))
        self._left, self._top = min(xs), max(ys)
        self.height = round((max(ys) - min(ys)) * self._scale) + 2 * MARGIN

    def place(self, degrees: Point) -> Point:
        """Return where something on the earth is on the map."""
        x, y = _projected(degrees)
        return (x - self._left) * self._scale + MARGIN, (self._top - y) * self._scale + MARGIN

    def simplified(self, arc: Sequence[Point]) -> Ring:
        """Return an arc without the points that matter least (Visvalingam), rounded."""
        points = [self.place(each) for each in arc]
        left = dict(_neighbours(len(points)))
        heap = [(_area(points, b, left), b) for b in range(1, len(points) - 1)]
        heapq.heapify(heap)
        fewest = 4 if arc[0] == arc[-1] else 2
        while heap and len(left) > fewest:
            area, middle = heapq.heappop(heap)
            if middle not in left or area != _area(points, middle, left):
                continue
            if area > LEAST_AREA:
                break
            before, after = left.pop(middle)
            left[before] = (left[before][0], after)
            left[after] = (before, left[after][1])
            for each in (before, after):
                if 0 < each < len(points) - 1:
                    heapq.heappush(heap, (_area(points, each, left), each))
        return [(float(round(points[n][0])), float(round(points[n][1]))) for n in sorted(left)]

    def cut(self, ring: Ring) -> Ring:
        """Return the part of a ring that is within the frame (Sutherland and Hodgman)."""
        edges = ((0, 0.0, 1), (0, float(WIDTH), -1), (1, 0.0, 1), (1, float(self.height), -1))
        for axis, edge, side in edges:
            kept: Ring = []
            for before, here in zip([ring[-1], *ring], ring, strict=False):
                is_in, was_in = ((each[axis] - edge) * side >= 0 for each in (here, before))
                if is_in != was_in:
                    share = (edge - before[axis]) / (here[axis] - before[axis])
                    kept.append(
                        (
                            float(round(before[0] + share * (here[0] - before[0]))),
                            float(round(before[1] + share * (here[1] - before[1]))),
                        )
                    )
                if is_in:
                    kept.append(here)
            ring = kept
            if not ring:
                break
        return ring


def _projected(degrees: Point) -> Point:
    longitude, latitude = map(math.radians, degrees)
    middle, parallel = map(math.radians, CENTRE)
    east = longitude - middle
    away = math.sin(parallel) * math.sin(latitude)
    away += math.cos(parallel) * math.cos(latitude) * math.cos(east)
    size = math.sqrt(2 / max(1 + away, 1e-9))
    north = math.cos(parallel) * math.sin(latitude)
    north -= math.sin(parallel) * math.cos(latitude) * math.cos(east)
    return size * math.cos(latitude) * math.sin(east), size * north


def _neighbours(count: int) -> Iterator[tuple[int, tuple[int, int]]]:
    return ((n, (n - 1, n + 1)) for n in range(count))


def _area(points: Ring, middle: int, left: dict[int, tuple[int, int]]) -> float:
    """Return the area of the triangle that a point makes with those beside it."""
    (ax, ay), (bx, by), (cx, cy) = (points[n] for n in (left[middle][0], middle, left[middle][1]))
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2


def _degrees(topology: dict[str, Any]) -> Iterator[list[Point]]:
    (kx, ky), (dx, dy) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for east, north in arc:
            x, y = x + east, y + north
            points.append((x * kx + dx, y * ky + dy))
        yield points


def _polygons(topology: dict[str, Any]) -> dict[str, list[list[list[int]]]]:
    """Return the polygons of each country, as rings of numbers of arcs."""
    degrees = list(_degrees(topology))
    found: dict[str, list[list[list[int]]]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        name = shape["properties"]["name"].replace(" ", "_")
        code = CODES.get(shape.get("id", name)) or CODES.get(name)
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape.get("arcs", [])
        for polygon in polygons if code else ():
            is_crimea = code == "RU" and _is_within(CRIMEA, _points(degrees, polygon[0]))
            found.setdefault("UA" if is_crimea else str(code), []).append(polygon)
    return found


def _points(arcs: Sequence[Sequence[Point]], ring: Sequence[int]) -> Ring:
    points: Ring = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def _is_within(point: Point, ring: Ring) -> bool:
    x, y = point
    is_in = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            is_in = not is_in
    return is_in


def _joined(polygons: list[list[list[int]]], arcs: Sequence[Ring]) -> Iterator[Ring]:
    """Yield the rings of polygons without the borders between them."""
    rings = [ring for polygon in polygons for ring in polygon]
    numbers = [number for ring in rings for number in ring]
    inner = {number for number in numbers if ~number in numbers}
    pieces = []
    for ring in rings:
        if inner.isdisjoint(ring):
            yield _points(arcs, ring)
        else:
            pieces += [_points(arcs, [number]) for number in ring if number not in inner]
    while pieces:
        joined = pieces.pop()
        while joined[0] != joined[-1]:
            following = next((each for each in pieces if each[0] == joined[-1]), None)
            if following is None:
                sys.exit("a border does not close")
            pieces.remove(following)
            joined += following[1:]
        yield joined


def _country(
    frame: Frame, arcs: Sequence[Ring], polygons: list[list[list[int]]]
) -> dict[str, object] | None:
    """Return the path of a country, where its sign stands, and whether it is hard to hit.

    None if it is outside the frame; one that is too small to be drawn has its sign alone.
    """
    rings = [frame.cut(ring) for ring in _joined(polygons, arcs)]
    sized = sorted(((_size(ring), ring) for ring in rings if ring), reverse=True)
    if not sized:
        return None
    if sized[0][0] == 0:
        x, y = sized[0][1][0]
        return {"d": "", "at": [int(x), int(y)], "small": True}
    kept = [ring for size, ring in sized if size >= LEAST_ISLAND] or [sized[0][1]]
    x, y = _middle(sized[0][1])
    drawn: dict[str, object] = {"d": "".join(map(_path, kept)), "at": [x, y]}
    if sized[0][0] < SMALL:
        drawn["small"] = True
    return drawn


def _size(ring: Ring) -> float:
    turned = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in turned)) / 2


def _middle(ring: Ring) -> tuple[int, int]:
    """Return the point within a ring that is farthest from its border."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    best, farthest = (round(sum(xs) / len(xs)), round(sum(ys) / len(ys))), -1.0
    step = max(1, round(min(max(xs) - min(xs), max(ys) - min(ys)) / 24))
    for x in range(round(min(xs)), round(max(xs)) + 1, step):
        for y in range(round(min(ys)), round(max(ys)) + 1, step):
            if _is_within((x, y), ring):
                away = min(_away((x, y), a, b) for a, b in itertools.pairwise(ring))
                if away > farthest:
                    best, farthest = (x, y), away
    return best


def _away(point: Point, start: Point, end: Point) -> float:
    (px, py), (ax, ay), (bx, by) = point, start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    share = ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length if length else 0.0
    share = min(1.0, max(0.0, share))
    return math.hypot(px - ax - share * (bx - ax), py - ay - share * (by - ay))


def _path(ring: Ring) -> str:
    """Return a ring as a path of relative steps."""
    points = [(int(x), int(y)) for x, y in ring]
    steps = [
        (bx - ax, by - ay)
        for (ax, ay), (bx, by) in itertools.pairwise(points)
        if (ax, ay) != (bx, by)
    ]
    if sum(x for x, _ in steps) == 0 and sum(y for _, y in steps) == 0:
        steps = steps[:-1]
    text = "".join(f"{x if x < 0 or not n else f' {x}'}{y if y < 0 else f' {y}'}"
                   for n, (x, y) in enumerate(steps))  # fmt: skip
    return f"M{points[0][0]} {points[0][1]}l{text}z"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
