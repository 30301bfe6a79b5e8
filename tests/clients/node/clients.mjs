// Asks queries of endpoints by clients, one after another, and prints what each made of its answer.
// On its input it has a list in JSON, each with the client, the kind of the query ("rows", "boolean",
// "graph"), the query and the sources; and the method, where the client lets its user choose.

import { readFileSync } from "node:fs";

const asked = JSON.parse(readFileSync(0, "utf-8"));

function term({ termType, value, language, datatype }) {
  return { termType, value, language, datatype: datatype?.value };
}

function quad({ subject, predicate, object }) {
  return [subject, predicate, object].map(term);
}

async function all(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

const clients = {
  async comunica({ kind, query, sources }) {
    const { QueryEngine } = await import("@comunica/query-sparql");
    const engine = new QueryEngine();
    if (kind === "boolean") return engine.queryBoolean(query, { sources });
    if (kind === "graph") return (await all(await engine.queryQuads(query, { sources }))).map(quad);
    const rows = await all(await engine.queryBindings(query, { sources }));
    return rows.map((row) => Object.fromEntries([...row].map(([name, value]) => [name.value, term(value)])));
  },

  async fetcher({ kind, query, sources, method }) {
    const { SparqlEndpointFetcher } = await import("fetch-sparql-endpoint");
    const fetcher = new SparqlEndpointFetcher({ method });
    if (kind === "boolean") return fetcher.fetchAsk(sources[0], query);
    if (kind === "graph") return (await all(await fetcher.fetchTriples(sources[0], query))).map(quad);
    const rows = await all(await fetcher.fetchBindings(sources[0], query));
    return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, term(value)])));
  },

  async sparqljs({ query, sources }) {
    const { default: sparqljs } = await import("sparqljs");
    const written = new sparqljs.Generator().stringify(new sparqljs.Parser().parse(query));
    const headers = { accept: "application/sparql-results+json" };
    const body = new URLSearchParams({ query: written });
    const answer = await fetch(sources[0], { method: "POST", headers, body });
    return answer.json();
  },
};

const answers = [];
for (const one of asked) {
  try {
    answers.push({ answer: await clients[one.client](one) });
  } catch (error) {
    answers.push({ error: error.message });
  }
}
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
