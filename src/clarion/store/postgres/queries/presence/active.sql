select p."user", p.until
from unnest($1::int8[]) as j("user")
join presence as p on p.env = $2 and p."user" = j."user"
where p.until > $3
