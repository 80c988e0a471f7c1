"""Makes the pictures in docs/images: `make pictures`."""
