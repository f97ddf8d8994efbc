"""P-256 arithmetic from the textbook, to make keys for signatures that no honest signer would make."""

from ledger.domain import strict_cbor

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

Point = tuple[int, int] | None


def add(a: Point, b: Point) -> Point:
    """Return the sum of two points; None is the neutral one."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(factor: int, point: Point) -> Point:
    """Return a multiple of a point."""
    result: Point = None
    while factor:
        if factor & 1:
            result = add(result, point)
        point = add(point, point)
        factor >>= 1
    return result


def smallest_x() -> tuple[int, int]:
    """Return the point with the smallest x above zero."""
    x = 1
    while True:
        square = (x**3 - 3 * x + B) % P
        y = pow(square, (P + 1) // 4, P)
        if y * y % P == square:
            return x, y
        x += 1


def key_for(digest: int, s: int) -> tuple[bytes, int]:
    """Return a COSE_Key and a very small r, so that `r ‖ s` is the key's signature over the digest."""
    point = smallest_x()
    inverse = pow(point[0], -1, N)
    public = add(multiply(s * inverse % N, point), multiply(-digest * inverse % N, G))
    assert public is not None
    encoded = {1: 2, -1: 1, -2: public[0].to_bytes(32), -3: public[1].to_bytes(32)}
    return strict_cbor.dumps(encoded), point[0]
