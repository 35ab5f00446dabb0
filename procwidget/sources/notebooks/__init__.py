"""Says which notebook a process belongs to.

`reader.py` fills the rows, `kernel_of_process.py` says whose kernel a process belongs to, `kernels.py` finds kernels by their
command lines, `server_link.py` asks a Jupyter Server that has procwidget, and `notebook.py` is what is known of one.
"""

FIELDS = frozenset({"notebook", "notebook_path"})
"""The fields of processes that are filled here."""
