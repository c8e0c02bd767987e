"""training.csv and test.csv: their columns as text, their images as arrays.

Kaggle's files are plain: ASCII, no quotation marks, one row a line, one space between pixels.
That form is read at the speed of the disk, nearly. As soon as anything is unusual, pandas reads
the whole file anew, with its understanding of CSV, and says what is wrong if something is.
"""

import csv
import itertools
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

import numpy as np
import pandas as pd

from faces.core.errors import UserError
from faces.core.progress import progress_bar
from faces.core.threads import in_order
from faces.data.encodings import as_utf_8, encoding_of
from faces.data.inflating import pieces
from faces.data.nested import held_in
from faces.keypoints.data.pixels import AGAIN, PIXELS, any_pixels, plain_pixels
from faces.keypoints.data.rows import LONGEST_ROW, LimitedRows, check_cells
from faces.keypoints.points import FRAME

CHUNK_ROWS = 1000
TOGETHER = 8  # rows in one call: 0.28 MB, which stay in a core's cache
LONGEST_HEADER = 100_000  # bytes
SEPARATORS = ",;\t"
IMAGE = "Image"
Chunk = tuple[np.ndarray, np.ndarray]  # text cells (n, columns), uint8 (n, 9216)


class Unusual(Exception):
    """The file is not in its plain form; it may be right all the same."""


