#!/usr/bin/env python3
"""Score the automatic choice of denoiser: real photos with a reference, and simulated ones.

    python -m benchmarks.photo_choice          about four minutes on one processor
    python -m benchmarks.photo_choice --dry    print, and store nothing

The rule's few constants were chosen with an eye on both CC15 and the simulated cameras, so that
none of the latter loses; CC15 alone would have asked for more (the last row of the table).
"""

import argparse
import time

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks import report
from benchmarks.denoisers import data_folder
from lessons_lib.denoisers.photo_choice import choose_denoiser, denoise_photo
from lessons_lib.diagnosis.fidelity import psnr
from lessons_lib.diagnosis.noise_level import estimate_photo_sigma, estimate_sigma
from lessons_lib.diagnosis.photo_noise import measure_photo_noise
from lessons_lib.image import Image
from lessons_lib.scenes.camera import demosaic, jpeg, mosaic, srgb_decode, srgb_encode
from lessons_lib.scenes.standard_sets import DATA_VARIABLE, standard_pairs, standard_set

RESULT = report.ROOT / "benchmarks" / "results" / "photo_choice.json"
NAME = "photo choice table"
METHODS = ("network", "bm3d", "wavelet")
# Width of the camera's own smoothing (px) and photo-electrons of a white green pixel.
CAMERAS = ((0.0, 1000), (0.5, 300), (0.8, 200), (1.2, 100), (1.2, 1000))
WHITE = (0.01, 0.04, 0.1)
SIDE = 256


def estimate_of(noisy: Image, method: str, sigma: float | None = None) -> tuple[Image, dict]:
    """The choice's estimate, clipped, and what was chosen."""
    choice = choose_denoiser(noisy, "srgb", measure_photo_noise, method=method, sigma=sigma)
    *_, (_, estimate) = denoise_photo(noisy, choice)
    return np.clip(estimate, 0, 1), choice.settings()


def score(pairs: dict[str, tuple[Image, Image]], method: str) -> dict[str, dict]:
    """Gain over the noisy photo (dB) and what was chosen, for each."""
    rows = {}
    for name, (noisy, clean) in pairs.items():
        estimate, settings = estimate_of(noisy.astype(np.float32), method)
        before = psnr(clean, np.clip(noisy, 0, 1))
        rows[name] = {
            "noisy": round(before, 3),
            "gain": round(psnr(clean, estimate) - before, 3),
            "true sigma": round(float(np.sqrt(np.mean((noisy - clean) ** 2))), 5),
            **settings,
        }
    return rows


def naive(pairs: dict[str, tuple[Image, Image]]) -> dict[str, list[float]]:
    """Gains of the network that is told an estimate made for white noise, times 1 and 3."""
    gains: dict[str, list[float]] = {}
    for noisy, clean in pairs.values():
        small = noisy.astype(np.float32)
        for name, sigma in (
            ("finest Haar band", estimate_sigma(noisy)),
            ("2 x 2 sums", estimate_photo_sigma(noisy)),
            ("2 x 2 sums, x 3", 3 * estimate_photo_sigma(noisy)),
        ):
            estimate, _ = estimate_of(small, "network", sigma)
            gains.setdefault(name, []).append(psnr(clean, estimate) - psnr(clean, noisy))
    return gains


def simulated(clean: Image, smoothing: float, electrons: float, seed: int) -> Image:
    """One photo of a picture: photons, mosaic, demosaicing, smoothing, tone curve, JPEG."""
    rng = np.random.default_rng(seed)
    light = srgb_decode(clean)
    white = electrons / np.array([2.0, 1.0, 1.6])  # red and blue are amplified
    noise = rng.standard_normal(light.shape) * np.sqrt(light / white + (3 / white) ** 2)
    noise = demosaic(mosaic(noise))
    if smoothing:
        noise = gaussian_filter(noise, (smoothing, smoothing, 0), mode="mirror")
    developed = srgb_encode(np.clip(light + noise, 0, 1))
    return jpeg(np.clip(developed, 0, 1), 92)


