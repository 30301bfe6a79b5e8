"""pandas reads a query's answer from its address, as a table."""

from collections import Counter
from urllib.parse import urlencode

import pandas
import pytest
import truth


def expected(query: str) -> Counter[tuple[str, ...]]:
    """Return the cells of the rows as CSV has them: values without types, nothing for nothing."""
    columns = truth.names(query)
    return Counter(
        tuple(str(found[name]) if name in found else "" for name in columns)
        for found in (row.asdict() for row in truth.dataset().query(query))  # type: ignore[union-attr]
    )


@pytest.mark.parametrize("name", sorted(truth.ROWS))
@pytest.mark.parametrize("parameter", ["format", "output"])
def test_a_table_is_read_from_its_address(endpoint: str, name: str, parameter: str) -> None:
    query = truth.ROWS[name]
    address = f"{endpoint}?{urlencode({parameter: 'csv', 'query': query})}"
    table = pandas.read_csv(address, dtype=str, keep_default_na=False)
    assert list(table.columns) == truth.names(query)
    assert Counter(table.itertuples(index=False, name=None)) == expected(query)


def test_numbers_are_numbers_and_nothing_is_missing(endpoint: str) -> None:
    query = truth.PREFIX + "SELECT ?n ?h ?x { ?s ex:children ?n ; ex:height ?h OPTIONAL { ?s ex:absent ?x } }"  # noqa: E501  # fmt: skip
    table = pandas.read_csv(f"{endpoint}?{urlencode({'format': 'csv', 'query': query})}")
    assert table.n.tolist() == [3]
    assert table.h.tolist() == [1.75]
    assert table.x.isna().tolist() == [True]
    assert table.n.dtype.kind == "i"


def test_a_table_with_tabs_has_the_terms(endpoint: str) -> None:
    query = truth.ROWS["everything"]
    address = f"{endpoint}?{urlencode({'format': 'tsv', 'query': query})}"
    table = pandas.read_csv(address, sep="\t", dtype=str, quoting=3)
    assert list(table.columns) == ["?s", "?p", "?o"]
    # Subjects and properties are IRIs, which TSV writes as N-Triples does.
    found = Counter(zip(table["?s"], table["?p"], strict=True))
    rows = [dict(row) for row in truth.rows(query).elements()]
    assert found == Counter((row["s"], row["p"]) for row in rows)


def test_json_is_a_table_too(endpoint: str) -> None:
    query = truth.ROWS["everything"]
    address = f"{endpoint}?{urlencode({'format': 'json', 'query': query})}"
    bindings = pandas.read_json(address, typ="series")["results"]["bindings"]
    table = pandas.json_normalize(bindings)
    assert Counter(table["o.value"]) == Counter(row[2] for row in expected(query).elements())


def test_xml_is_a_table_too(endpoint: str) -> None:
    query = truth.PREFIX + "SELECT ?name { ?s ex:name ?name }"
    address = f"{endpoint}?{urlencode({'format': 'xml', 'query': query})}"
    table = pandas.read_xml(
        address,
        parser="etree",
        xpath=".//r:binding",
        namespaces={"r": "http://www.w3.org/2005/sparql-results#"},
    )
    assert Counter(table["literal"]) == Counter(row[0] for row in expected(query).elements())


def test_an_answer_that_is_refused_is_no_table(endpoint: str) -> None:
    address = f"{endpoint}?{urlencode({'format': 'csv', 'query': 'SELECT'})}"
    with pytest.raises(OSError, match="400"):
        pandas.read_csv(address)
