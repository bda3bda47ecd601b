"""What identifies people by its shape: addresses, numbers, references, handles, links.

Each finder yields half-open (start, end) spans of a text. `PATTERNS` lists them by placeholder,
the surest first: where two finders claim the same characters, the earlier one names them.
Repeats that could meet the same characters twice are bounded or possessive, and a search begins
where a run begins: each finder's time grows in line with the length of a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from itertools import islice

from feedback.privacy.dates import DAY
from feedback.privacy.streets import addresses

Spans = Iterator[tuple[int, int]]

_LABEL = r"[\w-]{1,63}"  # of a domain: RFC 1035
_EMAIL = re.compile(
    r"(?<![\w.+'%-])(?:[\w.+'%-]++ ?@ ?[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,})+"
    rf"|(?<![\w.+-])[\w.+-]+ ?(?:[(\[{{](?:at|arobase)[)\]}}]|\bat\b|\barobase\b) ?{_LABEL} ?"
    r"(?:[(\[{](?:dot|point)[)\]}]|\bdot\b|\bpoint\b|\.) ?"
    r"(?:com?|fr|net|org|be|ch|ca|uk|eu|ie|de|io)\b(?: ?(?:dot|\.) ?uk)?"
    rf"|(?<![\w.+-])[\w.+-]+ ?(?:[(\[{{](?:at|arobase)[)\]}}]|\barobase\b) ?{_LABEL}\.[a-z]{{2,}}",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"»”]+[^\s<>\"»”.,;:!?)\]']", re.IGNORECASE)
_IDENTIFYING_URL = re.compile(
    r"[?#&]\w+=|@|\d{6,}|/[\w-]*(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[a-z])[\w-]{16,}"
    r"|//(?:www\.|m\.|fr-fr\.)?(?:facebook|fb|instagram|linkedin|twitter|x|tiktok|t|bit|goo|youtu)\.(?:com|co|ly|gl|be|me)/\w",
    re.IGNORECASE,
)
ACCOUNT = re.compile(
    r"(?P<before>(?:^|//|\.)(?:twitter|x|facebook|fb|instagram|tiktok|threads)\.(?:com|net)/(?!i/)"
    r"|linkedin\.com/(?:in|pub)/|/(?:users?|u|profiles?|people|members?|contrib)/|/(?=@))[^/\s<][^/\s]*",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![\w@/.+-])@(?=\w*[^\W\d])\w{2,30}(?:\.[a-z0-9_]{1,30}){0,3}")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", re.IGNORECASE)
_CARD = re.compile(r"(?<![\d.,-])\d(?:[ -]?\d){11,22}(?![\d-])|(?<![\d.,-])\d{4}(?:\.\d{4}){3}(?![\d.-])")
_GROUP = re.compile(r"\d+")
_NIR = re.compile(r"(?<!\d)[12] ?\d\d ?[0-9]\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3}(?: ?\d\d)?(?!\d)", re.IGNORECASE)
_NUMBERS = re.compile(
    r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"  # US social security
    r"|(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)"  # UK national insurance
)
_RUN = re.compile(r"(?<![\w.,€$£-])\d{8,}(?![\w.,]?\d|\w| ?[€$£])")
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:]|\.\d)", re.IGNORECASE
)
_BIRTH = re.compile(
    r"(?:\bn[ée](?:\(e\)|·e|\.e|e)?s?\b(?! (?:pas|plus|jamais))|\b(?:date de )?naissance\b|\bd\.?d?\.?n\b\.?|\bborn\b"
    r"|\bd\.?o\.?b\b\.?"
    r"|\b(?:date of birth|birth ?da(?:te|y))\b|\bje suis du\b)"
    rf"[^.!?\n\d]{{0,30}}?(?P<day>{DAY})(?:[^.!?\n\d]{{1,15}}(?P<other>{DAY}))?",
    re.IGNORECASE,
)
_SIV = r"[A-HJ-NP-TV-Z]{2}(?P<gap>[ -]?)\d{3}(?P=gap)[A-HJ-NP-TV-Z]{2}"  # France since 2009: without I, O and U
_PLATE = re.compile(
    rf"(?<![\w-])(?:{_SIV}|\d-[A-Z]{{3}}-\d{{3}}|(?i:[a-hj-np-tv-z]{{2}}-\d{{3}}-[a-hj-np-tv-z]{{2}}))(?![\w-])"
)
_MAYBE_PLATE = re.compile(
    r"(?<![\w-])(?:[a-hj-np-tv-z]{2}[ -]?\d{2,3}[ -]?[a-hj-np-tv-z]{1,2}"
    r"|\d{1,4} ?[a-z]{2,3} ?(?:\d{2}|2[ab])|[a-z]{2}\d{2} ?[a-z]{3})(?![\w-])",
    re.IGNORECASE,
)
_CAR = re.compile(
    r"\b(?:plaques?|immat\w*|véhicule|vehicule|voiture|moto|scooter|utilitaire|camion|fourgon"
    r"|(?:number|licen[cs]e) plate|vehicle|registration|reg|van)\b",
    re.IGNORECASE,
)
_NEAR = 40
_VERSION = re.compile(r"(?:\bv|versions?|release|update|maj|ios|android)\W{0,3}$", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w/€$£#-])(?:\+|\(\+?)?\d(?:[ .()/-]{0,2}\d){6,14}(?: ?(?:x|ext\.?|poste) ?\d{1,6})?"
    r"(?![\w]|[.,:/-]\d| ?[€$£%])",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{1,2}/\d{1,2}/\d{2,5}(?!/)|"
    r"\d{1,2}[ ./-]\d{1,2}[ ./-](?:19|20)\d\d|(?:19|20)\d\d[ ./-]\d{1,2}[ ./-]\d{1,2}|(?:19|20)\d\d[ /-]+(?:19|20)\d\d"
)
_PHONE_WORD = re.compile(
    r"\b(?:tel|tél|téléphone|telephone|phone|fax|portable|mobile|cell|call|called|calling|ring|text|sms|whatsapp"
    r"|appel\w*|joign\w*|joindre|contact\w*|rappel\w*|number|numéro|numero)\b",
    re.IGNORECASE,
)
_REGIONS = ("FR", "GB", "US", "BE", "CH", "IE", "CA", "LU")

_OBJECT = (
    r"(?:orders?|bookings?|reservations?|tickets?|invoices?|cases?|claims?|incidents?|trackings?|shipments?|parcels?"
    r"|customers?|clients?|accounts?|members?(?:hip)?|memberships?|loyalty|policy|receipts?|transactions?|confirmations?"
    r"|commandes?|cde|réservations?|billets?|factures?|dossiers?|suivi|colis|bon|reçu|contrat|adhérents?|fidélité|compte"
    r"|réclamations?|sinistres?|abonnés?|abonnements?|devis|identifiant|matricule|sociétaire|patiente?|pdl|prm|retour"
    r"|sav)"
)
_MARK = (
    r"(?:reference|references|référence|références|réf|ref|number|numbers|numéro|numero|num|no|nr|nb|n[°ºo]|id|code|#)"
)
_STOPS = r"[\s.:=#°]{0,40}+"
_SPACE = r"[\s:]{0,40}+"
_ID = r"#?(?=[A-Z-]{0,12}\d)[A-Z0-9]+(?:[-_/][A-Z0-9]+)*"
_REFERENCE = re.compile(
    rf"\b{_OBJECT}\b(?:\s+(?:card|carte|de|du|d'|client|web|internet)){{0,4}}{_SPACE}(?P<mark>{_MARK}|#)?{_STOPS}"
    rf"(?:is|was|est|était)?{_SPACE}(?P<a>{_ID})(?![\w])"
    rf"|(?<![\w]){_MARK}{_STOPS}(?:(?:de|du|d'|of|for|my|ma)\s++){{0,4}}(?P<object>{_OBJECT}\b)?(?:\s+client)?{_STOPS}(?:is|est)?{_SPACE}(?P<b>{_ID})(?![\w])"
    rf"|(?<![\w-])(?P<c>[A-Z]{{2,5}}[-_]?\d{{5,}})(?![\w])"
    rf"|\b(?:booking|reservation|pnr|confirmation|réservation|dossier)\b{_SPACE}{_MARK}?{_STOPS}(?P<d>(?-i:[A-Z0-9]{{6}}))(?![\w])",
    re.IGNORECASE,
)
_NO_REFERENCE = re.compile(
    r"(?:19|20)\d\d|#?\d{1,3}|\d{1,4}(?:h|h\d\d|e|eme|ème|er|ere|ère|st|nd|rd|th|x|k|g|kg|m|cm|mm|l|cl|am|pm|min|mn|j|ans|days?|jours?)",
    re.IGNORECASE,
)


def _matches(pattern: re.Pattern[str], text: str) -> Spans:
    for match in pattern.finditer(text):
        yield match.span()


def emails(text: str) -> Spans:
    """E-mail addresses, also spelled out ("jo at mail dot com")."""
    return _matches(_EMAIL, text)


def urls(text: str) -> Spans:
    """Links that carry an identifier: a query, a token, a long number, a profile, a short link."""
    for match in _URL.finditer(text):
        if _IDENTIFYING_URL.search(match.group()) or ACCOUNT.search(match.group()):
            yield match.span()


def ibans(text: str) -> Spans:
    """Bank accounts: ISO 13616 with its mod-97 checksum."""
    place = 0
    while match := _IBAN.search(text, place):
        place = match.end()
        for end in range(match.end(), match.start() + 14, -1):
            code = re.sub(r"[ -]", "", text[match.start() : end]).upper()
            if len(code) >= 15 and text[end - 1].isalnum() and _mod97(code[4:] + code[:4]) == 1:
                yield match.start(), end
                place = end  # another may follow so closely that the search ran into it
                break


def _mod97(code: str) -> int:
    return int("".join(str(int(c, 36)) for c in code)) % 97


def cards(text: str) -> Spans:
    """Payment cards: 12–19 digits with the Luhn checksum (ISO/IEC 7812), whole groups of a longer row too."""
    for match in _CARD.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *match.span())]
        runs = [match.span()]
        runs += [(a, b) for i, (a, end) in enumerate(groups) if end - a >= 4 for _, b in groups[i:]]
        yield from islice((run for run in sorted(runs, key=_length, reverse=True) if _is_card(text[slice(*run)])), 1)


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _is_card(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = sum(sum(divmod(2 * d, 10)) for d in digits[-2::-2]) + sum(digits[-1::-2])
    return 12 <= len(digits) <= 19 and digits[0] in (2, 3, 4, 5, 6) and doubled % 10 == 0 and len(set(digits)) > 1


def phones(text: str) -> Spans:
    """Phone numbers: `_REGIONS`' own and international ones, and any after a word such as "phone" or "tél"."""
    for match in _PHONE.finditer(text):
        number, before = match.group(), text[max(0, match.start() - 40) : match.start()]
        digits = sum(c.isdigit() for c in number)
        if _DATE.match(number):
            continue
        separated = digits < len(number.lstrip("+"))
        if (
            _PHONE_WORD.search(before)
            or (digits >= 10 and separated and number.count(" ") < digits / 2)
            or any(_is_phone(number, region) for region in _REGIONS)
        ):
            yield match.span()


