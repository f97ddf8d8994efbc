"""What the operations are called: stable ids, which clients are generated from, and one-line summaries.

A route that is not named here keeps a name made of its path, and `tests/api/test_openapi.py` says so.
"""

OPERATIONS: dict[str, tuple[str, str]] = {
    "GET /log/checkpoint": ("getCheckpoint", "The newest published checkpoint"),
    "GET /log/genesis": ("getLogGenesis", "The genesis document, beside the log"),
    "GET /log/tile/{path}": ("getTile", "A tile of the log"),
    "POST /v1/statements": ("registerStatement", "Register a signed statement"),
    "GET /v1/statements/{id}": ("getStatement", "A statement, and how far it has come"),
    "GET /v1/statements/{id}/file": ("getStatementFile", "A statement as its signer sent it"),
    "GET /v1/statements/{id}/receipt": ("getReceiptFile", "The receipt file of a statement"),
    "POST /v1/challenges": ("giveChallenge", "A challenge to sign"),
    "POST /v1/sessions": ("openSession", "Open a session with a signed challenge"),
    "GET /v1/sessions/current": ("getSession", "Whose session this is"),
    "DELETE /v1/sessions/current": ("endSession", "End this session"),
    "POST /v1/memberships": ("joinStream", "Become a member of a stream by its secret"),
    "GET /v1/streams/{tag}/members": ("listMembers", "Who is in a stream"),
    "GET /v1/subjects": ("listSubjects", "The subjects that one is a party to"),
    "GET /v1/subjects/{uri}": ("getSubject", "A subject and its streams"),
    "GET /v1/subjects/{uri}/statements": ("listStatements", "What was said of a subject"),
    "GET /v1/subjects/{uri}/custody": ("getCustody", "The line of custody"),
    "GET /v1/subjects/{uri}/links": ("getLinks", "What a subject is linked to"),
    "GET /v1/subjects/{uri}/dossier": ("getDossier", "The dossier of a shipment"),
    "GET /v1/subjects/{uri}/verdict": ("getVerdict", "The operator's own verdict on a dossier"),
    "GET /v1/hand-overs": ("listHandOvers", "Hand-overs that one is a side of"),
    "GET /v1/organisations": ("listOrganisations", "Who takes part"),
    "GET /v1/organisations/{uri}": ("getOrganisation", "An organisation, its roles and keys"),
    "GET /v1/genesis": ("getGenesis", "The genesis document"),
    "GET /v1/profile": ("getProfile", "The corridor's rules"),
    "POST /v1/enrolments": ("applyForEnrolment", "Apply to take part"),
    "GET /v1/enrolments": ("listEnrolments", "Who has applied"),
    "GET /v1/enrolments/{identifier}": ("getEnrolment", "How far an application has come"),
    "GET /v1/enrolments/{identifier}/application": ("getApplication", "An application as it was signed"),
    "POST /v1/enrolments/{identifier}/refusal": ("refuseEnrolment", "Refuse an application"),
    "POST /v1/evidence": ("addEvidence", "Seal an item of evidence on its way in"),
    "GET /v1/evidence/{cid}": ("getEvidence", "The sealed bytes of an item of evidence"),
    "HEAD /v1/evidence/{cid}": ("checkEvidence", "Whether an item of evidence is there"),
    "POST /v1/uploads": ("beginUpload", "Begin a resumable upload of sealed bytes"),
    "OPTIONS /v1/uploads": ("getUploadOptions", "What resumable uploads may be"),
    "HEAD /v1/uploads/{upload}": ("getUploadOffset", "How much of an upload has arrived"),
    "PATCH /v1/uploads/{upload}": ("continueUpload", "Send more of an upload"),
    "DELETE /v1/uploads/{upload}": ("giveUpUpload", "Give an upload up"),
    "POST /entries": ("registerSignedStatement", "Register a signed statement (SCRAPI)"),
    "GET /entries/{entry}": ("resolveReceipt", "The COSE Receipt of an entry (SCRAPI)"),
    "GET /.well-known/scitt-keys": ("getScittKeys", "The keys of receipts (SCRAPI)"),
    "GET /.well-known/scitt-keys/{kid}": ("getScittKey", "One key of receipts (SCRAPI)"),
    "GET /healthz": ("isAlive", "Whether the process lives"),
    "GET /readyz": ("isReady", "Whether the service can do its work"),
    "GET /metrics": ("getMetrics", "Metrics for the operator"),
}
"""Method and path, to id and summary."""

