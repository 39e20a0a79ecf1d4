"""Says by its first bytes what a file is: a picture we read, one we do not, or none at all. Pure.

The signatures are those of each format's own specification. Only formats in which people keep
photos are read; each one more is more code exposed to hostile files. Left out on purpose although
Pillow knows them: EPS and WMF (they need another program to draw them), HDF5, GRIB, BUFR, FITS and
MCIDAS (measurements), DDS, FTEX and BLP (game textures), icon sets and fonts.
"""

import re
from dataclasses import dataclass
from pathlib import PurePath

from twinlens.records import FailureCode


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Camera RAW that is a TIFF inside: only the extension tells it from a TIFF.
RAW_EXTENSIONS = _words(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .fff .gpr .iiq .kdc .mef .mos .mrw .nef .nrw .orf"
    " .pef .raf .rw2 .rwl .sr2 .srf .srw .x3f"
)
#: A file with one of these names was meant to be a picture, whatever is in it.
PICTURE_EXTENSIONS = RAW_EXTENSIONS | _words(
    ".apng .avif .avifs .bmp .dib .gif .heic .heics .heif .heifs .hif .ico .j2k .jfif .jp2 .jpe"
    " .jpeg .jpg .jpx .jxl .mpo .pbm .pcx .pgm .png .pnm .ppm .psd .qoi .sgi .svg .svgz .tga .tif"
    " .tiff .webp"
)
#: What is recognised only to say why it is not read.
READABLE_EXTENSIONS = PICTURE_EXTENSIONS - _words(".svg .svgz")
VIDEO_EXTENSIONS = _words(
    ".3gp .asf .avi .flv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .vob .webm .wmv"
)


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is. `format` names the decoder and is empty when there is none; then `code`
    says why not, and `noun` finishes the sentence "The file is …"."""

    format: str = ""
    code: FailureCode | None = None
    noun: str = ""


_PICTURES: tuple[tuple[bytes, str], ...] = (
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"GIF8[79]a", "GIF"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00", "BMP"),
    (rb"FUJIFILMCCD-RAW|FOVb|\x00MRM|II\x1a\x00\x00\x00HEAPCCDR", "RAW"),
    (rb"II\x2a\x00.{4}CR|IIR[OS]|MMOR|IIU\x00", "RAW"),
    (rb"II[\x2a\x2b]\x00|MM\x00[\x2a\x2b]", "TIFF"),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL \r\n\x87\n", "JXL"),
    (rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51\x00", "JPEG2000"),
    (rb"\x00\x00\x01\x00[\x01-\xff]\x00...\x00", "ICO"),
    (rb"P[1-6f](\s|#[^\n]*\n)+\d+(\s|#[^\n]*\n)+\d+\s", "PPM"),
    (rb"8BPS\x00\x01", "PSD"),
    (rb"qoif.{8}[\x03\x04][\x00\x01]", "QOI"),
    (rb"\x01\xda[\x00\x01][\x01\x02]\x00[\x01-\x03]", "SGI"),
)

#: macOS writes one beside each file on foreign disks, with the same extension.
_COMPANION = "a macOS companion file"

_OTHERS: tuple[tuple[bytes, FailureCode, str], ...] = (
    (rb"\x00\x05\x16[\x00\x07]", FailureCode.NOT_AN_IMAGE, _COMPANION),
    (rb"%PDF-", FailureCode.NOT_AN_IMAGE, "a PDF document"),
    (rb"\x89HDF\r\n", FailureCode.NOT_AN_IMAGE, "an HDF5 data file"),
    (rb"PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf|\x1f\x8b", FailureCode.NOT_AN_IMAGE, "an archive"),
    (rb"RIFF....WAVE|ID3|fLaC|....ftypM4[AB]", FailureCode.NOT_AN_IMAGE, "a sound recording"),
    (rb"RIFF....AVI |FLV\x01|\x1aE\xdf\xa3", FailureCode.VIDEO, "a video"),
    (rb"\x00\x00\x01[\xba\xb3]|\x30\x26\xb2\x75\x8e\x66\xcf\x11", FailureCode.VIDEO, "a video"),
    (rb"G.{187}G.{187}G|.{4}G.{191}G.{191}G", FailureCode.VIDEO, "a video"),
    (rb"....(moov|mdat|wide|pnot|skip)", FailureCode.VIDEO, "a video"),
    (rb"OggS.{24,60}(theora|\x80theora)", FailureCode.VIDEO, "a video"),
    (rb"OggS", FailureCode.NOT_AN_IMAGE, "a sound recording"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", FailureCode.UNSUPPORTED, "a PostScript drawing"),
    (rb"\xd7\xcd\xc6\x9a|\x01\x00\x00\x00.{36} EMF", FailureCode.UNSUPPORTED, "a Windows metafile"),
    (rb"8BPS\x00\x02", FailureCode.UNSUPPORTED, "a large Photoshop document (PSB)"),
    (rb"gimp xcf", FailureCode.UNSUPPORTED, "a GIMP document"),
    (rb"AT&TFORM", FailureCode.UNSUPPORTED, "a DjVu document"),
    (rb"\x76\x2f\x31\x01", FailureCode.UNSUPPORTED, "an OpenEXR picture"),
    (rb"#\?(RADIANCE|RGBE)", FailureCode.UNSUPPORTED, "a Radiance HDR picture"),
    (rb"[\x8a\x8b][MJ]NG\r\n", FailureCode.UNSUPPORTED, "an MNG animation"),
    (rb"DDS ", FailureCode.UNSUPPORTED, "a game texture (DDS)"),
    (rb"icns", FailureCode.UNSUPPORTED, "a macOS icon set"),
    (rb".{128}DICM", FailureCode.UNSUPPORTED, "a medical picture (DICOM)"),
    (rb"BPG\xfb|FLIF", FailureCode.UNSUPPORTED, "a picture in a format that fell out of use"),
)

_SVG = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml.*?)?(<!--.*?-->\s*)*(<!DOCTYPE svg.*?)?<svg\b", re.S)
_HTML = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)\b", re.I)
_COMPILED = tuple((re.compile(p, re.S), Recognised(f)) for p, f in _PICTURES) + tuple(
    (re.compile(p, re.S), Recognised("", c, n)) for p, c, n in _OTHERS
)

_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
_HEIF_GENERIC = {b"mif1", b"mif2", b"msf1", b"miaf"}
_AVIF_BRANDS = {b"avif", b"avis"}


def recognise(head: bytes, name: str = "") -> Recognised:
    """Say what the first bytes of a file are.

    Args:
        head: the first 4 KiB, or all of a shorter file.
        name: the file's name; its extension tells RAW from TIFF, and what was meant to be a
            picture from what never was.
    """
    extension = PurePath(name).suffix.lower()
    if not head:
        return _unrecognised(extension if name else ".jpg", FailureCode.EMPTY, "empty")
    found = next((what for pattern, what in _COMPILED if pattern.match(head)), None)
    if found is None and head[4:8] == b"ftyp":
        found = _by_brand(head)
    if found is None:
        found = _by_text_or_name(head, extension)
    if found is None:
        noun = "nothing but zeros" if not head.strip(b"\0") else "unlike any picture format"
        return _unrecognised(extension, FailureCode.DAMAGED, noun)
    if found.format == "TIFF" and extension in RAW_EXTENSIONS:
        return Recognised("RAW")
    promised = extension in PICTURE_EXTENSIONS and found.noun != _COMPANION
    if found.code is FailureCode.NOT_AN_IMAGE and promised:
        # The name promises a picture: not skipped in silence but listed among the failures.
        return Recognised("", FailureCode.UNSUPPORTED, found.noun)
    return found


def _by_brand(head: bytes) -> Recognised:
    """Tell apart the ISO base media files: HEIC, AVIF, Canon RAW, videos."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))]
    if brands[0] == b"crx ":
        return Recognised("RAW")
    if brands[0] in _AVIF_BRANDS or (brands[0] in _HEIF_GENERIC and _AVIF_BRANDS & {*brands}):
        return Recognised("AVIF")
    if brands[0] in _HEIF_BRANDS | _HEIF_GENERIC:
        return Recognised("HEIF")
    return Recognised("", FailureCode.VIDEO, "a video")