def _is_phone(number: str, region: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def references(text: str) -> Spans:
    """Order, booking, ticket, invoice and customer numbers, after such a word or shaped like SC-1234567."""
    for match in _REFERENCE.finditer(text):
        start, end = match.span(next(name for name in "abcd" if match.group(name)))
        marked = match.group("mark") or match.group("object") or match.group("d")
        if not _NO_REFERENCE.fullmatch(text[start:end]) and (marked or end - start > 4):
            yield start, end


def identifiers(text: str) -> Spans:
    """National numbers (NIR with its key, US and UK ones), IP addresses, and bare runs of 8 digits or more."""
    for match in _NIR.finditer(text):
        code = match.group().replace(" ", "").upper()
        if len(code) == 15 and 97 - int(code[:13].replace("2A", "19").replace("2B", "18")) % 97 == int(code[13:]):
            yield match.span()
    yield from _matches(_NUMBERS, text)
    told = set(phones(text))
    yield from (span for span in _matches(_RUN, text) if span not in told)
    for match in _IP.finditer(text):
        if not _VERSION.search(text[max(0, match.start() - 12) : match.start()]) and _is_ip(match.group()):
            yield match.span()


def _is_ip(text: str) -> bool:
    try:
        return bool(ip_address(text)) and text != "::"
    except ValueError:
        return False


def births(text: str) -> Spans:
    """Dates of birth: a date after "né le", "date of birth" and the like."""
    for match in _BIRTH.finditer(text):
        yield match.span("day")
        if match["other"]:
            yield match.span("other")


def plates(text: str) -> Spans:
    """Number plates: French ones since 2009 by their shape, older, Belgian and British ones beside a vehicle."""
    yield from _matches(_PLATE, text)
    for match in _MAYBE_PLATE.finditer(text):
        if _CAR.search(text, max(0, match.start() - _NEAR), match.end() + _NEAR):
            yield match.span()


def handles(text: str) -> Spans:
    """Names on social networks: @somebody."""
    return _matches(_HANDLE, text)


PATTERNS: dict[str, Callable[[str], Spans]] = {
    "EMAIL": emails,
    "URL": urls,
    "IBAN": ibans,
    "CARD": cards,
    "BIRTHDATE": births,
    "ADDRESS": addresses,
    "PLATE": plates,
    "REFERENCE": references,
    "ID": identifiers,
    "PHONE": phones,
    "HANDLE": handles,
}
