"""The sentences of every language, one file each. A new language is a new file and a line here."""

import re

from tracker.policy.texts import de, en, es, fr
from tracker.policy.texts.language import Language

LANGUAGES: dict[str, Language] = {table.LANGUAGE.code: table.LANGUAGE for table in (en, es, fr, de)}


def language(code: str) -> Language:
    """The table for a language tag such as "de", "de-AT" or "es_MX"; English where we have none."""
    return LANGUAGES.get(re.split("[-_]", code.strip().lower())[0], en.LANGUAGE)
