-- These users look again at what comes behind a number.
update broadcast_marker as m set seq = $3
from unnest($1::int8[]) as j("user")
where m.env = $2 and m."user" = j."user" and m.seq > $3
