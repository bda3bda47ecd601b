"""Street addresses of France, Britain, North America and their neighbours, with the postcode and town that follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from feedback.privacy.dates import MONTH

_SP, _SEP = r"\s{1,5}", r"[,\s>]{1,5}"  # bounded: the time over a run of blanks grows in line with it
_LINK = r"(?:(?:de\s{1,5}(?:la|l['’])|de|des|du|la|le|les|d['’]|l['’]|aux?|à|en|sur|et|saint|sainte|st|ste)[\s-]{0,5})"
_NUMBER = r"(?<![\w€$.,/-])(?:\d{3,5} )?\d{1,4}(?:\s?(?:bis|ter|quater)\b|\s?[A-Da-d]\b)?,?\s{1,5}"
_PROPER = r"[A-ZÀ-Ý][\w'’-]*"
_TOWN_NAME = rf"[A-ZÀ-Ý][\w'’-]+(?:[-\s](?:(?i:{_LINK}){{0,2}}[A-ZÀ-Ý][\w'’-]+)){{0,3}}"
_CEDEX = r"(?:\s{1,5}cedex)?(?:(?<=[Cc]edex|CEDEX)\s{1,5}\d{1,2})?"
_GAP = r"(?:\s*,\s*|\s{1,5}-\s{1,5}|\s{1,5})"
# What may stand between a street and its postcode: "apt 12", "bât C".
_FLOOR = (
    r"(?i:apt|appt?|appartement|bât|bat|bâtiment|batiment|esc|escalier|étage|hall|porte|lot)\.?\s*(?:n°\s*)?\w{1,4}"
)
_CITY = (
    rf"(?:(?:{_GAP}{_FLOOR}){{0,3}}(?:{_GAP}(?:{_PROPER}{_GAP}){{0,3}}?(?:F-?|B-?|CH-?)?\d{{5}}"
    rf"(?:{_GAP}{_TOWN_NAME}{_CEDEX})?|{_SP}à{_SP}{_TOWN_NAME})?)"
)
_ROAD = (
    r"(?:rue|avenue|av\.?|ave\.?|boulevard|boul\.?|bd\.?|blvd\.?|bvd|chemin|impasse|faubourg|fbg|quai|sentier|sente"
    r"|lotissement|venelle|ruelle)"
)
# Kinds that are also everyday words ("3 cours"): their name has a capital.
_PLACE_KIND = (
    r"(?:place|pl\.|cours|passage|villa|cité|square|route|rte|allée|allee|allées|résidence|rés\.?|esplanade|rond-point"
    r"|hameau|promenade|voie|montée|côte|clos|mail|parvis|traverse|chaussée|corniche|domaine|galerie|rampe)"
)
# A place with a name of its own, before a street or instead of one.
_SITE = (
    r"(?:(?i:résidence|residence|lieu[- ]dit|manoir|château|ferme|domaine|moulin|hameau|immeuble|lotissement|quartier"
    r"|villa)"
    r"|Z\.?A\.?C?|Z\.?I|P\.?A)\s{1,5}"
    rf"(?:(?i:{_LINK}){{0,2}}{_PROPER}[\s-]?){{1,4}}"
)
_CAPITAL = "[A-ZÀ-ÞĀ-ŽΆ-ΏΑ-ΩЀ-Я]"
_WORD = rf"{_CAPITAL}[\w'’.-]*"
_INNER = r"(?:de|del|della|di|do|da|la|le|of|o|u|v|n|am|an|im|van|und|y)"  # within the name of a town
_STEP = (
    rf"(?:{_CAPITAL}[\w'’-]*|{_CAPITAL}\w{{0,3}}\.|\d{{1,5}}\.?|\({_CAPITAL}\w*\))"  # of an address: a word, a number
)
_UNIT = r"(?:[,\s>]{1,5}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Box|PO Box|#)\.?\s*\#?\w{1,6})"
_OUTWARD, _INWARD = r"[A-Z]{1,2}\d[A-Z\d]? ?", r"\d[ABD-HJLNP-UW-Z]{2}"
_UK_POSTCODE = _OUTWARD + _INWARD
_CODE = rf"(?:\d{{5}}(?:-\d{{4}})?|{_UK_POSTCODE})"
_PLACE = rf"(?:{_SEP}(?:(?:{_WORD}|\({_WORD}\)|{_INNER}){_SEP}){{0,6}}(?:[A-Z]{{2}}[,\s]{{1,5}})?{_CODE}(?!\w))"
_DOOR = rf"(?:{_UNIT}{{1,2}}(?:{_PLACE}|{_SEP}{_WORD}(?:{_SEP}{_WORD}){{0,3}})?)"  # a flat, and the town after it
_TOWNS = rf"(?:(?:,{_SP}{_WORD}\w(?:[ -](?:(?:de|del|la|do|o|u) )?{_WORD}){{0,2}}){{1,2}}(?=\s*[,.;:?!)\n]|\s*\Z))"
_FRENCH = re.compile(
    rf"{_NUMBER}(?i:{_ROAD}|{_PLACE_KIND}){_SP}[^\W\d_](?:[^\W\d_]|['’ -]){{1,40}}+,?\s?\d{{5}}(?:{_SP}{_TOWN_NAME}"
    rf"|{_SP}[^\W\d_][\w'’-]+)?"
    rf"|(?:\b{_SITE}(?:,\s*{_FLOOR})?,\s*)?(?:"
    rf"{_NUMBER}(?i:{_ROAD}){_SP}(?i:{_LINK}){{0,3}}[\w'’-]+(?:[\s-]+(?i:{_LINK}){{0,2}}{_PROPER}){{0,4}}(?:\s\d{{1,4}}(?=,|\n|\s(?:Apt|Suite)))?(?:{_DOOR}|{_CITY})"
    rf"|{_NUMBER}(?i:{_PLACE_KIND}){_SP}(?i:{_LINK}){{0,3}}{_PROPER}(?:[\s-]+(?i:{_LINK}){{0,2}}{_PROPER}){{0,4}}{_CITY}"
    rf"|{_NUMBER}(?:Grande|Petite|Vieille|Haute|Basse|grande|petite|vieille)[\s-](?:Rue|Place|Route|Allée|rue|place){_CITY})"
    rf"|\b{_SITE},?\s*\d{{5}}{_SP}{_TOWN_NAME}"
    rf"|\b(?:BP|B\.P\.|CS|TSA)\s?\d{{1,5}}\b(?:,?\s*\d{{5}}{_SP}{_TOWN_NAME}{_CEDEX})?"
)

_WAY = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Place|Pl|Boulevard|Blvd|Way|Terrace|Crescent|Cres"
    r"|Gardens|Gdns|Square|Sq|Parade|Hill|Grove|Mews|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Row|Walk|Green|Quay)"
)
_LEAD = r"(?<![\w€$£.,/-])(?:\d{1,5} )?"  # the number of a house may stand before that of a flat
# What a figure at the start of a line may count: "12 Juin 2024", "48 Heures 2 appels".
_COUNTED = (
    rf"(?!(?i:{MONTH}|secondes?|seconds?|minutes?|heures?|hours?|jours?|days?|nuits?|nights?|semaines?|weeks?|mois|months?"
    r"|ans?|années?|years?|euros?|dollars?|pounds?|points?|pages?|places?|seats?|billets?|tickets?|fois|times"
    r"|personnes?|people)\b)"
)
_POST = r"(?:[AFD]PO [A-Z]{2} \d{5})"  # of armed forces
_ENGLISH = re.compile(
    rf"{_LEAD}\d{{1,5}}[A-Za-z]?,?{_SP}(?:(?:[A-Z][\w'.-]*|\d+(?:st|nd|rd|th)|of"
    rf"|the){_SP}){{1,4}}{_WAY}\b\.?(?:(?: {_WORD}){{0,2}}{_DOOR}|{_PLACE}|{_TOWNS})?"
    rf"|{_LEAD}\d{{1,5}}{_SP}(?:(?!min|hour|mile|km|am|pm)[a-z'-]+{_SP}){{1,2}}(?:street|road|avenue|lane|drive|boulevard|crescent)\b{_UNIT}?{_PLACE}?"
    rf"|{_LEAD}\d{{1,5}} (?:(?:{_WORD}|[a-zà-ÿ]{{2,10}}\.?){_SP}){{1,5}}(?:\d{{1,5}}\.?)?{_DOOR}"
    rf"|(?:^|(?<=\bat )|(?<=\bto )|(?<=[>: ] ))\d{{2,5}} {_COUNTED}{_WORD}(?: {_WORD}){{0,3}} \d{{1,5}}(?![\w%€$£]"
    rf"|[.,]\d)(?:{_PLACE}|{_TOWNS})?"
    rf"|(?<![\w€$£.,/-])(?!19|20)\d{{3,5}} {_COUNTED}{_WORD}(?: {_WORD}){{0,3}} \d{{1,5}}(?=\s*(?:,|\n|\Z))"
    rf"(?:{_PLACE}|{_TOWNS})?"
    rf"|\b(?:P\.?O\.? ?Box|PSC|Unit|Flat|Apartment|Apt|Suite)\.? \d+[A-Z]?\b(?:,? Box \d+)?(?:{_SP}{_POST}|{_PLACE})?"
    rf"|(?:\bUS[A-Z]{{1,3}} {_WORD},?{_SP})?\b{_POST}(?!\w)|(?<!\w){_OUTWARD}(?!\d(?:GB|TB|HZ)){_INWARD}(?!\w)",
    re.MULTILINE,
)

_LOCALITY = r"(?:CH-|B-|L-|D-|A-|F-)?\d{4,5}\s{1,5}(?:St\. )?[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?"
_OF = r"(?:d[aeio]s?|de[il]|del\w{1,3}|degli)"
_NAME = r"[A-ZÀ-ÞĀ-Ž][^\W\d_]{0,40}"
# In most of Europe and in Latin America the number follows the street, whose kind begins its name or ends it.
_BEFORE_NUMBER = re.compile(
    rf"{_LEAD}(?:(?<!\w){_NAME}(?:weg|strasse|straße|str\.|gasse|platz|straat|laan|gade|vej|veien|gatan|gata|katu|tie)"
    r"|\b(?i:via|viale|piazza|corso|vicolo|rua|avenida|av\.|travessa|praça|calle|c/|plaza|paseo|ul\.|ulica|aleja|al\.)\s{1,5}"
    rf"(?i:{_OF}{_SP}|la{_SP})?{_NAME}(?:{_SP}(?i:{_OF}{_SP})?{_NAME}){{0,3}}"
    rf"|(?<!\w){_NAME}(?:{_SP}{_NAME})?{_SP}(?i:utca|útja|út|u\.|tér|tee|tn|ulica|cesta|strasse|straße|gate|str\.?))"
    rf",?{_SP}\d{{1,4}}(?:\s?[a-z])?\b\.?(?:{_DOOR}|{_PLACE}|,?{_SP}{_LOCALITY}|{_TOWNS})?"
)
_ROAD_BEFORE_NUMBER = re.compile(
    r"\b(?i:rue|avenue|av\.|boulevard|bd\.?|chemin|ch\.|impasse|quai|place|route|rte|allée|ruelle|chaussée|square)\s{1,5}"
    rf"(?i:{_LINK}){{0,3}}[\w'’-]++(?:[\s-]{{1,5}}(?i:{_LINK}){{0,2}}[A-ZÀ-Ý][\w'’-]*+){{0,4}},?{_SP}\d{{1,4}}(?:\s?[a-zA-Z])?,?{_SP}(?:{_LOCALITY}|(?<=,\s){_NAME}(?=\s*(?:[,.;:?!)\n]|\Z)))"
)
# After words that announce an address its form may be any: "12345 Kastanienhof 7 Apt. 3, Graz, Austria 80100".
_ANNOUNCED = re.compile(
    r"\b(?i:lives? (?:at|on|in)|living at|lived in|address(?: with| to| is|:){0,2}"
    r"|deliver(?:ed|y)?(?: it)? (?:to|at)|sen[dt](?: \w+){0,4} to|shipped to|moved to|located at"
    r"|return(?:ed)? to|arrived at|office is at)[\s:>]{1,5}"
    rf"(?P<place>(?:\d{{1,5}} )?\d{{2,5}} {_COUNTED}{_STEP}(?:{_SEP}(?:{_INNER}{_SEP}){{0,2}}{_STEP}){{1,13}})"
)
_CORNER = re.compile(
    rf"\b(?i:(?:the )?corner of) (?=\d|{_CAPITAL})(?:[\w'’.-]+ ){{1,6}}?(?:and|&)"
    rf" (?:\d+ )?{_CAPITAL}[\w'’-]*(?: {_CAPITAL}[\w'’-]*){{0,3}}"
)


# What is announced like an address and is a place in a venue, or a time: "moved to 214 Block B", "at 18 30 Monday".
_INSIDE = re.compile(
    r"\b(?:gates?|block|row|tier|level|stand|section|hall|doors?|entrance|seats?|stage|stalls?|floor)\b|\A\d\d \d\d\s",
    re.IGNORECASE,
)
# Kinds of streets that are also seats, venues, lessons and products: "1 place VIP", "2 Madison Square tickets".
_DOUBTFUL = re.compile(
    r"\d+\s?(?:[a-z]|bis|ter|quater)?,?\s{1,5}(?:"
    rf"(?:{_PLACE_KIND}|impasse)\s[^\d,]*"
    r"|[^\d,]*\s(?:drive|dr|close|court|ct|place|pl|way|terrace|gardens|gdns|square|sq|parade|hill|grove|circle|cir|trail|row"
    r"|walk|green)\.?)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?:\b(?:au|à|at|to)|\b(?:habit|adress|address|demeur|domicil|livr[eé]|livrais|deliver|situé"
    r"|(?:i|we|he|she|they) live|living).{0,40})\W*\Z",
    re.IGNORECASE | re.DOTALL,
)
_BEFORE = 60


def _is_address(text: str, start: int, end: int) -> bool:
    """Whether a postcode, a town or a flat, or what is said before it, makes a doubtful match an address."""
    return not _DOUBTFUL.fullmatch(text, start, end) or bool(_CUE.search(text[max(0, start - _BEFORE) : start]))


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Street addresses: a number, a kind of street, its name, and the postcode and town that follow."""
    for pattern in (_FRENCH, _ENGLISH, _BEFORE_NUMBER, _ROAD_BEFORE_NUMBER):
        for match in pattern.finditer(text):
            if _is_address(text, *match.span()):
                yield match.span()
    for match in _ANNOUNCED.finditer(text):
        if not _INSIDE.search(match["place"]):
            yield match.span("place")
    for match in _CORNER.finditer(text):
        if not _INSIDE.search(match.group()):
            yield match.span()
