select version, purpose, channel, granted, source, wording, locale, stated_by, evidence, at
from consent
where env = ? and user = ? and version < ?
order by version desc
limit ?
