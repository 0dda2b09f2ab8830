delete from blast as t
using unnest($1::int8[], $2::int8[]) as j(env, blast)
where t.env = j.env and t.blast = j.blast
