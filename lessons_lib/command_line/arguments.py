"""What can be asked for on the command line, and the words of --help."""

import argparse

METHODS = ("auto", "network", "bm3d", "nlm", "dct", "wavelet")

ABOUT = """\
Measure the noise of a photo on the photo itself, and remove it.

Nothing is sent anywhere, no noise is added, and the photo itself is only read.
"""
CODES = """\
exit codes:
  0  done
  1  a problem with the photo or the disk; nothing was written
  2  wrong usage
"""
METHOD = """\
auto (default) is the network where PyTorch is installed, else bm3d; wavelet is some thirty
times faster and takes more texture (less with --strength 0.7); nlm and dct are between
"""


def parser() -> argparse.ArgumentParser:
    """Describe both commands."""
    whole = argparse.ArgumentParser(
        prog="python -m lessons_lib",
        description=ABOUT,
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _denoise(commands)
    _noise(commands)
    return whole


def _denoise(commands: "argparse._SubParsersAction") -> None:
    command = commands.add_parser(
        "denoise",
        help="write a denoised copy of a photo, at full size",
        description="Write a denoised copy of a photo (JPEG, PNG, TIFF or camera RAW), full size.",
        epilog="example: python -m lessons_lib denoise night.dng -o clean.tif\n\n" + CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = command.add_argument
    add("photo", help="the noisy photo; it is only read")
    add("-o", "--output", required=True, help="where to: a name ending with .png, .tif or .jpg")
    add("--method", choices=METHODS, default="auto", metavar="M", help=METHOD)
    add("--strength", type=_strength, default=1.0, metavar="X", help="1 is measured; 0 to 5")
    add("--sigma", type=_sigma, metavar="S", help="noise level, 0 to 1, instead of measuring it")
    add("--tile", type=_tile, default=1024, metavar="N", help="px; less takes less memory (1024)")
    add("--depth", type=int, choices=(8, 16), help="bits a value (16; JPEG has 8)")
    add("--quality", type=_quality, default=95, metavar="Q", help="of a JPEG, 1 to 100 (95)")
    add("--overwrite", action="store_true", help="replace an older output")
    add("--quiet", action="store_true", help="print errors only")


def _noise(commands: "argparse._SubParsersAction") -> None:
    command = commands.add_parser(
        "noise",
        help="say how noisy a photo is, and what would be done about it",
        description="Measure a photo's noise: strength, brightness, blotches. Nothing is written.",
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("photo", help="the photo; it is only read")
    command.add_argument("--json", action="store_true", help="numbers for a program")


def _number(text: str, low: float, high: float, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{name} must be from {low:g} to {high:g}, got {text!r}")
    return value


def _strength(text: str) -> float:
    return _number(text, 0, 5, "the strength")


def _sigma(text: str) -> float:
    return _number(text, 1e-5, 1, "sigma (in image units; 5 of 255 is 0.02)")


def _tile(text: str) -> int:
    return int(_number(text, 64, 8192, "the tile (px)"))


def _quality(text: str) -> int:
    return int(_number(text, 1, 100, "the quality"))
