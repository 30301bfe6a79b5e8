"""The messages in English.

A key that ends in `.start` is the form at the beginning of a sentence. Of the fields, `Focus` is
the node that is checked and `Subject` a value of it, at the beginning of a sentence; `path` is the
property, `has` and `sort` are phrases of their own.
"""

from app.validation.words.catalogue import Catalogue, Template


def catalogue() -> Catalogue:
    """Return the catalogue of English."""
    return Catalogue("en", {**_TERMS, **_SENTENCES, **_DEMANDS, **_REMEDIES}, _plural)


def _plural(number: int) -> str:
    return "one" if number == 1 else "other"


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TERMS: dict[str, Template] = {
    "join.comma": ", ",
    "join.or": " or ",
    "join.and": " and ",
    "join.or.clauses": ", or ",
    "join.and.clauses": ", and ",
    "labelled": "{label} ({name})",
    "focus": "the {type}",
    "focus.start": "The {type}",
    "unnamed": "an unnamed thing",
    "unnamed.start": "An unnamed thing",
    "unnamed.typed": "an unnamed {type}",
    "unnamed.typed.start": "An unnamed {type}",
    "list.empty": "the empty list",
    "list.empty.start": "The empty list",
    "text": "“{text}”",
    "text.empty": "“”",
    "text.language": "“{text}” ({language})",
    "date": "{day} {month} {year}",
    "moment": "{date}, {time}",
    "value": "The {path} {value}",
    "value.unnamed": "The {path}, {value},",
    "value.inverse": "{value}, whose {path} is {focus},",
    "path.type": "type",
    "path.instance": "instance",
    "path.inverse": "reverse of {path}",
    "path.member": "list member",
    "path.member.of": "member of the list {path}",
    "path.then": "→ {step}",
    "path.back": "← {step}",
    "such": "such as {terms}",
    "kind.IRI": "an address (IRI)",
    "kind.BlankNode": "a thing without an address",
    "kind.Literal": "text, a number or the like (a literal)",
    "kind.BlankNodeOrIRI": "a link to a thing",
    "kind.BlankNodeOrLiteral": "text or the like or a thing without an address",
    "kind.IRIOrLiteral": "an address (IRI) or text or the like",
    "kind.thing": "a thing",
    "kind.triple": "a statement",
    "datatype": "a value of {name}",
    "datatype.any": "text or the like",
    "datatype.anyURI": "an address as text",
    "datatype.base64Binary": "bytes",
    "datatype.boolean": "true or false",
    "datatype.byte": "a whole number from -128 to 127",
    "datatype.date": "a date",
    "datatype.dateTime": "a date with a time",
    "datatype.dateTimeStamp": "a date with a time and a zone",
    "datatype.dayTimeDuration": "a duration",
    "datatype.decimal": "a decimal number",
    "datatype.double": "a number",
    "datatype.duration": "a duration",
    "datatype.float": "a number",
    "datatype.gDay": "a day of the month",
    "datatype.gMonth": "a month",
    "datatype.gMonthDay": "a day of the year",
    "datatype.gYear": "a year",
    "datatype.gYearMonth": "a month of a year",
    "datatype.hexBinary": "bytes",
    "datatype.int": "a whole number",
    "datatype.integer": "a whole number",
    "datatype.langString": "text with a language",
    "datatype.language": "a language tag",
    "datatype.long": "a whole number",
    "datatype.negativeInteger": "a whole number below 0",
    "datatype.nonNegativeInteger": "a whole number from 0",
    "datatype.nonPositiveInteger": "a whole number up to 0",
    "datatype.normalizedString": "text in one line",
    "datatype.positiveInteger": "a whole number from 1",
    "datatype.short": "a whole number",
    "datatype.string": "text",
    "datatype.time": "a time of day",
    "datatype.token": "text without needless spaces",
    "datatype.unsignedByte": "a whole number from 0 to 255",
    "datatype.unsignedInt": "a whole number from 0",
    "datatype.unsignedLong": "a whole number from 0",
    "datatype.unsignedShort": "a whole number from 0",
    "datatype.yearMonthDuration": "a duration",
    **{f"month.{number}": name for number, name in enumerate(_MONTHS, 1)},
}

