delete from digest where env = ?1 and digest in (select unhex(value) from json_each(?2))
