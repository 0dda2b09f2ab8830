select t.name, t.version, t.body, t.at, t.deleted_at
from unnest($1::text[]) as j(name)
join template as t on t.env = $2 and t.name = j.name
