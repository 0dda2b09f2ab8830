select
    c.version, c.purpose, c.channel, c.granted, c.source, c.wording, c.locale, c.stated_by,
    c.evidence, c.at
from consent_state as s
join consent as c on c.env = s.env and c."user" = s."user" and c.version = s.version
where s.env = $1 and s."user" = $2
order by c.purpose, c.channel
