// Reads files as others read them, one after another, and prints what each reader made of its file.
// On its input it has a list in JSON, each with the reader, the file, and what that reader needs.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import jsonld from "jsonld";
import N3 from "n3";
import * as canonize from "rdf-canonize";

// Whoever reads a release needs no network.
const documentLoader = (url) => {
  throw new Error(`not to be loaded: ${url}`);
};

// Its writer has another way to write what stands within a triple term.
function written({ subject, predicate, object, graph }) {
  return [subject, predicate, object, graph].map(term).join(" ");
}

function term(value) {
  switch (value.termType) {
    case "NamedNode":
      return `<${value.value}>`;
    case "BlankNode":
      return `_:${value.value}`;
    case "Literal":
      return JSON.stringify(value.value) + (value.language ? `@${value.language}` : `^^<${value.datatype.value}>`);
    case "Quad":
      return `<<( ${written(value)} )>>`;
    default:
      return "";
  }
}

const readers = {
  n3({ text, format }) {
    const quads = new N3.Parser({ format }).parse(text);
    return quads.map((quad) => `${written(quad)} .\n`).join("");
  },

  async jsonld({ text }) {
    return jsonld.toRDF(JSON.parse(text), { documentLoader, format: "application/n-quads" });
  },

  // What the reader itself makes of the same document under a context.
  async compacted({ text, context }) {
    return jsonld.compact(JSON.parse(text), context, { documentLoader });
  },

  calendar({ text }) {
    const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents("vevent");
    return events.map((event) => {
      const { uid, startDate, endDate, summary, location } = new ICAL.Event(event);
      return [uid, `${startDate}`, `${endDate}`, summary, location ?? null];
    });
  },

  async digest({ text }) {
    const canonical = await canonize.canonize(text, {
      algorithm: "RDFC-1.0",
      inputFormat: "application/n-quads",
      format: "application/n-quads",
    });
    return createHash("sha256").update(canonical).digest("hex");
  },
};

const answers = [];
for (const one of JSON.parse(readFileSync(0, "utf-8"))) {
  try {
    const text = one.text ?? readFileSync(one.file, "utf-8");
    answers.push({ answer: await readers[one.reader]({ ...one, text }) });
  } catch (error) {
    answers.push({ error: `${error.message} ${JSON.stringify(error.details ?? "")}` });
  }
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
