delete from dedupe
where env = ?1 and user = ?2 and workflow in (select value ->> 1 from json_each(?3))
