"""French, with "vous". Worded around ç, ê, î, ô, û and œ, which GSM-7 lacks: each would halve what fits."""

from tracker.policy.texts.language import Deed, Language, Reason, Stop, Tone

_STAFF = '{heading} : {label} {due}, {customer} {phone}, "{topic}". {link}'

_TEXTS = r"(?:sms|messages?|textos?|spam)"

LANGUAGE = Language(
    code="fr",
    date="EEE d MMM",
    clock="HH'h'mm",
    near={-1: "hier", 0: "aujourd'hui", 1: "demain"},
    by_near="{day} avant {time}",
    by_far="{day} avant {time}",
    by_clock="avant {time}",
    deeds={
        "callback": Deed("vous rappelle {by}", "appel"),
        "refund": Deed("traite le remboursement {by}", "remboursement"),
        "replacement": Deed("traite le remplacement {by}", "remplacement"),
        "answer": Deed("vous répond {by}", "réponse"),
        "visit": Deed("passe chez vous {by}", "visite"),
        "other": Deed("traite votre demande {by}", "dossier"),
    },
    next_known="Un collègue reprend {by}.",
    next_unknown="Nous restons sur le dossier.",
    headings={
        "reminder": ("Échéance proche", "{count} échéances proches, d'abord"),
        "due": ("Échéance maintenant", "{count} échéances maintenant, d'abord"),
        "escalation": ("En retard", "{count} en retard, d'abord"),
        "yours_now": ("Désormais à vous", "{count} désormais à vous, d'abord"),
        "still_open": ("Reste ouvert", "{count} restent ouverts, d'abord"),
        "call_wanted": ("Demande un appel", "{count} demandent un appel, d'abord"),
        "use_the_page": ("Répondez sur sa page", "{count} réponses attendues sur leur page, d'abord"),
        "chosen": ("Choix du client", "{count} choix de clients, d'abord"),
        "not_kept": ("Non tenue, dit le client", "{count} non tenues, d'abord"),
        "uncovered": ("Personne de service", "{count} sans personne de service, d'abord"),
    },
    templates={
        "promised": (
            '{team} : Bonjour {given_name}, {owner} {will} : "{topic}". {link} Désinscription : répondez STOP.'
        ),
        "renegotiated": (
            '{team} : Bonjour {given_name}, pardon, décalage : {owner} {will} : "{topic}". '
            "Cela vous va ? {link}"
        ),
        "apology": (
            '{team} : Bonjour {given_name}, pardon de notre retard, {label} "{topic}" (promis : {due}). '
            "{next} {link}"
        ),
        "handed_over": (
            '{team} : Bonjour {given_name}, {owner} reprend votre dossier "{topic}" (promis : {due}) '
            "et le suit jusqu'au bout."
        ),
        "unreached": (
            '{team} : Bonjour {given_name}, {owner} a téléphoné pour "{topic}" (promis : {due}). '
            "Répondez 1 pour maintenant, ou une heure. {link}"
        ),
        "say_more": (
            "{team} : Bonjour {given_name}, merci de répondre par une phrase, {owner} lit tout : "
            '"{topic}" (promis : {due}).'
        ),
        "kept_it": (
            '{team} : Bonjour {given_name}, promesse tenue : "{topic}" ? Répondez 1 = oui, 2 = non. {link}'
        ),
        "reminder": _STAFF,
        "due": _STAFF,
        "escalation": '{heading} : {label} {due} ({owner}), {customer} {phone}, "{topic}". {link}',
        "yours_now": _STAFF,
        "still_open": '{heading} : {label} {first_due} ({owner}), {customer}, "{topic}". {link}',
        "call_wanted": _STAFF,
        "use_the_page": '{heading} : {label} {due}, {customer}, "{topic}". {link}',
        "chosen": _STAFF,
        "not_kept": '{heading} : {label} {due} ({owner}), {customer} {phone}, "{topic}". {link}',
        "uncovered": '{heading} : {label} {due} ({owner}), {customer}, "{topic}". {link}',
    },
    tone=(
        Tone(
            Reason.NEGATIVE,
            "Nous pouvons ... / Ce sera fait avant ...",
            (
                "ne pouvons pas",
                "ne peux pas",
                "ne peut pas",
                "ne pourrons pas",
                "ne pourra pas",
                "pas possible",
                "impossible",
                "pas en mesure",
                "personne n'est disponible",
            ),
        ),
        Tone(
            Reason.NEGATIVE,
            "À supprimer : Ce sera fait avant ...",
            ("malheureusement", "hélas", "nous regrettons", "je crains que", "nous craignons que"),
        ),
        Tone(Reason.NEGATIVE, "Avec plaisir.", ("pas de problème", "aucun problème", "pas de souci")),
        Tone(
            Reason.UNKNOWING,
            "Je me renseigne et je vous réponds avant ...",
            ("ne sais pas", "ne savons pas", "ne sait pas", "aucune idée", "pas sûr", "pas certain"),
        ),
        Tone(
            Reason.BLAME,
            "Dire ce qu'il faut : Pour que nous puissions ..., merci de ...",
            (
                "vous n'avez pas",
                "vous avez oublié",
                "vous auriez dû",
                "vous devez",
                "vous devriez",
                "il fallait",
                "vous prétendez",
                "vous avez tort",
                "votre faute",
                "votre erreur",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Le redire, comme si c'était la première fois.",
            (
                "comme je vous l'ai dit",
                "comme je l'ai dit",
                "comme nous l'avons dit",
                "comme déjà dit",
                "comme indiqué",
                "je vous ai déjà dit",
                "évidemment",
            ),
        ),
        Tone(
            Reason.BLAME,
            "Je comprends votre agacement. Je m'en occupe avant ...",
            ("calmez-vous", "du calme", "ne vous énervez pas"),
        ),
        Tone(
            Reason.EXCUSE,
            "Dire ce qui est possible : Nous pouvons ...",
            ("politique", "règlement", "nos règles", "la procédure"),
        ),
        Tone(
            Reason.EXCUSE,
            "Nous en sommes désolés. Ce sera fait avant ...",
            (
                "pas notre faute",
                "pas ma faute",
                "pas mon service",
                "manque de personnel",
                "forte affluence",
                "trop d'appels",
                "problème technique",
                "problèmes techniques",
                "raisons techniques",
                "indépendant de notre volonté",
                "erreur du système",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "Avant ... (un jour et une heure)",
            (
                "dès que possible",
                "au plus vite",
                "au plus tôt",
                "aussi vite que possible",
                "dans les meilleurs délais",
                "dans les plus brefs délais",
                "prochainement",
                "bientôt",
                "sous peu",
            ),
        ),
        Tone(
            Reason.VAGUE,
            "Ce sera fait avant ...",
            (
                "essayer de",
                "essayons de",
                "essaierons de",
                "essayerons de",
                "tenter de",
                "tenterons de",
                "de notre mieux",
                "tout notre possible",
                "nous espérons",
                "peut-être",
            ),
        ),
    ),
    stop=Stop(
        alone=(
            "arretez|arettez|aretez|arrete|arret|arreter|assez|ca suffit|suffit|desabonner|desabonnement|"
            "desinscription|desinscrire|plus de sms|plus de message|plus de messages|plus de textos|"
            "plus aucun message|plus aucun sms|annuler"
        ),
        fillers=(
            "bonjour ca ces cela ce de immediatement il je les maintenant merci me monsieur madame ok "
            "plait s suite svp stp te tout tous veux voudrais vos veuillez vous"
        ),
        within=(
            r"(?:arret|cess)\w+ (?:s il vous plait |svp )?(?:de |d )?(?:m |me |nous )?"
            r"(?:envoyer|ecrire|contacter|harceler|appeler|deranger|texter|spammer|embeter)",
            r"stop (?:(?:aux|les|vos|ces|tous) )+" + _TEXTS,
            r"(?:arret|cess|stopp)\w+ (?:avec )?(?:(?:les|vos|ces|tous|cet|l) )+(?:envois?|" + _TEXTS + ")",
            r"ne (?:veux|souhaite|desire|voudrais) plus (?:rien )?(?:recevoir|de|vos|aucun|etre contacte)",
            r"ne plus (?:m |me |nous )?(?:envoyer|ecrire|contacter|deranger)",
            r"(?:envoyez|ecrivez|contactez|derangez|envoie|ecris) plus",
            r"plus (?:de|aucun) " + _TEXTS + " (?:svp|s il|merci|de votre part)",
            r"(?:desabonn|desinscri)\w*",
            r"(?:supprim|effac|retir|enlev)\w+ (?:mon numero|moi de)",
            r"(?:laiss|fich|fout)\w+ (?:moi|nous) (?:tranquilles?|en paix|la paix)",
        ),
    ),
    yes=frozenset({"oui"}),
    no=frozenset({"non"}),
    call_me=frozenset({"appelez-moi", "rappelez-moi", "appelez moi", "rappelez moi"}),
    later=frozenset({"plus tard", "pas maintenant"}),
)
