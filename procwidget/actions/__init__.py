"""Acting on processes: who may signal what (policy), the held process and its signal (target), the log (audit).

`desk.ActionDesk` puts them together: requests from the browser enter, questions and outcomes leave. A process is
named by its identity, held by a pidfd from the first click, and checked again before every signal.
"""
