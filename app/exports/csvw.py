"""What tables say of themselves: CSV on the Web (W3C, 17 December 2015).

https://www.w3.org/TR/tabular-metadata/ and https://www.w3.org/TR/tabular-data-model/
"""

import json
from collections.abc import Iterable
from urllib.parse import quote

from app.exports.tables import Column, DataTable, Type
from app.namespaces import EDTF, RDF, XSD

_DATATYPES: dict[Type, object] = {
    Type.STRING: "string",
    Type.IRI: "anyURI",
    Type.INTEGER: "integer",
    Type.DECIMAL: "decimal",
    Type.DOUBLE: "double",
    Type.BOOLEAN: "boolean",
    Type.DATE: "date",
    Type.EDTF: {"base": "string", "@id": EDTF.value},
}


def metadata(
    tables: Iterable[DataTable], title: str, *, licence: str = "", version: str = "", day: str = ""
) -> bytes:
    """Return the metadata of tables that lie beside it, each as `{name}.csv`.

    `licence` is an IRI, `day` that of the release (ISO 8601); what is empty is not told. What a
    column tells as it is has the IRI of its property. Who converts the tables to RDF (csv2rdf) has
    these facts again where the column alone tells the term; what another column tells the
    language, the datatype or the sort of, and what is worked out, is left out there.
    """
    release: dict[str, object] = {
        "dc:license": {"@id": licence} if licence else "",
        "dcat:version": version,
        "dc:issued": {"@value": day, "@type": "xsd:date"} if day else "",
    }
    members = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": title,
        **{key: value for key, value in release.items() if value},
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tables": [_table(table) for table in tables],
    }
    return (json.dumps(members, ensure_ascii=False, indent=1) + "\n").encode()


def _table(table: DataTable) -> dict[str, object]:
    # Beside a value stands what its column cannot tell of each.
    is_alone = not {"language", "datatype", "term"}.intersection(
        column.name for column in table.columns if not column.property
    )
    schema: dict[str, object] = {
        "aboutUrl": f"{{+{name_of(table.columns[0].name)}}}",
        "columns": [
            _column(column, column.name in table.key, is_alone) for column in table.columns
        ],
    }
    if not any(column.is_value for column in table.columns):
        del schema["aboutUrl"]
    if table.key:
        schema["primaryKey"] = [name_of(key) for key in table.key]
    # A row that leads nowhere is an error there, the empty cell too (Model for Tabular Data, 6.6:
    # each row has a referenced row for each of the foreign keys).
    if references := [reference for reference in table.references if reference.whole]:
        schema["foreignKeys"] = [
            {
                "columnReference": name_of(reference.column),
                "reference": {
                    "resource": f"{reference.table}.csv",
                    "columnReference": name_of(reference.key),
                },
            }
            for reference in references
        ]
    described: dict[str, object] = {
        "url": f"{table.name}.csv",
        "dc:title": table.title,
        "dc:description": table.note,
        "tableSchema": schema,
    }
    if not table.note:
        del described["dc:description"]
    return described


def _column(column: Column, required: bool, is_alone: bool) -> dict[str, object]:
    datatype = _datatype(column)
    described: dict[str, object] = {
        "name": name_of(column.name),
        "titles": column.name,
        "dc:title": column.title,
        "dc:description": column.note,
        "datatype": datatype or _DATATYPES[column.type],
        "required": required,
    }
    if column.is_value:
        described |= {"propertyUrl": column.property, "lang": column.language.partition("--")[0]}
        if column.type is Type.IRI:
            described["valueUrl"] = f"{{+{name_of(column.name)}}}"
    # A text with a direction would lose it.
    if not (column.is_value and is_alone and datatype) or "--" in column.language:
        described["suppressOutput"] = True
    return {key: value for key, value in described.items() if value not in ("", False)}


def _datatype(column: Column) -> object:
    """Return the datatype of the literals of a column, None where the standard cannot name it.

    It knows those of XML Schema by their names, and others by their IRIs, of which it asks nothing.
    """
    if not column.datatype or column.language or column.type is Type.IRI:
        return _DATATYPES[column.type]
    if column.datatype.startswith(str(XSD)):
        name = column.datatype.removeprefix(str(XSD))
        # What is no valid number, or of a sort that no column has, stands there as a string.
        return name if column.type is not Type.STRING or name == "string" else None
    if column.datatype.startswith(str(RDF)):
        return None
    return {"base": "string", "@id": column.datatype}


def name_of(column: str) -> str:
    """Return the name of a column as a URI template may have it (RFC 6570, section 2.3).

    It begins with no underscore, which names of the standard do.

    >>> name_of("prefLabel@en"), name_of("see-also"), name_of("_id")
    ('prefLabel%40en', 'see%2Dalso', '%5Fid')
    """
    name = quote(column, safe="_.").replace("-", "%2D")
    return f"%5F{name[1:]}" if name.startswith("_") else name
