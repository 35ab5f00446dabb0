"""Signalling processes so that never the wrong one is hit.

`service` is what views call. `policy` says who may be signalled, `identity_check` whether a process is still the one
that was shown, `target` holds a process (by a pidfd) and signals it, `confirmations` keeps what waits for the second
click, `signalling` does one signal and says what became of it, `audit` is the log.
"""
