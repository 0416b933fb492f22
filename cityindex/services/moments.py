"""When a schedule falls due: a time of day or a crontab, in the zone that the schedule names."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from cityindex.errors import Invalid

TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
FIELDS = 5
INSTANT = timedelta(microseconds=1)
WINDOWS = tuple(timedelta(hours=hours) for hours in (1, 24, 8 * 24, 32 * 24, 400 * 24, 9 * 366 * 24))
"""How far to look back for the newest moment: a job of every minute is found in the first, 29 February in the last."""


def trigger_of(at: str, zone: str) -> CronTrigger:
    """The moments of a schedule: `07:00`, or `minute hour day month weekday` as in a crontab. Raises `Invalid`."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(f"there is no time zone «{zone}»: write one such as Asia/Bangkok") from None
    clock = TIME_OF_DAY.fullmatch(at.strip())
    if clock:
        return CronTrigger(hour=int(clock[1]), minute=int(clock[2]), timezone=where)
    return _crontab(at, where)


def upcoming(trigger: CronTrigger, after: datetime) -> datetime:
    """The first moment after a moment."""
    found: datetime = trigger.get_next_fire_time(None, after + INSTANT)
    return found


def newest(trigger: CronTrigger, after: datetime, until: datetime) -> datetime | None:
    """The last moment after `after` that is not after `until`; None where there is none."""
    for window in WINDOWS:
        begin = max(after, until - window)
        found = _last(trigger, begin, until)
        if found is not None or begin == after:
            return found
    return None


def _last(trigger: CronTrigger, begin: datetime, until: datetime) -> datetime | None:
    found, moment = None, upcoming(trigger, begin)
    while moment is not None and moment <= until:
        found, moment = moment, upcoming(trigger, moment)
    return found


def _crontab(at: str, zone: ZoneInfo) -> CronTrigger:
    cure = "write a time of day such as 07:00, or the five fields of a crontab such as 0 7 * * mon"
    # The library counts weekdays from Monday, every crontab from Sunday: a number would be read two ways.
    if re.search(r"\d\S*$", at) and len(at.split()) == FIELDS:
        raise Invalid(f"«{at}» gives the day of the week as a number: write sun, mon, tue, wed, thu, fri or sat")
    try:
        trigger = CronTrigger.from_crontab(at, timezone=zone)
    except ValueError as error:
        raise Invalid(f"«{at}» is not a time ({error}): {cure}") from None
    if trigger.get_next_fire_time(None, datetime.now(zone)) is None:
        raise Invalid(f"«{at}» never comes: {cure}")
    return trigger
