#!/usr/bin/env python3
"""Writes a seed corpus for each fuzz target to fuzz/corpus/TARGET.

Random bytes seldom form an archive or a word. The inputs are small, so that mutations reach every part of a reader.
"""

import gzip
import io
import pathlib
import random
import re
import tarfile
import zipfile
import zlib

FUZZ = pathlib.Path(__file__).resolve().parent
ROOT = FUZZ.parent
# As in fuzz_targets/containers.rs.
NAMES = ["a.jsonl", "a.tar", "a.zip", "a.warc", "a.wacz", "a.mhtml", "a.warc.zst", "a.warc.gz", "a.tar.gz", "a"]
TEXT = "Kommunen skal sørge for et godt tilbud. Se § 4-2 og NOU 2020: 5."
HTML = f"<!doctype html><title>Tilbud</title><main><h1>Tilbud</h1><p>{TEXT}</p></main>"


CHARSETS = ["utf-8", "iso-8859-1", "utf-16", "cp865", "mac-roman"]


def record(kind, uri, media_type, block):
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def response(uri, fields, body, media_type="text/html"):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n{fields}\r\n".encode()
    return record("response", uri, "application/http; msgtype=response", head + body)


def raw_deflate(content):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(content) + packer.flush()


def zstd(content):
    """A frame with one uncompressed block. The header has the size minus 256 in two bytes."""
    assert 256 <= len(content) < 65536
    block = (len(content) << 3 | 1).to_bytes(3, "little")
    return b"\x28\xb5\x2f\xfd\x60" + (len(content) - 256).to_bytes(2, "little") + block + content


def records():
    body = HTML.encode()
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:40], body[40:])) + b"0\r\n\r\n"
    return [
        record("warcinfo", "", "application/warc-fields", b"software: seeds\r\n"),
        response("http://a.no/1", "", body),
        response("http://a.no/2", "Transfer-Encoding: chunked\r\n", chunked),
        response("http://a.no/3", "Content-Encoding: gzip\r\n", gzip.compress(body, mtime=0)),
        response("http://a.no/4", "Content-Encoding: deflate\r\n", raw_deflate(body)),
        response("http://a.no/5", "", HTML.encode("latin-1"), "text/html; charset=iso-8859-1"),
        record("conversion", "http://a.no/6", "text/plain", TEXT.encode()),
        record("request", "http://a.no/1", "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
    ]


def lines():
    return (
        f'{{"id":"a","text":"{TEXT}","date":"2020-01-02","title":"T"}}\n'
        f'{{"_id":7,"html":"<p>{TEXT}","url":"http://a.no/1","lang":"nb"}}\n'
        '{"id":"b","text":oops}\n'
    ).encode()


def files():
    return [
        ("a.txt", TEXT.encode()),
        ("m/år.html", HTML.encode()),
        ("b.jsonl", lines()),
        ("c.txt.gz", gzip.compress(TEXT.encode(), mtime=0)),
        ("side", HTML.encode("latin-1")),
        ("d.png", b"\x89PNG\r\n"),
        ("e.zip", b"PK\x05\x06"),
    ]


def tar(format):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for name, content in files() + [("lang/" * 25 + "n.txt", b"Langt navn")]:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zip_of(members, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name)
            member.compress_type = method
            # Info-ZIP's Unicode Path field: version, checksum of the stored name, name.
            path = name.encode() + b"x"
            field = b"\x01" + zlib.crc32(name.encode()).to_bytes(4, "little") + path
            member.extra = b"\x75\x70" + len(field).to_bytes(2, "little") + field
            archive.writestr(member, content)
    return buffer.getvalue()


def mhtml(encoding, body):
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: http://a.no/\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="b"\r\n\r\n\r\n--b\r\n'
        f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-Location: http://a.no/1\r\n\r\n{body}\r\n--b--\r\n"
    ).encode()


def containers():
    plain = b"".join(records())
    packed = b"".join(gzip.compress(part, mtime=0) for part in records())
    frames = b"".join(zstd(part) for part in records() if len(part) >= 256)
    damaged = bytearray(packed)
    damaged[len(damaged) // 2] ^= 0xFF
    quoted = "<p>p=C3=A5 =\r\nnorsk"
    inputs = [
        ("a.jsonl", lines()),
        ("a.tar", tar(tarfile.GNU_FORMAT)),
        ("a.tar", tar(tarfile.PAX_FORMAT)),
        ("a.zip", zip_of(files(), zipfile.ZIP_DEFLATED)),
        ("a.zip", zip_of(files(), zipfile.ZIP_STORED)),
        ("a.zip", zip_of(files(), zipfile.ZIP_DEFLATED)[:-60]),
        ("a.warc", plain),
        ("a.wacz", zip_of([("archive/a.warc.gz", packed), ("archive/b.warc", plain)], zipfile.ZIP_STORED)),
        ("a.mhtml", mhtml("quoted-printable", quoted)),
        ("a.mhtml", mhtml("base64", "PHA+cMOl\r\nPC9wPg==")),
        ("a.warc.zst", frames),
        ("a.warc.gz", packed),
        ("a.warc.gz", bytes(damaged)),
        ("a.tar.gz", gzip.compress(tar(tarfile.GNU_FORMAT), mtime=0)),
        ("a", HTML.encode()),
        ("a", packed),
        ("a", lines()),
    ]
    return [bytes([NAMES.index(name)]) + content for name, content in inputs]


def decode():
    page = f'<html><head><meta charset="{{}}"></head><body><p>{TEXT}</p></body></html>'
    inputs = [page.format(charset).encode(charset, "replace") for charset in CHARSETS]
    doubly = TEXT.encode().decode("latin-1").encode()
    inputs += [TEXT.encode(charset) for charset in ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "utf-32", "cp850")]
    inputs += [doubly, doubly.decode("latin-1").encode(), "På =C3=A5 p=F8lse =\r\nog fl=E6sk.".encode()]
    inputs += ["L&oslash;renskog &aring; &amp;aelig; &#248; &#xe5; &amp;amp;oslash;".encode(), b"Troms\\ i }r, k|rer bl}b{r"]
    inputs += [b'<?xml version="1.0" encoding="iso-8859-1"?><p>\xe5</p>', b"\xef\xbb\xbf<p>x"]
    return inputs


