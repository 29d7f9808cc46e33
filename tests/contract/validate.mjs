// Reads AsyncAPI documents with the official parser; exit 1 where it finds an error in any of them.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const ERROR = 0;
let right = true;
for (const path of process.argv.slice(2)) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"), { source: path });
  const errors = diagnostics.filter((each) => each.severity === ERROR);
  for (const each of errors) console.error(`${path}: ${each.path.join("/")}: ${each.message}`);
  if (!document && errors.length === 0) console.error(`${path}: it cannot be read`);
  right &&= Boolean(document) && errors.length === 0;
}
process.exit(right ? 0 : 1);
