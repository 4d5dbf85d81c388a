"""Instant checks for exercises, and (later) the judging study."""
