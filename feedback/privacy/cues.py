"""Words that give a name away, and words that look like names and are none."""

from __future__ import annotations

import re

_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]*+"
_PARTICLE = r"de\s+la|de|du|des|van|von|der|den|le|la|el|al|ben|bin|di|da|dos"
_FULL = rf"(?P<name>{_NAME}(?:\s+(?:{_PARTICLE}|[A-ZÀ-ÖØ-Þ]\b\.?|{_NAME})){{0,3}})"

TITLE = re.compile(
    r"(?<![\d\w])(?<!\d )(?:M\.|Mr\.?|MR\.?|Mme\.?|MME|Mmes|Mlle\.?|MLLE|Mrs\.?|Ms\.?|Miss|Dr\.?|DR\.?|Prof\.?"
    r"|Monsieur|Madame|Mademoiselle|Docteur|Doctor|Maître|Nurse|Sister|Sir|Lady|monsieur|madame|mademoiselle|mme|docteur|nurse)\s+"
    + _FULL
)
CALLED = re.compile(
    r"\b(?i:my name is|name:|nom:|full name|last name|first name|my name's|name is|names? was|surname is"
    r"|named|called"
    r"|(?:calls?|calling) me|i am called|i['’]m|i am|directed by|starring|my kid|under"
    r"|je m['’]appelle|je me nomme|nommée?"
    r"|prénommée?|prénom(?: est)?|appelée?|s['’]appelle|signé"
    r"|au nom de|in the name of"
    r"|under the name|(?:spoke|speak) (?:to|with)|talk(?:ed)? to|chat(?:ted)? (?:to|with)"
    r"|served by|helped by|accueillie? par|servie? par|conseillée? par|aidée? par|reçue? par|thanks to|grâce à"
    r"|merci à|thank you to|special thanks to|shout ?out to|ask for|avec l['’]aide de"
    r"|my (?:wife|husband|son|daughter|mother|father|friend|sister|brother|partner)"
    r"|mon (?:mari|fils|ami|frère|père)|ma (?:femme|fille|mère|sœur|soeur|copine))[\s,:]+" + _FULL
)
GREETING = re.compile(
    r"(?:^|[.!?\n][^\S\n]*)"
    r"(?i:bonjour|bonsoir|hello|hi|hey|dear|cher|chère|salut|coucou|good (?:morning|afternoon|evening))"
    rf"\s+{_FULL}(?=\s*[,!.\n:;-]|$)"
)
SIGN_OFF = re.compile(
    r"(?s:.*)(?i:\b(?:bien cordialement|cordialement|cdlt|cdt|bien à (?:vous|toi)|sincères salutations"
    r"|salutations(?: distinguées)?|amicalement|bonne (?:journée|soirée)|(?:best|kind|warm|many)? ?regards|best wishes"
    r"|yours (?:sincerely|faithfully|truly)|sincerely|cheers|bises|bisous|thx|tks|ty|signé"
    r"|(?:many )?thanks(?: (?:again|a lot|so much|in advance))?|thank you(?: (?:again|so much|very much|in advance))?"
    r"|merci(?: (?:beaucoup|encore|bien|d['’]avance|par avance))?))"
    r"(?P<gap>[\s,.!:–—-]+)(?P<name>[^\W\d_][\w’'.-]*(?:\s+[^\W\d_][\w’'.-]*){0,2})\s*[.!]?\s*$"
)

