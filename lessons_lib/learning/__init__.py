"""How the networks of the course come to be; the only room with tensors in it."""
