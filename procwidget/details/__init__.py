"""One process read closely, on demand."""
