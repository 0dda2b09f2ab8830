delete from ready where seq = any ($1::int8[])
