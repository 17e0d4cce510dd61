"""A file's text: unpacked, decoded, and known to be a table rather than something else under its name."""

import gzip
import io
import zlib

from store.kernel.errors import UserMistake

FILE_MAX_BYTES = 64 * 1024 * 1024
"""The most of one file that is read, unpacked."""

TOO_LARGE = f"is larger than {FILE_MAX_BYTES // (1024 * 1024)} MiB; export a shorter time."

_WEB_PAGE = ("<!doctype html", "<html", "<head", "<?xml", "<body", "<!--")
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_GZIP, _ZIP, _PDF, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0"


class Unreadable(UserMistake):
    """The file is not what it should be; the message says what it is, as the rest of a sentence about it."""


def text_of(data: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16, packed with gzip or not, without its byte order mark.

    Raises Unreadable for anything else, and for a web page, which is what a failed download often is.
    """
    unpacked = _unpacked(data) if data.startswith(_GZIP) else data
    if len(unpacked) > FILE_MAX_BYTES:
        raise Unreadable(TOO_LARGE)
    if unpacked.startswith((_ZIP, _OLD_EXCEL)):
        raise Unreadable("is an Excel or zip file; save it as CSV.")
    if unpacked.startswith(_PDF):
        raise Unreadable("is a PDF; export it as CSV.")
    text = _decoded(unpacked)
    beginning = text.lstrip()[:200].casefold()
    if beginning.startswith(_WEB_PAGE):
        raise Unreadable("is a web page and no table: perhaps a login or an error page was saved; export it again.")
    return text


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            return packed.read(FILE_MAX_BYTES + 1)
    except EOFError:
        raise Unreadable("is cut off: its gzip data ends too early.") from None
    except (OSError, zlib.error):
        raise Unreadable("is damaged: its gzip data cannot be unpacked.") from None


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is neither UTF-8 nor UTF-16 (byte {error.start}); save it as UTF-8.") from None
    if "\0" in text:
        raise Unreadable("holds binary data and no text.")
    return text