def simulations(folder: str) -> dict[str, dict[str, tuple[Image, Image]]]:
    """Ten crops of CBSD68 under each camera, and under white noise."""
    pictures = [image[:SIDE, :SIDE] for image in standard_set("CBSD68", folder).values()][::7]
    found = {}
    for smoothing, electrons in CAMERAS:
        found[f"smoothed {smoothing} px, {electrons} electrons"] = {
            str(seed): (simulated(clean, smoothing, electrons, seed), clean)
            for seed, clean in enumerate(pictures)
        }
    for sigma in WHITE:
        found[f"white noise, sigma {sigma}"] = {
            str(seed): (
                clean + sigma * np.random.default_rng(seed).standard_normal(clean.shape),
                clean,
            )
            for seed, clean in enumerate(pictures)
        }
    return found


def blind(folder: str) -> dict[str, dict]:
    """What is measured on real photos that have no reference."""
    rows = {}
    for name in ("RNI15", "NC12"):
        for file, noisy in standard_set(name, folder).items():
            found = measure_photo_noise(noisy)
            rows[f"{name} {file}"] = {
                "sigma": round(found.sigma, 5),
                "blotch areas": [round(float(area), 2) for area in found.blotch_areas],
                "white": found.is_white,
                "believed": round(found.doubted, 2),
            }
    return rows


def summary(gains: list[float]) -> dict[str, float]:
    """Mean and least gain, dB."""
    return {"mean": round(float(np.mean(gains)), 3), "least": round(float(min(gains)), 3)}


def measure(folder: str) -> dict:
    """All that the tables show."""
    pairs = standard_pairs("CC15", folder)
    result = {
        "day": time.strftime("%Y-%m-%d"),
        "machine": report.machine(),
        "CC15": {method: score(pairs, method) for method in METHODS},
        "estimates for white noise": {k: summary(v) for k, v in naive(pairs).items()},
        "simulated": {},
        "without reference": blind(folder),
    }
    for name, each in simulations(folder).items():
        result["simulated"][name] = {
            method: summary([row["gain"] for row in score(each, method).values()])
            for method in ("network", "wavelet")
        }
        print(name, result["simulated"][name], flush=True)
    return result


def render(result: dict) -> str:
    """Two tables: real photos, and simulated cameras."""
    lines = [
        "| CC15, 15 real photos | mean gain, dB | least gain, dB |",
        "|---|---|---|",
    ]
    for method, rows in result["CC15"].items():
        found = summary([row["gain"] for row in rows.values()])
        auto = " (automatic choice)" if method == "network" else ""
        lines.append(f"| **{method}**{auto} | {found['mean']:.2f} | {found['least']:.2f} |")
    for name, found in result["estimates for white noise"].items():
        lines.append(
            f"| network, told the estimate from the {name} | {found['mean']:.2f} | "
            f"{found['least']:.2f} |"
        )
    lines += [
        "",
        "| simulated camera, 10 pictures each | network: mean, least gain, dB | "
        "wavelet: mean, least |",
        "|---|---|---|",
    ]
    for name, row in result["simulated"].items():
        cells = " | ".join(f"{row[m]['mean']:.2f}, {row[m]['least']:.2f}" for m in row)
        lines.append(f"| {name} | {cells} |")
    lines += [
        "",
        "Gain: PSNR of the estimate over that of the noisy photo. Every strength comes from the "
        "photo itself, by one rule for all. Measured by `python -m benchmarks.photo_choice` on "
        f"{result['machine']}.",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, store."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.photo_choice", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--dry", action="store_true", help="store nothing")
    parser.add_argument("--data", help=f"folder of the sets (default: {DATA_VARIABLE})")
    asked = parser.parse_args()
    result = measure(data_folder(asked.data))
    print(render(result))
    if not asked.dry:
        report.store(NAME, result, RESULT, render(result))


if __name__ == "__main__":
    main()
