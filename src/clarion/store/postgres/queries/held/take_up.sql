update waiting set state = 0, crashes = 0, due = $5
where lane in (0, 1, 2, 3) and state = 3 and env = $1 and ($2::bytea is null or event = $2)
    and ($3::int8 is null or workflow = $3) and ($4::int8 is null or tenant = $4)
returning lane
