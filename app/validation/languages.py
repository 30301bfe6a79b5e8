"""Languages: which of several texts a reader gets, and which tag was meant."""

from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

_CODES = (
    "aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak "
    "be:bel bg:bul bi:bis bm:bam bn:ben bo:bod/tib br:bre bs:bos ca:cat ce:che ch:cha co:cos "
    "cr:cre cs:ces/cze cu:chu cv:chv cy:cym/wel da:dan de:deu/ger dv:div dz:dzo ee:ewe el:ell/gre "
    "en:eng eo:epo es:spa et:est eu:eus/baq fa:fas/per ff:ful fi:fin fj:fij fo:fao fr:fra/fre "
    "fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat "
    "hu:hun hy:hye/arm hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl/ice it:ita "
    "iu:iku ja:jpn jv:jav ka:kat/geo kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor "
    "kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit "
    "lu:lub lv:lav mg:mlg mh:mah mi:mri/mao mk:mkd/mac ml:mal mn:mon mr:mar ms:msa/may mt:mlt "
    "my:mya/bur na:nau nb:nob nd:nde ne:nep ng:ndo nl:nld/dut nn:nno no:nor nr:nbl nv:nav ny:nya "
    "oc:oci oj:oji om:orm or:ori os:oss pa:pan pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run "
    "ro:ron/rum ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin sk:slk/slo sl:slv sm:smo "
    "sn:sna so:som sq:sqi/alb sr:srp ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk "
    "th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr "
    "ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:zho/chi "
    "zu:zul"
)
"""The two letters of each language of ISO 639 and its three, terminological then bibliographic."""
_SHORT = {
    long: short
    for short, _, several in (pair.partition(":") for pair in _CODES.split())
    for long in several.split("/")
}
_FALLBACK = "en"


def best(texts: Iterable[ox.Literal], languages: Sequence[str]) -> ox.Literal | None:
    """Return the text for a reader of `languages`, the preferred first; None where there is none.

    Each language is looked up, and then without its subtags from the last one on; next comes a
    variety of a language that is read, a text without a language, English, and any. Of several
    that are as good, it is the first.

    >>> names = [ox.Literal("Lisbon", language="en"), ox.Literal("Lisbonne", language="fr")]
    >>> best(names, ["fr-CA"]).value
    'Lisbonne'

    Source: RFC 4647, section 3.4 (lookup).
    """
    first: dict[str, ox.Literal] = {}
    for text in texts:
        first.setdefault((text.language or "").lower(), text)
    if not first:
        return None
    wanted = [language.lower().replace("_", "-") for language in languages]
    wanted = [language for language in wanted if language != "*"]
    for tag in (tag for language in wanted for tag in _truncated(language)):
        if tag in first:
            return first[tag]
    for tag in (*(w for language in wanted for w in _truncated(language)), "", _FALLBACK):
        if (near := _variety(tag, first)) is not None:
            return first[near]
    return first[min(first)]


def _truncated(language: str) -> Iterator[str]:
    """Yield a range and what is left of it as its subtags are taken away."""
    parts = language.split("-")
    while parts and parts[0]:
        yield "-".join(parts)
        parts.pop()
        # What a single letter introduces has gone with the subtag behind it.
        while len(parts) > 1 and len(parts[-1]) == 1:
            parts.pop()


def _variety(tag: str, tags: Iterable[str]) -> str | None:
    if not tag:
        return "" if "" in tags else None
    return min((t for t in tags if t == tag or t.startswith(f"{tag}-")), default=None)


def usual_tag(tag: str) -> str | None:
    """Return the tag that is meant by one written otherwise; None where it is the usual one.

    >>> usual_tag("ger-AT"), usual_tag("en_GB"), usual_tag("de")
    ('de-AT', 'en-GB', None)

    Source: BCP 47, section 4.1 (the shortest code of ISO 639 is the one to use).
    """
    language, *subtags = tag.replace("_", "-").split("-")
    usual = "-".join([_SHORT.get(language.lower(), language), *subtags])
    return None if usual == tag else usual
