"""What the settings say of an identity provider (`[[oidc]]`)."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from ledger.access.provider_keys import is_safe
from ledger.access.providers import ALGORITHMS, DEFAULT_LEEWAY, DEFAULT_MAX_AGE, Provider
from ledger.domain.errors import MalformedError
from ledger.domain.fields import organisation

Algorithm = Literal["ES256", "EdDSA", "PS256", "RS256"]


def _issuer(url: str) -> str:
    if not is_safe(url) or "?" in url:
        raise ValueError("it must be an https URL without a query, or one of this machine itself")
    return url


def _organisation(uri: str) -> str:
    try:
        return organisation(uri, "it")
    except MalformedError as error:
        raise ValueError(error.message) from None


_Organisation = Annotated[str, AfterValidator(_organisation)]


class OidcSetting(BaseModel):
    """One OpenID Provider whose people may sign in as officers of an organisation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[
        str,
        AfterValidator(_issuer),
        Field(max_length=512, description="as in its tokens, to the letter; its metadata lies below it"),
    ]
    audience: Annotated[
        str, Field(min_length=1, max_length=255, description="client id that it knows this ledger under")
    ]
    organisation: Annotated[
        _Organisation | None, Field(description="URI of the organisation whose officers its people are")
    ] = None
    organisation_claim: Annotated[
        str | None, Field(min_length=1, description="claim that tells the organisation instead")
    ] = None
    organisations: Annotated[
        dict[str, _Organisation], Field(description="URI of the organisation for each value of that claim")
    ] = {}
    required_claims: Annotated[
        dict[str, StrictStr | StrictInt | StrictBool],
        Field(
            description="what a token must say to be an officer's; in a claim that is a list, among others"
        ),
    ] = {}
    algorithms: Annotated[
        tuple[Algorithm, ...], Field(min_length=1, description="those of these that it signs with")
    ] = ALGORITHMS
    leeway_seconds: Annotated[int, Field(ge=0, le=300, description="how far ahead its clock may be")] = (
        DEFAULT_LEEWAY
    )
    max_age_seconds: Annotated[int, Field(ge=1, le=86_400, description="how old a token may be")] = (
        DEFAULT_MAX_AGE
    )

    @model_validator(mode="after")
    def _tells_the_organisation_in_one_way(self) -> Self:
        if (self.organisation is None) == (self.organisation_claim is None):
            raise ValueError("say either organisation, or organisation_claim with organisations")
        if (self.organisation_claim is None) == bool(self.organisations):
            raise ValueError("organisation_claim and organisations belong together")
        return self

    def provider(self) -> Provider:
        """Return the provider."""
        return Provider(
            issuer=self.issuer,
            audience=self.audience,
            organisation=self.organisation,
            organisation_claim=self.organisation_claim,
            organisations=dict(self.organisations),
            required=dict(self.required_claims),
            algorithms=self.algorithms,
            leeway_seconds=self.leeway_seconds,
            max_age_seconds=self.max_age_seconds,
        )
