"""Warm kernels: a notebook's kernel is forked from a process that has the libraries loaded, not started anew.

Each worker has a nursery: a copy of itself, forked before it did anything, that forks a kernel on demand, waits for its
end, and ends it when the worker is gone. Two entry points carry the name ``eldercare-warm``: the kernel provisioner,
and the engine of papermill (``papermill --engine eldercare-warm IN OUT``).
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import random
import signal
import sys
import time
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import Empty
from typing import NoReturn
from uuid import uuid4

import zmq.asyncio
from ipykernel.iostream import OutStream
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Type, default

from eldercare.publish.pool import PRELOADED, SPAWN, can_fork

WARM = "eldercare-warm"
LAUNCHER = ("-m", "ipykernel_launcher")
INLINE = "module://matplotlib_inline.backend_inline"
# Milliseconds after which a channel tries again to reach a kernel that does not listen yet; zmq's own are 100.
RECONNECT = 3
# Seconds: between looks whether a killed kernel is gone, and after which that is left to jupyter_client.
LOOK, GONE = 0.002, 1.0

# Ways to the nurseries of this process that have no kernel.
_idle: list[Connection] = []


def open_nursery() -> None:
    """Fork a nursery from this process, which must have one thread and no sockets of kernels yet."""
    ours, theirs = multiprocessing.Pipe()
    if os.fork() == 0:
        ours.close()
        _serve(theirs)
    theirs.close()
    _idle.append(ours)


def _nursery() -> Connection:
    """Return the way to a nursery without a kernel; a process that forked none in time gets one of its own."""
    if _idle:
        return _idle.pop()
    ours, theirs = multiprocessing.Pipe()
    multiprocessing.get_context(SPAWN).Process(target=_load_and_serve, args=(theirs,), daemon=True).start()
    theirs.close()
    return ours


def _load_and_serve(connection: Connection) -> None:
    import_module(PRELOADED)
    _serve(connection)


def _serve(connection: Connection) -> NoReturn:
    """Fork one kernel after the other as ordered; say its number, then its exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A child's end wakes the loop through a pipe.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ended, end = os.pipe()
    os.set_blocking(end, False)
    signal.set_wakeup_fd(end)
    kernel = 0
    try:
        while True:
            ready = wait([connection, ended])
            if ended in ready:
                os.read(ended, 4096)
                pid, status = os.waitpid(-1, os.WNOHANG) if kernel else (0, 0)
                if pid:
                    kernel = 0
                    connection.send(os.waitstatus_to_exitcode(status))
            if connection in ready:
                order = connection.recv()
                kernel = os.fork()
                if kernel == 0:
                    signal.set_wakeup_fd(-1)
                    os.close(ended)
                    os.close(end)
                    connection.close()
                    _become_kernel(*order)
                connection.send(kernel)
    except (EOFError, OSError):
        # The worker is gone; nobody needs the kernel.
        if kernel:
            os.kill(kernel, signal.SIGKILL)
    finally:
        os._exit(0)


def _become_kernel(arguments: list[str], variables: dict[str, str], folder: str) -> NoReturn:
    """Put in place what a new interpreter would have, and hand over to ipykernel."""
    code = 1
    try:
        import ipykernel_launcher
        import matplotlib
        import numpy as np
        from ipykernel.kernelapp import IPKernelApp

        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(variables)
        os.chdir(folder)
        sys.argv = [ipykernel_launcher.__file__, *arguments]
        random.seed()
        np.random.seed()
        # matplotlib was loaded before a kernel could name its backend.
        matplotlib.rcParams["backend"] = os.environ.setdefault("MPLBACKEND", INLINE)
        IPKernelApp.launch_instance(arguments, outstream_class=f"{__name__}.{WarmStream.__name__}")
        code = 0
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


class WarmStream(OutStream):
    """Output of a kernel, flushed where something was written.

    ipykernel flushes both streams several times a cell, and waits each time for the thread that sends.
    """

    _written = False

    def write(self, string: str) -> int | None:
        """Write a text."""
        self._written = True
        return super().write(string)

    def flush(self) -> None:
        """Send what was written since the last time."""
        if self._written:
            self._written = False
            super().flush()


