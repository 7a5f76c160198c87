"""Storage → sample. One kind of storage a file."""
