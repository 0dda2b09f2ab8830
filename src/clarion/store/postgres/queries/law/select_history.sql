select version, purpose, channel, granted, source, wording, locale, stated_by, evidence, at
from consent
where env = $1 and "user" = $2 and version < $3
order by version desc
limit $4