_SENTENCES: dict[str, Template] = {
    # What a thing has.
    "has": {"=0": "has none", "=1": "has one", "other": "has {count}"},
    "has.only": {"=0": "has none", "=1": "has only one", "other": "has only {count}"},
    "has.other": {"=0": "has none", "=1": "has another", "other": "has {count} others"},
    "has.these": "{has}: {values}",
    "is_of": {"=0": "is that of none", "=1": "is that of one", "other": "is that of {count}"},
    "min_count": {
        "=1": "{Focus} needs at least one {path}, and {has}.",
        "other": "{Focus} needs at least {count} values of {path}, and {has}.",
    },
    "min_count.inverse": {
        "=1": "{Focus} has to be the {path} of something, and is that of nothing.",
        "other": "{Focus} has to be the {path} of at least {count} things, and {is_of}.",
    },
    "max_count": {
        "=0": "{Focus} may have no {path}, and {has}.",
        "=1": "{Focus} may have only one {path}, and {has}.",
        "other": "{Focus} may have at most {count} values of {path}, and {has}.",
    },
    "max_count.inverse": {
        "=0": "{Focus} may not be the {path} of anything, and {is_of}.",
        "=1": "{Focus} may be the {path} of one thing only, and {is_of}.",
        "other": "{Focus} may be the {path} of at most {count} things, and {is_of}.",
    },
    "has_value": "{Focus} needs the {path} {value}, and {has}.",
    "has_value.inverse": "{Focus} has to be the {path} of {value}, and is not.",
    "has_value.itself": "{Subject} has to be {value}, and is not.",
    "closed": "{Focus} may not have the property {path}, and has it with {value}.",
    "closed.allowed": {
        "=0": "No property is allowed here.",
        "one": "Only {allowed} is allowed here.",
        "other": "Allowed are {allowed}.",
    },
    "unique_language": {
        "=1": (
            "{Focus} may have only one {path} for each language, and has several in “{language}”."
        ),
        "other": (
            "{Focus} may have only one {path} for each language, and has {count} in “{language}”."
        ),
    },
    # What a value is.
    "class.literal": "{Subject} has to be a thing of the type {type}, and is {sort}.",
    "class.other": {
        "one": "{Subject} needs the type {type}, and has another: {types}.",
        "other": "{Subject} needs the type {type}, and has others: {types}.",
    },
    "class.none": "{Subject} needs the type {type}, and has none.",
    "class.unknown": "{Subject} needs the type {type}, and nothing in the data describes it.",
    "datatype.other": "{Subject} has to be {datatype}, and is {sort}.",
    "datatype.invalid": "The {path} cannot be read: {reason}.",
    "datatype.invalid.itself": "{Subject} cannot be read: {reason}.",
    "datatype.impossible": (
        "{Subject} has to be a value of {name}, which no value can be: the rule is at fault, "
        "not the data."
    ),
    "datatype.mistaken": (
        "{Subject} has to be a value of {name}, and there is no such datatype: {meant} is near it, "
        "and the rule is at fault."
    ),
    "node_kind": "{Subject} has to be {kind}, and is {sort}.",
    "node_kind.unnamed": "{Subject} has to have an address (IRI), and has none.",
    "in": "{Subject} has to be {values}.",
    "in.many": {
        "one": "{Subject} is not the one value that is allowed: {values}.",
        "other": "{Subject} is none of the {count} values that are allowed, {values}.",
    },
    "in.nothing": "{Subject} is not allowed: the list of what is allowed is empty.",
    "order": "{Subject} has to be {bound}.",
    "order.incomparable": (
        "{Subject} has to be {bound}, and cannot be compared with it: it is {sort}."
    ),
    "bound.minInclusive": "{bound} or more",
    "bound.minExclusive": "more than {bound}",
    "bound.maxInclusive": "{bound} or less",
    "bound.maxExclusive": "less than {bound}",
    "bound.minInclusive.time": "{bound} or later",
    "bound.minExclusive.time": "later than {bound}",
    "bound.maxInclusive.time": "{bound} or earlier",
    "bound.maxExclusive.time": "earlier than {bound}",
    "bound.minInclusive.text": "{bound} or behind it in the alphabet",
    "bound.minExclusive.text": "behind {bound} in the alphabet",
    "bound.maxInclusive.text": "{bound} or before it in the alphabet",
    "bound.maxExclusive.text": "before {bound} in the alphabet",
    "min_length": {
        "one": "{Subject} needs at least one character, and has none.",
        "other": "{Subject} needs at least {count} characters, and has {length}.",
    },
    "max_length": {
        "one": "{Subject} may have at most one character, and has {length}.",
        "other": "{Subject} may have at most {count} characters, and has {length}.",
    },
    "length.unnamed": (
        "{Subject} needs a text or an address whose length can be told, and has none."
    ),
    "pattern": "{Subject} does not match the pattern {pattern}{flags}.",
    "pattern.unnamed": (
        "{Subject} needs a text or an address to match the pattern {pattern}{flags}."
    ),
    "pattern.case": ", whatever the case of its letters",
    "pattern.flags": " with the options “{flags}”",
    "language": "“{language}”",
    "language_in": {
        "one": "{Subject} has to be text in the language {languages}, and is {sort}.",
        "other": "{Subject} has to be text in one of the languages {languages}, and is {sort}.",
    },
    "language.none": "in none",
    "language.other": "in “{language}”",
    # What two properties have in common.
    "equals": "{Subject} has to be among the values of {other} too, and is not.",
    "equals.missing": (
        "{Focus} has {value} as {other}, and it has to be among the values of {path} too."
    ),
    "equals.itself": "{Subject} has to be the only value of its {other}, and {value} is one.",
    "equals.itself.missing": "{Subject} has to be the only value of its {other}, and is none.",
    "disjoint": "{Subject} may not be a value of {other} too, and is one.",
    "less": "{Subject} has to be less than the {other}, which is {value}.",
    "less.time": "{Subject} has to be earlier than the {other}, which is {value}.",
    "less.text": "{Subject} has to be before the {other} {value} in the alphabet.",
    "less_or_equal": "{Subject} may not be more than the {other}, which is {value}.",
    "less_or_equal.time": "{Subject} may not be later than the {other}, which is {value}.",
    "less_or_equal.text": "{Subject} may not be behind the {other} {value} in the alphabet.",
    "less.incomparable": (
        "{Subject} and the {other} {value} cannot be compared: one is {sort}, the other "
        "{sort_of_other}."
    ),
    "less.incomparable.same": (
        "{Subject} and the {other} {value} cannot be compared, and it has to be less."
    ),
    # What other rules say of a value.
    "not": "{Subject} is not allowed to {demand}, but that is the case.",
    "not.unknown": "{Subject} is what it may not be.",
    "and": "{Subject} has to {demand}, but that is not the case.",
    "and.unknown": {
        "one": "{Subject} does not meet the one condition that there is.",
        "=2": "{Subject} does not meet both conditions.",
        "other": "{Subject} does not meet all of the {count} conditions.",
    },
    "or": {
        "one": "{Subject} has to {demand}.",
        "=2": "{Subject} has to {demand}: neither is the case.",
        "other": "{Subject} has to {demand}: none of the {count} alternatives is met.",
    },
    "or.unknown": {
        "=0": "{Subject} cannot be right: there is no alternative to meet.",
        "one": "{Subject} does not meet the one alternative that there is.",
        "=2": "{Subject} meets neither of the two alternatives.",
        "other": "{Subject} meets none of the {count} alternatives.",
    },
    "xone": {
        "one": "{Subject} has to {demand}.",
        "=2": "{Subject} has to {demand}: neither is the case.",
        "other": "{Subject} has to {demand}: none of the {count} alternatives is met.",
    },
    "xone.several": "{Subject} meets more than one of these, and only one is allowed: to {demand}.",
    "xone.several.unknown": (
        "{Subject} meets more than one of the {count} alternatives, and only one is allowed."
    ),
    "node": "{Subject} has to {demand}, but that is not the case.",
    "node.named": "{Subject} does not meet the rule {shape}.",
    "node.unknown": "{Subject} is not as it has to be.",
    "qualified_min": {
        "=1": "{Focus} needs at least one {path} to {demand}, and {has}.",
        "other": "{Focus} needs at least {count} values of {path} to {demand}, and {has}.",
    },
    "qualified_min.unknown": {
        "=1": "{Focus} needs at least one {path} of a certain kind, and {has}.",
        "other": "{Focus} needs at least {count} values of {path} of a certain kind, and {has}.",
    },
    "fits": {
        "=0": "has none",
        "=1": "the one that it has is not like that",
        "other": "none of its {count} is like that",
    },
    "fits.few": {
        "=0": "has none",
        "=1": "has only one",
        "other": "too few of its {count} are like that",
    },
    "qualified_max": {
        "=0": "{Focus} may have no {path} to {demand}, and has one at least.",
        "=1": "{Focus} may have only one {path} to {demand}, and has more.",
        "other": "{Focus} may have at most {count} values of {path} to {demand}, and has more.",
    },
    "qualified_max.unknown": {
        "=0": "{Focus} may have no {path} of a certain kind, and has one at least.",
        "=1": "{Focus} may have only one {path} of a certain kind, and has more.",
        "other": (
            "{Focus} may have at most {count} values of {path} of a certain kind, and has more."
        ),
    },
    # Rules that somebody wrote as a query.
    "rule": "{Subject} breaks the rule {rule}.",
    "rule.described": "{Subject} breaks a rule: {description}",
    "rule.unnamed": "{Subject} breaks a rule that has no name and no message.",
    "rule.with": "{rule} with {parameters}",
    "rule.parameter": "{name} {value}",
    "alternative": "Alternative {number} of {count}",
    "alternative.demand": "Alternative {number} of {count}: to {demand}",
    "alternative.named": "Alternative {number} of {count}: {shape}",
}

