"""The instruments. They work on any denoiser and import none."""
