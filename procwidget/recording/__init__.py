"""Keeps samples on disk, and gives them back: a black box that outlives kernels."""
