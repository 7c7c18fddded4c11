"""Who may use which handler: a flag beside each registration; without one it takes an operator."""

from storage.operators import Role

NEEDS = "role"
"""The name of the flag."""
LOOKING = {NEEDS: Role.VIEWER}
"""For handlers that only show something."""
OWNING = {NEEDS: Role.OWNER}
"""For what lets people in, takes sessions out, or can't be undone."""
