"""Opens MCP in the three modes of the Python SDK, over standard input and HTTP, and checks what each tool returns.

Modes: `legacy` opens a session with `initialize`, `2026-07-28` sends self-contained requests, and `auto` finds out with
`server/discover` which of the two the server supports.

Usage: client.py TREFF INDEX URL
"""

import asyncio
import json
import sys
import time

from mcp import Client, MCPError, StdioServerParameters

MODES = {"legacy": "2025-11-25", "auto": "2026-07-28", "2026-07-28": "2026-07-28"}


def size(result):
    return len(json.dumps(result.model_dump(mode="json", by_alias=True, exclude_none=True), ensure_ascii=False).encode())


async def use(client, version):
    assert client.protocol_version == version, client.protocol_version
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == ["search", "show", "status"], tools
    assert all(tool.annotations.read_only_hint and tool.output_schema for tool in tools)

    # The client checks structured content against the output schema of the tool.
    found = await client.call_tool("search", {"query": "taushetsplikt barn", "limit": 10})
    assert not found.is_error and size(found) <= 12_000, found
    hits = found.structured_content["hits"]
    assert len(hits) == 10 and "passage" not in hits[0], hits
    assert hits[0]["snippet"] in found.content[0].text
    more = await client.call_tool("search", {"query": "taushetsplikt barn", "offset": found.structured_content["next"]})
    assert more.structured_content["hits"][0]["id"] not in [hit["id"] for hit in hits]

    page = await client.call_tool("show", {"id": hits[0]["id"]})
    assert not page.is_error and size(page) <= 20_000, page
    assert hits[0]["id"] in [passage["id"] for passage in page.structured_content["passages"]]
    assert page.structured_content["passages"][0]["text"].splitlines()[0] in page.content[0].text

    status = await client.call_tool("status", {})
    assert status.structured_content["pages"] > 0, status

    # Mistakes are results with the next step, so that a model can correct them.
    for name, arguments, step in [
        ("search", {"query": ""}, "required"),
        ("search", {"query": "barn", "limit": 1000}, "from 1 to 20"),
        ("search", {"query": "barn", "colour": "red"}, "this tool takes"),
        ("search", {"query": "barn", "since": "yesterday"}, "write 2018"),
        ("show", {"id": hits[0]["id"].replace(".", "0.")}, "similar ids are " + hits[0]["id"]),
    ]:
        mistake = await client.call_tool(name, arguments)
        assert mistake.is_error and step in mistake.content[0].text, mistake

    [template] = (await client.list_resource_templates()).resource_templates
    assert template.uri_template == "treff://{id}", template
    assert (await client.list_resources()).resources == []
    [contents] = (await client.read_resource(f"treff://{hits[0]['id']}")).contents
    assert hits[0]["id"] in contents.text, contents

    for call in [client.call_tool("write", {}), client.read_resource("treff://00000000.1"), client.list_prompts()]:
        try:
            result = await call
        except MCPError as error:
            assert error.error.code in (-32601, -32602, -32002), error
        else:
            raise AssertionError(f"expected an error: {result}")


async def main():
    treff, index, url = sys.argv[1:]
    process = StdioServerParameters(command=treff, args=["--index", index, "mcp"])
    for name, server in [("stdio", process), ("HTTP", url)]:
        for mode, version in MODES.items():
            async with Client(server, mode=mode) as client:
                await use(client, version)
                closing = time.monotonic()
            print(f"{name}, {mode}: ok, closed in {(time.monotonic() - closing) * 1000:.0f} ms")


asyncio.run(main())
