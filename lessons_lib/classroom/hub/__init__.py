"""A class server: JupyterHub, nbgrader's exchange, and what keeps learners apart on it."""
