"""The first bytes by which files are told apart, and names for what is no picture."""

PNG = b"\x89PNG\r\n\x1a\n"
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PICTURE = (b"\xff\xd8\xff", PNG, b"GIF8", b"RIFF", b"BM", *TIFF)
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# RAW files that are no TIFF: Fujifilm, Olympus, Panasonic, Sigma, Minolta, old Canon.
RAW = (b"FUJIFILM", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM", b"II\x1a\0\0\0HEAP")
RAW_SUFFIXES = frozenset(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mef .mos .mrw .nef .nrw .orf .pef .raf "
    ".raw .rw2 .rwl .sr2 .srf .srw .x3f".split()
)
MOSAICS = (32803, 34892)  # TIFF photometric interpretations: CFA, linear RAW


def describe(data: bytes) -> str:
    """Name what a file that is no picture most likely is.

    Parameters
    ----------
    data : bytes
        The file; its first 1000 bytes are looked at.

    Returns
    -------
    str
        With an article, to stand after 'is'.
    """
    start = data[:1000].lstrip().lower()
    if start.startswith(b"%pdf"):
        return "a PDF document"
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML)"
    # A character cut at byte 1000 is no reason to call a text unknown.
    text = data[:1000].decode("utf-8", errors="ignore")
    whole = len(text.encode()) > min(len(data), 1000) - 4
    return "plain text" if whole and "\0" not in text else "a file of an unknown kind"
