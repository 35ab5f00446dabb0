"""What a Jupyter Server knows of its kernels: which notebook each belongs to, and how they end."""
