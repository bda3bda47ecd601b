"""Street addresses of France, Britain, North America and their neighbours, with the postcode and town that follow."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINK = r"(?:(?:de\s+la|de\s+l['’]|de|des|du|la|le|les|d['’]|l['’]|aux?|à|en|sur|et|saint|sainte|st|ste)[\s-]{0,5})"
_NUMBER = r"(?<![\w€$.,/-])(?:\d{3,5} )?\d{1,4}(?:\s?(?:bis|ter|quater)\b|\s?[A-Da-d]\b)?,?\s+"
_PROPER = r"[A-ZÀ-Ý][\w'’-]*"
_TOWN_NAME = rf"[A-ZÀ-Ý][\w'’-]+(?:[-\s](?:(?i:{_LINK}){{0,2}}[A-ZÀ-Ý][\w'’-]+)){{0,3}}"
_CEDEX = r"(?:\s+cedex)?(?:(?<=[Cc]edex|CEDEX)\s+\d{1,2})?"
_GAP = r"(?:\s*,\s*|\s+-\s+|\s+)"
# What may stand between a street and its postcode: "apt 12", "bât C".
_FLOOR = (
    r"(?i:apt|appt?|appartement|bât|bat|bâtiment|batiment|esc|escalier|étage|hall|porte|lot)\.?\s*(?:n°\s*)?\w{1,4}"
)
_CITY = (
    rf"(?:(?:{_GAP}{_FLOOR}){{0,3}}(?:{_GAP}(?:{_PROPER}{_GAP}){{0,3}}?(?:F-?|B-?|CH-?)?\d{{5}}"
    rf"(?:{_GAP}{_TOWN_NAME}{_CEDEX})?|\s+à\s+{_TOWN_NAME})?)"
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
    r"|Z\.?A\.?C?|Z\.?I|P\.?A)\s+"
    rf"(?:(?i:{_LINK}){{0,2}}{_PROPER}[\s-]?){{1,4}}"
)
_WORD = r"[A-ZÀ-ÞĀ-Ž][\w'’.-]*"
_UNIT = r"(?:[,\s>]+(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|Box|PO Box|#)\.?\s*\#?\w{1,6})"
_UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}"
_PLACE = rf"(?:[,\s>]+(?:{_WORD}[,\s>]+){{0,5}}(?:[A-Z]{{2}}[,\s]+)?(?:\d{{5}}(?:-\d{{4}})?|{_UK_POSTCODE})(?!\w))"
_DOOR = rf"(?:{_UNIT}{{1,2}}(?:{_PLACE}|[,\s>]+{_WORD}(?:[,\s>]+{_WORD}){{0,3}})?)"  # a flat, and the town after it
_TOWNS = rf"(?:(?:,\s+{_WORD}\w(?:[ -](?:(?:de|del|la|do|o|u) )?{_WORD}){{0,2}}){{1,2}}(?=\s*[,.;:?!)\n]|\s*\Z))"
_FRENCH = re.compile(
    rf"{_NUMBER}(?i:{_ROAD}|{_PLACE_KIND})\s+[^\W\d_](?:[^\W\d_]|['’ -]){{1,40}}+,?\s?\d{{5}}(?:\s+{_TOWN_NAME}"
    rf"|\s+[^\W\d_][\w'’-]+)?"
    rf"|(?:\b{_SITE}(?:,\s*{_FLOOR})?,\s*)?(?:"
    rf"{_NUMBER}(?i:{_ROAD})\s+(?i:{_LINK}){{0,3}}[\w'’-]+(?:[\s-]+(?i:{_LINK}){{0,2}}{_PROPER}){{0,4}}(?:\s\d{{1,4}}(?=,|\n|\s(?:Apt|Suite)))?(?:{_DOOR}|{_CITY})"
    rf"|{_NUMBER}(?i:{_PLACE_KIND})\s+(?i:{_LINK}){{0,3}}{_PROPER}(?:[\s-]+(?i:{_LINK}){{0,2}}{_PROPER}){{0,4}}{_CITY}"
    rf"|{_NUMBER}(?:Grande|Petite|Vieille|Haute|Basse|grande|petite|vieille)[\s-](?:Rue|Place|Route|Allée|rue|place){_CITY})"
    rf"|\b{_SITE},?\s*\d{{5}}\s+{_TOWN_NAME}"
    rf"|\b(?:BP|B\.P\.|CS|TSA)\s?\d{{1,5}}\b(?:,?\s*\d{{5}}\s+{_TOWN_NAME}{_CEDEX})?"
)

_WAY = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Place|Pl|Boulevard|Blvd|Way|Terrace|Crescent|Cres"
    r"|Gardens|Gdns|Square|Sq|Parade|Hill|Grove|Mews|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Row|Walk|Green|Quay)"
)
_LEAD = r"(?<![\w€$£.,/-])(?:\d{1,5} )?"  # the number of a house may stand before that of a flat
_POST = r"(?:[AFD]PO [A-Z]{2} \d{5})"  # of armed forces
_ENGLISH = re.compile(
    rf"{_LEAD}\d{{1,5}}[A-Za-z]?,?\s+(?:(?:[A-Z][\w'.-]*|\d+(?:st|nd|rd|th)|of"
    rf"|the)\s+){{1,4}}{_WAY}\b\.?(?:(?: {_WORD}){{0,2}}{_DOOR}|{_PLACE}|{_TOWNS})?"
    rf"|{_LEAD}\d{{1,5}}\s+(?:(?!min|hour|mile|km|am|pm)[a-z'-]+\s+){{1,2}}(?:street|road|avenue|lane|drive|boulevard|crescent)\b{_UNIT}?{_PLACE}?"
    rf"|{_LEAD}\d{{1,5}} (?:(?:{_WORD}|[a-zà-ÿ]{{2,10}}\.?)\s+){{1,5}}(?:\d{{1,5}}\.?)?{_DOOR}"
    rf"|(?:^|(?<=\bat )|(?<=\bto )|(?<=[>: ] ))\d{{2,5}} {_WORD}(?: {_WORD}){{0,3}} \d{{1,5}}(?![\w%€$£]"
    rf"|[.,]\d)(?:{_PLACE}|{_TOWNS})?"
    rf"|(?<![\w€$£.,/-])(?!19|20)\d{{3,5}} {_WORD}(?: {_WORD}){{0,3}} \d{{1,5}}(?=\s*(?:,|\n|\Z))(?:{_PLACE}|{_TOWNS})?"
    rf"|\b(?:P\.?O\.? ?Box|PSC|Unit|Flat|Apartment|Apt|Suite)\.? \d+[A-Z]?\b(?:,? Box \d+)?(?:\s+{_POST}|{_PLACE})?"
    rf"|(?:\bUS[A-Z]{{1,3}} {_WORD},?\s+)?\b{_POST}(?!\w)|(?<!\w){_UK_POSTCODE}(?!\w)",
    re.MULTILINE,
)

_LOCALITY = r"(?:CH-|B-|L-|D-|A-|F-)?\d{4,5}\s+(?:St\. )?[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?"
_OF = r"(?:d[aeio]s?|de[il]|del\w{1,3}|degli)"
_NAME = r"[A-ZÀ-ÞĀ-Ž][^\W\d_]{0,40}"
# In most of Europe and in Latin America the number follows the street, whose kind begins its name or ends it.
_BEFORE_NUMBER = re.compile(
    rf"{_LEAD}(?:(?<!\w){_NAME}(?:weg|strasse|straße|str\.|gasse|platz|straat|laan|gade|vej|veien|gatan|gata|katu|tie)"
    r"|\b(?i:via|viale|piazza|corso|vicolo|rua|avenida|av\.|travessa|praça|calle|c/|plaza|paseo|ul\.|ulica|aleja|al\.)\s+"
    rf"(?i:{_OF}\s+|la\s+)?{_NAME}(?:\s+(?i:{_OF}\s+)?{_NAME}){{0,3}}"
    rf"|(?<!\w){_NAME}(?:\s+{_NAME})?\s+(?i:utca|útja|út|u\.|tér|tee|tn|ulica|cesta|strasse|straße|gate|str\.?))"
    rf",?\s+\d{{1,4}}(?:\s?[a-z])?\b\.?(?:{_DOOR}|{_PLACE}|,?\s+{_LOCALITY}|{_TOWNS})?"
)
_ROAD_BEFORE_NUMBER = re.compile(
    r"\b(?i:rue|avenue|av\.|boulevard|bd\.?|chemin|ch\.|impasse|quai|place|route|rte|allée|ruelle|chaussée|square)\s+"
    rf"(?i:{_LINK}){{0,3}}[\w'’-]++(?:[\s-]{{1,5}}(?i:{_LINK}){{0,2}}[A-ZÀ-Ý][\w'’-]*+){{0,4}},?\s+\d{{1,4}}(?:\s?[a-zA-Z])?,?\s+{_LOCALITY}"
)


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Street addresses: a number, a kind of street, its name, and the postcode and town that follow."""
    for pattern in (_FRENCH, _ENGLISH, _BEFORE_NUMBER, _ROAD_BEFORE_NUMBER):
        for match in pattern.finditer(text):
            yield match.span()
