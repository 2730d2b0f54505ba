"""A reader of QR codes of its own (ISO/IEC 18004): versions 1 to 6, bytes, without faults.

It reads the SVG that stands on a poster, not what some library meant to draw. What is not
exactly as a reader expects it is refused, since a drawn code has no dirt on it.
"""

from __future__ import annotations

import re
from itertools import pairwise

# Of each version and level: how many data bytes each block has (table 9 of the standard).
BLOCKS = {
    (1, "L"): [19], (1, "M"): [16], (1, "Q"): [13], (1, "H"): [9],
    (2, "L"): [34], (2, "M"): [28], (2, "Q"): [22], (2, "H"): [16],
    (3, "L"): [55], (3, "M"): [44], (3, "Q"): [17] * 2, (3, "H"): [13] * 2,
    (4, "L"): [80], (4, "M"): [32] * 2, (4, "Q"): [24] * 2, (4, "H"): [9] * 4,
    (5, "L"): [108], (5, "M"): [43] * 2,
    (5, "Q"): [15] * 2 + [16] * 2, (5, "H"): [11] * 2 + [12] * 2,
    (6, "L"): [68] * 2, (6, "M"): [27] * 4, (6, "Q"): [19] * 4, (6, "H"): [15] * 4,
}  # fmt: skip
LEVELS = {0b01: "L", 0b00: "M", 0b11: "Q", 0b10: "H"}
MASKS = (
    lambda row, column: (row + column) % 2,
    lambda row, column: row % 2,
    lambda row, column: column % 3,
    lambda row, column: (row + column) % 3,
    lambda row, column: (row // 2 + column // 3) % 2,
    lambda row, column: row * column % 2 + row * column % 3,
    lambda row, column: (row * column % 2 + row * column % 3) % 2,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2,
)
BORDER = 4
_STROKE = re.compile(r"([Mmh])\s*(-?[0-9.]+)(?:[ ,]?(-?[0-9.]+))?")
Matrix = list[list[int]]


def read_svg(svg: str) -> str:
    """Return the text of a code that is drawn as horizontal strokes, one module high."""
    return read(_matrix(svg))


def _matrix(svg: str) -> Matrix:
    box = re.search(r'viewBox="0 0 ([0-9]+) ([0-9]+)"', svg)
    scale = re.search(r"scale\(([0-9.]+)\)", svg)
    (path,) = re.findall(r'<path[^>]* d="([^"]+)"', svg)
    assert box is not None
    size = int(int(box[1]) / (float(scale[1]) if scale else 1)) - 2 * BORDER
    matrix = [[0] * size for _ in range(size)]
    x = y = 0.0
    for kind, first, second in _STROKE.findall(path):
        if kind == "M":
            x, y = float(first), float(second)
        elif kind == "m":
            x, y = x + float(first), y + float(second)
        else:
            for column in range(int(x), int(x + float(first))):
                matrix[int(y) - BORDER][column - BORDER] = 1
            x += float(first)
    return matrix


def read(matrix: Matrix) -> str:
    """Return the text of a code."""
    size = len(matrix)
    version = (size - 17) // 4
    assert size == 17 + 4 * version
    assert 1 <= version <= 6
    columns = [0, 1, 2, 3, 4, 5, 7, 8]
    said = [matrix[8][column] for column in columns] + [
        matrix[row][8] for row in (7, 5, 4, 3, 2, 1, 0)
    ]
    form = int("".join(map(str, said)), 2) ^ 0b101010000010010
    level, mask = LEVELS[form >> 13], MASKS[form >> 10 & 0b111]
    bits = [
        matrix[row][column] ^ (mask(row, column) == 0) for row, column in _places(size, version)
    ]
    words = [
        int("".join(map(str, map(int, bits[at : at + 8]))), 2) for at in range(0, len(bits) - 7, 8)
    ]
    return _text(_joined(words, BLOCKS[version, level]))


def _places(size: int, version: int):
    """Yield where the bits stand, in their order: two columns at a time, up and down."""
    right, is_up = size - 1, True
    while right > 0:
        if right == 6:
            right -= 1
        for row in range(size - 1, -1, -1) if is_up else range(size):
            for column in (right, right - 1):
                if not _is_fixed(row, column, size, version):
                    yield row, column
        right, is_up = right - 2, not is_up


def _is_fixed(row: int, column: int, size: int, version: int) -> bool:
    is_corner = (row < 9 and (column < 9 or column >= size - 8)) or (row >= size - 8 and column < 9)
    middle = size - 7
    is_aligning = version > 1 and abs(row - middle) <= 2 and abs(column - middle) <= 2
    return is_corner or is_aligning or row == 6 or column == 6


def _joined(words: list[int], blocks: list[int]) -> bytes:
    """Return the data of the blocks, which stand interleaved."""
    parts: list[list[int]] = [[] for _ in blocks]
    source = iter(words)
    for at in range(max(blocks)):
        for part, length in zip(parts, blocks, strict=True):
            if at < length:
                part.append(next(source))
    return bytes(word for part in parts for word in part)


def _text(data: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in data)
    assert bits[:4] == "0100", "not written as bytes"
    length = int(bits[4:12], 2)
    ends = [12 + 8 * number for number in range(length + 1)]
    text = bytes(int(bits[start:end], 2) for start, end in pairwise(ends))
    # Nothing but the end mark and the two padding bytes in turn follows.
    rest = bits[ends[-1] :]
    assert set(rest[:4]) <= {"0"}
    # Segno fills up to a whole byte with eight zeros where it is one already; readers have
    # stopped before that.
    padding = rest[4:].removeprefix("00000000")
    expected = ("1110110000010001" * len(bits))[: len(padding)]
    assert padding == expected
    return text.decode()
