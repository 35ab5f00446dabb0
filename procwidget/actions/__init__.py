"""Acting on processes: requests from the browser enter `desk.ActionDesk`, questions and outcomes leave.

`policy` says who may be signalled, `rate` how often, `target` holds a process and signals it, `questions` are those
that are open, a `deed` is what becomes of one, `audit` is the log. A process is named by its identity, held by a pidfd
from the first click, and checked again before every signal.
"""
