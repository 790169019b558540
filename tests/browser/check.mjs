// Checks the search page in Chromium: axe-core in all combinations of language, color scheme, script and width; the
// keyboard; reflow at 320 pixels; print. Usage: node check.mjs BASE_URL CHROMIUM FOLDER
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";

const require = createRequire(join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [base, executablePath, folder] = process.argv.slice(2);

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const PAGES = [
  ["front", "/?"],
  ["results", "/?q=barn+unge"],
  ["second", "/?q=barn+unge&page=2"],
  ["filtered", "/?q=samarbeid&source=Ipsos&since=2018&until=2018&explain=true"],
  ["grouped", "/?q=barn&group=true&sort=date&similar=true&with-boilerplate=true"],
  ["problems", "/?q=skole+AND+%22barn&since=i+fjor"],
  ["suggestion", "/?q=taushetsplict"],
  ["nothing", "/?q=facebook&since=2020"],
  ["excluding", "/?q=-skole"],
  ["missing", "/p/00000000.1?q=barn"],
  ["error", "/finnes-ikke?"],
];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
let violations = 0;
let pages = 0;

// axe runs in a world of its own, so that the policy of the page does not apply to it.
async function axe(page, name) {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression, contextId: executionContextId, awaitPromise: true, returnByValue: true,
    });
    assert.ok(!exceptionDetails, JSON.stringify(exceptionDetails));
    return result.value;
  };
  const options = JSON.stringify({ runOnly: RULES, resultTypes: ["violations"] });
  const found = await evaluate(`${axeSource}; axe.run(document, ${options}).then((results) =>
    results.violations.map((rule) => ({ id: rule.id, nodes: rule.nodes.map((node) => node.html + " " + node.failureSummary) })))`);
  for (const { id, nodes } of found) {
    violations += nodes.length;
    console.error(`${name}: ${id}\n  ${nodes.slice(0, 5).join("\n  ")}`);
  }
  await session.detach();
}

async function checkNoSidewaysScrolling(page, name) {
  const session = await page.context().newCDPSession(page);
  const { cssContentSize, cssLayoutViewport } = await session.send("Page.getLayoutMetrics");
  assert.ok(cssContentSize.width <= cssLayoutViewport.clientWidth, `${name} is ${cssContentSize.width} wide`);
  await session.detach();
}

async function visit(page, path) {
  const requests = [];
  const add = (request) => requests.push(request.url());
  const fail = (message) => assert.fail(`${path}: ${message}`);
  const log = (message) => {
    // A page that says that something is missing is an error for the browser.
    const isExpected = message.text().includes("404") || message.text().includes("ERR_FAILED");
    if (message.type() === "error" && !isExpected) fail(message.text());
  };
  page.on("request", add).on("console", log).on("pageerror", fail);
  await page.goto(base + path);
  page.off("request", add).off("console", log).off("pageerror", fail);
  assert.ok(requests.length <= 3, `${path}: ${requests}`);
  assert.ok(requests.every((url) => url.startsWith(base)), `${path}: ${requests}`);
}

async function open(context, path) {
  const page = await context.newPage();
  await visit(page, path);
  return page;
}

async function firstPassage() {
  const context = await browser.newContext();
  const page = await open(context, "/?q=barn+unge&ui=nb");
  const href = await page.locator(".hits a").first().getAttribute("href");
  await context.close();
  return href.replace("#hit", "").replace("&ui=nb", "");
}

PAGES.push(["passage", await firstPassage()]);

// Without any script: search, filter, go to a passage and back.
{
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await open(context, "/?ui=nb");
  await page.fill("#q", "samarbeid");
  await page.click("header button");
  await page.click("aside a:has-text('Ipsos')");
  assert.equal(page.url(), `${base}/?q=samarbeid&source=Ipsos&ui=nb`);
  await page.fill("#since", "2018");
  await page.click("aside button");
  await page.click(".hits a");
  assert.ok(page.url().includes("/p/"), page.url());
  await page.click(".back a");
  assert.equal(page.url(), `${base}/?q=samarbeid&source=Ipsos&since=2018&ui=nb`);
  await context.close();
}

