"""Serves a simulated log's entries over HTTP, as the log's own server would."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from ledger.domain.errors import NotFoundError
from ledger.log.tile_path import parse_tile_path
from ledger.log.tiles import encode_bundle
from tests.witness.log_simulator import SimulatedLog


@contextmanager
def serving(log: SimulatedLog) -> Iterator[str]:
    """Serve whatever the log has when it is asked, and give the log's prefix."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                level, number, width = parse_tile_path(self.path.removeprefix("/log/tile/"))
            except NotFoundError:
                level, number, width = 0, 0, 0
            entries = log.bundle(number, width)
            found = level is None and len(entries) == width
            body = encode_bundle(entries) if found else b""
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/log"
        finally:
            server.shutdown()
            thread.join()
