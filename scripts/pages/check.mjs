// Opens pages that `musamma view`, `eval --report` and `compare --report` wrote in headless Chromium, light and dark:
// what a screen reader gets (axe-core's rules, and the browser's accessibility tree), whether the keyboard leads from
// mistake to mistake, whether anything is fetched, and a picture of each.
//
//   npm install --prefix scripts/pages
//   CHROMIUM=/usr/bin/chromium node scripts/pages/check.mjs OUT PAGE.html...
//
// Exits with 1 where anything is wrong; the pictures and trees are in the folder OUT.

import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import axe from "axe-core";
import puppeteer from "puppeteer-core";

const [out, ...pages] = process.argv.slice(2);
fs.mkdirSync(out, { recursive: true });
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--force-color-profile=srgb"],
});
const problems = [];

/** The nodes of an accessibility tree, one a line. */
function lines(node, depth = 0) {
  const state = ["checked", "pressed", "level"].filter((key) => node[key] !== undefined).map((key) => `${key}=${node[key]}`);
  const line = `${"  ".repeat(depth)}${node.role} ${JSON.stringify(node.name ?? "")} ${state.join(" ")}`.trimEnd();
  return [line, ...(node.children ?? []).flatMap((child) => lines(child, depth + 1))];
}

for (const file of pages) {
  const name = path.basename(file, ".html");
  for (const scheme of ["light", "dark"]) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1200, height: 1600 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    page.on("request", (request) => {
      if (!request.url().startsWith("file:") && !request.url().startsWith("data:")) {
        problems.push(`${name}: fetches ${request.url()}`);
      }
    });
    page.on("pageerror", (error) => problems.push(`${name}: ${error.message}`));
    await page.goto(pathToFileURL(path.resolve(file)).href);

    await page.evaluate(axe.source);
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
    const found = await page.evaluate((tags) => globalThis.axe.run({ runOnly: tags }), tags);
    for (const violation of found.violations) {
      const example = violation.nodes[0];
      problems.push(`${name} (${scheme}): ${violation.id}, ${violation.nodes.length} times, e.g. ${example.html.slice(0, 160)}: ${example.failureSummary}`);
    }

    const tree = lines(await page.accessibility.snapshot({ interestingOnly: true }));
    fs.writeFileSync(path.join(out, `${name}.tree.txt`), tree.join("\n") + "\n");
    await page.screenshot({ path: path.join(out, `${name}-${scheme}.png`) });

    for (const [number, figure] of (await page.$$("figure")).entries()) {
      await figure.screenshot({ path: path.join(out, `${name}-${scheme}-figure${number + 1}.png`) });
    }

    // From mistake to mistake: each has the focus, and a name that says what is wrong.
    const wrong = await page.$$eval("mark.wrong", (marks) => marks.length);
    for (let step = 0; step < Math.min(wrong, 5); step++) {
      await page.keyboard.press("n");
      const focused = await page.evaluate(() => {
        const element = document.activeElement;
        return { wrong: element.matches("mark.wrong"), text: element.textContent, label: element.getAttribute("aria-label") };
      });
      if (!focused.wrong) problems.push(`${name}: \`n\` leads to no mistake`);
    }
    if (wrong) {
      await page.screenshot({ path: path.join(out, `${name}-${scheme}-mistake.png`) });
    }
    console.log(`${name} (${scheme}): ${found.passes.length} rules hold, ${found.violations.length} do not; ${tree.length} nodes, ${wrong} mistakes`);
    await page.close();
  }
}
await browser.close();
problems.forEach((problem) => console.error(problem));
process.exitCode = problems.length ? 1 : 0;
