"""The two commands: what is done, in order."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from lessons_lib.command_line.progress import Progress
from lessons_lib.denoisers.photo_choice import (
    RULES,
    PhotoChoice,
    choose_denoiser,
    denoise_photo,
)
from lessons_lib.diagnosis.photo_noise import PhotoNoise, measure_photo_noise
from lessons_lib.diagnosis.photo_noise_words import noise_words
from lessons_lib.image import Image
from lessons_lib.scenes.photo import Photo, read_photo
from lessons_lib.scenes.photo_export import check_folder, check_output, export_photo


class WrongUsage(ValueError):
    """What was asked for cannot be meant."""


def denoise(asked: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Read, measure, choose, denoise in tiles, write; see ``arguments.py``."""
    try:
        depth = check_output(asked.output, _if_there(asked.photo), asked.depth)
    except ValueError as error:
        raise WrongUsage(str(error)) from error
    check_folder(asked.output, overwrite=asked.overwrite)
    photo = _read(asked.photo, say)
    choice = _choose(photo, asked, say)
    for line in choice_words(choice):
        say(line)
    estimate = _denoise(photo, choice, asked.tile, say)
    export_photo(
        asked.output,
        estimate,
        {"photo": photo.name, **choice.settings(), "tile": asked.tile},
        encoding=photo.encoding,
        camera=photo.camera,
        source=asked.photo,
        depth=depth,
        quality=asked.quality,
        overwrite=asked.overwrite,
    )
    say(f"Wrote {asked.output}, {depth} bits a value; its settings are inside.")


def noise(asked: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Measure and print to standard output."""
    photo = _read(asked.photo, say)
    found = measure_photo_noise(photo.image)
    if asked.json:
        print(json.dumps(numbers(found, photo), indent=1))
        return
    print(f"{photo.name}: {photo.image.shape[1]} x {photo.image.shape[0]} px, {photo.encoding}.")
    print("\n".join(noise_words(found)))


def numbers(found: PhotoNoise, photo: Photo) -> dict:
    """What was measured, for a program; image units and px."""
    levels, sigmas, _ = found.curve
    return {
        "photo": photo.name,
        "encoding": photo.encoding,
        "sigma": found.sigma,
        "channel sigmas": found.sigmas.tolist(),
        "blotch areas": found.blotch_areas.tolist(),
        "correlation length": found.correlation_length,
        "levels": levels.tolist(),
        "sigmas": sigmas.tolist(),
        "clipped at black": found.at_black,
        "clipped at white": found.at_white,
        "believed share of luminance noise": found.doubted,
        "white": found.is_white,
        "none": found.is_none,
        "darkness": found.is_darkness,
    }


def choice_words(choice: PhotoChoice) -> list[str]:
    """Say what was chosen and why; one sentence each."""
    domain = {
        "display": "on the display values",
        "linear": "in linear light",
        "stabilised": "in linear light, through a square root that makes photon noise even",
    }[choice.domain]
    told = ", ".join(f"{255 * level:.1f}" for level in choice.levels)
    return [
        f"Method: {choice.method}, {domain}; told {told} grey levels.",
        f"Why so strong: {RULES[choice.rule]}; factor {choice.factor:g}, strength "
        f"{choice.strength:g}.",
    ]


def _read(path: str, say: Callable[[str], None]) -> Photo:
    say(f"Reading {path}")
    photo = read_photo(path)
    for note in photo.notes:
        say(f"  {note}")
    if not photo.camera:
        say("  The file says nothing about camera and exposure; nothing here needs it.")
    return photo


def _choose(
    photo: Photo, asked: argparse.Namespace, say: Callable[[str], None]
) -> PhotoChoice:
    def measure(image: Image) -> PhotoNoise:
        found = measure_photo_noise(image)
        if image is photo.image:
            for line in noise_words(found):
                say(f"  {line}")
        return found

    return choose_denoiser(
        photo.image,
        photo.encoding,
        measure,
        method=asked.method,
        strength=asked.strength,
        sigma=asked.sigma,
    )


def _denoise(photo: Photo, choice: PhotoChoice, tile: int, say: Callable[[str], None]) -> Image:
    progress, estimate = Progress(say), photo.image
    for share, so_far in denoise_photo(photo.image, choice, tile):
        progress.show(share)
        estimate = so_far
    return estimate


def _if_there(path: str) -> Path | None:
    return Path(path) if Path(path).exists() else None
