"""Reading any host with psutil alone: the reference, and the fallback."""
