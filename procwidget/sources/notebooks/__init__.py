"""Says which notebook a process belongs to.

`notebook.py` is what is known of one.
"""
