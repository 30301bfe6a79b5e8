"""Tags of languages (BCP 47) and their entries in the language table of the European Union.

Sources: RFC 5646, section 2.2.1 (where a language has a code of two letters, that is its tag); ISO
639-1 with the codes of three letters of ISO 639-3, which the Union's table has in capitals:
https://op.europa.eu/en/web/eu-vocabularies/dataset/-/resource?uri=http://publications.europa.eu/resource/dataset/language
"""

from app.errors import Fault

_TABLE = (
    "aa:AAR ab:ABK ae:AVE af:AFR ak:AKA am:AMH an:ARG ar:ARA as:ASM av:AVA ay:AYM az:AZE "
    "ba:BAK be:BEL bg:BUL bi:BIS bm:BAM bn:BEN bo:BOD br:BRE bs:BOS ca:CAT ce:CHE ch:CHA "
    "co:COS cr:CRE cs:CES cu:CHU cv:CHV cy:CYM da:DAN de:DEU dv:DIV dz:DZO ee:EWE el:ELL "
    "en:ENG eo:EPO es:SPA et:EST eu:EUS fa:FAS ff:FUL fi:FIN fj:FIJ fo:FAO fr:FRA fy:FRY "
    "ga:GLE gd:GLA gl:GLG gn:GRN gu:GUJ gv:GLV ha:HAU he:HEB hi:HIN ho:HMO hr:HRV ht:HAT "
    "hu:HUN hy:HYE hz:HER ia:INA id:IND ie:ILE ig:IBO ii:III ik:IPK io:IDO is:ISL it:ITA "
    "iu:IKU ja:JPN jv:JAV ka:KAT kg:KON ki:KIK kj:KUA kk:KAZ kl:KAL km:KHM kn:KAN ko:KOR "
    "kr:KAU ks:KAS ku:KUR kv:KOM kw:COR ky:KIR la:LAT lb:LTZ lg:LUG li:LIM ln:LIN lo:LAO "
    "lt:LIT lu:LUB lv:LAV mg:MLG mh:MAH mi:MRI mk:MKD ml:MAL mn:MON mr:MAR ms:MSA mt:MLT "
    "my:MYA na:NAU nb:NOB nd:NDE ne:NEP ng:NDO nl:NLD nn:NNO no:NOR nr:NBL nv:NAV ny:NYA "
    "oc:OCI oj:OJI om:ORM or:ORI os:OSS pa:PAN pi:PLI pl:POL ps:PUS pt:POR qu:QUE rm:ROH "
    "rn:RUN ro:RON ru:RUS rw:KIN sa:SAN sc:SRD sd:SND se:SME sg:SAG si:SIN sk:SLK sl:SLV "
    "sm:SMO sn:SNA so:SOM sq:SQI sr:SRP ss:SSW st:SOT su:SUN sv:SWE sw:SWA ta:TAM te:TEL "
    "tg:TGK th:THA ti:TIR tk:TUK tl:TGL tn:TSN to:TON tr:TUR ts:TSO tt:TAT tw:TWI ty:TAH "
    "ug:UIG uk:UKR ur:URD uz:UZB ve:VEN vi:VIE vo:VOL wa:WLN wo:WOL xh:XHO yi:YID yo:YOR "
    "za:ZHA zh:ZHO zu:ZUL"
)
_CODES = dict(pair.split(":") for pair in _TABLE.split())
_TAGS = {code: tag for tag, code in _CODES.items()}


def code_of(tag: str) -> str:
    """Return the entry of the table for a tag: its own capitals where the tag has three letters.

    Raises Fault for a tag that is none, and for one of two letters that is not known here.

    >>> code_of("hu"), code_of("pt-BR"), code_of("tzm")
    ('HUN', 'POR', 'TZM')
    """
    primary, _, rest = tag.partition("-")
    subtags = all(part.isascii() and part.isalnum() for part in rest.split("-")) if rest else True
    if primary.isascii() and primary.isalpha() and primary.islower() and subtags:
        if code := _CODES.get(primary):
            return code
        if len(primary) == 3:
            return primary.upper()
    raise Fault(f"{tag}: no tag of a language that is known here; write en, or tzm with three")


def tag_of(code: str) -> str:
    """Return the tag of a language whose entry of the table is given, or its code of ISO 639-3.

    >>> tag_of("FRA"), tag_of("hun"), tag_of("TZM")
    ('fr', 'hu', 'tzm')
    """
    return _TAGS.get(code.upper(), code.lower())