# Words before an unknown name that say it is a place or a company.
PLACE = re.compile(
    r"\b(?:at|in|to|from|of|near|on|visit(?:ed|ing)?|leav(?:e|ing)|chez|magasins? (?:de|d['’])?|à|au|dans|sur|vers"
    r"|ville de|centre|saint|sainte|st|ste|rosiers? (?:de)?|produits?|marques?|during)\s*[\"“(]?$",
    re.IGNORECASE,
)
# The surest of them, enough against two unknown words in a row.
SITE = re.compile(r"\b(?:at|in|near|visit(?:ed|ing)?|via|using|chez|à|the|an?)\s*[\"“(]?$", re.IGNORECASE)
# … and words after it.
VENUE = re.compile(
    r"\s*(?:hospital|ward|hall|lane|road|street|centre|center|clinic|house|unit|surgery|stadium|arena|theatre|hotel|store"
    r"|shop|festival|course|bridge|park|airport|station|view|hub|app|site|a&e)\b",
    re.IGNORECASE,
)
# Before a name that is also a word or a product: "les Iris", "une Rose", "a Jack".
ARTICLE = re.compile(
    r"\b(?:an?|the|this|that|my|your|these|those|some|un|une|des|les?|la|du|de|mes|vos|ces?|cette|mon|ma|votre|notre"
    r"|en|l['’]|d['’]|in|on|at|to)\s*$",
    re.IGNORECASE,
)

AND_NAME = re.compile(rf"\s*(?:,|,? and|&|et|,? or)\s+(?P<name>{_NAME})(?!\s[A-Z])")
NAME_AND = re.compile(rf"(?P<name>{_NAME})\s*(?:,|,? and|&|et)\s+$")

NO_NAME = frozenset(
    """
    address again all amazon android aout apple april asda auchan august avril beaucoup best bien bises bisous bonjour
    bonsoir botanic bravo bricomarche bye card carrefour castorama cb cheers christmas client clients cordialement covid
    covid-19 dad darty dear decathlon december decembre dieu dimanche docteur doctor dr elle email encore equipe
    eurostar everybody everyone excellent facebook february fevrier fnac folks friday god good google gp great guys
    handle he hello hi i iban id ikea il instagram internet iphone it j january janvier jardiland je jeudi juillet juin
    july june lady leclerc leroy-merlin lidl lundi madame mademoiselle mai maman march mardi mars mastercard may merci
    mercredi miss mlle mme monday monsieur mr mrs ms mum netflix nhs none nous november novembre nurse october octobre
    ok on papa parfait paypal people perfect person phone prof qr ras rdv reference regards rien sainsbury samedi
    samsung saturday sav september septembre service she sir sncf spotify sunday super support team tesco thank thanks
    there they thursday ticketmaster tiktok tous tout toutes truffaut trustpilot tuesday twitter uber url vendredi visa
    vous we wednesday whatsapp wifi xray youtube
    """.split()  # noqa: SIM905 - a block of words reads better than a list
)
# Surnames that stand in the dictionaries and are no words of everyday.
SURNAMES = frozenset(
    """
    adams anderson boyer brunet campbell clarke davies davis doyle dumas dupont edwards evans fournier girard hughes
    jackson johnson jones keane lambert lewis maillard martinez mccarthy mitchell moore moreau morel morin morris muller
    murphy phillips picard rivera roberts robinson rousseau sanchez smith stewart sullivan taylor thompson vidal
    williams wilson
    """.split()  # noqa: SIM905 - a block of words reads better than a list
)
# What exports write where no author is named.
NOBODY = frozenset(
    {
        "", "a google user", "a trustpilot user", "amazon customer", "anonim", "anonym", "anonyme", "anonymous",
        "anonymous user", "client", "client amazon", "client anonyme", "client d'amazon", "customer", "deleted",
        "deleted user", "google user", "guest", "inconnu", "inconnue", "invite", "invitee", "unknown", "unknown user",
        "user", "utilisateur", "utilisateur anonyme", "utilisateur google", "utilisateur supprime", "utilisatrice",
        "visiteur", "visitor",
    }
)  # fmt: skip
# Companies and products that carry somebody's first name.
NO_PERSON = re.compile(
    r"\b(?:leroy[ -]merlin|yves rocher|marks (?:and|&) spencer|paul smith|jean[ -]paul gaultier|jack daniel'?s"
    r"|ben (?:and|&) jerry'?s|john lewis|harry potter|saint[e]?[ -][\w’'-]+|st[e]?[. ][\w’'-]+)\b",
    re.IGNORECASE,
)
