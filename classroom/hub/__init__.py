"""What a course on a JupyterHub needs beside nbgrader: an exchange for people who don't trust each other."""
