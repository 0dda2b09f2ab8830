select count(*) from (
    select 1 from ready
    where lane = $1 and account = $2 and state = 0 and behind = 0 and due <= $4
    limit $3
) as d
