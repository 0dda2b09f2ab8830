delete from blast_cut
where env = $1 and blast = $2 and (section, last) in (
    select section, last from blast_cut where env = $1 and blast = $2 order by section, last limit $3
)
