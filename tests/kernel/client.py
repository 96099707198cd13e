"""A real kernel, spoken to as a front end does, message by message."""

import contextlib
import os
import queue
import time
from collections.abc import Sequence
from typing import Any

import ipykernel
from jupyter_client.manager import KernelManager

Message = dict[str, Any]

# ipykernel 7.0 to 7.3 may leave a request unread that comes while it sends a reply, until something else
# stirs the socket (ipython/ipykernel issue 1554, mended in 7.4). A wait that takes long stirs it.
LEAVES_REQUESTS_UNREAD = (7, 0) <= ipykernel.version_info[:2] < (7, 4)
PATIENCE = 2.0  # seconds


class KernelClient:
    """One running ipykernel.

    Everything the kernel has published is in `messages`. A method that sends without waiting returns the
    message's id; `wait` waits until the kernel is done with that one, `drain` until it is done with all.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.pending: set[str] = set()
        self.features: list[str] = []
        self.manager = KernelManager(kernel_name="python3")
        self.channels = self.manager.blocking_client()

    def start(self, seconds: float = 90) -> "KernelClient":
        """Start the kernel and wait until it answers."""
        variables = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
        self.manager.start_kernel(env=variables)
        self.channels = self.manager.blocking_client()  # again: the ports are known only now
        self.channels.start_channels()
        self.channels.wait_for_ready(timeout=seconds)
        info = self.channels.kernel_info(reply=True, timeout=seconds)["content"]
        self.features = info.get("supported_features", [])
        return self

    def stop(self) -> None:
        """End the kernel."""
        self.channels.stop_channels()
        self.manager.shutdown_kernel(now=True)

    @property
    def has_subshells(self) -> bool:
        """Whether this kernel has subshells; ipykernel has had them since 7.0."""
        return "kernel subshells" in self.features

    # Code

    def run(self, code: str, seconds: float = 120, subshell: str | None = None) -> str:
        """Run code and return what it printed; an error in it is raised here."""
        sent = self.send_code(code, subshell)
        self.wait(sent, seconds)
        mine = [message for message in self.messages if parent(message) == sent]
        for message in mine:
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(message["content"]["traceback"]))
        return "".join(m["content"]["text"] for m in mine if m["msg_type"] == "stream")

    def send_code(self, code: str, subshell: str | None = None) -> str:
        """Start code and return at once with the message's id."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        content |= {"user_expressions": {}, "stop_on_error": False}
        return self.send("execute_request", content, subshell=subshell)

    # Comms

    def comm_update(self, comm_id: str, state: dict[str, Any], subshell: str | None = None) -> str:
        """Send new values of a widget's traits, as moving a control does; return the message's id."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        return self.send("comm_msg", {"comm_id": comm_id, "data": data}, subshell=subshell)

    def comm_custom(
        self,
        comm_id: str,
        content: dict[str, Any],
        buffers: Sequence[bytes] = (),
        subshell: str | None = None,
    ) -> str:
        """Send a widget's custom message, as a canvas does; return the message's id."""
        data = {"method": "custom", "content": content}
        return self.send("comm_msg", {"comm_id": comm_id, "data": data}, buffers, subshell)

    def comm_messages(self, comm_id: str) -> list[Message]:
        """Return the `data` of every message that the kernel has published on a comm, in order."""
        on_comm = (m["content"] for m in self.messages if m["msg_type"] == "comm_msg")
        return [content["data"] for content in on_comm if content["comm_id"] == comm_id]

    # Subshells

    def make_subshell(self, seconds: float = 30) -> str:
        """Start a subshell and return its id."""
        request = self.channels.session.msg("create_subshell_request", {})
        self.channels.control_channel.send(request)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            reply = self.channels.get_control_msg(timeout=seconds)
            if parent(reply) == request["header"]["msg_id"]:
                return str(reply["content"]["subshell_id"])
        raise TimeoutError("The kernel did not answer create_subshell_request.")

    # Messages

    def send(
        self, kind: str, content: dict[str, Any], buffers: Sequence[bytes] = (), subshell: str | None = None
    ) -> str:
        """Send a message on the shell channel and return its id."""
        message = self.channels.session.msg(kind, content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        message["buffers"] = list(buffers)
        self.channels.shell_channel.send(message)
        sent: str = message["header"]["msg_id"]
        self.pending.add(sent)
        return sent

    def wait(self, sent: str, seconds: float = 120) -> None:
        """Wait until the kernel is idle again after this message; raise `TimeoutError` if it never is."""
        self.wait_until_done({sent}, seconds)

    def drain(self, seconds: float = 120) -> None:
        """Wait until the kernel is done with every message sent so far."""
        self.wait_until_done(set(self.pending), seconds)

    def wait_until_done(self, sent: set[str], seconds: float) -> None:
        end = time.monotonic() + seconds
        while sent & self.pending:
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"After {seconds} s the kernel was not done with {sent & self.pending}.")
            if not self.receive(min(left, PATIENCE)) and LEAVES_REQUESTS_UNREAD:
                self.stir()

    def stir(self) -> None:
        """Open and close a connection to the shell socket, over which nothing is said."""
        with contextlib.closing(self.manager.connect_shell()):
            time.sleep(0.1)

    def receive(self, seconds: float = 0.05) -> bool:
        """Take in one published message if one comes in that time, and tell whether one did."""
        try:
            message = self.channels.get_iopub_msg(timeout=seconds)
        except queue.Empty:
            return False
        self.messages.append(message)
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            self.pending.discard(parent(message))
        return True


def parent(message: Message) -> str:
    """Return the id of the message that this one answers, an empty string if none."""
    return str(message["parent_header"].get("msg_id", ""))
