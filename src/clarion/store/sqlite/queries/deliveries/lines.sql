-- The ordering keys and lines that these rows stand in.
select distinct r.env, r.ordering_key, r.line
from json_each(?) as j
cross join ready as r on r.seq = j.value
where r.line is not null
