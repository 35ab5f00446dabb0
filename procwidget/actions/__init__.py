"""Signalling processes so that never the wrong one is hit.

`service` is what views call. `policy` says who may be signalled, `identity_check` whether a process is still the one
that was shown, `hold_and_send` holds a process (by a pidfd) and signals it, `confirmations` keeps what waits for the
second click, `attempt` does one signal and says what became of it, `audit` is the log.
"""
