-- Of each version of a user the first that has another locale than the one before it.
select s."user", s.at, s.locale
from (
    select
        h."user", h.version, h.at, h.locale,
        lag(h.locale) over (partition by h."user" order by h.version) as former,
        row_number() over (partition by h."user" order by h.version) as place
    from unnest($1::int8[]) as j("user")
    join user_history as h on h.env = $2 and h."user" = j."user"
) as s
where s.place = 1 or s.locale is distinct from s.former
order by s."user", s.version