TAGS: dict[str, str] = {
    "statements": "What participants say, signed, and how far it has come.",
    "sessions": "Reading needs a session: sign a challenge with a registered key.",
    "streams": "Who may read and write what.",
    "subjects": "Consignments, container trips, bookings and voyages.",
    "dossiers": "One file that proves itself, and what this service makes of it.",
    "hand-overs": "Custody, from one to the next.",
    "organisations": "Who takes part, with which roles and keys.",
    "enrolments": "Applying to take part.",
    "rules": "What this log was founded on.",
    "evidence": "Manifests, scans, profiles, clips: sealed on their way in.",
    "uploads": "Resumable uploads of what was sealed before (tus 1.0).",
    "log": "The log itself, for whoever wants to verify it (C2SP tlog-tiles).",
    "scitt": "The same log by SCITT's own interface (draft-ietf-scitt-scrapi), in CBOR.",
    "health": "For the operator.",
}

_TRIP = "urn:corridor:trip:MSKU4567898:9a3f6f0b7f3f0e6c5a1f2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071"
PARAMETERS: dict[str, object] = {
    "id": "5f0c1c7a0a4b3e2d9c8b7a6f5e4d3c2b1a09f8e7d6c5b4a3f2e1d0c9b8a7f6e5",
    "entry": "5f0c1c7a0a4b3e2d9c8b7a6f5e4d3c2b1a09f8e7d6c5b4a3f2e1d0c9b8a7f6e5",
    "tag": "c1a5e0b2d3f4061728394a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "kid": "mxA4KiOkQFZ-dkLebSo3mLOEPR7rN8XtxkJe45xuyJk",
    "identifier": "0b1c2d3e4f5061728394a5b6c7d8e9f00b1c2d3e4f5061728394a5b6c7d8e9f0",
    "path": "entries/000.p/5",
    "cid": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
    "upload": "0b1c2d3e4f5061728394a5b6c7d8e9f0",
    "cursor": "WzQyXQ.aVtA2Q.5b0c4l1H2m3N4o5P6q7R8s9T0u1",
    "limit": 50,
    "type": "trip",
    "key": "MSKU4567898",
    "kind": "seal-check",
    "stream": "c1a5e0b2d3f4061728394a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "at": "2026-09-21T13:33:20Z",
    "state": "open",
    "uri": _TRIP,
}
"""An example for each parameter, by its name."""

_SIGN1 = "18([<<{1: -7, 3: \"application/json\", 4: h'9b10…', 15: {…}, 16: \"…\"}>>, {}, h'7b22…', h'02d2…'])"
MEDIA: dict[str, str] = {
    "application/cose": _SIGN1,
    "application/scitt-statement+cose": _SIGN1,
    "application/vnd.corridor-ledger.login+cose": _SIGN1,
    "application/vnd.corridor-ledger.enrolment+cose": _SIGN1,
    "application/concise-problem-details+cbor": '{-1: "Not found", -2: "there is no entry …"}',
    "application/cbor": "[{1: 2, 2: h'9b10…', 3: -7, -1: 1, -2: h'65ed…', -3: h'1e52…'}]",
    "application/zip": "PK…",
    "application/octet-stream": "…",
    "application/toml": '[corridor]\nid = "foundation"\nversion = 2\n',
    "text/plain": "ok\n",
}
"""What stands for bodies that are not JSON: CBOR in diagnostic notation (RFC 8949 section 8)."""
