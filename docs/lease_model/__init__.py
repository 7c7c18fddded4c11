"""A model of leases, lines and the data centre's timer, small enough to look at every state."""
