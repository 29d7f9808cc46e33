// Reads an AsyncAPI document with the official parser; exit 1 where it finds an error.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const path = process.argv[2];
const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"), { source: path });
const errors = diagnostics.filter((each) => each.severity === 0);
for (const each of errors) console.error(`${each.path.join("/")}: ${each.message}`);
process.exit(document && errors.length === 0 ? 0 : 1);
