// Opens MCP in the three modes of the TypeScript SDK, over standard input and HTTP, and checks what each tool returns.
//
// Usage: node client.mjs TREFF INDEX URL

import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [treff, index, url] = process.argv.slice(2);
const transports = {
  stdio: () => new StdioClientTransport({ command: treff, args: ["--index", index, "mcp"] }),
  HTTP: () => new StreamableHTTPClientTransport(new URL(url)),
};
const modes = [
  ["legacy", "2025-11-25"],
  ["auto", "2026-07-28"],
  [{ pin: "2026-07-28" }, "2026-07-28"],
];
const size = (result) => Buffer.byteLength(JSON.stringify(result));

async function use(client, version) {
  assert.equal(client.getNegotiatedProtocolVersion(), version);
  const { tools } = await client.listTools();
  assert.deepEqual(tools.map((tool) => tool.name), ["search", "show", "status"]);

  // The client checks structured content against the output schema of the tool.
  const call = (name, args) => client.callTool({ name, arguments: args });
  const found = await call("search", { query: "taushetsplikt barn", limit: 10 });
  assert.ok(!found.isError && size(found) <= 12_000);
  const { hits, next } = found.structuredContent;
  assert.equal(hits.length, 10);
  assert.ok(found.content[0].text.includes(hits[0].snippet));
  const more = await call("search", { query: "taushetsplikt barn", offset: next });
  assert.ok(!hits.some((hit) => hit.id === more.structuredContent.hits[0].id));

  const page = await call("show", { id: hits[0].id });
  assert.ok(!page.isError && size(page) <= 20_000);
  assert.ok(page.structuredContent.passages.some((passage) => passage.id === hits[0].id));

  const status = await call("status", {});
  assert.ok(status.structuredContent.pages > 0);

  const mistake = await call("show", { id: hits[0].id.replace(".", "0.") });
  assert.ok(mistake.isError && mistake.content[0].text.includes(`similar ids are ${hits[0].id}`));

  const { resourceTemplates } = await client.listResourceTemplates();
  assert.deepEqual(resourceTemplates.map((template) => template.uriTemplate), ["treff://{id}"]);
  const { contents } = await client.readResource({ uri: `treff://${hits[0].id}` });
  assert.ok(contents[0].text.includes(hits[0].id));
  await assert.rejects(call("write", {}));
  await assert.rejects(client.readResource({ uri: "treff://00000000.1" }));
}

for (const [name, transport] of Object.entries(transports)) {
  for (const [mode, version] of modes) {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(transport());
    await use(client, version);
    const closing = performance.now();
    await client.close();
    console.log(`${name}, ${JSON.stringify(mode)}: ok, closed in ${Math.round(performance.now() - closing)} ms`);
  }
}
