"""Every host of a cluster: an agent on each reads it, and one notebook or page shows all; see docs/fleet.md."""
