"""Thin widgets: slider -> library call -> picture."""

from lessons_lib.display.microscope import BlurMicroscope

__all__ = ["BlurMicroscope", "blur_microscope"]


def blur_microscope(**settings: object) -> BlurMicroscope:
    """Make a blur microscope; the settings are those of :class:`BlurMicroscope`."""
    return BlurMicroscope(**settings)
