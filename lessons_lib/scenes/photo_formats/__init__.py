"""How each kind of photo file becomes pixels: by Pillow, by tifffile, or by LibRaw."""
