insert into blast (env, blast, name, type, created_at, updated_at, expires_at, expires_in_seconds)
select
    $1::int8, coalesce(max(blast), 0) + 1, $2::text, $3::text, $4::int8, $4::int8, $5::int8, $6::int8
from blast
where env = $1
returning blast
