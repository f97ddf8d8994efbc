"""An officer signs in: the provider vouches for the officer, in a browser, to the ledger that asked.

The order: (1) the provider says where, (2) the ledger gives its challenge, (3) the browser goes to the
provider with the challenge as `nonce` and comes back to this machine with a code, (4) the code becomes an ID
token, (5) the ledger takes that and gives its own token, (6) which is kept.
"""

import secrets
from collections.abc import Callable
from typing import Any

from ledger.client.kept_session import KeptSessions
from ledger.client.loopback import Loopback
from ledger.client.provider import CodeFlow, Provider, ProviderHttp
from ledger.client.service import Service
from ledger.domain.errors import UsageError

_STATE_BYTES = 32


def sign_in(
    service: Service,
    sessions: KeptSessions,
    *,
    issuer: str,
    client_id: str,
    show: Callable[[str], None],
    http: ProviderHttp | None = None,
) -> dict[str, Any]:
    """Open a session as an officer and keep it; return what the ledger says of it, without the token.

    Args:
        service: The ledger.
        sessions: Where the session is kept.
        issuer: The officer's identity provider, as the officer's organisation says it.
        client_id: Under which it knows this ledger.
        show: Brings the officer's browser to a URL.
        http: Asks the provider.

    Raises:
        UsageError: Issuer, client id or the ledger's URL are none that can be used, nothing can be kept, or
            this machine's clock is wrong.
        AccessError: The provider, or the ledger, does not take the officer, or nobody signed in in time.
        VerificationError: One of them is not who it should be.
        UnavailableError: One of them cannot be asked now, or the session cannot be kept.
    """
    http = http or ProviderHttp()
    sessions.check()
    service.session.check_private()
    # (1) Before the challenge, whose time is short.
    provider = Provider.discover(issuer, client_id, http)
    # (2)
    challenge = service.session.challenge()
    if challenge.seconds <= 0:
        raise UsageError(
            "clock", "the ledger's challenge is over by this machine's clock; set the clock right"
        )
    state = secrets.token_urlsafe(_STATE_BYTES)
    # (3)
    with Loopback(state) as loopback:
        flow = CodeFlow(provider, redirect_uri=loopback.uri, state=state, nonce=challenge.text, http=http)
        show(flow.url)
        redirected = loopback.wait(challenge.seconds)
    # (4)
    token = flow.id_token(redirected)
    # (5)
    opened, kept = service.session.open_for_officer(token)
    # (6)
    try:
        sessions.keep(kept)
    except BaseException:
        # Nobody would have its token.
        service.session.logout()
        raise
    return opened
