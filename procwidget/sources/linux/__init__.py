"""Reading a Linux host from /proc."""
