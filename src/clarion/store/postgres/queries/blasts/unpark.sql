update ready set due = due - $3::int8
where seq = any (array(
    select seq from ready
    where env = $1 and event = $2 and state = 0 and due >= $3
    order by seq
    limit $4
    for no key update
))
