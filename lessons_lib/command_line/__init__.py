"""The course's way from a noisy photo to a clean one, without a notebook."""
