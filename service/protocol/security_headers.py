"""Headers that protect a browser, and those by which other origins may ask, where they are allowed to."""

from __future__ import annotations

from service.protocol.messages import RawHeaders

SVG = b"image/svg+xml"
POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What every reply may load and run: what this service holds, and nothing inline."""
SVG_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A plot opened by itself has its styles inline, and no scripts."""
ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"), (b"x-frame-options", b"DENY"))


def protecting(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """The protecting headers that a reply with `headers` lacks."""
    sent = dict(headers)
    if b"content-security-policy" in sent:
        return list(ALWAYS)
    policy = SVG_POLICY if sent.get(b"content-type") == SVG else POLICY
    return [*ALWAYS, (b"content-security-policy", policy)]
