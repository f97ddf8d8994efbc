"""What cameras see, drawn: the gate lane, the packing dock, the quay, a seal, a row of pallets."""

from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

Picture = Callable[[str, float], Image.Image]
"""Container number and progress from 0 to 1 -> one frame of 640 by 360."""

SIZE = (640, 360)
_WHITE, _GREY, _DARK = (232, 232, 226), (110, 112, 116), (34, 36, 40)
_CARTON, _WOOD, _FRUIT = (196, 156, 104), (150, 112, 66), (212, 166, 60)
_Colour = tuple[int, int, int]
_Box = tuple[float, float, float, float]


def gate_lane(container: str, progress: float) -> Image.Image:
    """Return the lane at night: a truck drives in from the left, between the portal's pillars."""
    image, draw = _canvas((26, 30, 44), (52, 54, 58), horizon=250)
    for lamp in (130, 510):
        draw.polygon([(lamp, 30), (lamp - 120, 330), (lamp + 120, 330)], fill=(44, 48, 60))
        draw.ellipse((lamp - 9, 22, lamp + 9, 38), fill=(255, 244, 200))
    _truck(draw, -560 + progress * 900, container)
    for pillar in (300, 344):
        draw.rectangle((pillar, 96, pillar + 15, 318), fill=(210, 180, 40), outline=_DARK)
        _write(draw, (pillar + 2, 100), "RPM", 7, _DARK)
    return image


def packing_dock(container: str, progress: float) -> Image.Image:
    """Return the dock from behind: the open box fills with pallets, a fork-lift brings the next one."""
    image, draw = _canvas((176, 182, 176), (128, 126, 120), horizon=270)
    draw.rectangle((180, 50, 460, 280), fill=_WHITE, outline=_DARK, width=4)
    draw.rectangle((196, 74, 444, 268), fill=(60, 64, 68))
    _write(draw, (250, 56), container, 14, _DARK)
    for place in range(int(progress * 4)):
        depth = 1 - place * 0.18
        left, top = 320 - 116 * (1 - place * 0.05), 268 - 150 * depth
        for side in (left, 322.0):
            _pallet(draw, (side, top, side + 108, 268))
    lift = 520 - (progress * 4 % 1) * 200
    _pallet(draw, (lift - 60, 200, lift + 10, 300))
    draw.rectangle((lift + 12, 226, lift + 90, 306), fill=(214, 120, 24), outline=_DARK)
    for wheel in (lift + 26, lift + 78):
        draw.ellipse((wheel - 13, 294, wheel + 13, 320), fill=_DARK)
    return image


def quay(container: str, progress: float) -> Image.Image:
    """Return the quay by day: a spreader lifts the box from the apron over the ship's side."""
    image, draw = _canvas((150, 178, 204), (136, 132, 126), horizon=290)
    draw.polygon([(330, 210), (640, 210), (640, 300), (360, 300)], fill=(150, 40, 40))
    for bay in range(4):
        draw.rectangle(
            (360 + bay * 70, 150 + bay % 2 * 24, 424 + bay * 70, 210), fill=(70, 96, 128), outline=_DARK
        )
    left, top = 30 + progress * 330, 240 - min(progress * 2, 1) * 150
    draw.line((left + 90, 0, left + 90, top - 12), fill=_DARK, width=3)
    draw.rectangle((left + 10, top - 12, left + 170, top - 4), fill=(220, 180, 30))
    draw.rectangle((left, top, left + 180, top + 44), fill=_WHITE, outline=_DARK, width=2)
    _write(draw, (left + 48, top + 14), container, 14, _DARK)
    return image


def seal_close_up(number: str, size: tuple[int, int]) -> Image.Image:
    """Return a bolt seal in the hasp of a door, its number engraved on the barrel."""
    image = Image.new("RGB", size, (196, 198, 192))
    draw = ImageDraw.Draw(image)
    width, height = size
    for bar in (0.20, 0.78):
        draw.rectangle((bar * width, 0, (bar + 0.05) * width, height), fill=(150, 152, 150), outline=_GREY)
    draw.rectangle(
        (0.15 * width, 0.30 * height, 0.88 * width, 0.42 * height), fill=(128, 130, 132), outline=_DARK
    )
    draw.rectangle(
        (0.47 * width, 0.18 * height, 0.53 * width, 0.60 * height), fill=(206, 208, 210), outline=_DARK
    )
    draw.ellipse(
        (0.43 * width, 0.12 * height, 0.57 * width, 0.22 * height), fill=(190, 192, 194), outline=_DARK
    )
    barrel = (0.30 * width, 0.56 * height, 0.70 * width, 0.84 * height)
    draw.rounded_rectangle(barrel, radius=width // 40, fill=(240, 208, 40), outline=_DARK, width=4)
    _write(draw, (0.335 * width, 0.62 * height), number, width // 18, _DARK)
    _write(draw, (0.335 * width, 0.745 * height), "H  ISO 17712", width // 34, _DARK)
    return image


def pallets_in_the_box(container: str, size: tuple[int, int]) -> Image.Image:
    """Return the view through the open doors: two rows of pallets, the number on the frame."""
    image = Image.new("RGB", size, (222, 224, 222))
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.rectangle((0.08 * width, 0.10 * height, 0.92 * width, 0.94 * height), fill=(58, 60, 62))
    for left in (0.105, 0.51):
        _pallet(
            draw, (left * width, 0.22 * height, (left + 0.385) * width, 0.92 * height), rows=15, columns=3
        )
    _write(draw, (0.32 * width, 0.03 * height), container, width // 20, _DARK)
    return image


def _canvas(sky: _Colour, ground: _Colour, *, horizon: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, horizon, *SIZE), fill=ground)
    return image, draw


def _truck(draw: ImageDraw.ImageDraw, left: float, container: str) -> None:
    draw.rectangle((left, 130, left + 420, 248), fill=_WHITE, outline=_DARK, width=2)
    for rib in range(20, 420, 28):
        draw.line((left + rib, 134, left + rib, 244), fill=(210, 210, 204))
    draw.rectangle((left + 392, 134, left + 419, 244), fill=(196, 198, 200))
    _write(draw, (left + 196, 142), container, 24, _DARK)
    draw.rectangle((left, 252, left + 440, 264), fill=_GREY)
    draw.rounded_rectangle((left + 432, 158, left + 516, 268), radius=12, fill=(24, 92, 120), outline=_DARK)
    draw.rectangle((left + 474, 172, left + 508, 208), fill=(140, 180, 200))
    for wheel in (40, 84, 128, 372, 478):
        draw.ellipse((left + wheel - 20, 256, left + wheel + 20, 296), fill=(18, 18, 20), outline=_GREY)


def _pallet(draw: ImageDraw.ImageDraw, box: _Box, *, rows: int = 8, columns: int = 2) -> None:
    left, top, right, bottom = box
    deck = bottom - (bottom - top) * 0.06
    draw.rectangle((left, deck, right, bottom), fill=_WOOD)
    for row in range(rows):
        for column in range(columns):
            x, y = left + (right - left) * column / columns, top + (deck - top) * row / rows
            far_x, far_y = x + (right - left) / columns - 1, y + (deck - top) / rows - 1
            draw.rectangle((x, y, far_x, far_y), fill=_CARTON, outline=(120, 90, 52))
            middle, height = (x + far_x) / 2, far_y - y
            draw.ellipse(
                (middle - height / 4, y + height / 4, middle + height / 4, far_y - height / 4), fill=_FRUIT
            )


def _write(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: _Colour) -> None:
    draw.text(at, text, fill=colour, font=ImageFont.load_default(size))
