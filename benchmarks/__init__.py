"""What the project measures and prints in its README; no part of the library."""
