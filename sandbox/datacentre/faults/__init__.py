"""What can be broken at the data centre, and how it is set: `Faults`."""

from sandbox.datacentre.faults.faults import Faults

__all__ = ["Faults"]
