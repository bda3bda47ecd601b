"""Words that give a name away, and words that look like names and are none."""

from __future__ import annotations

import re

_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]*+"
_PARTICLE = r"de\s+la|de|du|des|van|von|der|den|le|la|el|al|ben|bin|di|da|dos"
_FULL = rf"(?P<name>{_NAME}(?:\s+(?:{_PARTICLE}|[A-ZÀ-ÖØ-Þ]\b\.?|{_NAME})){{0,3}})"

TITLE = re.compile(
    r"(?<![\d\w])(?<!\d )(?:M\.|Mr\.?|MR\.?|Mme\.?|MME|Mmes|Mlle\.?|MLLE|Mrs\.?|Ms\.?|Miss|Dr\.?|DR\.?|Prof\.?"
    r"|mrs?\.?|ms\.?|Monsieur|Madame|Mademoiselle|Docteur|Doctor|Maître|Nurse|Sister|Sir|Lady|monsieur|madame|mademoiselle|mme|docteur|nurse)\s+"
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
# What a name stands beside with nothing but a comma or a bracket: "notre chauffeur Sompong", "support (Deepika)".
ROLE = re.compile(
    r"\b(?i:vendeu(?:r|se)|conseill(?:er|ère)|serveu(?:r|se)|caissi(?:er|ère)|hôtesse|hôte|réceptionniste|chauffeur|livreur"
    r"|guide|coach|prof|professeure?|format(?:eur|rice)|monit(?:eur|rice)|nounou|infirmi(?:er|ère)|technicien(?:ne)?|mécano"
    r"|mécanicien|agente?|gérante?|patron(?:ne)?|direct(?:eur|rice)|responsable|manager|stagiaire|collègue|interlocut(?:eur|rice)"
    r"|assistante?|opérat(?:eur|rice)|bénévole|toiletteu(?:r|se)|coiffeu(?:r|se)|esthéticienne|kiné|chef|cheffe|équipi(?:er|ère)"
    r"|animat(?:eur|rice)|ouvreu(?:r|se)|steward|pharmacien(?:ne)?|préparat(?:eur|rice)|secrétaire|plombier|artisan|poseur"
    r"|gestionnaire|voisine?|cousine?|neveu|nièce|épou(?:x|se)|compagn(?:on|e)|ménagère|gardien(?:ne)?|support"
    r"|un certain"
    r"|une certaine|waiter|waitress|server|advis[eo]r|driver|receptionist|assistant|colleague|trainer|host|hostess"
    r"|technician"
    r"|bartender|barista|cashier|operator|clerk|instructor|teacher|tutor|neighbou?r|stewardess)"
    r"(?:\s+|\s*[,:(]\s*)(?P<name>(?:[^\W\d_][\w’'-]*+)(?:\s+[A-ZÀ-ÖØ-Þ][\w’'-]*+){0,2})"
)
# What is said of people alone, before and after a word that may be a name: "Rose m'a conseillé", "le sourire de Prune".
DOES = re.compile(
    r"(?:\s+(?:à|de|du|des|au|la|l['’])\s?\w+){0,2}\s+(?:m['’]a|nous (?:a|ont)|vous a|s['’]est|m['’]ont|et moi\b"
    r"|a (?:été|su|pris|bien|tout)\b"
    r"|est (?:très|vraiment|trop|au top|adorable|géniale?|gentil|compétente?|souriante?|à l['’]écoute)"
    r"|helped|served|explained|told|said|says|shouted|asked|lives? (?:at|in|on)\b|had (?:given|told)|smiled|can (?:I"
    r"|you)\b"
    r"|(?:is|was) (?:an? |so |very |really |always )*(?:kind|polite|rude|friendly|helpful|patient|lovely|reliable"
    r"|sympathetic|impulsive))"
    r"|,? (?:can|could|would) (?:I|you) "
)
# First names that are towns, countries and works too.
PLACES = frozenset({
    "austin", "brooklyn", "carmen", "charlotte", "chelsea", "dallas", "florence", "georgia", "houston", "israel",
    "jordan", "kent", "lincoln", "madison", "paris", "phoenix", "savannah", "sydney", "victoria",
})  # fmt: skip
# What may be said of companies too: of first names alone.
ACTS = re.compile(
    r"\s+(?:took|knew|knows|found|made|sorted|fixed|answered|listened|handled|went (?:above|out)"
    r"|looked after|hung up|rang|called|refused|ignored|could(?: not|n['’]t) have"
    r"|(?:at|on|from|in) (?:the |your )?(?:tills?|reception|front desk|desk|counter|checkout|bar|door|phones?|security"
    r"|(?:technical |customer )?support|customer services?|accounts|billing|sales|workshop|kitchen|branch|help ?desk)"
    r"|(?:à la|à l['’]|du|au) ?(?:caisse|accueil|comptoir|réception|rayon|guichet|standard))\b"
)
DASHED = re.compile(rf"[.!?\n)]\s*[-–—~]\s?(?P<name>{_NAME}(?: {_NAME})?)\.?\s*$")
SPEAKER = re.compile(rf"(?m)^(?P<name>{_NAME}(?:\s+{_NAME})?)\s?:(?=\s?[\"“«A-ZÀ-Þ])")
OF = re.compile(
    r"\b(?:(?:part|table|arrivée|départ|travail|sourire|gentillesse|patience|accueil|aide|conseils?|équipe|absence"
    r"|caisse) de"
    r"|demandez|remerci\w+|avec|par|shouted at|said|says|told|asked|helped by|leave me)\s+$",
    re.IGNORECASE,
)
BY = re.compile(r"\b(?:par|avec|demandez|remerciez|merci|merci à)\s+$", re.IGNORECASE)
OWN = re.compile(r"['’]s (?:kid|child|daughter|son|wife|husband|mother|father|friend|team|patience|help)\b")
NAMED = re.compile(
    r"\b(?i:(?:first|last|full|maiden|family|your|my|her|his|sur) ?name(?:['’]s| is|\?|:)|(?:^|\n)\W{0,3}(?:name|nom"
    r"|prénom) ?:"
    r"|(?:call|calls|calling) (?:me|him|her)|au nom de|je m['’]appelle|je soussignée?)\s+"
    rf"(?P<name>{_NAME}(?:\s+(?:{_PARTICLE}|[A-ZÀ-ÖØ-Þ]\b\.?|{_NAME})){{0,3}})"
)
INITIAL = re.compile(rf"(?<!\w)(?P<name>(?P<first>{_NAME})\s+[A-Z]\.?\s+(?P<last>{_NAME}))")
LOWER_TITLE = re.compile(r"(?<!\w)(?:mme|mlle|m\.|mr\.?|monsieur|madame|dr|docteur)\s+(?P<name>[a-zà-ÿ][\w’'-]{2,})")
LOWER_CALLED = re.compile(
    r"\b(?i:my name(?: is|['’]s)|(?:call|calls|called) me|je m['’]appelle)\s+"
    r"(?P<name>[^\W\d_A-Z][\w’'-]{2,})(?![\w’'-])"
)
LINE = re.compile(
    rf"(?m)^[^\w\n]{{0,3}}(?P<name>{_NAME}(?: (?:(?:{_PARTICLE}) ){{0,2}}(?:[A-ZÀ-ÖØ-Þ]\.?|{_NAME})){{1,3}})[ ,]*$"
)
JOINED = re.compile(rf"(?<![\w’'-]){_NAME}(?:, {_NAME})?,? (?:and|&) {_NAME}(?! ?[A-Z&]|[\w’'-])")
# After a name these say that a company bears it.
COMPANY = re.compile(
    r"\W{0,3}(?:Ltd|LTD|Limited|P\.?L\.?C|Plc|Inc|LLC|LLP|GmbH|Corp|Corporation|Incorporated|SAS|SARL|& Co|and Co)\b"
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
    r"|ville de|centre|work(?:s|ed|ing)? (?:for|with)|saint|sainte|st|ste|rosiers? (?:de)?|produits?|marques?"
    r"|during)\s*[\"“(]?$",
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
    chrome demi firefox inbox infolettre l'infolettre meh newsletter outlook per safari thx
    accueil address again agence air all allianz amazon ameli android aout app apple apps april asda auchan audi
    august avril axa beaucoup best bien bises bisous blablacar bmw bof bolt bonjour bonsoir botanic boursorama
    bouygues bravo brico bricomarche bye caf caisse card carrefour castorama cb cdiscount cheers christmas
    chronopost citroen client cliente clients colissimo conforama cordialement covid covid-19 cultura dacia dad
    darty dear decathlon december decembre deliveroo depot dieu dimanche docteur doctolib doctor dpd dr edf elle
    email encore enedis engie equipe eurostar everybody everyone evri excellent facebook february fedex feuvert
    fevrier fiat fitbit flixbus flunch fnac folks ford friday garmin genial gls god good google gp great groupama
    guys handle he heetch hello hi huawei hyundai i iban id ikea il instagram interlocuteur interlocutrice internet
    iphone it j january janvier jardiland je jeudi juillet juin july june kfc kia lady lapeyre leboncoin leclerc
    leroy-merlin lidl livraison lundi macif madame mademoiselle magasin mai maif maman march mardi mars mastercard
    matmut may mazda mcdo mercedes merci mercredi metro michelin micromania microsoft miss mlle mme monday monsieur
    mr mrs ms mum myfitnesspal netflix nhs nissan nocibe none norauto nous november novembre nul nurse october
    octobre ok on opel orange ouigo papa parfait paypal people perfect person personnel peugeot phone picard point
    ponctuelle produit prof qr quick ras rayon rdv reference regards renault rien routard sainsbury samedi samsung
    saturday sav seat sephora september septembre service sfr she sir site skoda sncf sosh spotify starbucks strava
    sunday super support team tel tesco tesla thank thanks there they thiriet thursday ticketmaster tiktok top tous
    tout toutes toyota truffaut trustpilot tuesday twitter uber ups url vendredi veolia vinted visa volkswagen volvo
    vous we wednesday whatsapp wifi xray youtube zara
    """.split()  # noqa: SIM905 - a block of words reads better than a list
)
# Surnames that stand in the dictionaries and are no words of everyday.
SURNAMES = frozenset(
    """
    adams alvarez anderson barnes bates becker beckett bennett benson bertrand besson blanchard bouchet bouvier
    bowers bowman boyer boyle brennan briggs brunet bryant burke burton byrne campbell carroll castro chavez clarke
    clayton coleman colin collet collins connolly cortez crawford cruz curtis daniels david davies davis dawson
    delacroix delaunay delgado denis deschamps diaz dickson dixon doherty donnelly doyle duarte dubois duffy dufour
    dumas duncan dupont dupuis durand duval edwards ellis espinosa evans faure ferguson fernandes fernandez ferrand
    ferreira fitzgerald fleming flynn fournier gaillard gallagher garcia garner garnier garrett gauthier gautier
    gerard gibson gilbert girard giraud gomez gonzales gonzalez graves griffiths guerin guillaume guillot gutierrez
    guzman hansen hanson harrington hayes henderson henry hernandez herrera higgins hoffman hopkins horton howell
    hubert hudson hughes hutchinson jackson jacquet jenkins jensen jimenez johnson johnston jones keane kelly
    kennedy klein lacroix lambert laurent lawson leblanc leclerc lecomte lefebvre lefevre legrand lemaire lemoine
    leroux leroy lewis lopez lowe lynch maillard maillot maldonado mann marquez martinez masson mathieu mathis
    mccarthy mcdonald medina mejia mendoza meyer meyers michaud michel miller mitchell molina moore morales moran
    moreau morel moreno morin morris morrison muller munoz murphy murray navarro newman newton nguyen nicolas
    nielsen noel nolan norris obrien ochoa olsen olson ortega ortiz owens padilla patel patterson pearson pelletier
    perez perkins perrin perrot peters peterson phelps philippe phillips picard pichon pons powell quinn ramirez
    ramos renaud rey reyes reynolds richardson riley rios rivas rivera roberts robertson robinson rodgers rodriguez
    rogers rolland romero rosales rousseau roussel royer ruiz salazar salinas sanchez sandoval santos schmidt
    schneider schultz schulz sharpe silva simmons simon simpson sims smith snyder sosa soto stephens stevenson
    stewart strickland sullivan sutton swanson sweeney taylor tessier thevenet thompson todd torres townsend tucker
    vargas vasquez vasseur vaughn vega velasquez vidal vincent wagner walsh walters warner watkins watson watts
    weber webster wheeler wiggins wilkins wilkinson williams willis wilson yates zimmerman
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
    r"(?:\b(?:rue|avenue|av\.?|boulevard|bd\.?|place|gare|station|aéroport|métro|arrêt|stade|lycée|collège|école|hôpital|clinique"
    r"|théâtre|musée|pont|université|résidence|médiathèque|gymnase)\s+(?:d[eu]s?\s+|de la\s+|d['’]"
    r"|l['’])?(?-i:[A-ZÀ-Þ])[\w’'-]*"
    r"(?:[ -](?-i:[A-ZÀ-Þ])[\w’'-]*){0,2})|(?-i:\bChez) (?-i:[A-ZÀ-Þ])[\w’'-]*"
    r"|\b(?:leroy[ -]merlin|(?:monsieur|mr\.?) bricolage|sophie la girafe|yves rocher|marks (?:and|&) spencer"
    r"|paul smith|jean[ -]paul gaultier|jack daniel'?s"
    r"|ben (?:and|&) jerry'?s|john lewis|harry potter|saint[e]?[ -][\w’'-]+|st[e]?[. ][\w’'-]+)\b",
    re.IGNORECASE,
)
