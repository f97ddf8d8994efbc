"""JSON-RPC over HTTP to an EVM node: one request, one answer, and every failure one clear line."""

import json
import time
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests
import urllib3
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from ledger.chain.errors import RpcRefusedError
from ledger.domain.errors import UnavailableError, UsageError

DEFAULT_TIMEOUT = 10.0
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_MAX_QUANTITY = 2**256
MAX_ANSWER = 256 * 2**20
"""Bytes of the longest answer that is read; the state of a large embedded chain has some millions."""
_CHUNK = 65_536


class _BoundedProvider(HTTPProvider):
    """web3's provider, with an end to how long and how much a node may answer."""

    def __init__(self, url: str, session: requests.Session, timeout: float) -> None:
        super().__init__(url, session=session, exception_retry_configuration=None)
        self._url = url
        self._session = session
        self._timeout = timeout

    def _make_request(self, method: RPCEndpoint, request_data: bytes) -> bytes:
        # The timeout of a socket begins anew with every byte that comes.
        until = time.monotonic() + self._timeout
        body = bytearray()
        with self._session.post(
            self._url,
            data=request_data,
            headers=self.get_request_headers(),
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            response.raise_for_status()
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                body += chunk
                if time.monotonic() > until:
                    raise requests.Timeout
                if len(body) > MAX_ANSWER:
                    raise ValueError(f"{method} was answered with more than {MAX_ANSWER} bytes")
        return bytes(body)


class Rpc:
    """Speaks to one node; several threads may use it.

    Args:
        url: `http://` or `https://`; what it holds of secrets never gets into a message.
        timeout: Seconds that the node may take to accept a connection, and again to answer in full.

    Raises:
        UsageError: Not such a URL.
    """

    def __init__(self, url: str, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.url = url
        try:
            parts = urlsplit(url)
            # Providers put keys into path, query and user part.
            self.name = f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError("rpc-url", "the chain's RPC URL must begin with http:// or https:// and a host")
        self._timeout = timeout
        self._session = requests.Session()
        # A proxy from the environment has no way to this machine's own ports.
        self._session.trust_env = parts.hostname not in _LOOPBACK
        self._provider = _BoundedProvider(url, self._session, timeout)

    def call(self, method: str, *params: object) -> Any:
        """Return the result of one JSON-RPC request.

        Raises:
            RpcRefusedError: The node answered with an error.
            UnavailableError: It cannot be reached, is too slow, or answers nonsense.
        """
        try:
            answer: object = self._provider.make_request(RPCEndpoint(method), list(params))
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise UnavailableError(
                "chain-slow",
                f"the chain node at {self.name} did not answer {method} within {self._timeout:g} s",
            ) from None
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else "an error"
            raise UnavailableError(
                "chain-unreachable", f"the chain node at {self.name} answered {method} with HTTP {status}"
            ) from None
        except (requests.ConnectionError, urllib3.exceptions.HTTPError):
            raise UnavailableError(
                "chain-unreachable",
                f"the chain node at {self.name} cannot be reached; is it running, and is the URL right?",
            ) from None
        except (ValueError, TypeError, RecursionError, requests.RequestException):
            raise self.nonsense(method, "no JSON-RPC answer") from None
        if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
            raise self.nonsense(method, "no JSON-RPC answer")
        if answer.get("error") is not None:
            self._refused(method, answer["error"])
        return answer.get("result")

    def quantity(self, value: object, what: str) -> int:
        """Return the number that an answer holds as `0x` hexadecimal.

        Raises:
            UnavailableError: It holds something else.
        """
        if isinstance(value, str) and value.startswith("0x"):
            try:
                number = int(value, 16)
            except ValueError:
                number = -1
            if 0 <= number < _MAX_QUANTITY:
                return number
        raise self.nonsense(what, f"{_shown(value)}, which is no quantity")

    def data(self, value: object, what: str, size: int | None = None) -> bytes:
        """Return the bytes that an answer holds as `0x` hexadecimal.

        Args:
            value: What the node answered.
            what: What was asked for.
            size: Number of bytes, when it is fixed.

        Raises:
            UnavailableError: It holds something else.
        """
        if isinstance(value, str) and value.startswith("0x"):
            try:
                data = bytes.fromhex(value[2:])
            except ValueError:
                data = None
            if data is not None and size in (None, len(data)):
                return data
        length = "" if size is None else f" {size}"
        raise self.nonsense(what, f"{_shown(value)}, which are not{length} bytes")

    def nonsense(self, what: str, answer: str) -> UnavailableError:
        """Return the error that says that an answer makes no sense."""
        message = f"the chain node at {self.name} answered {what} with {answer}; is it an EVM node?"
        return UnavailableError("chain-nonsense", message)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _refused(self, method: str, error: object) -> NoReturn:
        if not isinstance(error, dict):
            raise RpcRefusedError(f"the chain node at {self.name} refused {method}: {_shown(error)}")
        text = str(error.get("message", "")) or "no reason given"
        number = error.get("code")
        raise RpcRefusedError(
            f"the chain node at {self.name} refused {method}: {text[:300]}",
            text=text,
            number=number if isinstance(number, int) else 0,
            data=_revert_data(error.get("data")),
        )


def _revert_data(data: object) -> bytes:
    # Some nodes wrap it once more, some write words round it.
    if isinstance(data, dict):
        data = data.get("data")
    if isinstance(data, str):
        try:
            return bytes.fromhex(data.removeprefix("Reverted ").removeprefix("0x"))
        except ValueError:
            pass
    return b""


def _shown(value: object) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= 60 else text[:60] + "…"
