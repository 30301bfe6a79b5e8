"""The terms of SHACL: what it defines, what is refused by name, what was probably meant.

Source: SHACL; SHACL Advanced Features and SHACL JavaScript Extensions (W3C Working Group Notes of
2017-06-08); SHACL 1.2 Core (W3C Working Draft of 2026).
"""

import difflib

import pyoxigraph as ox

from app.namespaces import SH

_COMPONENTS = (
    "And Class Closed Datatype Disjoint Equals Expression HasValue In JS LanguageIn LessThan "
    "LessThanOrEquals MaxCount MaxExclusive MaxInclusive MaxLength MinCount MinExclusive "
    "MinInclusive MinLength Node NodeKind Not Or Pattern Property QualifiedMaxCount "
    "QualifiedMinCount SPARQL UniqueLang Xone"
)
_CLASSES = (
    "AbstractResult BlankNode BlankNodeOrIRI BlankNodeOrLiteral ConstraintComponent Function IRI "
    "IRIOrLiteral Info JSConstraint JSExecutable JSFunction JSLibrary JSRule JSTarget JSTargetType "
    "JSValidator Literal NodeKind NodeShape Parameter Parameterizable PrefixDeclaration "
    "PropertyGroup PropertyShape ResultAnnotation Rule SPARQLAskExecutable SPARQLAskValidator "
    "SPARQLConstraint SPARQLConstructExecutable SPARQLExecutable SPARQLFunction SPARQLRule "
    "SPARQLSelectExecutable SPARQLSelectValidator SPARQLTarget SPARQLTargetType "
    "SPARQLUpdateExecutable Severity Shape Target TargetType TripleRule ValidationReport "
    "ValidationResult Validator Violation Warning"
)
_PROPERTIES = (
    "alternativePath and annotationProperty annotationValue annotationVarName ask class closed "
    "condition conforms construct datatype deactivated declare defaultValue description detail "
    "disjoint entailment equals expression filterShape flags focusNode group hasValue "
    "ignoredProperties in intersection inversePath js jsFunctionName jsLibrary jsLibraryURL "
    "labelTemplate languageIn lessThan lessThanOrEquals maxCount maxExclusive maxInclusive "
    "maxLength message minCount minExclusive minInclusive minLength name namespace node nodeKind "
    "nodeValidator nodes not object oneOrMorePath optional or order parameter path pattern "
    "predicate prefix prefixes property propertyValidator qualifiedMaxCount qualifiedMinCount "
    "qualifiedValueShape qualifiedValueShapesDisjoint result resultAnnotation resultMessage "
    "resultPath resultSeverity returnType rule select severity shapesGraph shapesGraphWellFormed "
    "sourceConstraint sourceConstraintComponent sourceShape sparql subject suggestedShapesGraph "
    "target targetClass targetNode targetObjectsOf targetSubjectsOf this union uniqueLang update "
    "validator value values xone zeroOrMorePath zeroOrOnePath"
)
_SHACL = str(SH)
COMPONENTS = frozenset(f"{name}ConstraintComponent" for name in _COMPONENTS.split())
"""The constraint components, by their names."""
_KNOWN = frozenset([*COMPONENTS, *_CLASSES.split(), *_PROPERTIES.split()])

_DRAFTED = (
    "agentInstruction ByTypes codeIdentifier conformanceDisallows Debug intent maxListLength "
    "memberShape minListLength nodeByExpression reificationRequired reifierShape rootClass "
    "shape ShapeClass singleLine someValue subsetOf targetWhere Trace TripleTerm "
    "uniqueMembers uniqueValuesFor unit"
)
SHACL_1_2 = frozenset(_DRAFTED.split())
"""Terms that drafts of SHACL 1.2 add to its Core."""

_REFUSED = {
    "rule": "SHACL rules (sh:rule) are not run: add what they conclude to the data beforehand",
    "expression": "sh:expression (SHACL Advanced Features) is not run: write sh:sparql instead",
    "values": "sh:values (SHACL Advanced Features) is not run: add its values to the data",
    "js": "sh:js is never run, because it is a program of a stranger: write sh:sparql instead",
    "entailment": "nothing is inferred (sh:entailment): add what follows to the data beforehand",
}
_MISTAKEN = (
    "https://www.w3.org/ns/shacl#",
    "http://www.w3.org/ns/shacl/",
    "https://www.w3.org/ns/shacl/",
    "http://w3.org/ns/shacl#",
    "https://w3.org/ns/shacl#",
    "http://www.w3.org/ns/Shacl#",
)


def short(term: ox.NamedNode) -> str:
    """Return `sh:` and the name of a term of SHACL; another IRI in angle brackets."""
    name = _name(term)
    return str(term) if name is None else f"sh:{name}"


def is_drafted(term: ox.NamedNode) -> bool:
    """Return whether a term is one that drafts of SHACL 1.2 add."""
    return _name(term) in SHACL_1_2


def why_refused(predicate: ox.NamedNode) -> str | None:
    """Return why a property of a shape is not evaluated and what to do; None if it is."""
    name = _name(predicate)
    if name in SHACL_1_2:
        return f"sh:{name} is a term of SHACL 1.2, which is not evaluated yet"
    return _REFUSED.get(name or "")


def why_unknown(term: ox.NamedNode) -> str | None:
    """Return that a term is none of SHACL although it looks like one, and which may be meant."""
    name = _name(term)
    if name is None:
        for mistaken in _MISTAKEN:
            if term.value.startswith(mistaken):
                return f"the namespace of SHACL is {_SHACL}, not {mistaken} as in {term}"
        return None
    if name in _KNOWN or name in SHACL_1_2:
        return None
    near = difflib.get_close_matches(name.lower(), [k.lower() for k in sorted(_KNOWN)], 1, 0.75)
    meant = next((k for k in sorted(_KNOWN) if near and k.lower() == near[0]), None)
    return f"SHACL has no sh:{name}" + (f": sh:{meant} is near it" if meant else "")


def _name(term: ox.NamedNode) -> str | None:
    return term.value[len(_SHACL) :] if term.value.startswith(_SHACL) else None