def _by_text_or_name(head: bytes, extension: str) -> Recognised | None:
    if _SVG.match(head) or (extension == ".svgz" and head[:2] == b"\x1f\x8b"):
        return Recognised("", FailureCode.UNSUPPORTED, "a vector drawing (SVG)")
    if _HTML.match(head):
        return Recognised("", FailureCode.NOT_AN_IMAGE, "a web page")
    if extension in {".tga", ".pcx"} and _plausible_without_signature(head, extension):
        return Recognised(extension[1:].upper())
    return None


def _plausible_without_signature(head: bytes, extension: str) -> bool:
    """Check the first fields of the two formats that begin with no signature."""
    if extension == ".pcx":
        return head[:1] == b"\x0a" and head[1:2] in b"\x00\x02\x03\x05" and head[2:3] <= b"\x01"
    return (
        len(head) >= 18
        and head[1] <= 1
        and head[2] in {1, 2, 3, 9, 10, 11}
        and head[16] in {1, 8, 15, 16, 24, 32}
    )


def _unrecognised(extension: str, code: FailureCode, noun: str) -> Recognised:
    if extension in PICTURE_EXTENSIONS:
        return Recognised("", code, noun)
    if extension in VIDEO_EXTENSIONS:
        return Recognised("", FailureCode.VIDEO, "a video")
    return Recognised("", FailureCode.NOT_AN_IMAGE)
