-- Of each version the first that has another locale than the one before it.
select h.at, h.locale
from (
    select
        version, at, locale,
        lag(locale) over (order by version) as former,
        row_number() over (order by version) as place
    from user_history
    where env = ? and user = ?
) as h
where h.place = 1 or h.locale is distinct from h.former
order by h.version
