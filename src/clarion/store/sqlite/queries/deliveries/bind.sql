update ready set bound = 1 where seq in (select value from json_each(?))
