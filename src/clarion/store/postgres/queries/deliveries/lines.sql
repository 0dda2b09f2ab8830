-- The ordering keys and lines that these rows stand in.
select distinct env, ordering_key, line
from ready
where seq = any ($1::int8[]) and line is not null
