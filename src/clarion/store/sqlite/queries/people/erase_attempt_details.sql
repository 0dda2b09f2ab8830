update attempt set detail = ''
where env = ?1 and user = ?2 and detail <> '' and (event, workflow) in (
    select unhex(value ->> 0), value ->> 1 from json_each(?3)
)