def page_strings():
    """The strings in `PAGE_STRINGS` of tests/treff/any_text.rs."""
    source = (ROOT / "tests/treff/any_text.rs").read_text()
    strings = source[source.index("PAGE_STRINGS") :].split("];")[0]
    found = re.findall(r'^    "((?:[^"\\]|\\.)*)",$', strings, re.MULTILINE)
    unescape = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", '"': '"', "\\": "\\"}
    return [
        re.sub(
            r"\\(?:u\{([0-9a-f]+)\}|(.))",
            lambda escape: chr(int(escape[1], 16)) if escape[1] else unescape[escape[2]],
            string,
        )
        for string in found
    ]


def words():
    strings = page_strings()
    joined = [" ".join(strings[start : start + 8]) for start in range(0, len(strings), 8)]
    lines = [
        "Jf. §§ 2-4 og 2-5, sak 19/04567-12, Prop. 73 L (2016–2017), Meld. St. 21.",
        "Ring +47 22 24 90 90, konto 1234.56.78903, ISBN 978-82-02-12345-6, 1 000 000,50 kr, 12,5 %.",
        "ﬁnansielle Ｋｏｍｍｕｎｅ 𝐕𝐞𝐝𝐭𝐚𝐤 ½ m² CO₂ Ⅳ ŧ ŋ đ ł ð þ ß œ ħ ı ĸ ǆ a\u030angst",
        "barneverns-\ntjenesten e-\npost samar\u00ad\nbeidet støtte-\nog V E D T A K\nT a u s h e t",
        "loven¹, målet2 ¹Se 1Dette OL'94 EU-²⁷ Covid-19² pc-en USA's Barne-, ungdoms- og familiedirektoratet",
        "19.02.2018 3. mai–juni 2020 kl. 08:30–16.00 0–24-samarbeidet §33a",
    ]
    return [bytes([number % 3]) + line.encode() for number, line in enumerate(joined + lines)]


def pages():
    pages = [(ROOT / "seeds" / path.name).read_bytes()[:2000] for path in sorted((ROOT / "seeds").glob("*.txt"))[:6]]
    return pages + [string.encode() for string in page_strings()]


def html():
    paths = sorted((ROOT / "tests").rglob("*.html"))
    return [HTML.encode()] + [path.read_bytes()[:4000] for path in paths[:20]] + [s.encode() for s in page_strings()]


def requests():
    host = "Host: localhost\r\n"
    targets = ["/", "/?q=barn&ui=nn", "/p/a.1?q=barn", "/api/v1/search?q=barn+OR+lov&facets=source,year", "/api/v1/status"]
    targets += ["/api/v1/openapi.json", "/api/v1/passages/a.1", "/metrics", "/opensearch.xml", "/assets/a", "/mcp", "*"]
    headers = ["", "Origin: https://app.example.no\r\n", "If-None-Match: *\r\n", "Accept-Encoding: gzip;q=0.5\r\n"]
    inputs = [f"GET {target} HTTP/1.1\r\n{host}\r\n" for target in targets]
    inputs += [f"HEAD / HTTP/1.0\r\n{host}{header}\r\n" for header in headers]
    inputs += [
        f"OPTIONS / HTTP/1.1\r\n{host}{headers[1]}Access-Control-Request-Method: GET\r\n\r\n",
        f"POST /mcp HTTP/1.1\r\n{host}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{{}}",
        f"POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"GET http://localhost/ HTTP/1.1\r\n{host}\r\n" * 2,
    ]
    return [text.encode() for text in inputs]


def main():
    targets = {
        "containers": containers(),
        "decode": decode(),
        "html": html(),
        "request": requests(),
        "text": pages(),
        "warc": [b"".join(records())] + records(),
        "words": words(),
    }
    for target, inputs in targets.items():
        folder = FUZZ / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(inputs):
            (folder / f"seed-{number:02}").write_bytes(content)
        print(f"{target}: {len(inputs)} inputs")


if __name__ == "__main__":
    main()
