"""Reads GPUs and who uses them.

`reader.py` asks the drivers: `nvidia.py` NVIDIA's, `drm.py` the kernel's for AMD and Intel.
"""

from __future__ import annotations

FIELDS = frozenset({"gpu", "gpu_memory"})
"""The fields of a process that are made of these."""
