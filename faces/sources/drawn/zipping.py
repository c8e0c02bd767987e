"""Zip archives without a clock or a machine in them."""

import io
import zipfile
from collections.abc import Iterable

from faces.core.files import LONG_AGO


def member(name: str, squeeze: bool) -> zipfile.ZipInfo:
    """A zip entry with fixed date, system and permissions."""
    info = zipfile.ZipInfo(name, LONG_AGO)
    info.create_system = 3
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
    return info


def zipped(files: dict[str, bytes], squeeze: bool = True) -> bytes:
    """An archive of whole files, sorted by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(files):
            archive.writestr(member(name, squeeze), files[name])
    return file.getvalue()


def zipped_lines(name: str, lines: Iterable[str]) -> bytes:
    """An archive of one text file, written line by line (it need not fit into memory)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open(member(name, True), "w") as text:
        for line in lines:
            text.write(line.encode() + b"\n")
    return file.getvalue()