class ForkedKernel:
    """A forked kernel with what a provisioner asks of ``subprocess.Popen``."""

    stdin = stdout = stderr = None

    def __init__(self, arguments: list[str], variables: dict[str, str], folder: str):
        self._connection = _nursery()
        self._connection.send((arguments, variables, folder))
        self.pid: int = self._connection.recv()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status; None while it runs."""
        if self.returncode is None and self._connection.poll():
            return self.wait()
        return self.returncode

    def wait(self) -> int:
        """Wait for its end and return the exit status."""
        if self.returncode is None:
            try:
                self.returncode = self._connection.recv()
                _idle.append(self._connection)
            except EOFError:  # the nursery was killed, and its kernel with it
                self.returncode = -signal.SIGKILL
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class ForkedProvisioner(LocalProvisioner):
    """Takes kernels of this interpreter from a nursery; others are started as usual."""

    async def launch_kernel(self, cmd: list[str], **kwargs: object) -> dict:
        """Start a kernel and return how to reach it."""
        if tuple(cmd[:3]) != (sys.executable, *LAUNCHER) or not can_fork():
            return await super().launch_kernel(cmd, **kwargs)
        self.cwd = str(kwargs.get("cwd") or Path.cwd())
        self.process = ForkedKernel(cmd[3:], dict(kwargs.get("env") or os.environ), self.cwd)
        # It makes itself the leader of a group; asked for its group now, it could still be in ours.
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; jupyter_client then looks every 0.1 s whether it is gone, and mostly finds it so at once."""
        await super().kill(restart)
        end = time.monotonic() + GONE
        while await self.poll() is None and time.monotonic() < end:
            await asyncio.sleep(LOOK)


class WarmClient(AsyncKernelClient):
    """A client that is ready when the kernel is: the stock one then listens 0.2 s more for old messages.

    nbclient passes over messages that answer another request, so there is nothing to wait for.
    """

    @default("context")
    def _context_default(self) -> zmq.asyncio.Context:
        self._created_context = True  # and closed with the channels
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.RECONNECT_IVL, RECONNECT)
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers on both channels.

        Raises
        ------
        RuntimeError
            If it ends before, or does not answer in ``timeout`` seconds.
        """
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            self.kernel_info()
            try:
                answer = await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)
            except Empty:
                answer = None
            if answer and answer["msg_type"] == "kernel_info_reply":
                return self._handle_kernel_info_reply(answer)
            if not await self.is_alive():
                raise RuntimeError("the kernel ended before it answered")
            if time.monotonic() > end:
                raise RuntimeError(f"the kernel did not answer in {timeout} seconds")


class WarmManager(AsyncKernelManager):
    """A manager that takes kernels of every specification from the provisioner above.

    On Linux the sockets of Python's have names that nobody else can have, no files and no ports: two workers that look
    for free ports at the same time find the same one. Kernels of other languages may not know such sockets.
    """

    client_factory = Type(WarmClient)

    @default("transport")
    def _transport_default(self) -> str:
        named = sys.platform == "linux" and self.kernel_spec is not None and self.kernel_spec.language == "python"
        return "ipc" if named else "tcp"

    @default("ip")
    def _ip_default(self) -> str:
        # zmq takes a path that begins with @ for a name.
        return f"@{WARM}-{uuid4().hex}" if self.transport == "ipc" else super()._ip_default()

    @property
    def kernel_spec(self):
        """Specification of the kernel, naming the provisioner."""
        spec = super().kernel_spec
        if spec is not None:
            spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": WARM}}
        return spec


class WarmEngine:
    """papermill's own engine with warm kernels; a kernel is ended, not asked to, when the last cell is done.

    papermill loads the engines while it is being imported, so it is imported here only when an engine is used.
    """

    @classmethod
    def execute_notebook(cls, *args: object, **kwargs: object):
        """Execute a notebook as papermill's engine does."""
        from papermill.engines import NBClientEngine

        warm = {"kernel_manager_class": WarmManager, "shutdown_kernel": "immediate"}
        return NBClientEngine.execute_notebook(*args, **warm | kwargs)

    @classmethod
    def nb_kernel_name(cls, nb, name: str | None = None) -> str:
        """Return the kernel that a notebook names."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb, language: str | None = None) -> str:
        """Return the language that a notebook names."""
        from papermill.utils import nb_language

        return nb_language(nb, language)
