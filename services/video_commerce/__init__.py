"""Shopping from a video."""
