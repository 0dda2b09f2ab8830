-- Pages of other sections that hold numbers from $4 to $5.
select c.users
from unnest($3::int8[]) as j(section)
cross join lateral (
    select coalesce(
        (
            select min(d.last) from blast_cut as d
            where d.env = $1 and d.blast = $2 and d.section = j.section and d.last >= $5
        ),
        $5
    ) as last
) as m
join blast_cut as c
    on c.env = $1 and c.blast = $2 and c.section = j.section and c.last >= $4 and c.last <= m.last
