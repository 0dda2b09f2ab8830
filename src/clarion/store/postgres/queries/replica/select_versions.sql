select encode(v.entity, 'hex'), v.version
from unnest($1::text[]) as j(entity)
join source_version as v on v.env = $2 and v.entity = decode(j.entity, 'hex')
