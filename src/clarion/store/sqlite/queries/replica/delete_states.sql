delete from source_state where env = ?1 and entity in (select unhex(value) from json_each(?2))
