"""A data centre that speaks MTProto 2.0 on loopback."""

from sandbox.datacentre.connection_info import ConnectionInfo
from sandbox.datacentre.datacentre import DataCentre

__all__ = ["ConnectionInfo", "DataCentre"]
