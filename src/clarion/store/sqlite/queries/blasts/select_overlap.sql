-- Pages of other sections that hold numbers from ?4 to ?5.
select c.users
from json_each(?3) as j
cross join blast_cut as c
    on c.env = ?1 and c.blast = ?2 and c.section = j.value and c.last >= ?4
        and c.last <= coalesce(
            (
                select min(d.last) from blast_cut as d
                where d.env = ?1 and d.blast = ?2 and d.section = j.value and d.last >= ?5
            ),
            ?5
        )
