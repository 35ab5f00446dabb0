"""Acting on processes: who may signal what (policy) and how often (rate), the held process and its signal (target),
what is asked (questions) and what becomes of it (deed), the log (audit).

`desk.ActionDesk` puts them together: requests from the browser enter, questions and outcomes leave. A process is
named by its identity, held by a pidfd from the first click, and checked again before every signal.
"""
