"""Which door this system has."""

import os

from gotwatch.config.places import StateFolder
from gotwatch.doors import pipes, sockets
from gotwatch.doors.line import Door


def door_of(state: StateFolder) -> Door:
    if os.name == "nt":  # whose Pythons mostly lack local sockets
        return pipes.PipeDoor(state, pipes.address_for(state))
    return sockets.SocketDoor(state)
