"""Large members of zip archives, piece by piece, through ISA-L: three times as fast as zlib."""

import struct
import zipfile
from collections.abc import Iterator

from isal import isal_zlib

from faces.core.errors import UserError

PIECE = 2**20  # bytes that are held at a time
RAW_DEFLATE = -15  # zlib's word for a stream without a header of its own
NAME_LENGTHS = 26  # where a local header says how long its name and its extra field are
HEADER = 30


def pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a member, in order; its checksum is compared at the end.

    Raises:
        UserError: it is damaged.
    """
    try:
        if member.compress_type == zipfile.ZIP_DEFLATED and not member.flag_bits & 1:
            yield from _inflated(archive, member)
            return
        with archive.open(member) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except (zipfile.BadZipFile, isal_zlib.error, EOFError) as error:
        received = f"a damaged {member.filename} ({error})"
        raise UserError("a whole archive", received, "Download it again.") from error


def _inflated(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member):  # compares the two headers of the member
        pass
    file = archive.fp
    file.seek(member.header_offset + NAME_LENGTHS)
    start = member.header_offset + HEADER + sum(struct.unpack("<HH", file.read(4)))
    end = start + member.compress_size
    inflater, checksum, size = isal_zlib.decompressobj(RAW_DEFLATE), 0, 0
    while not inflater.eof:
        packed = inflater.unconsumed_tail
        if not packed:
            file.seek(start)  # another member may have been read in between
            packed = file.read(min(PIECE // 4, end - start))
            start += len(packed)
        # At most so much, whatever the file claims: a few bytes can inflate to gigabytes.
        piece = inflater.decompress(packed, PIECE)
        if not packed and not piece:
            raise EOFError("it ends too soon")
        checksum, size = isal_zlib.crc32(piece, checksum), size + len(piece)
        if size > member.file_size:
            raise EOFError("it is larger than it says")
        yield piece
    if checksum != member.CRC or size != member.file_size:
        raise EOFError("its checksum is another")
