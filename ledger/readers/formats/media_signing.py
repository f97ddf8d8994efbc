"""Whether a clip carries ONVIF media signing; only that: no signature is verified here.

A camera that signs (ONVIF Media Signing Specification) puts its signatures beside the pictures: into NAL
units of supplemental enhancement information, user data unregistered, with one UUID. A clip that these were
cut out of looks like one that was never signed.
"""

from dataclasses import dataclass
from typing import Any

UUID = bytes.fromhex("005bc93f2d715e95ada4796f90877a6f")
"""Of ONVIF media signing, as in the framework that ONVIF publishes."""
_USER_DATA_UNREGISTERED = 5
_SEI_H264, _SEI_HEVC = 6, (39, 40)
_MAX_HEAD = 1024
"""Where type, size and UUID of a message end at the latest: a size of 100 KiB takes 400 bytes."""


@dataclass(slots=True)
class Signing:
    """Counts signing messages while the packets of a clip go by.

    Args:
        codec: `h264` or `hevc`; of others nothing is known.
        length_bytes: Bytes of the length before each NAL unit.
        key_frames: Packets that begin a group of pictures.
        messages: Signing messages.
    """

    codec: str
    length_bytes: int
    key_frames: int = 0
    messages: int = 0

    @classmethod
    def of(cls, codec: str, extradata: bytes) -> "Signing":
        """Return a counter for a stream of MP4.

        Args:
            codec: Name of the codec.
            extradata: Its configuration record, `avcC` or `hvcC` (ISO/IEC 14496-15).
        """
        at = {"h264": 4, "hevc": 21}.get(codec, 0)
        length = (extradata[at] & 3) + 1 if at and len(extradata) > at and extradata[0] == 1 else 4
        return cls(codec, length)

    def add(self, packet: bytes, *, key_frame: bool) -> bool:
        """Count one packet, and return whether there is a picture in it."""
        self.key_frames += key_frame
        pictured = self.codec not in {"h264", "hevc"}
        at = 0
        while at + self.length_bytes < len(packet):
            size = int.from_bytes(packet[at : at + self.length_bytes])
            at += self.length_bytes
            unit = packet[at : at + min(size, _MAX_HEAD)]
            pictured = pictured or self._pictured(unit)
            self.messages += self._signs(unit)
            at += size
        return pictured

    def found(self) -> dict[str, Any]:
        """Return what was seen."""
        if self.codec not in {"h264", "hevc"}:
            return {"state": "not-looked-for"}
        if not self.messages:
            return {"state": "absent"}
        return {
            "state": "present-not-verified",
            "messages": self.messages,
            "key_frames": self.key_frames,
        }

    def _pictured(self, unit: bytes) -> bool:
        if not unit:
            return False
        return 1 <= unit[0] & 0x1F <= 5 if self.codec == "h264" else unit[0] >> 1 & 0x3F < 32

    def _signs(self, unit: bytes) -> bool:
        if not unit:
            return False
        if self.codec == "h264":
            is_sei, head = unit[0] & 0x1F == _SEI_H264, 1
        else:
            is_sei, head = self.codec == "hevc" and unit[0] >> 1 & 0x3F in _SEI_HEVC, 2
        if not is_sei:
            return False
        # A zero byte pair is followed by a 3 that is no content (ITU-T H.264, 7.4.1.1).
        message = unit[head:].replace(b"\0\0\3", b"\0\0")
        if message[:1] != bytes([_USER_DATA_UNREGISTERED]):
            return False
        at = 1
        while message[at : at + 1] == b"\xff":
            at += 1
        return message[at + 1 : at + 1 + len(UUID)] == UUID
