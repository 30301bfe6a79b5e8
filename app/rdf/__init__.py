"""RDF as text: terms, prefixes, the syntaxes with places, canonical text. Nothing of ours."""
