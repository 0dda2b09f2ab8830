update delivery set last_detail = null
where env = ?1 and user = ?2 and last_detail <> '' and (event, workflow) in (
    select unhex(value ->> 0), value ->> 1 from json_each(?3)
)
