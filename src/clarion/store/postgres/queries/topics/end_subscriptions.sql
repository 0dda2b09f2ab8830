update subscription as s set until = $1
from unnest($2::int8[]) as j("user")
where s.env = $3 and s.topic = $4 and s."user" = j."user" and s.until is null
