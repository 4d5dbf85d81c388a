"""Where images and noise come from: pictures, phantoms, noise models, the camera, your photo."""
