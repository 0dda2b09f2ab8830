update ready set bound = 1 where seq = any ($1::int8[])