// The keyboard: the skip link comes first, every focused element is visibly focused, and Enter submits the form.
{
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await open(context, "/?q=samarbeid&source=Ipsos&ui=nb");
  await page.keyboard.press("Tab");
  const active = () => page.evaluate(() => document.activeElement.className || document.activeElement.id);
  assert.equal(await active(), "skip");
  await page.screenshot({ path: join(folder, "keyboard-skip.png") });
  await page.keyboard.press("Enter");
  assert.equal(await active(), "main");
  await page.goto(`${base}/?q=samarbeid&source=Ipsos&ui=nb`);
  const count = await page.locator(":is(a[href], button, input:not([type=hidden])):visible").count();
  const seen = new Set();
  for (let index = 0; index < count; index += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate((number) => {
      const element = document.activeElement;
      element.dataset.seen ??= number;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        key: element.dataset.seen, html: element.outerHTML, outline: style.outlineStyle, width: parseFloat(style.outlineWidth),
        box: { x: box.x, y: box.y, width: box.width, height: box.height },
        isInline: style.display === "inline",
      };
    }, index);
    seen.add(focused.key);
    assert.ok(focused.outline !== "none" && focused.width >= 2, `no visible focus: ${focused.html}`);
    assert.ok(focused.isInline || (focused.box.height >= 24 && focused.box.width >= 24) || focused.html.includes("checkbox"),
      `too small: ${focused.html} ${JSON.stringify(focused.box)}`);
    if (index === 7) await page.screenshot({ path: join(folder, "keyboard-focus.png") });
  }
  assert.equal(seen.size, count, `${seen.size} of ${count} elements can be reached`);
  await page.focus("#q");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("barn");
  await Promise.all([page.waitForURL("**/?q=barn&source=Ipsos&ui=nb"), page.keyboard.press("Enter")]);
  await page.fill("#since", "2018");
  await page.focus("#since");
  await Promise.all([page.waitForURL("**/?since=2018&q=barn&source=Ipsos&ui=nb"), page.keyboard.press("Enter")]);
  await page.locator(".hits a").first().click();
  assert.ok(page.url().endsWith("#hit"), page.url());
  await page.screenshot({ path: join(folder, "at-the-passage.png") });
  // "/" moves to the field, unless that is switched off.
  await page.locator("h1").click();
  await page.keyboard.press("/");
  assert.equal(await active(), "q");
  await page.locator("footer input").uncheck();
  await page.locator("h1").click();
  await page.keyboard.press("/");
  assert.notEqual(await active(), "q");
  await page.reload();
  assert.equal(await page.locator("footer input").isChecked(), false);
  await context.close();
}

// The picture in README.md.
{
  const context = await browser.newContext({ viewport: { width: 1280, height: 732 } });
  const page = await open(context, "/?q=tverrsektorielt+samarbeid&ui=nb");
  await page.screenshot({ path: join(folder, "search-page.png") });
  await context.close();
}

// 1,280 by 900 pixels at 400 %.
{
  const context = await browser.newContext({ viewport: { width: 320, height: 225 }, deviceScaleFactor: 4 });
  const page = await context.newPage();
  for (const [name, path] of PAGES) {
    await visit(page, path);
    await checkNoSidewaysScrolling(page, `${name} at 400 %`);
    if (name === "results") await page.screenshot({ path: join(folder, "zoomed.png") });
  }
  await context.close();
}

// Forced colors, and print.
{
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await open(context, "/?q=barn+unge&ui=nb");
  await page.emulateMedia({ forcedColors: "active" });
  await page.screenshot({ path: join(folder, "forced-colors.png"), fullPage: true });
  await page.emulateMedia({ forcedColors: "none", media: "print" });
  assert.equal(await page.locator("aside").isVisible(), false);
  assert.equal(await page.locator("header form").isVisible(), false);
  await page.screenshot({ path: join(folder, "print.png"), fullPage: true });
  await page.pdf({ path: join(folder, "print.pdf"), format: "A4" });
  await context.close();
}

for (const ui of ["nb", "nn", "en"]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const withScript of [true, false]) {
      for (const width of [320, 1280]) {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: width === 320 ? 640 : 900 } });
        // axe itself needs scripts, so those of the page are left out rather than all.
        if (!withScript) await context.route("**/assets/*.js", (route) => route.abort());
        const page = await context.newPage();
        for (const [name, path] of PAGES) {
          const label = `${name}-${ui}-${colorScheme}-${width}${withScript ? "" : "-noscript"}`;
          await visit(page, `${path}&ui=${ui}`.replace("?&", "?"));
          await axe(page, label);
          await checkNoSidewaysScrolling(page, label);
          pages += 1;
          if (withScript) await page.screenshot({ path: join(folder, `${label}.png`), fullPage: true });
        }
        await context.close();
      }
    }
  }
}

await browser.close();
console.log(`${pages} pages, ${violations} violations`);
process.exit(violations === 0 ? 0 : 1);
