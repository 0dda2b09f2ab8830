update worker set rescued_at = $2 where worker = any ($1::int8[])
