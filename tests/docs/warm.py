"""A `corridor` that begins at once: each command runs in a fork of a process that has imported everything.

Importing is most of what a short command costs, and the guides hold many commands. Arguments, folder,
variables, standard streams and exit code are those of the caller. What runs until it is stopped is a process
of its own as ever.
"""

import contextlib
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ledger
from ledger import cli
from tests.cli.corridor import EXECUTABLE
from tests.docs.pages import ROOT

_CALLER = f"""\
#!{sys.executable} -IS
import json, os, socket, sys
if sys.argv[1:2] in (["up"], ["demo"]) or sys.argv[1:3] == ["witness", "serve"]:
    os.execv("{EXECUTABLE}", ["corridor", *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as there:
    there.connect(os.path.join(os.path.dirname(sys.argv[0]), "socket"))
    call = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(there, [len(call).to_bytes(4, "big")], [0, 1, 2])
    there.sendall(call)
    sys.exit(int(there.recv(16) or b"70"))
"""

_NOT_TO_IMPORT = ("__main__", ".migrations.env")


@contextlib.contextmanager
def warm(folder: Path) -> Iterator[Path]:
    """Give a folder with a `corridor` that begins at once, while a block runs."""
    folder.mkdir()
    caller = folder / "corridor"
    caller.write_text(_CALLER)
    caller.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
        listener.listen(8)
        number = listener.fileno()
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.docs.warm", str(number)], pass_fds=[number], cwd=ROOT
        )
    # Nobody else holds the socket now, so that callers of a server that is gone are refused.
    try:
        yield folder
    finally:
        server.kill()
        server.wait()


def _serve(listener: socket.socket) -> None:
    for module in pkgutil.walk_packages(ledger.__path__, "ledger."):
        if not module.name.endswith(_NOT_TO_IMPORT):
            importlib.import_module(module.name)
    # Children are nobody's to wait for: the caller gets the code from the child itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        with connection:
            if os.fork() == 0:
                _answer(connection)


def _answer(connection: socket.socket) -> None:
    """Run the command of a caller in this process, tell the caller its code, and end."""
    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        size, files, _, _ = socket.recv_fds(connection, 4, 3)
        with connection.makefile("rb") as rest:
            arguments, folder, variables = json.loads(rest.read(int.from_bytes(size, "big")))
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        code = cli.run(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        connection.sendall(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