_DEMANDS: dict[str, Template] = {
    "demand.class": "be of the type {type}",
    "demand.datatype": "be {datatype}",
    "demand.nodeKind": "be {kind}",
    "demand.in": "be {values}",
    "demand.hasValue": "be {value}",
    "demand.hasValue.path": "have the {path} {value}",
    "demand.pattern": "match the pattern {pattern}",
    "demand.minLength": {"one": "have a character", "other": "have at least {count} characters"},
    "demand.maxLength": {
        "=0": "be empty",
        "one": "have at most one character",
        "other": "have at most {count} characters",
    },
    "demand.order": "be {bound}",
    "demand.languageIn": "be text in {languages}",
    "demand.minCount": {
        "=1": "have at least one {path}",
        "other": "have at least {count} values of {path}",
    },
    "demand.maxCount": {
        "=0": "have no {path}",
        "=1": "have only one {path}",
        "other": "have at most {count} values of {path}",
    },
    "demand.count": {"=1": "have exactly one {path}", "other": "have {count} values of {path}"},
    "demand.each": "have each {path} {demand}",
    "demand.not": "not {demand}",
    "demand.shape": "meet the rule {shape}",
}

_REMEDIES: dict[str, Template] = {
    "remedy.write": "Write {term}.",
    "remedy.maybe": "Did you mean {term}?",
    "remedy.without": "Without its language, it is {term}.",
    "remedy.language": "Give it its language, such as {term}.",
    "remedy.property": "It has {term}: did you mean {meant}?",
    "remedy.describe": "Say in the data what it is, or give the file that says so.",
    "sentences": "{first} {second}",
}
