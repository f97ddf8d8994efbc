"""Which 32 bytes are an Ed25519 public key that binds its owner (RFC 8032 section 5.1.3)."""

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ORDER_8_Y = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
# The y of the eight points whose order divides 8. Under such a key anyone can make signatures.
_SMALL_ORDER_Y = frozenset((0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y))


def is_public_key(encoded: bytes) -> bool:
    """Return whether 32 bytes are the one encoding of a point on the curve that is not of small order.

    OpenSSL takes any 32 bytes for a key and only finds out when it verifies; it does not refuse small orders.

    Args:
        encoded: The key as in RFC 8032.
    """
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if len(encoded) != 32 or y >= _P or y in _SMALL_ORDER_Y:
        return False
    # x² = (y² − 1) / (d·y² + 1); the divisor is never zero, because −1/d is no square.
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return pow(x_squared, (_P - 1) // 2, _P) == 1
