"""The tables of `facts.toml`, one class each; the units stand in the names and docstrings."""

from datetime import timedelta, timezone, tzinfo
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    PositiveFloat,
    PositiveInt,
    model_validator,
)


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError("the least comes first")
    return pair


Pair = tuple[PositiveFloat, PositiveFloat]
"""Two figures of one kind: width and height, or low and high energy."""
Range = Annotated[Pair, AfterValidator(_ordered)]
"""The least and the most of a figure."""
Place = tuple[float, float]
"""Latitude and longitude in degrees, WGS 84."""


class Table(BaseModel):
    """One table of the file.

    Args:
        practice: Names of the values in it that are trade practice or made up, and have no published source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    practice: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _practice_names_values(self) -> Self:
        unknown = self.practice - (type(self).model_fields.keys() - {"practice"})
        if unknown:
            raise ValueError(f"practice names {', '.join(sorted(unknown))}, which the table does not have")
        return self


class Route(Table):
    """Where the trip goes: UN/LOCODEs, names, WGS 84 degrees, nautical miles, knots, days."""

    origin: str
    origin_name: str
    origin_at: Place
    destination: str
    destination_name: str
    destination_at: Place
    packing_house: str
    packing_house_at: Place
    distance_nm: PositiveInt
    speed_kn: PositiveFloat
    sea_days: PositiveFloat
    utc_offset_origin_h: int
    utc_offset_destination_h: int

    @property
    def origin_zone(self) -> tzinfo:
        """The clock on the wall at the origin."""
        return timezone(timedelta(hours=self.utc_offset_origin_h))

    @property
    def destination_zone(self) -> tzinfo:
        """The clock on the wall at the destination."""
        return timezone(timedelta(hours=self.utc_offset_destination_h))


class Times(Table):
    """When things happen or are due; every time has its offset."""

    stuffing_from: AwareDatetime
    stuffing_to: AwareDatetime
    sealed: AwareDatetime
    gate_in: AwareDatetime
    filings_due: AwareDatetime
    lading: AwareDatetime
    sailing: AwareDatetime
    stow_plan_due: AwareDatetime
    dossier_ready: AwareDatetime
    arrival: AwareDatetime


class Load(Table):
    """What the box holds, masses in kilograms."""

    goods: str
    goods_es: str
    container_type: str
    pallets: PositiveInt
    cartons_per_pallet: PositiveInt
    net_kg_per_carton: PositiveFloat
    gross_kg_per_carton: PositiveFloat
    pallets_kg: PositiveInt
    tare_kg: PositiveInt

    @property
    def cartons(self) -> int:
        """Cartons on all pallets."""
        return self.pallets * self.cartons_per_pallet

    @property
    def net_kg(self) -> int:
        """Fruit alone."""
        return round(self.cartons * self.net_kg_per_carton)

    @property
    def gross_kg(self) -> int:
        """Fruit in its cartons."""
        return round(self.cartons * self.gross_kg_per_carton)

    @property
    def vgm_kg(self) -> int:
        """Verified gross mass (SOLAS VI/2): cartons, pallets and the box itself."""
        return self.gross_kg + self.pallets_kg + self.tare_kg


class Reefer(Table):
    """What the cold chain promises: degrees Celsius, m³/h, percent, hours, minutes."""

    set_point_c: PositiveFloat
    supply_tolerance_c: PositiveFloat
    pulp_at_loading_c: Range
    vent_m3_h: Range
    humidity_percent: Range
    alarm_below_c: PositiveFloat
    alarm_above_c: PositiveFloat
    alarm_after_h: PositiveFloat
    log_every_min: PositiveInt


class Tariff(Table):
    """What the goods are to customs, and what they cost in US dollars."""

    hts: str
    hts10: str
    text: str
    sac: str
    duty_usd_per_kg: PositiveFloat
    preference: str
    origin_criterion: str
    usd_per_carton: PositiveFloat
    incoterm: str


class Parties(Table):
    """Who stands in the papers; none of them exists."""

    exporter: str
    exporter_nit: str
    packer: str
    haulier: str
    broker: str
    importer: str
    carrier: str
    origin_terminal: str
    destination_terminal: str
    origin_customs: str
    destination_customs: str
    plant_health: str
    export_window: str


class Identifiers(Table):
    """The numbers that authorities, carriers and GS1 give out."""

    container: str
    bill_of_lading: str
    booking: str
    scac: str
    vessel: str
    imo: str
    call_sign: str
    voyage: str
    invoice: str
    vgm_reference: str
    phytosanitary: str
    export_licence: str
    certification_of_origin: str
    duca: str
    ams: str
    isf: str
    entry: str
    prior_notice: str
    fda_facility: str
    fsvp_importer: str
    importer_of_record: str
    schedule_d: str
    schedule_k: str
    firms: str
    gtin: str


class Seals(Table):
    """Numbers of the seals, first ones and those after the police inspection."""

    bolt: str
    bolt_maker: str
    customs: str
    machinery_sticker: str
    bolt_after_inspection: str
    customs_after_inspection: str


class XRay(Table):
    """The drive-through scanner: MeV, pixels, metres, photons in a pixel, areal densities in g/cm²."""

    device: str
    site: str
    endpoints_mev: Pair
    effective_mev: Pair
    pixels: tuple[PositiveInt, PositiveInt]
    field_m: Pair
    open_beam_counts: Pair
    fruit_g_cm2: PositiveFloat
    carton_g_cm2: PositiveFloat
    parcel_g_cm2: PositiveFloat


class Gate(Table):
    """The gate of the origin terminal: seconds and minutes."""

    lane: PositiveInt
    passage_s: PositiveInt
    minutes: Range
    review_minutes: Range
    truck: str


class Portal(Table):
    """The radiation portal: km/h, metres, seconds, counts per second, keV."""

    device: str
    speed_km_h: PositiveFloat
    vehicle_m: PositiveFloat
    occupancy_s: Range
    sample_s: PositiveFloat
    background_cps: PositiveFloat
    neutrons_cps: PositiveFloat
    shielding_percent: Range
    shielding: PositiveFloat
    alarm_sigma: PositiveFloat
    medical_cps: PositiveFloat
    medical_kev: PositiveFloat

    @property
    def passage_s(self) -> float:
        """How long the vehicle stands between the pillars, seconds."""
        return self.vehicle_m / (self.speed_km_h / 3.6)


class Potassium(Table):
    """What pineapples hold of it, and what the portal sees of that."""

    kilograms: PositiveFloat
    activity_mbq: PositiveFloat
    counts_cps: PositiveFloat
    line_kev: PositiveFloat


class People(Table):
    """Pseudonyms; only the employer can say who it is."""

    packer: str
    driver: str
    guard: str
    gate_clerk: str
    customs_officer: str
    image_analyst: str
    inspector: str
    foreman: str
    agent: str


class Exceptions(Table):
    """What goes wrong in the story: seconds, hours, degrees Celsius, kilograms."""

    other_container: str
    next_vessel: str
    next_imo: str
    next_voyage: str
    mistyped_tare_kg: PositiveInt
    clock_ahead_s: PositiveFloat
    camera_gap_s: Pair
    cooling_off_after_h: PositiveFloat
    cooling_off_h: PositiveFloat
    cooling_off_peak_c: PositiveFloat
