delete from ready where seq in (select value from json_each(?))
