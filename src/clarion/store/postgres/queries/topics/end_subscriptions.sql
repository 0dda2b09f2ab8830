update subscription as s set until = $1
where s.env = $3 and s.topic = $4 and s."user" = any($2::int8[]) and s.until is null