def read_table(
    archive: zipfile.ZipFile,
    name: str,
    columns: tuple[str, ...],
    convert: Callable[[np.ndarray, int], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """These columns and the images of training.csv or test.csv.

    Args:
        name: `training` or `test`: the CSV, on its own or in a zip of that name.
        convert: makes numbers (n, ...) of text cells (n, columns); it is told the number of the
            first row, counted from 1.

    Returns:
        What `convert` gave, joined: (n, ...), and uint8 (n, 96, 96).

    Raises:
        UserError: a column is missing, a pixel is none, or whatever `convert` raises.
    """
    file = f"{name}.csv"
    with held_in(archive, name) as (inner, member):
        most_rows = member.file_size // (2 * PIXELS) + 1  # a digit and a separator to a pixel
        with suppress(Unusual):
            return gather(plain_chunks(inner, member, file, columns), convert, most_rows, file)
        return gather(any_chunks(inner, member, file, columns), convert, most_rows, file)


def gather(chunks: Iterable[Chunk], convert: Callable, most_rows: int, file: str) -> tuple:
    """All chunks in one array of converted cells and one of images."""
    images, values, n = np.empty((most_rows, FRAME, FRAME), np.uint8), [], 0
    for cells, pixels in chunks:
        values.append(convert(cells, n + 1))
        images[n : n + len(pixels)] = pixels.reshape(-1, FRAME, FRAME)
        n += len(pixels)
    if not n:
        raise UserError(f"rows in {file}", "only a header", AGAIN)
    return np.concatenate(values), images[:n]


@contextmanager
def open_csv(archive: zipfile.ZipFile, name: str):
    """A table as a binary stream in UTF-8, from the archive or the zip inside it.

    Args:
        name: as of `held_in`.
    """
    with held_in(archive, name) as (inner, member), inner.open(member) as stream:
        yield as_utf_8(stream)


def plain_chunks(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, columns: tuple
) -> Iterator[Chunk]:
    """Chunks of a plain file, parsed on all cores while the next are inflated.

    Raises:
        Unusual: it is not plain.
        UserError: a column is missing.
    """
    blocks = blocks_of_lines(with_bar(pieces(archive, member), member.file_size, file))
    first, _, rest = next(blocks, b"").partition(b"\n")
    if encoding_of(first) not in (None, "utf-8-sig"):
        raise Unusual
    header, separator = read_header(first, file, (*columns, IMAGE))
    if separator != ",":
        raise Unusual
    parse = partial(plain_block, header=header, columns=columns)
    for cells, pixels in in_order(parse, itertools.chain([rest], blocks)):
        if len(cells):
            yield cells, pixels


def blocks_of_lines(content: Iterable[bytes]) -> Iterator[bytes]:
    """Cut what comes in pieces where a line ends.

    Raises:
        Unusual: a line is longer than any row.
    """
    rest = b""
    for piece in content:
        end = piece.rfind(b"\n") + 1
        if end:
            yield rest + memoryview(piece)[:end]
            rest = piece[end:]
        else:
            rest += piece
            if len(rest) > LONGEST_ROW:
                raise Unusual
    if rest:
        yield rest


def plain_block(block: bytes, header: list[str], columns: tuple) -> Chunk:
    """The rows of some whole lines.

    Raises:
        Unusual: a quotation mark, a NUL, a lone carriage return, a byte that is not ASCII, a row
            with more or fewer cells than the header, or pixels that are not plain.
    """
    block = block.replace(b"\r\n", b"\n") if b"\r" in block else block
    if not block.isascii() or any(sign in block for sign in (b'"', b"\r", b"\0")):
        raise Unusual
    at, width = header.index(IMAGE), len(header)
    names = [name for name in header if name != IMAGE]
    places = [names.index(name) for name in columns]
    # At most so many rows: a pixel is a digit and a separator. To count them would take time.
    texts, pixels = [], np.empty((len(block) // (2 * PIXELS) + 1, PIXELS), np.uint8)
    rows = (cells_of(line, at, width) for line in lines_of(block))
    while some := list(itertools.islice(rows, TOGETHER)):
        part = plain_pixels([image for _, image in some])
        if part is None:
            raise Unusual
        pixels[len(texts) : len(texts) + len(some)] = part
        texts += [[cells[i].decode() for i in places] for cells, _ in some]
    return np.array(texts, object), pixels[: len(texts)]


def lines_of(block: bytes) -> Iterator[bytes]:
    """The lines of a block that are not empty, which pandas skips too.

    `split` looks at each byte on its own; `find` is ten times as fast.
    """
    start = 0
    while start < len(block):
        end = block.find(b"\n", start)
        end = len(block) if end < 0 else end
        if end > start:
            yield block[start:end]
        start = end + 1


def cells_of(line: bytes, at: int, width: int) -> tuple[list[bytes], bytes]:
    """The cells of a line but the image, and the image, whose 34 KB are not searched for commas.

    A comma that it should not hold is no pixel, and is found as such.

    Args:
        at: which cell is the image. width: how many cells there are.

    Raises:
        Unusual: there are fewer cells.
    """
    *before, rest = line.split(b",", at)
    image, *after = rest.rsplit(b",", width - at - 1)
    if len(before) + len(after) != width - 1:
        raise Unusual
    return before + after, image


def with_bar(content: Iterable[bytes], size: int, file: str) -> Iterator[bytes]:
    """The same pieces, with a progress bar."""
    with progress_bar(
        total=size, desc=f"read {file}", unit="B", unit_scale=True, leave=False
    ) as bar:
        for piece in content:
            yield piece
            bar.update(len(piece))


def any_chunks(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, columns: tuple
) -> Iterator[Chunk]:
    """Chunks of a file in any form that pandas reads.

    Raises:
        UserError: it cannot be read, or a pixel is none.
    """
    first = 1
    with archive.open(member) as stream:
        chunks = read_chunks(as_utf_8(stream), file, (*columns, IMAGE))
        for chunk in progress_bar(chunks, desc=f"read {file}", unit="chunk", leave=False):
            cells = enumerate(chunk[IMAGE], first)
            pixels = [any_pixels(cell, row, file) for row, cell in cells]
            yield chunk[list(columns)].to_numpy(object), np.stack(pixels)
            first += len(chunk)


def read_chunks(stream, file: str, columns: tuple) -> Iterator[pd.DataFrame]:
    """Chunks of rows as text, a cell that is not there as "".

    The columns are checked before the first row is parsed. Where they are separated by another
    sign than the comma, a number may have one in place of its point.

    Args:
        stream: binary, in UTF-8.
    """
    header, separator = read_header(stream.readline(LONGEST_HEADER), file, columns)
    stream = LimitedRows(stream, file)
    try:
        with warnings.catch_warnings():
            # pandas only warns of a row with more cells than the header has names.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            for chunk in pd.read_csv(
                stream,
                sep=separator,
                names=header,
                header=None,
                index_col=False,
                dtype=str,
                chunksize=CHUNK_ROWS,
                keep_default_na=False,
                encoding_errors="replace",  # in columns that are not read, it may be anything
                engine="c",
            ):
                stream.next_chunk()
                chunk = chunk[list(columns)].fillna("")
                for name in columns:
                    check_cells(chunk[name].tolist(), file)
                    if separator != "," and name != IMAGE:
                        chunk[name] = chunk[name].str.replace(",", ".")
                yield chunk
    except pd.errors.EmptyDataError:
        return
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        todo = "Each row needs a cell for each name in the first line; or download it again."
        received = str(error).strip().rstrip(".")
        if isinstance(error, pd.errors.ParserWarning):
            received = f"a row of more cells than the first line has names ({received})"
        raise UserError(f"{file} as comma separated text", received, todo) from error


def read_header(line: bytes, file: str, columns: tuple) -> tuple[list[str], str]:
    """The column names in the first line, which must include `columns`, and what separates them.

    Returns:
        The names, those of `columns` as they are there whatever their case, the others by their
        number; and one of SEPARATORS.

    Raises:
        UserError: one of the columns is not there, or stands there twice.
    """
    text = line[:LONGEST_HEADER].decode("utf-8-sig", errors="replace").rstrip("\r\n")
    if "\r" in text:
        received = "lines that end with a carriage return alone"
        todo = "Save it as CSV again, for Windows or Unix."
        raise UserError(f"lines in {file} that end with a line feed", received, todo)
    rows = {sign: names_of(text, sign) for sign in SEPARATORS}
    known = {name.casefold(): name for name in columns}
    fits = {sign: sum(n.casefold() in known for n in names) for sign, names in rows.items()}
    separator = max(SEPARATORS, key=fits.get)
    names = rows[separator]
    header = [known.get(name.casefold(), f"column {i}") for i, name in enumerate(names)]
    if twice := sorted({name for name in header if header.count(name) > 1}):
        todo = "Take one of them out."
        raise UserError(f"every column once in {file}", f"{', '.join(twice)[:200]} twice", todo)
    missing = [c for c in columns if c not in header]
    if missing:
        have = ", ".join(names)[:200] or "nothing"
        todo = "Download the archive again, or name the columns in the first line as Kaggle does."
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        expected = f"the columns {', '.join(missing[:5])}{more} in {file}"
        raise UserError(expected, have, todo)
    return header, separator


def names_of(line: str, separator: str) -> list[str]:
    """The cells of a header, without quotation marks and the spaces around them."""
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell that is far too long
        cells = line.split(separator)
    return [cell.strip().strip('"').strip() for cell in cells]
