"""Months and days as customers write them, in English and French, whatever the case."""

from __future__ import annotations

MONTH = (
    r"(?:janv?(?:ier|uary)?|f[ée]vr?(?:ier)?|feb(?:ruary)?|mar(?:s|ch)|a(?:vr|pr)(?:il)?|ma[iy]|june?|juin|jul(?:y)?|juil(?:let)?"
    r"|ao[uû]t|aug(?:ust)?|sept?(?:emb(?:re|er))?|oct(?:ob(?:re|er))?|nov(?:emb(?:re|er))?|d[ée]c(?:emb(?:re|er))?)\.?"
)
DAY = (
    r"(?:\d{1,2} ?[./ -] ?\d{1,2} ?[./ -] ?(?:\d{4}|\d{2})|(?:19|20)\d\d-\d{1,2}-\d{1,2}"
    rf"|(?:\d{{1,2}}(?:er|st|nd|rd|th)? (?:of )?)?{MONTH} (?:19|20)\d\d|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? (?:19"
    rf"|20)\d\d)(?!\w)"
)
