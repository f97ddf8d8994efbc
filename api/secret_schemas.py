"""What answers about wrapped secrets look like, for the OpenAPI document."""

from typing import Annotated

from pydantic import Field

from api.schemas import Cursor, Hex, Shape, Uri


class SecretShape(Shape):
    """The secret of an item, wrapped for the keys of an organisation."""

    commitment: Hex
    cid: Annotated[str, Field(description="CID of the sealed bytes")]
    wrapped: Annotated[str, Field(description="age file with the item's secret, base64")]
    category: Annotated[str | None, Field(description="of the item; null while no statement claims it")]
    from_: Annotated[Uri, Field(alias="from", description="who wrapped it")]
    for_: Annotated[Uri, Field(alias="for", description="who can open it")]
    record: Annotated[Hex | None, Field(description="id of the statement that tells of it")]


class SecretPage(Shape):
    """A page of wrapped secrets."""

    items: list[SecretShape]
    next: Cursor


class StoredShape(Shape):
    """What came of handing secrets over; when this is answered, they are durable."""

    stored: Annotated[int, Field(ge=1)]
    waiting: Annotated[
        int,
        Field(ge=0, description="of these, how many the organisation may not see yet, and so does not get"),
    ]
