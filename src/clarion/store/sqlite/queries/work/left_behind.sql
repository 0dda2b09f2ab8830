update worker
set rescued_at = null
where rescued_at is not null and worker in (
    select worker from ready where state = 1
    union all
    select worker from task where lane in (0, 1, 2, 3) and state = 1
    union all
    select worker from source_state where state = 1
    union all
    select worker from waiting where lane in (0, 1, 2, 3) and state = 1
)
